"""A typed client for Python in one file, made from the OpenAPI description: `GET /api/client.py`.

Its only library is httpx. Bodies are TypedDicts, each operation is a method, a refusal is an exception with the problem.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

VERBS = ("get", "post", "put", "patch", "delete")
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}

HEAD = '''"""Typed client of the sscard API {version}. Generated from /api/openapi.json: do not edit, fetch it again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """`replayed`: the first answer under this idempotency key, given again. `trace` finds the call in the request log."""

    body: T
    status: int
    trace: str
    replayed: bool


class Refused(Exception):
    """The problem document of a refusal (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], trace: str, replayed: bool) -> None:
        super().__init__(f"{{problem.get('code', status)}}: {{problem.get('title', '')}}")
        self.status, self.problem, self.trace, self.replayed = status, problem, trace, replayed
        self.code = str(problem.get("code", ""))


'''

CLIENT = '''class Client:
    """`key`: name and key of a program; or `token` of a session. `area` for whoever works in several. `http` may be any
    httpx.Client, such as one that trusts the installation's own authority."""

    def __init__(
        self,
        base: str,
        *,
        key: tuple[str, str] | None = None,
        token: str = "",
        area: str = "",
        http: httpx.Client | None = None,
    ) -> None:
        self._http = http or httpx.Client()
        self._base = base.rstrip("/")
        self._auth = httpx.BasicAuth(*key) if key else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if area:
            self._headers["Sscard-Area"] = area

    def _call(
        self,
        verb: str,
        path: str,
        query: Mapping[str, Any],
        headers: Mapping[str, Any],
        body: Any = None,
        keyed: bool = False,
        form: Mapping[str, object] | None = None,
    ) -> Answer[Any]:
        sent = {**self._headers, **{name: str(value) for name, value in headers.items() if value is not None}}
        if keyed:
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        asked = {name: value for name, value in query.items() if value is not None}
        auth = httpx.USE_CLIENT_DEFAULT if self._auth is None or form is not None else self._auth
        answer = self._http.request(
            verb, self._base + path, params=asked, json=body, data=form, headers=sent, auth=auth
        )
        trace = answer.headers.get("Sscard-Trace", "")
        replayed = answer.headers.get("Idempotent-Replayed") == "true"
        is_json = "json" in answer.headers.get("content-type", "")
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.json() if is_json else {}, trace, replayed)
        return Answer(answer.json() if is_json else answer.content, answer.status_code, trace, replayed)
'''


def of(document: Mapping[str, Any]) -> str:
    """The whole file."""
    parts = [HEAD.format(version=document["info"]["version"])]
    parts += [_typed(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    parts.append(CLIENT)
    for path, operations in document["paths"].items():
        for verb in VERBS:
            if verb in operations:
                parts.append(_method(path, verb, operations[verb]))
    return "".join(parts)


def _word(text: str) -> str:
    found = re.sub(r"\W", "_", text)
    return f"{found}_" if keyword.iskeyword(found) else found


def _typed(name: str, schema: Mapping[str, Any]) -> str:
    """A TypedDict by its functional form: fields may be called anything, `as` too."""
    if schema.get("type") != "object" or not schema.get("properties"):
        return f"{_word(name)} = {_hint(schema)}\n\n"
    needed, lines = set(schema.get("required", ())), []
    for field, kind in schema["properties"].items():
        hint = _hint(kind)
        lines.append(f'        "{field}": {hint if field in needed else f"NotRequired[{hint}]"},\n')
    # quoted, since one may name another that stands below it
    quoted = [re.sub(r": (.*),\n$", lambda m: f": {m[1]!r},\n", line) for line in lines]
    return f'{_word(name)} = TypedDict(\n    "{_word(name)}",\n    {{\n{"".join(quoted)}    }},\n)\n\n'


def _hint(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _word(str(schema["$ref"]).rpartition("/")[2])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_hint(one) for one in schema[several]))
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    if schema.get("type") == "array":
        return f"list[{_hint(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_hint(inner) if isinstance(inner, dict) else 'Any'}]"
    return _PLAIN.get(str(schema.get("type")), "Any")


def _method(path: str, verb: str, one: Mapping[str, Any]) -> str:
    parameters = list(one.get("parameters", ()))
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    form = one.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema")
    in_path = [each["name"] for each in parameters if each["in"] == "path"]
    others = [each for each in parameters if each["in"] in ("query", "header")]
    keyed = any(each["name"] == "Idempotency-Key" for each in others)
    arguments = ["self", *(f"{_word(name)}: str" for name in in_path)]
    if body is not None:
        arguments.append(f"body: {_hint(body)}")
    if form is not None:
        arguments.append("form: Mapping[str, str]")
    if others:
        arguments += ["*", *(_argument(each) for each in sorted(others, key=lambda each: _optional(each)))]
    query = ", ".join(f'"{each["name"]}": {_argument_name(each)}' for each in others if each["in"] == "query")
    headers = ", ".join(f'"{each["name"]}": {_argument_name(each)}' for each in others if each["in"] == "header")
    place = re.sub(r"{(\w+)}", lambda m: "{" + _word(m[1]) + "}", path)
    lines = [
        f"\n    def {_word(_name(path, verb, one))}({', '.join(arguments)}) -> Answer[{_returns(one)}]:",
        f'        """{str(one.get("summary", path)).replace(chr(34), chr(39))}"""',
        f'        return self._call("{verb.upper()}", {"f" if in_path else ""}"{place}", {{{query}}}, {{{headers}}}, '
        f"{'body' if body is not None else 'None'}, {keyed}{', form' if form is not None else ''})",
    ]
    return "\n".join(lines) + "\n"


def _optional(each: Mapping[str, Any]) -> bool:
    return not each.get("required") or each["name"] == "Idempotency-Key"


def _argument_name(each: Mapping[str, Any]) -> str:
    return _word(each["name"].replace("-", "_").lower())


def _argument(each: Mapping[str, Any]) -> str:
    hint = _hint(each.get("schema", {}))
    return f"{_argument_name(each)}: {hint}" + (" | None = None" if _optional(each) else "")


def _name(path: str, verb: str, one: Mapping[str, Any]) -> str:
    """An act by its name; anything else by verb and address."""
    if path.startswith("/api/acts/"):
        return path.removeprefix("/api/acts/").replace(".", "_")
    if not path.startswith("/api/"):
        return str(one["operationId"])
    return "_".join([verb, *(part.strip("{}").replace("-", "_") for part in path.removeprefix("/api/").split("/"))])


def _returns(one: Mapping[str, Any]) -> str:
    for status in ("200", "201"):
        schema = one.get("responses", {}).get(status, {}).get("content", {}).get("application/json", {}).get("schema")
        if schema:
            return _hint(schema)
    return "Any"

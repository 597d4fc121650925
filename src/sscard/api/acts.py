"""Every act of the house as one POST route, made from the register of acts."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Annotated, Any, get_args, get_type_hints

from django.http import HttpRequest, HttpResponse
from ninja import Body, NinjaAPI
from pydantic import ConfigDict, Strict

from sscard.api import auth
from sscard.api.plain import purpose
from sscard.control import door
from sscard.control.acts_registry import Act, acts
from sscard.control.purposes import PURPOSES
from sscard.control.rights import declared
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.partners.sandbox import forcing, magic

STRICT = ConfigDict(extra="forbid", val_json_bytes="base64", ser_json_bytes="base64", strict=False)
NUMBERS = (int, int | None, bool, bool | None)


def mount(api: NinjaAPI) -> None:
    """Add a route for each act. A body with an unknown field is refused (T26)."""
    for _, act in sorted(acts().items()):
        if act.function.__module__.startswith("sscard."):  # a test's own acts have no address
            _add(api, act)


def _add(api: NinjaAPI, act: Act) -> None:
    make_strict(act.request)

    def view(request: HttpRequest, body: Any = Body(...)) -> HttpResponse:  # noqa: B008 - ninja's way: a dataclass as body
        who = auth.caller_for(request, act.right)
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            raise Refusal("control.key_missing")
        why = purpose(request) if "Sscard-Purpose" in request.headers else ""
        forced = forcing.wanted(who.area, request.headers.get(magic.HEADER, ""), body)
        outcome = door.perform(who, act.name, body, key=key, purpose=why, forced=forced)
        answer = HttpResponse(
            json.dumps({**outcome.answer, **outcome.once}, ensure_ascii=False, default=_plain),
            status=202 if outcome.waiting else 200,
            content_type="application/json",
        )
        answer["Sscard-Trace"] = auth.trace_id(request)
        if outcome.replayed:
            answer["Idempotent-Replayed"] = "true"
        return answer

    view.__name__ = act.name.replace(".", "_")
    view.__annotations__ = {"request": HttpRequest, "body": act.request, "return": HttpResponse}
    roles = ", ".join(sorted(declared().get(act.right, frozenset())))
    api.post(
        f"/acts/{act.name}",
        tags=[act.name.partition(".")[0]],
        summary=_named(act.name),
        description=f"Roles: {roles}." + (" A second person must approve." if act.four_eyes else ""),
        openapi_extra=_extra(visitors="visitor" in declared().get(act.right, ())),
        operation_id=view.__name__,
    )(view)


def _named(name: str) -> str:
    """The act's name in both languages; `make check` finds one without a text."""
    if not words.has("act", name):
        return name
    return f"{words.text('act', name, 'en')} · {words.text('act', name, 'zh')}"


def _plain(value: Any) -> str:
    """What JSON has no form for: bytes as base64, ids and times as text."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def make_strict(kind: Any) -> None:
    """Let pydantic refuse unknown fields of this dataclass and of the dataclasses inside it, and anything but a number
    where a number belongs: an amount that came as text is somebody's mistake, and never guessed at."""
    if not dataclasses.is_dataclass(kind):
        return
    kind.__pydantic_config__ = STRICT  # type: ignore[union-attr]
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if hint in NUMBERS:
            field.type = Annotated[hint, Strict()]  # type: ignore[assignment]
        for inner in (hint, *get_args(hint)):
            make_strict(inner)


def _extra(*, visitors: bool = False) -> dict[str, Any]:
    problem = PROBLEM_ANSWER
    return {
        "parameters": [
            {
                "name": "Idempotency-Key", "in": "header", "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 120},
                "description": "Made by you before the first try, kept for repeats.",
            },
            {"name": "Sscard-Purpose", "in": "header", "required": False, "schema": {"enum": list(PURPOSES)}},
            *(VISITOR_HEADERS if visitors else ()),
        ],
        "responses": {
            200: {"description": "Done", "headers": REPLAYED, "content": {"application/json": {"schema": {"type": "object"}}}},
            202: {"description": "Waits for a second person", "content": {"application/json": {"schema": {"type": "object"}}}},
            **dict.fromkeys(ANYWHERE, problem),
        },
    }  # fmt: skip


VISITOR_HEADERS = (
    {"name": "Sscard-Visitor", "in": "header", "required": False, "schema": {"type": "string", "format": "uuid"},
     "description": "Instead of Authorization: an id that you make, kept for repeats."},
    {"name": "Sscard-Area", "in": "header", "required": False, "schema": {"type": "string", "pattern": "^[0-9]{6}$"}},
)  # fmt: skip
ANYWHERE = (400, 401, 403, 404, 409, 415, 422, 429, 503)
"""Statuses of the door and the face themselves; an act adds those of its own refusals."""
REPLAYED = {
    "Idempotent-Replayed": {"description": "true: the first answer under this key, given again", "schema": {"type": "string"}},
    "Sscard-Trace": {"description": "trace id of this call", "schema": {"type": "string"}},
}  # fmt: skip
PROBLEM = "#/components/schemas/Problem"
PROBLEM_ANSWER: dict[str, Any] = {
    "description": "Refused", "content": {"application/problem+json": {"schema": {"$ref": PROBLEM}}},
}  # fmt: skip
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "title_zh", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "title_zh": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
        "basis": {"type": "string"},
        "instance": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["place", "code", "text", "text_zh"],
                "properties": {n: {"type": "string"} for n in ("place", "code", "text", "text_zh")},
            },
        },
    },
}

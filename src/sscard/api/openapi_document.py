"""The OpenAPI 3.1 description: what ninja knows, and what it does not: every refusal that an operation can answer."""

from __future__ import annotations

import json
from typing import Any

from ninja import NinjaAPI
from pydantic import TypeAdapter

from sscard.api import acts, oauth_document
from sscard.control import acts_registry
from sscard.partners import catalogue

VERBS = ("get", "post", "put", "patch", "delete")
ACT = "/api/acts/"
REF = "#/components/schemas/"


def of(api: NinjaAPI) -> dict[str, Any]:
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/"))
    schema["openapi"] = "3.1.0"
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = acts.PROBLEM_SCHEMA
    components["schemas"]["OAuthError"] = oauth_document.ERROR
    components["securitySchemes"] = {
        "session": {"type": "http", "scheme": "bearer"},
        "program": {"type": "http", "scheme": "basic"},
        **oauth_document.SCHEMES,
    }
    schema["security"] = [{"session": []}, {"program": []}]
    _bodies_of_acts(schema)
    for path, operations in schema["paths"].items():
        for verb in VERBS:
            if verb in operations:
                _refusals(path, operations[verb])
                if path.startswith(oauth_document.OF_A_LINK):
                    operations[verb]["security"] = [{"dpop": []}]
    schema["paths"] |= oauth_document.paths()
    return dict(json.loads(json.dumps(schema)))  # status codes as text, as the standard wants


def _bodies_of_acts(schema: dict[str, Any]) -> None:
    """Rooms may give their requests the same name (`Withdraw`), which the API's own list of schemas cannot hold: these
    are told apart by their room, `BankWithdraw` and `ControlWithdraw`."""
    named = {path.removeprefix(ACT): path for path in schema["paths"] if path.startswith(ACT)}
    adapters = [(name, "validation", TypeAdapter(acts_registry.find(name).request)) for name in named]
    bodies, found = TypeAdapter.json_schemas(adapters, ref_template=REF + "{model}")
    text = json.dumps([{name: body for (name, _), body in bodies.items()}, found["$defs"]])
    for long in [name for name in found["$defs"] if "__" in name]:  # pydantic's way to tell them apart
        room, short = long.split("__")[1], long.rpartition("__")[2]
        text = text.replace(f'{long}"', f'{room.capitalize()}{short}"')
        schema["components"]["schemas"].pop(short, None)
    of_act, components = json.loads(text)
    for name, path in named.items():
        schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"] = of_act[name]
    schema["components"]["schemas"] |= components


def _refusals(path: str, operation: dict[str, Any]) -> None:
    """An act answers what its room can refuse; a reading what any reading can. Codes stand beside, for generators."""
    statuses = set(acts.ANYWHERE)
    if path.startswith(ACT):
        act = path.removeprefix(ACT)
        statuses |= catalogue.statuses(act)
        operation["x-refusals"] = sorted(catalogue.codes(act))
    answers = operation.setdefault("responses", {})
    for status in sorted(statuses):
        if status not in answers and str(status) not in answers:
            answers[status] = acts.PROBLEM_ANSWER

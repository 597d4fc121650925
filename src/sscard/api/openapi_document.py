"""The OpenAPI 3.1 description: what ninja knows, and what it does not: every refusal that an operation can answer."""

from __future__ import annotations

import json
from typing import Any

from ninja import NinjaAPI

from sscard.api import acts
from sscard.partners import catalogue

VERBS = ("get", "post", "put", "patch", "delete")
ACT = "/api/acts/"


def of(api: NinjaAPI) -> dict[str, Any]:
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/"))
    schema["openapi"] = "3.1.0"
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = acts.PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "session": {"type": "http", "scheme": "bearer"},
        "program": {"type": "http", "scheme": "basic"},
    }
    schema["security"] = [{"session": []}, {"program": []}]
    for path, operations in schema["paths"].items():
        for verb in VERBS:
            if verb in operations:
                _refusals(path, operations[verb])
    return dict(json.loads(json.dumps(schema)))  # status codes as text, as the standard wants


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

"""Whatever a program sends to any route of the API, it gets an answer of the description and never a fault of ours.

503 is an answer of the description too: a "not now" that names what is down."""

from __future__ import annotations

import inspect
import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

if TYPE_CHECKING:
    from fuzz_kit import Caller

    from security_kit import Town
    from tests_support import House

EXAMPLES = 4
SEED = 20261121
FORM = "application/x-www-form-urlencoded"


def operations() -> list[Any]:
    from sscard.api.urls import document

    return [one.ok() for one in schemathesis.openapi.from_dict(document()).get_all_operations()]


@pytest.fixture(scope="module")
def everybody(_module_house: House, _founded: Town) -> list[Caller]:
    from fuzz_kit import callers

    with _module_house.entered():
        return callers(_founded)


def test_every_role_of_the_demo_is_among_them(everybody: list[Caller]) -> None:
    from sscard.sim import city

    names = " ".join(one.name for one in everybody)
    demo = set(re.findall(r'"([a-z]+(?:_[a-z]+)+|clerk|reviewer|teller)"', inspect.getsource(city)))
    from sscard.control.rights import declared

    roles = {role for right in declared().values() for role in right}
    missing = sorted(role for role in demo & roles if role not in names)
    assert missing == []


@pytest.mark.asvs("v5.0.0-16.5.1")
@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_no_request_breaks_the_api(town: Town, everybody: list[Caller], operation: Any) -> None:
    """Each example is sent by some of them, so that in the end each role has sent one; a route that has but one request in
    it gets it from all."""
    waiting, last = list(everybody), []
    some = -(-len(waiting) // EXAMPLES)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        last[:] = [case]
        for caller in waiting[:some]:
            _send(operation, case, caller)
        del waiting[:some]

    send()
    for caller in waiting:
        _send(operation, last[0], caller)


def _send(operation: Any, case: Any, caller: Caller) -> None:
    from pages_kit import HouseClient

    if caller.host and not operation.path.startswith("/api/"):
        return  # the authorisation server stands at the bureau's host only
    client = HouseClient()
    client.raise_request_exception = False
    sent = case.as_transport_kwargs(base_url="https://localhost")
    path = sent["url"].removeprefix("https://localhost")
    headers = {name: str(value) for name, value in dict(sent.get("headers") or {}).items() if _fits(str(value))}
    headers = {name: value for name, value in headers.items() if name.lower() not in ("authorization", "dpop")}
    headers |= {"Idempotency-Key": uuid.uuid4().hex, **caller.headers(case.method, path)}
    body, kind = "", "application/octet-stream"
    if "json" in sent:
        body, kind = json.dumps(sent["json"]), "application/json"
    elif FORM in (operation.definition.raw.get("requestBody") or {}).get("content", {}):
        given = case.body if isinstance(case.body, dict) else {}
        body, kind = urlencode(caller.form(given)), FORM
    answer = client.generic(case.method, path, body, kind, headers=headers, query_params=sent.get("params") or {})
    fault = (getattr(answer, "exc_info", None) or (None, None))[1]
    told = (caller.name, case.method, path, body[:500])
    assert answer.status_code in (503, *range(500)), (*told, repr(fault))
    declared = operation.definition.raw["responses"]
    assert str(answer.status_code) in declared, (*told, answer.status_code, answer.content[:300])
    if answer.status_code >= 400:
        assert b"Traceback" not in answer.content


def _fits(value: str) -> bool:
    return value.isascii() and value.isprintable()

"""T26: every act refuses a body with a field that its request does not have, at every depth, before anything is done."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

if TYPE_CHECKING:
    from security_kit import Api, Town

POISON = {"role": "security_admin", "area_code": "990200", "status": "ACTIVE", "balance_fen": 10**9}
DEEPEST = 6


@cache
def document() -> dict[str, Any]:
    from sscard.api.urls import document as made

    return made()


def routes() -> list[tuple[str, dict[str, Any]]]:
    """(path, schema of its JSON body) of every route that changes something and takes one."""
    found = []
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if method != "get" and "application/json" in content:
                found.append((path, content["application/json"]["schema"]))
    return found


def sample(schema: dict[str, Any], depth: int = 0) -> Any:
    """A value of the schema's form; objects are filled with what they must have and what they may have."""
    if "$ref" in schema:
        return sample(document_part(schema["$ref"]), depth + 1)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return sample(schema[choice][0], depth)
    kind, form = schema.get("type"), schema.get("format", "")
    if kind == "object" or "properties" in schema:
        names = schema.get("properties", {}) if depth < DEEPEST else {}
        return {name: sample(one, depth + 1) for name, one in names.items()}
    if kind == "array":
        return [sample(schema.get("items", {}), depth + 1)]
    strings = {"uuid": "00000000-0000-4000-8000-000000000000", "date": "2026-01-01", "binary": "AAAA", "base64": "AAAA",
               "byte": "AAAA"}  # fmt: skip
    return {"integer": 1, "number": 1, "boolean": True}.get(str(kind), strings.get(form, "text"))


def document_part(ref: str) -> dict[str, Any]:
    found: Any = document()
    for name in ref.removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def poisoned(body: Any) -> list[Any]:
    """The body with one extra field, once in each object in it."""
    made = []
    if isinstance(body, dict) and body:  # an empty one is a free map of readings, which a device's MAC covers
        for name, value in POISON.items():
            if name not in body:
                made.append({**body, name: value})
        for name, value in body.items():
            made += [{**body, name: one} for one in poisoned(value)[:1]]
    elif isinstance(body, list) and body:
        made += [[one] for one in poisoned(body[0])[:1]]
    return made


def counts() -> dict[str, int]:
    from sscard.control.models import Approval, Idempotency, Outbox, Staff, StaffRole

    return {model.__name__: model.objects.count() for model in (Idempotency, Outbox, Staff, StaffRole, Approval)}


def test_the_walk_meets_every_act() -> None:
    from sscard.control.acts_registry import acts

    walked = {path.rpartition("/")[2] for path, _ in routes() if "/acts/" in path}
    ours = {name for name, act in acts().items() if act.function.__module__.startswith("sscard.")}
    assert walked == ours
    assert len(walked) > 40


@pytest.mark.asvs("v5.0.0-15.3.3")
@pytest.mark.parametrize("path, schema", routes(), ids=[path for path, _ in routes()])
def test_an_extra_field_is_refused_and_named(town: Town, api: Api, path: str, schema: dict[str, Any]) -> None:
    before = counts()
    site = {"Host": "ccb.localhost"} if path.startswith("/api/customer") else {}  # a bank's own address
    for body in poisoned(sample(schema)):
        answer = api.post(path, body, **site)
        told = answer.json()
        assert answer.status_code == 422, (body, told)
        assert "api.field_unknown" in {fault["code"] for fault in told.get("faults", [])}, told
    assert counts() == before


@pytest.fixture
def api(town: Town) -> Api:
    """A clerk; the form of a body is looked at before rights, so whoever asks learns the same."""
    from security_kit import ONE

    return town.api(f"clerk.{ONE}")


@pytest.mark.asvs("v5.0.0-4.1.5")
@pytest.mark.parametrize("content", ["", "[]", "null", '"x"', "{", "1e999", '{"a":' * 3000, b"\xff\xfe", '{"a": NaN}'])
def test_a_body_of_another_shape_is_refused(town: Town, api: Api, content: Any) -> None:
    before = counts()
    answer = api.post("/api/acts/people.invite_holder", content)
    assert answer.status_code in (400, 422)
    assert counts() == before


def test_a_sound_body_is_no_extra_field(town: Town, api: Api) -> None:
    """So that the refusals above are about the extra field."""
    answer = api.act("people.invite_holder", {"person": "00000000-0000-4000-8000-000000000000", "identity_seen": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "control.not_found")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from control_idempotency where act = 'people.invite_holder'")
        assert cursor.fetchone()[0] >= 1


@pytest.mark.parametrize("amount", ["100", 100.0, True, "１００"])
def test_an_amount_that_is_no_whole_number_is_refused(town: Town, amount: object) -> None:
    teller = town.api("teller.CCB")
    answer = teller.act("bank.deposit", {"amount_fen": amount, "number": "9000000000000000"})
    assert answer.status_code == 422
    assert [fault["place"] for fault in answer.json()["faults"]] == ["amount_fen"]


def test_a_look_at_a_person_needs_one_of_the_purposes(town: Town) -> None:
    clerk = town.api("clerk.990100")
    del clerk.more["Sscard-Purpose"]
    assert clerk.get("/api/people?q=090101199001010024").json()["code"] == "api.purpose_missing"
    free = clerk.get("/api/people?q=090101199001010024", **{"Sscard-Purpose": "because"})
    assert free.json()["code"] == "api.purpose_unknown"
    assert clerk.get("/api/people?q=090101199001010024", **{"Sscard-Purpose": "counter"}).status_code == 200

"""A sandbox from nothing: registered, opened, filled, used, reset; and walls between sandboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partners_kit import Software, Tenant, opened, register, tenant
from sscard.partners.sandbox import magic

if TYPE_CHECKING:
    from tests_support import House


@pytest.fixture(scope="module")
def one(_module_house: House) -> Tenant:
    with _module_house.entered():
        return tenant()


@pytest.fixture(scope="module")
def cards(_module_house: House, one: Tenant) -> dict[str, dict[str, object]]:
    """Each magic person's card as a clerk of the sandbox sees it."""
    with _module_house.entered():
        clerk, found = one.acting("clerk"), one.magic()
        return {code: clerk.get(f"/api/people/{row['person']}/cards").json()[0] for code, row in found.items()}


@pytest.mark.parametrize("what", magic.PERSONS, ids=lambda one: one.code)
def test_magic_person_is_in_its_state(db: House, cards: dict[str, dict[str, object]], what: magic.Magic) -> None:
    card = cards[what.code]
    assert card["social"] == what.shows_social
    assert card["production"] == what.production
    account = card["account"]
    assert (account["status"] if account else "") == what.shows_bank  # type: ignore[index]


@pytest.mark.parametrize("what", [one for one in magic.PERSONS if one.bank], ids=lambda one: one.code)
def test_magic_restrictions_answer_at_the_bank(db: House, one: Tenant, what: magic.Magic) -> None:
    account = one.magic()[what.code]["account"]
    seen = one.acting("teller").get(f"/api/bank/accounts/{account}").json()
    assert set(what.restrictions) <= set(seen["view"]["restrictions"])
    paid = one.bank.act("bank.deposit", {"amount_fen": 100, "account": account})
    assert paid.json().get("code", "") == what.deposit, paid.content
    assert paid.status_code == (200 if not what.deposit else 409)


@pytest.mark.parametrize(("fen", "code"), magic.AMOUNTS.items())
def test_magic_amount_is_refused_and_the_refusal_replayed(db: House, one: Tenant, fen: int, code: str) -> None:
    body = {"amount_fen": fen, "account": one.magic()["all_well"]["account"]}
    key = f"amount-{fen}"
    first = one.bank.act("bank.deposit", body, **{"Idempotency-Key": key})
    again = one.bank.act("bank.deposit", body, **{"Idempotency-Key": key})
    assert first.json()["code"] == again.json()["code"] == code
    assert "Idempotent-Replayed" not in first
    if first.status_code < 500:  # "not now" is never kept: the same key may try again
        assert again["Idempotent-Replayed"] == "true"


def test_any_refusal_can_be_ordered_in_a_sandbox_only(db: House, one: Tenant) -> None:
    from sscard.partners import catalogue

    body = {"amount_fen": 100, "account": one.magic()["all_well"]["account"]}
    for entry in catalogue.entries()[::25]:
        answer = one.bank.act("bank.deposit", body, **{magic.HEADER: entry["code"]})
        assert (answer.status_code, answer.json()["code"]) == (entry["status"], entry["code"])
    assert one.bank.act("bank.deposit", body, **{magic.HEADER: "no.such"}).json()["code"] == "partners.refusal_unknown"
    from sscard.partners.sandbox import forcing

    assert forcing.wanted("990100", "bank.frozen", object()) == ""


def test_reset_brings_the_first_day_back_and_keys_go_on(db: House) -> None:
    username, organisation = register()
    mine = opened(username, organisation)
    before = mine.magic()
    assert mine.key.post("/api/sandbox/clock", {"hours": 24 * 400}).status_code == 200
    moved = mine.key.get("/api/sandbox").json()
    reset = mine.key.post("/api/sandbox/reset", **{"Idempotency-Key": "reset-1"})
    again = mine.key.post("/api/sandbox/reset", **{"Idempotency-Key": "reset-1"})
    assert reset.status_code == 200, reset.content
    assert again["Idempotent-Replayed"] == "true"
    after, now = mine.magic(), mine.key.get("/api/sandbox").json()
    assert now["area"] != moved["area"]
    assert now["now"] < moved["now"]
    assert now["resets"] == 1
    for code, row in after.items():
        assert row["id_number"] == before[code]["id_number"]
        assert row["person"] != before[code]["person"]
    assert mine.acting("clerk").get(f"/api/people/{before['all_well']['person']}/cards").status_code == 404
    assert mine.acting("teller").get(f"/api/bank/accounts/{after['all_well']['account']}").status_code == 200
    assert mine.bank.act("bank.deposit", {"amount_fen": 5, "account": after["poor"]["account"]}).status_code == 200


def test_one_sandbox_does_not_see_another(db: House, one: Tenant) -> None:
    other = tenant()
    theirs, clerk, teller = other.magic()["all_well"], one.acting("clerk"), one.acting("teller")
    assert clerk.get(f"/api/people/{theirs['person']}/cards").status_code == 404
    assert (
        clerk.get(
            "/api/people",
        ).status_code
        == 422
    )
    assert (
        clerk.client.get(
            "/api/people", {"q": theirs["id_number"]}, headers={"Authorization": clerk.authorization, **clerk.more}
        ).json()
        == []
    )
    assert teller.get(f"/api/bank/accounts/{theirs['account']}").json()["code"] == "bank.other_bank"
    assert (
        one.bank.act("bank.deposit", {"amount_fen": 5, "account": theirs["account"]}).json()["code"]
        == "bank.other_bank"
    )
    from partners_kit import developer

    stranger = developer(one.username)
    for path in ("", "/magic", "/requests", "/conformance"):
        stranger.more = {"Sscard-Area": other.area}
        assert stranger.get(f"/api/sandbox{path}").status_code == 404
        stranger.more = {"Sscard-Area": one.area}
        assert stranger.get(f"/api/sandbox{path}").status_code == 200
    assert one.key.act("partners.reset_sandbox", {"sandbox": other.sandbox}).status_code == 404
    assert one.key.act("partners.new_keys", {"sandbox": one.sandbox}).status_code == 403


def test_clock_moves_this_sandbox_only(db: House, one: Tenant) -> None:
    other = tenant()
    before = other.key.get("/api/sandbox").json()["now"][:10]
    answer = one.key.post("/api/sandbox/clock", {"hours": 24 * 40}, **{"Idempotency-Key": "clock-1"})
    assert answer.json()["offset_hours"] == 960
    assert (
        one.key.post("/api/sandbox/clock", {"hours": 24 * 40}, **{"Idempotency-Key": "clock-1"}).json()["offset_hours"]
        == 960
    )
    assert one.key.post("/api/sandbox/clock", {"hours": -1}).status_code in (409, 422)
    assert other.key.get("/api/sandbox").json()["now"][:10] == before


def test_requests_are_logged_by_trace_masked_and_without_bodies(db: House, one: Tenant) -> None:
    number = one.magic()["all_well"]["id_number"]
    trace = "my-own-trace-0001"
    one.acting("clerk").get(f"/api/people?q={number}", **{"Sscard-Trace": trace})
    one.key.get(f"/api/errors/{number}", **{"Sscard-Trace": trace})
    lines = one.key.get(f"/api/sandbox/requests?trace={trace}").json()
    assert {row["path"].rpartition("/")[0] for row in lines} == {"/api", "/api/errors"}
    assert number not in str(lines)
    assert all(row["trace"] == trace for row in lines)
    refused = one.bank.act("bank.deposit", {"amount_fen": 1, "account": one.magic()["frozen"]["account"]})
    found = one.key.get(f"/api/sandbox/requests?trace={refused['Sscard-Trace']}").json()[0]
    assert (found["code"], found["status"]) == ("bank.frozen", 409)


def test_log_is_bounded(db: House, one: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    import uuid

    from sscard.partners import requests
    from sscard.partners.models import RequestLine

    monkeypatch.setattr(requests, "KEPT", 20)
    for _ in range(60):
        one.key.get("/api/hooks/events")
    requests.trim(uuid.UUID(one.sandbox))
    assert RequestLine.objects.filter(sandbox=one.sandbox).count() <= 20


def test_a_partner_reaches_nothing_but_his_own(db: House) -> None:
    from partners_kit import developer

    username, _ = register()
    mine = developer(username)
    for act, body in (
        ("control.move_clock", {"hours": 1}), ("people.register", {"form": {}}), ("bank.deposit", {"amount_fen": 1}),
    ):  # fmt: skip
        assert mine.act(act, body, **{"Sscard-Area": "990100"}).status_code == 403
    assert mine.get("/api/people?q=x", **{"Sscard-Area": "990100"}).status_code == 403
    assert mine.get("/api/approvals", **{"Sscard-Area": "990100"}).json() == []


def test_wrong_registration_lists_every_fault(db: House) -> None:
    import json
    import uuid

    from pages_kit import HouseClient

    body = {"organisation": "x", "username": "y", "password": "123", "totp_secret": "no", "totp_code": "000000"}
    answer = HouseClient().post(
        "/api/acts/partners.register", json.dumps(body), content_type="application/json",
        headers={"Idempotency-Key": uuid.uuid4().hex, "Sscard-Visitor": str(uuid.uuid4()), "Sscard-Area": "990100"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert {one["place"] for one in answer.json()["faults"]} == {"organisation", "username", "password", "totp_code"}


def test_keys_anew_end_the_old_ones(db: House) -> None:
    from partners_kit import developer

    mine = tenant()
    made = developer(mine.username).act("partners.new_keys", {"sandbox": mine.sandbox})
    assert mine.key.get("/api/sandbox").status_code == 401
    assert Software.of_key(made.json()["keys"]["sandbox"]).get("/api/sandbox").status_code == 200

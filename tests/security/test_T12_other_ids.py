"""T12: somebody else's id is answered exactly as an id that nobody has, over the API and on the pages."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from security_kit import Api, Town

KINDS = {
    "people/{}": "person",
    "people/{}/cards": "person",
    "people/{}/contributions": "person",
    "people/{}/charges": "person",
    "imports/{}": "import",
    "imports/{}/faults/1": "import",
    "contribution-files/{}": "contributions",
    "contribution-files/{}/faults/1": "contributions",
    "batches/{}": "batch",
    "batches/{}/cards": "batch",
    "cards/{}/where": "card",
    "applications/{}": "application",
    "bank/accounts/{}": "account",
    "bank/slot/{}": "approval",
}
PAGES = {
    "people/{}/": "person",
    "people/{}/looks/": "person",
    "people/{}/correct/": "person",
    "people/{}/photo/": "person",
    "people/{}/invite/": "person",
    "imports/{}/": "import",
    "imports/{}/progress/": "import",
    "imports/{}/faults/1/": "import",
    "approvals/{}/": "approval",
    "doubts/{}/": "case",
    "batches/{}/": "batch",
    "applications/{}/": "application",
}
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "people.correct": ("person", {"person": "{}", "phone": "93000000001"}),
    "people.invite_holder": ("person", {"person": "{}", "identity_seen": True}),
    "people.register_roster": ("import", {"import_id": "{}"}),
    "people.drop_roster": ("import", {"import_id": "{}"}),
    "issuing.check": ("application", {"application": "{}"}),
    "issuing.withdraw": ("application", {"application": "{}", "reason": "x"}),
    "issuing.dissolve_batch": ("batch", {"batch": "{}", "reason": "x"}),
    "insurance.post_contributions": ("contributions", {"file_id": "{}"}),
    "insurance.drop_contributions": ("contributions", {"file_id": "{}"}),
    "control.approve": ("approval", {"approval": "{}", "digest": "00"}),
    "control.reject": ("approval", {"approval": "{}", "reason": "x"}),
    "control.withdraw": ("approval", {"approval": "{}"}),
    "control.disable_staff": ("clerk", {"staff": "{}", "reason": "x"}),
    "control.grant_role": ("clerk", {"staff": "{}", "role": "clerk", "area": "990100"}),
    "people.remove_passkey": ("person", {"passkey": "{}"}),
}
ROLES = ("clerk", "reviewer", "stock_keeper", "area_manager", "security_admin", "employer_handler", "teller", "holder")


@pytest.fixture(scope="module")
def elsewhere(_module_house: Any, _founded: Town) -> dict[str, uuid.UUID]:
    """One thing of each kind in the other area."""
    from security_kit import TWO, resident, things

    with _module_house.entered():
        clerk = _founded.staff[f"clerk.{TWO}"].staff_id
        return {**things(resident(TWO), _founded), "clerk": clerk}


def visitor(town: Town, role: str) -> Api:
    from security_kit import ONE, holder_api, resident

    if role == "holder":
        return holder_api(resident(account=False))
    return town.api("teller.ICBC" if role == "teller" else f"{role}.{ONE}")


def told(answer: Any, own: uuid.UUID) -> tuple[int, str]:
    """What the answer says, without what is its own each time: the id that was asked for, trace, keys, the page's number."""
    text = answer.content.decode("utf-8", "replace").replace(str(own), "ID").replace(own.hex, "ID")
    text = re.sub(r'"instance": "[^"]*"', "", text)
    text = re.sub(r'value="[\w-]{20,}"', "", text)
    text = re.sub(r'class="figure trace">[^<]*<', "", text)
    return answer.status_code, text


@pytest.mark.asvs("v5.0.0-8.2.2")
@pytest.mark.parametrize("role", ROLES)
def test_the_api_answers_a_foreign_id_as_a_missing_one(town: Town, elsewhere: dict[str, uuid.UUID], role: str) -> None:
    api = visitor(town, role)
    for path, kind in KINDS.items():
        nobodys, foreign = uuid.uuid4(), elsewhere[kind]
        missing, other = (told(api.get(f"/api/{path.format(one)}"), one) for one in (nobodys, foreign))
        if path.startswith("bank/accounts") and role == "teller":
            assert other[0] in (403, 404, 409)  # a card shows its bank to any teller; its person and state stay hidden
            assert str(elsewhere["person"]) not in other[1]
            continue
        assert other == missing, path
        assert missing[0] in (403, 404), path


@pytest.mark.asvs("v5.0.0-8.2.2")
@pytest.mark.parametrize("role", ROLES)
def test_acts_answer_a_foreign_id_as_a_missing_one(town: Town, elsewhere: dict[str, uuid.UUID], role: str) -> None:
    api = visitor(town, role)
    for act, (kind, body) in ACTS.items():
        nobodys, foreign = uuid.uuid4(), elsewhere[kind]
        missing, other = (told(api.act(act, filled(body, one)), one) for one in (nobodys, foreign))
        assert other == missing, act
        assert missing[0] in (403, 404), act


def filled(body: dict[str, Any], one: uuid.UUID) -> dict[str, Any]:
    return {name: str(one) if value == "{}" else value for name, value in body.items()}


@pytest.mark.asvs("v5.0.0-8.2.2")
@pytest.mark.parametrize("role", ROLES)
def test_pages_answer_a_foreign_id_as_a_missing_one(town: Town, elsewhere: dict[str, uuid.UUID], role: str) -> None:
    from pages_kit import HouseClient

    client = HouseClient()
    client.cookies["__Host-sscard"] = visitor(town, role).token
    for path, kind in PAGES.items():
        nobodys, foreign = uuid.uuid4(), elsewhere[kind]
        missing, other = (told(client.get(f"/{path.format(one)}"), one) for one in (nobodys, foreign))
        assert other == missing, path
        assert missing[0] in (302, 403, 404), path  # 302: staff's page to the sign-in, for a holder


def test_the_same_addresses_open_for_the_own_area(town: Town, elsewhere: dict[str, uuid.UUID]) -> None:
    """So that the sameness above is not that of a broken address."""
    from security_kit import TWO

    clerk = town.api(f"clerk.{TWO}")
    opened = {
        path for path, kind in KINDS.items() if clerk.get(f"/api/{path.format(elsewhere[kind])}").status_code == 200
    }
    assert {
        "people/{}",
        "people/{}/cards",
        "imports/{}",
        "contribution-files/{}",
        "batches/{}",
        "applications/{}",
    } <= opened
    clerk.client.cookies["__Host-sscard"] = clerk.token
    pages = {
        path for path, kind in PAGES.items() if clerk.client.get(f"/{path.format(elsewhere[kind])}").status_code == 200
    }
    assert {"people/{}/", "people/{}/correct/", "imports/{}/", "batches/{}/"} <= pages


def test_a_holder_sees_himself_and_his_ward_only(town: Town) -> None:
    from security_kit import holder_api, holder_page, resident

    one, other = resident(), resident()
    page, api = holder_page(one), holder_api(one)
    mine = api.get("/api/my").json()
    page.post("/my/whose/", {"whose": str(other.holder.public)})
    shown = page.get("/my/data/").content.decode()
    assert str(other.holder.public) not in shown
    assert api.get("/api/my").json() == mine
    body = {"person": str(other.holder.public), "bank": "CCB", "outlet": "990100-B01"}
    nobody = {**body, "person": str(uuid.uuid4())}
    foreign, missing = api.act("issuing.apply", body), api.act("issuing.apply", nobody)
    assert (foreign.status_code, foreign.json()["code"]) == (missing.status_code, missing.json()["code"])
    assert foreign.json()["code"] == "control.not_found"


def test_public_ids_are_random_and_inner_ones_never_leave(town: Town) -> None:
    """No number that counts persons or cards: 122 random bits outside, 63 inside."""
    from security_kit import ONE, holder_api, resident

    one = resident()
    for api, paths in (
        (holder_api(one), ["my", "my/facts", "my/accounts", "my/looks", "my/contributions"]),
        (town.api(f"clerk.{ONE}"), [f"people/{one.holder.public}", f"people/{one.holder.public}/cards"]),
    ):
        for path in paths:
            answer = api.get(f"/api/{path}")
            assert answer.status_code == 200, path
            assert str(one.holder.person_id) not in answer.content.decode(), path
    assert one.holder.public.version == 4

"""Every listed magic value is forced by HTTP, and answers with the code and the status that the catalogue tells."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import psycopg
import pytest
from jwskate import Jwk, Jwt

from pages_kit import HouseClient
from partners_kit import Software, Tenant, tenant
from sscard.control.acts_registry import acts
from sscard.partners import catalogue
from sscard.partners.sandbox import magic
from sscard.verification import magic as verification

if TYPE_CHECKING:
    from tests_support import House

REDIRECT = "https://bank.example/linked"


class Linking:
    """The sandbox's OAuth client, pushing requests."""

    def __init__(self, at: Tenant) -> None:
        from sscard.binding import access

        self.at, self.issuer = at, access.issuer()
        wish = {"sandbox": at.sandbox, "name": "远山软件", "redirect_uris": [REDIRECT]}
        made = at.key.act("partners.register_client", wish).json()
        self.client, self.key = made["client"], Jwk(made["private_key"])

    def par(self, person: dict[str, Any], reference: str = "acc-1", **more: Any) -> Any:
        from sscard.control.models import Throttle

        Throttle.objects.all().delete()  # how often is another test's matter
        now = int(time.time())
        claims = {
            "iss": self.client, "sub": self.client, "aud": self.issuer, "iat": now, "exp": now + 60,
            "jti": uuid.uuid4().hex,
        }  # fmt: skip
        details = {
            "type": "social_card_link", "card_number": person["card_number"], "id_number": person["id_number"],
            "customer": "c-1", "paying_account": {"reference": reference, "masked": "6217 **** 0018", "own": True},
            "actions": ["status", "contributions", "totals", "payments"], "duration": "TIME_BOUND", "days": 90, **more,
        }  # fmt: skip
        form = {
            "client_id": self.client, "client_assertion": str(Jwt.sign(claims, self.key, alg="ES256")),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "response_type": "code", "redirect_uri": REDIRECT, "state": "s", "code_challenge": "c" * 43,
            "code_challenge_method": "S256", "authorization_details": json.dumps([details]),
        }  # fmt: skip
        return HouseClient().post("/oauth/par", urlencode(form), content_type="application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def at(_module_house: House) -> Tenant:
    with _module_house.entered():
        return tenant()


@pytest.fixture(scope="module")
def linking(_module_house: House, at: Tenant) -> Linking:
    with _module_house.entered():
        return Linking(at)


def same_as_listed(answer: Any, code: str, *, oauth: bool = False) -> None:
    """Code and status on the wire are those of the catalogue, which is itself read over HTTP."""
    listed = HouseClient().get(f"/api/errors/{code}").json()
    told = answer.json()
    if oauth:
        assert told["code"] == code, told
        assert (answer.status_code, told["error"]) == (listed["oauth"]["status"], listed["oauth"]["error"])
        assert "/oauth/par" in listed["oauth"]["endpoints"]
    else:
        assert (answer.status_code, told["code"], told["status"]) == (listed["status"], code, listed["status"])


def test_persons_at_linking_and_at_the_bank(db: House, at: Tenant, linking: Linking) -> None:
    people = at.magic()
    assert people.keys() == {one.code for one in magic.PERSONS}
    for code, person in people.items():
        asked = linking.par(person)
        if person["link"]:
            same_as_listed(asked, person["link"], oauth=True)
        else:
            assert asked.status_code == 201, (code, asked.content)
        if person["account"]:
            paid = at.bank.act("bank.deposit", {"amount_fen": 100, "account": person["account"]})
            if person["deposit"]:
                same_as_listed(paid, person["deposit"])
            else:
                assert paid.status_code == 200, (code, paid.content)
    for reference, refusal in magic.REFERENCES.items():
        same_as_listed(linking.par(people["all_well"], reference), refusal, oauth=True)
    assert [one["reference"] for one in at.key.get("/api/sandbox/magic").json()["references"]] == [*magic.REFERENCES]
    own = people["not_activated"]
    same_as_listed(linking.par(own, own["account"]), "binding.account_not_activated", oauth=True)
    over = linking.par(people["all_well"], id_valid_until="2020-01-01")
    same_as_listed(over, "binding.id_expired", oauth=True)
    unknown = linking.par({**people["all_well"], "card_number": "S99999990"})
    same_as_listed(unknown, "binding.identity_mismatch", oauth=True)


def test_a_repeat_is_the_same_bytes(db: House, at: Tenant) -> None:
    people = at.magic()
    for code, status in (("poor", 200), ("frozen", 409)):
        body, key = {"amount_fen": 100, "account": people[code]["account"]}, f"bytes-{code}"
        first, again = (
            at.bank.act("bank.deposit", body, **{"Idempotency-Key": key, "Sscard-Trace": key}) for _ in "ab"
        )
        assert first.status_code == again.status_code == status
        assert first.content == again.content
        assert again["Idempotent-Replayed"] == "true"


def test_amounts(db: House, at: Tenant) -> None:
    account = at.magic()["all_well"]["account"]
    for one in at.key.get("/api/sandbox/magic").json()["amounts"]:
        answer = at.bank.act("bank.deposit", {"amount_fen": one["amount_fen"], "account": account})
        same_as_listed(answer, one["code"])


def test_codes_and_faces(db: House, at: Tenant) -> None:
    """On the way to the electronic card: face checks of each outcome, then a message and each magic code."""
    from sscard.control.models import Throttle

    Throttle.objects.all().delete()
    me, card = at.acting("holder:all_well"), at.magic()["all_well"]["card"]
    sign = {"card": card, "consent": True, "password": "730591"}
    for outcome in [*(one for one in verification.FACES if one != "pass"), "pass"]:
        Throttle.objects.all().delete()
        begun = me.post("/api/my/ecard/checks", {"action": "cards.ecard_sign", "by": "face", "consent": True}).json()
        chosen = at.key.post(f"/api/sandbox/face/{begun['challenge']}", {"outcome": outcome})
        assert chosen.status_code == 200, chosen.content
        answer = me.act("cards.ecard_sign", {**sign, "challenge": begun["challenge"]})
        if verification.FACES[outcome]:
            same_as_listed(answer, verification.FACES[outcome])
        else:
            assert answer.status_code == 200, answer.content
    sent = me.post("/api/my/ecard/checks", {"action": "cards.ecard_open", "by": "phone"}).json()
    for typed in [*(one for one, refusal in verification.CODES.items() if refusal), "900001"]:
        wish = {"password": "730591", "challenge": sent["challenge"], "code": typed}
        answer = me.act("cards.ecard_open", wish)
        if verification.CODES[typed]:
            same_as_listed(answer, verification.CODES[typed])
        else:
            assert answer.status_code == 200, answer.content


def test_an_integrator_sees_full_records(db: House, at: Tenant) -> None:
    people, clerk = at.magic(), at.acting("clerk")

    def record(code: str) -> dict[str, Any]:
        answer = clerk.get(f"/api/people/{people[code]['person']}/contributions")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    whole = record("all_well")
    assert [one["insurance"] for one in whole["totals"]] == [
        "pension",
        "medical",
        "unemployment",
        "injury",
        "maternity",
    ]
    assert all(one["months"] == 24 for one in whole["totals"])
    assert whole["pension_account"]["balance_fen"] > whole["medical_account"]["balance_fen"] > 0
    stopped = record("poor")
    assert {one["months"] for one in stopped["totals"]} == {15}
    assert record("elder")["pension_account"]["balance_fen"] is None
    child = record("child")
    assert child["pension_account"]["balance_fen"] is None
    assert child["years"]


def test_acts_answer_only_what_the_catalogue_lists_under_them(db: House, at: Tenant) -> None:
    """What all acts of this house were refused for until now; forced refusals, which any act can be given, are left out."""
    frozen, key = at.magic()["frozen"]["account"], "listed-1"
    at.bank.act("bank.deposit", {"amount_fen": 1, "account": frozen}, **{"Idempotency-Key": key})
    at.bank.act("bank.deposit", {"amount_fen": 0, "account": frozen})
    at.bank.act("bank.deposit", {"amount_fen": 1, "account": str(uuid.uuid4())})
    forced = {*magic.AMOUNTS.values()}
    with psycopg.connect(db.urls.admin) as every_area:
        rows = every_area.execute(
            "select distinct verb, reason from control_auditrow where result = 'refused'"
        ).fetchall()
    assert ("bank.deposit", "bank.frozen") in rows
    for act, code in rows:
        if act in acts() and code not in forced:
            assert code in catalogue.codes(act), (act, code)


def test_a_refusal_stands_only_where_it_can_be_raised() -> None:
    listed = {one["code"]: one for one in catalogue.entries()}
    assert listed["binding.account_not_activated"]["acts"] == [
        "binding.ask", "binding.authorise", "binding.decide_at_desk",
    ]  # fmt: skip
    assert listed["binding.account_not_activated"]["oauth"]["status"] == 400
    assert "binding.consent_revoked" not in catalogue.codes("bank.activate")
    assert "bank.frozen" in catalogue.codes("bank.deposit")
    assert "bank.frozen" not in catalogue.codes("issuing.apply")
    assert listed["bank.frozen"]["oauth"] is None
    assert listed["control.key_missing"]["acts"] == ["*"]


def test_the_telephone_is_the_tenants_own(db: House, at: Tenant) -> None:
    """By API with its key or its developer's token; as a page for its developer, or by the signed link."""
    from partners_kit import developer

    path, other = f"/api/sandbox/{at.area}/messages", tenant()
    me = at.acting("holder:poor")
    me.post("/api/my/ecard/checks", {"action": "cards.ecard_open", "by": "phone"})
    assert at.key.get(path).json()[0]["code"]
    assert other.key.get(path).status_code == 404
    assert HouseClient().get(path).status_code == 401
    assert at.bank.get(path).status_code == 403
    mine = developer(at.username)
    mine.more = {"Sscard-Area": at.area}
    assert mine.get(path).status_code == 200
    assert HouseClient().get("/api/sandbox/990100/messages").status_code == 200

    link = at.key.get("/api/sandbox").json()["telephone"]
    page = "/sandbox/phone/" + link.partition("/sandbox/phone/")[2]
    assert HouseClient().get(page).status_code == 200
    bare = page.partition("?")[0]
    shut = HouseClient().get(bare)
    assert (shut.status_code, shut["Location"].partition("?")[0]) == (302, "/sign-in/")
    theirs = other.key.get("/api/sandbox").json()["telephone"].partition("pass=")[2]
    assert HouseClient().get(f"{bare}?pass={theirs}").status_code == 302
    for who, status in ((at, 200), (other, 404)):
        client, token = HouseClient(), developer(who.username).authorization.removeprefix("Bearer ")
        client.cookies["__Host-sscard"] = token
        assert client.get(bare).status_code == status
    at_desk = Software.of_token(at.acting("clerk").authorization.removeprefix("Bearer "))
    assert at_desk.get(path).status_code == 403

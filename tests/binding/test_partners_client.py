"""A partner's own OAuth client: registered by himself, at once good for the whole flow, and for his own tenant's cards only."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from jwskate import Jwk
from standardwebhooks import Webhook, WebhookVerificationError

import binding_kit
from binding_kit import Browser, Partner, call, holder
from partners_kit import Tenant, tenant

if TYPE_CHECKING:
    from tests_support import House


@dataclass
class Own:
    """The sandbox, its client, and the magic person who agrees by a magic code."""

    at: Tenant
    partner: Partner

    def person(self, code: str = "all_well") -> binding_kit.Linkable:
        one = self.at.magic()[code]
        whole = type("Known", (), {"area": self.at.area, "id_number": one["id_number"], "public": uuid.uuid4()})
        return binding_kit.Linkable(whole(), one["card_number"], one["phone"])


def registered(at: Tenant, **more: Any) -> Any:
    body = {"sandbox": at.sandbox, "name": "远山软件", "redirect_uris": [binding_kit.REDIRECT], **more}
    return at.key.act("partners.register_client", body)


@pytest.fixture
def own(house: House, bureau: str) -> Own:
    """Keys made by the house: what comes back is all that the software needs."""
    binding_kit.calm()
    at = tenant()
    answer = registered(at)
    assert answer.status_code == 200, answer.content
    made = answer.json()
    key = Jwk(made["private_key"])
    assert at.key.get("/api/sandbox/clients").json()[0]["keys"] == [{"kid": key.kid, "alg": "ES256"}]
    return Own(at, Partner(bureau, made["client"], key, "", binding_kit._session()))


def test_registering(house: House) -> None:
    at = tenant()
    own_key = dict(Jwk.generate(kty="EC", crv="P-256", alg="ES256", kid="mine").public_jwk())
    made = registered(at, keys=[own_key], wants=["status"]).json()
    assert (made["wants"], made["keys"]) == (["status"], [{"kid": "mine", "alg": "ES256"}])
    assert "private_key" not in made
    whole = dict(Jwk.generate(kty="EC", crv="P-256", alg="ES256"))
    wrong = registered(at, keys=[whole], redirect_uris=["http://bank.example/"], wants=["everything"], name="")
    places = {one["place"] for one in wrong.json()["faults"]}
    assert {"redirect_uris.0", "wants", "jwks.keys.0", "name"} <= places
    assert registered(at, redirect_uris=["http://127.0.0.1:5000/back"]).status_code == 200
    for _ in range(3):
        registered(at)
    assert registered(at).json()["code"] == "partners.clients_most"
    stopped = at.key.act("partners.stop_client", {"sandbox": at.sandbox, "client": made["client"]})
    assert stopped.json()["active"] is False
    assert registered(tenant(), sandbox=at.sandbox).status_code == 404  # another partner's sandbox


def test_linked_at_once_by_an_independent_client(own: Own) -> None:
    pressed = _agreed_with(own, "900001")
    seen = call(own.partner, pressed, "/api/linked/status")
    assert seen.json()["card"]["state"] == "normal"
    (charge,) = call(own.partner, pressed, "/api/linked/charges").json()
    assert charge["amount_fen"] == 38_000
    paths = {one["path"]: one for one in own.at.key.get("/api/sandbox/requests").json()}
    assert paths["/oauth/token authorization_code"]["status"] == 200
    assert paths["/api/linked/status"]["caller"] == "远山软件"
    assert paths["/oauth/par"]["trace"]


def test_magic_codes_are_answered_as_the_list_says(own: Own) -> None:
    told = {one["code"]: one["refusal"] for one in own.at.key.get("/api/sandbox/magic").json()["codes"]}
    assert set(told.values()) == {
        "", "verification.code_wrong", "verification.code_expired", "verification.code_locked",
        "verification.code_replaced",
    }  # fmt: skip
    one, typed = own.person(), _at_the_code(own)
    from sscard.kernel import words

    for code, refusal in told.items():
        if refusal:
            form = typed.browser.get(typed.page.url)
            page = typed.browser.post(typed.path + "agree/", form, code=code)
            sentence = words.text("refusal", refusal, "zh", tries_left="")
            assert sentence.partition("，")[0] in page.text, (code, refusal)
    form = typed.browser.get(typed.page.url)
    back = typed.browser.post(typed.path + "agree/", form, code=binding_kit.newest_code(one))
    assert back.status_code == 303  # the code in the message is good all the same


def test_magic_codes_are_nothing_elsewhere(partner: Partner) -> None:
    one = holder()
    page = _at_the_code(Own(None, partner), one)  # type: ignore[arg-type]
    answer = page.browser.post(page.path + "agree/", page.page, code="900001")
    assert answer.status_code != 303


def test_only_cards_of_its_own_tenant(own: Own, partner: Partner) -> None:
    """T27: neither does the partner's client reach a card of the city, nor the city's bank or another partner's a tenant's."""
    theirs, city = own.person("poor"), holder()
    assert own.partner.par(theirs).status_code == 201
    other = Own(tenant(), own.partner)
    for client, card in ((own.partner, city), (partner, theirs), (own.partner, other.person("poor"))):
        answer = client.par(card)
        assert (answer.status_code, answer.json()["code"]) == (400, "binding.identity_mismatch")


def test_a_reset_ends_what_was_linked(own: Own) -> None:
    linked = _agreed_with(own, "900001")
    assert own.at.key.post("/api/sandbox/reset").status_code == 200
    assert call(own.partner, linked).status_code == 401
    again = binding_kit.refresh(own.partner, linked.token["refresh_token"], linked.key)
    assert again.json()["error"] == "invalid_grant"
    assert own.partner.par(own.person()).status_code == 201  # the client goes on, with the new day's cards


def test_conformance_judges_rotation_and_revocation(own: Own) -> None:
    made = own.at.key.act("partners.register_endpoint", {"url": "", "events": ["card.*"]}).json()
    run = own.at.key.act("partners.start_conformance", {"sandbox": own.at.sandbox}).json()
    assert {"link", "link_refresh", "link_rotation", "link_proofs", "link_end"} <= {one["code"] for one in run["tasks"]}
    linked = _agreed_with(own, "900001")
    assert call(own.partner, linked, "/api/linked/status").status_code == 200
    assert _states(own) == {
        "link": "passed", "link_refresh": "open", "link_rotation": "open", "link_proofs": "passed", "link_end": "open",
    }  # fmt: skip
    for _ in range(2):
        linked.token = binding_kit.refresh(own.partner, linked.token["refresh_token"], linked.key).json()
        assert call(own.partner, linked, "/api/linked/status").status_code == 200
    assert own.partner.post("/oauth/revoke", {"token": linked.token["refresh_token"]}).status_code == 200
    assert set(_states(own).values()) == {"passed"}
    assert call(own.partner, linked, "/api/linked/status").status_code == 401  # used after it was given up
    binding_kit.refresh(own.partner, linked.token["refresh_token"], linked.key)
    spoilt = {code for code, state in _states(own).items() if state != "passed"}
    assert spoilt == {"link_rotation", "link_end"}
    _take(own, made)
    done = own.at.key.act("partners.finish_conformance", {"sandbox": own.at.sandbox, "run": run["run"]}).json()
    assert {one["code"]: one["state"] for one in done["results"]}["link_refresh"] == "passed"


@dataclass
class AtCode:
    browser: Browser
    page: Any
    path: str
    verifier: str = "v" * 43


def _at_the_code(own: Own, one: binding_kit.Linkable | None = None) -> AtCode:
    """The holder's browser where the code is typed."""
    pushed = own.partner.par(one or own.person())
    assert pushed.status_code == 201, pushed.text
    browser = Browser(own.partner.url)
    page = browser.open(own.partner.client_id, pushed.json()["request_uri"])
    return AtCode(browser, browser.send_code(page), binding_kit._path(page))


def _agreed_with(own: Own, code: str) -> binding_kit.Linked:
    """The whole flow; the holder types a magic code instead of reading his message."""
    typed, key = _at_the_code(own), binding_kit.DPoPKey.generate()
    back = binding_kit.answer_of(typed.browser.post(typed.path + "agree/", typed.page, code=code))
    told = binding_kit.exchange(own.partner, back["code"], typed.verifier, key)
    assert told.status_code == 200, told.text
    token = told.json()
    return binding_kit.Linked(own.person(), token, key, token["authorization_details"][0]["consent"])


def _states(own: Own) -> dict[str, str]:
    (run,) = own.at.key.get("/api/sandbox/conformance").json()
    return {one["code"]: one["state"] for one in run["results"] if one["code"].startswith("link")}


def _take(own: Own, made: dict[str, Any]) -> None:
    for message in own.at.key.get(f"/api/hooks/endpoints/{made['endpoint']}/waiting").json():
        try:
            Webhook(made["secret"]).verify(message["body"], message["headers"])
            status = 200
        except WebhookVerificationError:
            status = 400
        own.at.key.post(f"/api/hooks/deliveries/{message['delivery']}/answer", {"status": status})

"""Where the standards leave a choice: a code or refresh token used twice, a payment whose link has ended, two clients' key."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import Any

import pytest

import linked_kit
from binding_kit import (
    Browser,
    DPoPKey,
    Jwk,
    Linkable,
    Linked,
    Partner,
    answer_of,
    call,
    calm,
    challenge,
    consent_of,
    exchange,
    holder,
    link,
    proof,
    refresh,
)


def ended_with(one: Linkable, partner: Partner) -> None:
    """The consent is over, and the holder can be asked anew without more ado."""
    consent = consent_of(one)
    assert (consent.state, consent.revoked_by) == ("REVOKED", "client")
    assert partner.par(one).status_code == 201


@pytest.mark.requirement("FAPI2-SP 5.3.2.2-9")
def test_a_code_used_twice_ends_its_tokens_and_the_consent(partner: Partner) -> None:
    calm()
    one, key, verifier = holder(), DPoPKey.generate(), secrets.token_urlsafe(40)
    browser = Browser(partner.url)
    pushed = partner.par(one, verifier=verifier).json()
    back = answer_of(browser.agree(browser.open(partner.client_id, pushed["request_uri"]), one))
    token = exchange(partner, back["code"], verifier, key).json()
    linked = Linked(one, token, key, token["authorization_details"][0]["consent"])
    assert call(partner, linked).status_code == 200
    assert exchange(partner, back["code"], verifier, key).json()["error"] == "invalid_grant"
    assert call(partner, linked).status_code == 401
    assert refresh(partner, token["refresh_token"], key).json()["error"] == "invalid_grant"
    assert exchange(partner, back["code"], verifier, key).status_code == 400  # and a third time
    ended_with(one, partner)


def test_a_refresh_token_used_after_its_successor_does_the_same(partner: Partner) -> None:
    calm()
    one = holder()
    linked = link(partner, one)
    second = refresh(partner, linked.token["refresh_token"], linked.key).json()
    assert refresh(partner, second["refresh_token"], linked.key).status_code == 200
    assert refresh(partner, linked.token["refresh_token"], linked.key).status_code == 400
    ended_with(one, partner)


def test_a_payment_is_told_of_after_the_link_has_ended_and_no_other_is(partner: Partner) -> None:
    """Whoever holds the money must learn whether it is owed back; nothing else, and nothing new is booked."""
    calm()
    one = holder()
    linked = link(partner, one)
    first, second, third = (linked_kit.charge(one.person_id) for _ in range(3))
    paid, other, unbooked = (agreed(partner, linked, charge, f"p-{charge}") for charge in (first, second, third))
    for access, charge in ((paid, first), (other, second)):
        booked, again = pay(partner, access, charge), pay(partner, access, charge)  # under another key
        assert (booked.status_code, again.status_code) == (200, 200)
        assert booked.json() == again.json(), "the same booking, and no refusal for which money would be given back"
    assert call(partner, linked, f"/api/linked/payments/p-{second}").status_code == 200
    assert partner.post("/oauth/unlink", {"consent": linked.consent}).status_code == 200
    assert call(partner, paid, f"/api/linked/payments/p-{first}").json()["reference"] == f"p-{first}"
    assert call(partner, paid, f"/api/linked/payments/p-{first}/receipt").content.startswith(b"%PDF")
    assert call(partner, paid, f"/api/linked/payments/p-{second}").status_code == 404
    assert call(partner, paid, "/api/linked/status").status_code == 403
    late = pay(partner, unbooked, third)
    assert (late.status_code, late.json()["code"]) == (403, "binding.consent_revoked")
    assert call(partner, unbooked, f"/api/linked/payments/p-{third}").status_code == 404


def agreed(partner: Partner, linked: Linked, charge: uuid.UUID, reference: str) -> Linked:
    """The holder agrees to one payment; its token."""
    calm()
    key, verifier = DPoPKey.generate(), secrets.token_urlsafe(40)
    details = [{
        "type": "social_insurance_payment", "link": linked.consent, "charge": str(charge), "amount_fen": 38_000,
        "reference": reference,
    }]  # fmt: skip
    more = {"authorization_details": json.dumps(details), "code_challenge": challenge(verifier)}
    pushed = partner.par(linked.one, **more)
    assert pushed.status_code == 201, pushed.text
    browser = Browser(partner.url)
    back = answer_of(browser.agree(browser.open(partner.client_id, pushed.json()["request_uri"]), linked.one))
    token = exchange(partner, back["code"], verifier, key).json()
    return Linked(linked.one, token, key, token["authorization_details"][0]["consent"])


def pay(partner: Partner, access: Linked, charge: uuid.UUID) -> Any:
    path, token = "/api/linked/payments", access.token["access_token"]
    return partner.session.post(
        partner.url + path, json={"charge": str(charge), "amount_fen": 38_000, "reference": f"p-{charge}"},
        headers={
            "Authorization": f"DPoP {token}", "DPoP": proof(access.key, "POST", partner.url + path, token),
            "Idempotency-Key": uuid.uuid4().hex,
        }, timeout=60,
    )  # fmt: skip


def test_one_public_key_is_one_clients(bureau: str, partner: Partner) -> None:
    from sscard.binding.models import Client
    from sscard.kernel.refusals import Refusal

    key = Jwk.generate(kty="RSA", key_size=2048, alg="PS256")
    mine = {"keys": [dict(key.public_jwk())]}
    first = Partner.register(bureau, kind="partner", jwks=mine)
    with pytest.raises(Refusal) as no:
        Partner.register(bureau, kind="partner", jwks={"keys": [{**mine["keys"][0], "kid": "other"}]})
    assert [one.code for one in no.value.faults] == ["binding.key_of_another"]
    Client.objects.filter(client_id=first.client_id).update(active=False)
    Partner.register(bureau, kind="partner", jwks=mine)  # of a client that is stopped it is free again

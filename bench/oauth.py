"""Tokens per second, and consented reads per second beside the plain look-up of the same card.

Inside one process, without the web server's share: what the room itself costs. A consented read pays for the DPoP proof (one
signature to check, one row against replay), the token, the consent as it stands and an audit row; the plain look-up is the
same reading by the bureau's own staff, which pays for the audit row only.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

READS, TOKENS = 300, 150


def figures(house: Any, rate: Callable[..., Any]) -> Iterator[Any]:
    """House entered, portal not needed."""
    from django.test import RequestFactory
    from requests_oauth2client import DPoPKey

    import binding_kit
    from sscard.binding import access, tokens

    one, partner, key = binding_kit.holder(), binding_kit.Partner.register(access.issuer()), DPoPKey.generate()
    client, issued = _linked(one, partner, key)
    url = f"{access.issuer()}/api/link"
    factory = RequestFactory()
    asked = [
        factory.get(
            "/api/link",
            headers={
                "Authorization": f"DPoP {issued.access_token}",
                "DPoP": binding_kit.proof(key, "GET", url, issued.access_token),
            },
        )
        for _ in range(READS)
    ]
    plain = READS / _timed(lambda: [_plain(one) for _ in range(READS)])
    consented = READS / _timed(lambda: [_read(request) for request in asked])
    yield rate("oauth: consented reads", consented, "the plain look-up, staff", plain, 0.3, "reads/s")

    def again() -> None:
        value = issued.refresh_token
        for _ in range(TOKENS):
            value = tokens.refresh(client, value, key.dpop_jkt, address="127.0.0.1").refresh_token

    speed = TOKENS / _timed(again)
    yield rate("oauth: tokens issued (refresh)", speed, "the plain look-up, staff", plain, 0.2, "tokens/s")


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _linked(one: Any, partner: Any, key: Any) -> tuple[Any, Any]:
    """A consent that was given, and its first tokens; through the acts, without a browser."""
    import binding_kit
    from sscard.binding import asking, clients, deciding, grants, tokens
    from sscard.control.door import perform
    from sscard.kernel import ids
    from sscard.verification import codes

    client = clients.find(partner.client_id)
    assert client is not None
    details = asking.read_details(binding_kit.json.dumps([binding_kit.details(one)]), client)
    consent, person, area = asking.ask(
        client, details, way="redirect", caller_of=lambda area: clients.caller_of(client, area=area)
    )
    verifier = "v" * 43
    parameters = grants.Parameters(binding_kit.REDIRECT, binding_kit.challenge(verifier))
    grants.push(client, parameters, consent, person, area)
    sent = codes.send(
        person_id=person, area=area, action=deciding.ACTION, session=str(consent), facts={}, address="bench"
    )
    wish = deciding.Authorise(consent, "sms", sent.challenge, binding_kit.newest_code(one))
    caller = clients.asked_caller(person, "", area=area, consent=consent)
    done = perform(caller, deciding.ACTION, wish, key=str(ids.new_id()))
    code = done.once["code"]
    issued = tokens.by_code(client, code, binding_kit.REDIRECT, verifier, key.dpop_jkt, address="bench")
    return client, issued


def _read(request: Any) -> None:
    from sscard.binding import access
    from sscard.cards.models import Card

    with access.reading(request, "status") as (_, found):
        Card.objects.get(person_id=found.person_id, card_id=found.card_id)


def _plain(one: Any) -> None:
    from sscard.cards import reads
    from sscard.control.caller import Caller
    from sscard.control.door import reading

    clerk = Caller(
        kind="staff", id=uuid.uuid4(), name="bench", channel="page", area=one.holder.area, roles=frozenset({"clerk"}),
        person_index=b"c" * 32,
    )  # fmt: skip
    with reading(clerk, right="cards.view", purpose="bench") as inside:
        reads.require(inside, one.holder.card)

"""The resource side: who calls with which token, under whose consent. Each call is checked against the consent as it stands.

with access.reading(request, "contributions") as (inside, found):      # a read: one unit of work, one audit row
    …queries about found.person_id…
found = access.authorised(request, "payments")                         # an act that follows goes through the door with
perform(found.caller, "…", …, area=found.area)                         # found.caller, and asks access.still(inside, found)
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from sscard.binding import clients, consents, proofs
from sscard.binding.models import Client, Consent, Token, TokenFamily
from sscard.cards.models import Card
from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

PURPOSE = "consent"
"""Why a client looks: the holder agreed to it."""


@dataclass(frozen=True, slots=True)
class Access:
    """A call that a consent covers. `wants`: what the consent allows (status, contributions, totals, payments)."""

    consent: Consent
    client: Client
    person_id: int
    card_id: uuid.UUID
    area: str
    wants: frozenset[str]
    caller: Caller


def issuer() -> str:
    """The name of this authorisation server: the bureau's own address, as it is configured and never as a request says."""
    return str(settings.CONFIG.portal_url)


def authorised(request: HttpRequest, want: str = "") -> Access:
    """The access behind a DPoP-bound token, checked against consent and card as they stand now. `want`: what is asked for.

    Raises binding.token_missing and token_wrong (401), dpop_wrong (401), consent_suspended, consent_revoked,
    consent_expired, not_covered (403).
    """
    token = _token_of(request)
    with unit_of_work(area=token.area_code):
        return _checked(request, token, want)


@contextmanager
def reading(request: HttpRequest, want: str, *, what: str = "") -> Iterator[tuple[Inside, Access]]:
    """`authorised` and a recorded reading in one unit of work: the holder sees what was read, by whom and when."""
    token = _token_of(request)
    client = clients.find(str(token.client_id))
    if client is None:
        raise _challenged("binding.token_wrong", "invalid_token")
    caller = _caller(request, client, token.area_code)
    with door.reading(caller, right="binding.read", purpose=PURPOSE, area=token.area_code) as inside:
        found = _checked(request, token, want, client)
        inside.about(found.person_id, found.area, what=what or want)
        inside.object = f"consent:{found.consent.consent_id}"
        yield inside, found


def still(inside: Inside, consent_id: uuid.UUID, want: str = "") -> Consent:
    """Inside an act of a client: the consent, locked, while it is authorised, the caller's own and covers this. Raises as
    `authorised` does."""
    consent = consents.require(inside, consent_id, lock=True)
    if consent.client_id != inside.caller.id:
        raise Refusal("control.not_found")
    _allows(consent, want, inside)
    return consent


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _token_of(request: HttpRequest) -> Token:
    """The row of the token in the header, after its proof of possession was checked. Tokens in a query or form do not
    count."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    value = value.strip()
    if not value or scheme.lower() not in ("dpop", "bearer"):
        raise _challenged("binding.token_missing", "")
    found = Token.objects.filter(token_hash=token_hash(value), kind="access").first()
    if found is None or scheme.lower() != "dpop" or found.expires_at is None or found.expires_at <= clock.real_now():
        raise _challenged("binding.token_wrong", "invalid_token")
    try:
        thumb = proofs.possession(
            _one_proof(request), method=str(request.method), url=issuer() + request.path, token=value
        )
    except Refusal as refusal:
        raise _challenged(refusal.code, "invalid_dpop_proof") from None
    if thumb != found.dpop_jkt:
        raise _challenged("binding.token_wrong", "invalid_token")
    return found


def _one_proof(request: HttpRequest) -> str:
    """Exactly one DPoP header (RFC 9449 §4.3 no. 1): two come joined by a comma, which no proof contains."""
    return str(request.headers.get("DPoP", ""))


def _checked(request: HttpRequest, token: Token, want: str, client: Client | None = None) -> Access:
    """Inside the unit of work: client, family, consent and card as they stand."""
    client = client or clients.find(str(token.client_id))
    family = TokenFamily.objects.filter(person_id=token.person_id, family_id=token.family_id).first()
    if client is None or family is None or family.revoked_at is not None:
        raise _challenged("binding.token_wrong", "invalid_token")
    consent = Consent.objects.get(person_id=token.person_id, consent_id=token.consent_id)
    caller = _caller(request, client, token.area_code)
    inside = Inside(caller=caller, area_code=token.area_code, act="binding.read")
    _allows(consent, want, inside)
    if not Card.objects.filter(person_id=token.person_id, card_id=consent.card_id, social="normal").exists():
        raise Refusal("binding.consent_suspended")
    if token.used_at is None:
        Token.objects.filter(token_hash=bytes(token.token_hash)).update(used_at=clock.real_now())
    return Access(consent, client, token.person_id, consent.card_id, token.area_code, frozenset(consent.wants), caller)


def _allows(consent: Consent, want: str, inside: Inside) -> None:
    if (refusal := consents.why_not(consent, inside.now)) is not None:
        raise refusal
    if want and want not in consent.wants:
        raise _challenged("binding.not_covered", "insufficient_scope")


def _caller(request: HttpRequest, client: Client, area: str) -> Caller:
    given = request.headers.get("Sscard-Trace", "")
    caller = clients.caller_of(
        client,
        area=area,
        channel="api",
        address=str(request.META.get("REMOTE_ADDR", ""))[:45],
        request_id=str(getattr(request, "sscard_trace", given))[:64],
    )
    request.sscard_caller = caller  # type: ignore[attr-defined]  # for the log of its sandbox
    return caller


def _challenged(code: str, error: str, **facts: Any) -> Refusal:
    """A refusal whose answer carries the challenge of RFC 9449 §7.1."""
    refusal = Refusal(code, **facts)
    named = f'error="{error}", ' if error else ""
    refusal.challenge = f'DPoP {named}algs="{" ".join(proofs.ALGORITHMS)}"'  # type: ignore[attr-defined]
    return refusal

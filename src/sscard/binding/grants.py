"""What a client exchanges for tokens, once: the authorisation code (60 s), and the pushed request before it."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q

from sscard.binding import consents, rules
from sscard.binding.models import Client, Consent, Grant, Pushed
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

CODE_LIFE: Final = timedelta(seconds=60)
PUSHED_LIFE: Final = timedelta(seconds=300)
"""Long enough to open the page on a slow telephone; an answer at the page has the consent's own quarter of an hour."""
URN: Final = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The protocol part of an authorisation request, sound in form."""

    redirect_uri: str
    code_challenge: str
    state: str = ""
    nonce: str = ""
    scope: str = ""
    dpop_jkt: str = ""


def secret_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def push(client: Client, parameters: Parameters, consent_id: uuid.UUID, person_id: int, area: str) -> str:
    """Keep the request; its `request_uri`, which only this client may use."""
    reference = secrets.token_urlsafe(32)
    Pushed.objects.create(
        reference_hash=secret_hash(reference),
        client_id=client.client_id,
        area_code=area,
        person_id=person_id,
        consent_id=consent_id,
        redirect_uri=parameters.redirect_uri,
        code_challenge=parameters.code_challenge,
        state=parameters.state,
        nonce=parameters.nonce,
        scope=parameters.scope,
        dpop_jkt=parameters.dpop_jkt,
        expires_at=clock.real_now() + PUSHED_LIFE,
    )
    return URN + reference


def taken_up(request_uri: str, client_id: str, browser: str) -> Pushed:
    """The pushed request that a browser came with. The first browser has it; another one, or a late one, gets the answer of
    an unknown one: binding.request_unknown. The same browser may load the page again while the request is open."""
    unknown = Refusal("binding.request_unknown")
    if not request_uri.startswith(URN):
        raise unknown
    hashed, mark = secret_hash(request_uri.removeprefix(URN)), secret_hash(browser)
    found = Pushed.objects.filter(reference_hash=hashed).first()
    if found is None or str(found.client_id) != client_id or found.used_at is not None:
        raise unknown
    if found.browser is None:
        fresh = Pushed.objects.filter(reference_hash=hashed, browser__isnull=True, expires_at__gt=clock.real_now())
        if not fresh.update(browser=mark):
            raise unknown
    elif bytes(found.browser) != mark:
        raise unknown
    return found


def used_up(pushed: Pushed) -> None:
    """Decided: the request serves no second time."""
    Pushed.objects.filter(reference_hash=bytes(pushed.reference_hash)).update(used_at=clock.real_now())


def code_for(consent: Consent) -> str:
    """The authorisation code of a consent that was just given at our page; inside the act's transaction."""
    pushed = Pushed.objects.select_for_update().filter(consent_id=consent.consent_id, used_at__isnull=True).first()
    if pushed is None:
        raise Refusal("binding.request_unknown")
    used_up(pushed)
    code = secrets.token_urlsafe(32)
    Grant.objects.create(
        secret_hash=secret_hash(code),
        kind="code",
        client_id=consent.client_id,
        area_code=consent.area_code,
        person_id=consent.person_id,
        consent_id=consent.consent_id,
        redirect_uri=pushed.redirect_uri,
        code_challenge=pushed.code_challenge,
        nonce=pushed.nonce,
        scope=pushed.scope,
        dpop_jkt=pushed.dpop_jkt,
        expires_at=clock.real_now() + CODE_LIFE,
    )
    return code


def redeem_code(client: Client, code: str, redirect_uri: str, verifier: str, jkt: str) -> Grant:
    """The grant behind a code, checked and not used yet. Runs inside `token.unit`: the row is locked."""
    found = Grant.objects.select_for_update().filter(secret_hash=secret_hash(code), kind="code").first()
    wrong = Refusal("binding.code_wrong")
    if found is None or found.client_id != client.client_id or found.redirect_uri != redirect_uri:
        raise wrong
    if not rules.challenge_met(found.code_challenge, verifier):
        raise wrong
    if found.dpop_jkt and found.dpop_jkt != jkt:
        raise Refusal("binding.dpop_other_key")
    if found.used_at is None and found.expires_at <= clock.real_now():
        raise wrong
    return found


def where(kind: str, secret: str) -> str | None:
    """In which area a code, a backchannel request or a token belongs; None for an unknown one."""
    row = Grant.objects.filter(secret_hash=secret_hash(secret), kind=kind).first()
    return row.area_code if row else None


def forget_old() -> int:
    """What can serve no more and is no evidence against a second use any longer: after a day."""
    old = clock.real_now() - timedelta(days=1)
    pushed, _ = Pushed.objects.filter(expires_at__lt=old).delete()
    return pushed + Grant.objects.filter(Q(expires_at__lt=old)).delete()[0]


def consent_of(grant: Grant | Pushed, *, area: str) -> Consent:
    """The consent of a grant, in a unit of work of its own."""
    with unit_of_work(area=area):
        return Consent.objects.get(person_id=grant.person_id, consent_id=grant.consent_id)


def open_state(consent: Consent) -> str:
    return consents.state_now(consent, clock.now(consent.area_code))

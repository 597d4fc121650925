"""Tokens: issued for a consent, bound to the client's DPoP key, short; refresh tokens are exchanged for the next one.

A second use of a code, or of a refresh token whose successor has served, revokes every token that came of it: one of two
holders of it is not the client (RFC 6749 §4.1.2, §10.4). The consent ends with them: without tokens it is worth nothing, and
while it stood the client could not ask the holder anew. A client that never got the answer may repeat the exchange for half
a minute while nothing of the new pair was used (FAPI 2.0 SP §5.3.2.1, note 1).
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sscard.binding import clients, consents, grants, paying, signing
from sscard.binding.models import Client, Consent, Grant, Token, TokenFamily
from sscard.binding.states import ENDS
from sscard.control import audit
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

ACCESS_LIFE: Final = timedelta(minutes=5)
RETRY: Final = timedelta(seconds=30)
Found = Callable[[], Grant]


@dataclass(frozen=True, slots=True)
class Issued:
    """The answer of the token endpoint, as values."""

    access_token: str
    expires_in: int
    refresh_token: str
    scope: str
    details: list[dict[str, Any]]
    id_token: str = ""


def by_code(client: Client, code: str, redirect_uri: str, verifier: str, jkt: str, *, address: str) -> Issued:
    """Raises binding.code_wrong (invalid_grant) for every mismatch; a second use revokes what the first one gave."""
    area = grants.where("code", code)
    if area is None:
        raise Refusal("binding.code_wrong")
    with unit_of_work(area=area):
        grant = grants.redeem_code(client, code, redirect_uri, verifier, jkt)
        if grant.used_at is None:
            return _first(client, grant, jkt, address)
        _reused(client, grant, "code_reused", address)
    raise Refusal("binding.code_wrong")


def by_grant(client: Client, grant: Grant, jkt: str, *, address: str) -> Issued:
    """For an approved backchannel request, locked by the caller inside its unit of work."""
    return _first(client, grant, jkt, address)


def refresh(client: Client, value: str, jkt: str, *, address: str) -> Issued:
    """Raises binding.refresh_wrong (invalid_grant), dpop_other_key, and why the consent does not hold."""
    known = Token.objects.filter(token_hash=grants.secret_hash(value), kind="refresh").first()
    if known is None or known.client_id != client.client_id:
        raise Refusal("binding.refresh_wrong")
    with unit_of_work(area=known.area_code):
        token = Token.objects.select_for_update().get(token_hash=bytes(known.token_hash))
        family = _family(token)
        if family is None or family.revoked_at is not None:
            raise Refusal("binding.refresh_wrong")
        if token.dpop_jkt != jkt:
            raise Refusal("binding.dpop_other_key")
        if token.used_at is None or _unheard(token):
            return _next(client, token, family, address)
        _reused(client, token, "refresh_reused", address)
    raise Refusal("binding.refresh_wrong")


def _reused(client: Client, one: Grant | Token, because: str, address: str) -> None:
    """All tokens of the family and the consent are over; the holder can be asked again."""
    _revoke(one.person_id, one.family_id, because)
    _note(client, one.person_id, one.area_code, because, address, result="refused")
    consent = Consent.objects.select_for_update().get(person_id=one.person_id, consent_id=one.consent_id)
    inside = Inside(clients.caller_of(client, area=one.area_code, address=address), one.area_code, "binding.token")
    if consents.state_now(consent, inside.now) not in ENDS:
        inside.about(one.person_id, what="consent")
        inside.object = f"consent:{one.consent_id}"
        consents.move(inside, consent, "revoke", "client")
        inside.write(result="ok", reason=f"binding.{because}")


def _first(client: Client, grant: Grant, jkt: str, address: str) -> Issued:
    consent = _holding(grant.person_id, grant.consent_id)
    now = clock.real_now()
    family = TokenFamily(
        person_id=grant.person_id,
        family_id=ids.new_id(),
        area_code=grant.area_code,
        consent_id=grant.consent_id,
        client_id=client.client_id,
        dpop_jkt=jkt,
        scope=grant.scope,
        made_at=now,
    )
    family.save(force_insert=True)
    Grant.objects.filter(secret_hash=bytes(grant.secret_hash)).update(used_at=now, family_id=family.family_id)
    issued = _issue(client, consent, family, now, nonce=grant.nonce)
    _note(client, grant.person_id, grant.area_code, "first", address)
    return issued


def _next(client: Client, token: Token, family: TokenFamily, address: str) -> Issued:
    consent = _holding(token.person_id, token.consent_id)
    now = clock.real_now()
    if token.used_at is None:
        Token.objects.filter(token_hash=bytes(token.token_hash)).update(used_at=now)
    else:  # the pair that was never heard of is worth nothing
        Token.objects.filter(family_id=token.family_id, issued_at__gte=token.used_at).delete()
    _note(client, token.person_id, token.area_code, "refresh", address)
    return _issue(client, consent, family, now)


def _unheard(token: Token) -> bool:
    """Was the answer to the last exchange perhaps lost? Then nothing that came of it has been used."""
    if token.used_at is None or clock.real_now() - token.used_at > RETRY:
        return False
    younger = Token.objects.filter(family_id=token.family_id, issued_at__gte=token.used_at)
    return not younger.filter(used_at__isnull=False).exists()


def _issue(client: Client, consent: Consent, family: TokenFamily, now: datetime, nonce: str = "") -> Issued:
    """A new pair. A consent for one time gives an access token only."""
    life = _life(consent, now)
    access = _token("access", consent, family, now, now + life)
    again = "" if consent.duration == "ONE_TIME" else _token("refresh", consent, family, now, None)
    id_token = ""
    if "openid" in family.scope.split():
        id_token = signing.id_token(client, consent, now=now, nonce=nonce)
    seconds = int(life.total_seconds())
    return Issued(access, seconds, again, family.scope, [details_of(consent)], id_token)


def _life(consent: Consent, now: datetime) -> timedelta:
    """Never longer than the consent; the consent's end is by the area's clock."""
    if consent.expires_at is None:
        return ACCESS_LIFE
    return max(min(ACCESS_LIFE, consent.expires_at - clock.now(consent.area_code)), timedelta(seconds=1))


def _token(kind: str, consent: Consent, family: TokenFamily, now: datetime, until: datetime | None) -> str:
    value = secrets.token_urlsafe(32)
    Token.objects.create(
        token_hash=grants.secret_hash(value),
        kind=kind,
        area_code=consent.area_code,
        person_id=consent.person_id,
        family_id=family.family_id,
        consent_id=consent.consent_id,
        client_id=family.client_id,
        dpop_jkt=family.dpop_jkt,
        issued_at=now,
        expires_at=until,
    )
    return value


def details_of(consent: Consent) -> dict[str, Any]:
    """What was granted, as RFC 9396 §7 wants it told: no number of the holder's stands in it."""
    return {
        "type": "social_card_link",
        **paying.details_of(consent),
        "consent": str(consent.consent_id),
        "actions": list(consent.wants),
        "duration": consent.duration,
        "customer": consent.customer,
        **({"expires_at": consent.expires_at.isoformat()} if consent.expires_at else {}),
        **({"paying_account": {"masked": consent.paying_masked}} if consent.paying_masked else {}),
    }


def introspect(client: Client, value: str) -> dict[str, Any]:
    """RFC 7662 §2.2. A token of another client, an unknown one and a dead one are the same: not active."""
    token = Token.objects.filter(token_hash=grants.secret_hash(value), client_id=client.client_id).first()
    if token is None:
        return {"active": False}
    with unit_of_work(area=token.area_code):
        consent = Consent.objects.get(person_id=token.person_id, consent_id=token.consent_id)
        family = _family(token)
    late = token.expires_at is not None and token.expires_at <= clock.real_now()
    spent = token.kind == "refresh" and token.used_at is not None
    revoked = family is None or family.revoked_at is not None
    if late or spent or revoked or consents.why_not(consent, clock.now(consent.area_code)) is not None:
        return {"active": False}
    ends = {"exp": int(token.expires_at.timestamp())} if token.expires_at else {}
    assert family is not None
    return {
        "active": True,
        "client_id": str(client.client_id),
        "token_type": "DPoP",
        "scope": family.scope,
        "iat": int(token.issued_at.timestamp()),
        **ends,
        "sub": signing.subject(client, consent),
        "cnf": {"jkt": token.dpop_jkt},
        "authorization_details": [details_of(consent)],
    }


def give_up(client: Client, value: str, *, address: str) -> None:
    """RFC 7009: the client wants no more of it. A refresh token takes its whole family along; an unknown one is no error."""
    token = Token.objects.filter(token_hash=grants.secret_hash(value), client_id=client.client_id).first()
    if token is None:
        return
    with unit_of_work(area=token.area_code):
        if token.kind == "refresh":
            _revoke(token.person_id, token.family_id, "client")
        else:
            Token.objects.filter(token_hash=bytes(token.token_hash)).delete()
        _note(client, token.person_id, token.area_code, "given_up", address)


def forget_old() -> int:
    """Access tokens that ended a day ago."""
    old = clock.real_now() - timedelta(days=1)
    return Token.objects.filter(kind="access", expires_at__lt=old).delete()[0]


def _holding(person_id: int, consent_id: uuid.UUID) -> Consent:
    """The consent, locked against a card event at the same moment, while it is authorised."""
    consent = Consent.objects.select_for_update().get(person_id=person_id, consent_id=consent_id)
    if (refusal := consents.why_not(consent, clock.now(consent.area_code))) is not None:
        raise refusal
    return consent


def _family(token: Token) -> TokenFamily | None:
    return TokenFamily.objects.filter(person_id=token.person_id, family_id=token.family_id).first()


def _revoke(person_id: int, family_id: uuid.UUID | None, because: str) -> None:
    TokenFamily.objects.filter(person_id=person_id, family_id=family_id, revoked_at__isnull=True).update(
        revoked_at=clock.real_now(), revoked_because=because
    )


def _note(client: Client, person_id: int, area: str, what: str, address: str, result: str = "ok") -> None:
    """Issuing is no act of anybody's will beyond the consent; it is written down like a sign-in."""
    caller = clients.caller_of(client, area=area, address=address)
    row = audit.row_of(
        caller, "binding.token", area=area, now=clock.now(area), result=result,
        reason=f"binding.{what}" if result == "refused" else "", purpose="consent", detail={"what": what},
    )  # fmt: skip
    audit.write([row], [(row, person_id, area)])

"""CIBA in poll mode: the client asks behind the scenes, the holder agrees on his own page or at a counter or terminal, and
the client asks again and again, not too often, until there is an answer. Both sides show the same short message."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta
from typing import Final

from sscard.binding import consents, grants, tokens
from sscard.binding.models import Client, Consent, Grant
from sscard.binding.rules import AWAITING
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

GRANT: Final = "urn:openid:params:grant-type:ciba"
INTERVAL_S: Final = 5
LIFE: Final = AWAITING
MOST_LIFE_S: Final = int(LIFE.total_seconds())
_WAITS = "AWAITING_AUTHORISATION"


def begin(
    client: Client,
    consent_id: uuid.UUID,
    person_id: int,
    area: str,
    *,
    scope: str,
    jkt: str,
    seconds: int = MOST_LIFE_S,
) -> str:
    """Keep the request; its auth_req_id."""
    value = secrets.token_urlsafe(32)
    Grant.objects.create(
        secret_hash=grants.secret_hash(value),
        kind="ciba",
        client_id=client.client_id,
        area_code=area,
        person_id=person_id,
        consent_id=consent_id,
        scope=scope,
        dpop_jkt=jkt,
        interval_s=INTERVAL_S,
        expires_at=clock.real_now() + timedelta(seconds=seconds),
    )
    return value


def poll(client: Client, value: str, jkt: str, *, address: str) -> tokens.Issued:
    """Tokens, once the holder has agreed. Raises binding.consent_awaiting_authorisation (authorization_pending),
    ciba_slow_down, consent_rejected (access_denied), ciba_expired (expired_token), ciba_wrong (invalid_grant)."""
    area = grants.where("ciba", value)
    if area is None:
        raise Refusal("binding.ciba_wrong")
    refused: Refusal | None = None
    with unit_of_work(area=area):
        grant = Grant.objects.select_for_update().get(secret_hash=grants.secret_hash(value))
        if grant.client_id != client.client_id or grant.used_at is not None:
            refused = Refusal("binding.ciba_wrong")
        elif grant.dpop_jkt and grant.dpop_jkt != jkt:
            refused = Refusal("binding.dpop_other_key")
        else:
            refused = _too_fast(grant) or _not_yet(grant)
            if refused is None:
                return tokens.by_grant(client, grant, jkt, address=address)
    raise refused


def _too_fast(grant: Grant) -> Refusal | None:
    """Each poll before its time adds five seconds to the interval, for this request only."""
    now, last = clock.real_now(), grant.polled_at
    early = last is not None and now - last < timedelta(seconds=grant.interval_s)
    interval = grant.interval_s + (INTERVAL_S if early else 0)
    Grant.objects.filter(secret_hash=bytes(grant.secret_hash)).update(polled_at=now, interval_s=interval)
    return Refusal("binding.ciba_slow_down", interval=interval) if early else None


def _not_yet(grant: Grant) -> Refusal | None:
    consent = Consent.objects.get(person_id=grant.person_id, consent_id=grant.consent_id)
    state = consents.state_now(consent, clock.now(consent.area_code))
    if state == "AUTHORISED":
        return None
    late = grant.expires_at <= clock.real_now()
    if (state == "EXPIRED" and consent.authorised_at is None) or (state == _WAITS and late):
        return Refusal("binding.ciba_expired")
    return consents.refusal_of(state)

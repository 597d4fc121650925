"""The consent as an object: made, found, changed. `move` is the one way to change its state."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Q

from sscard.binding.models import Binding, Consent, ConsentEvent
from sscard.binding.states import ENDS, next_state
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.people import lookup

_ENDED_BY_TIME = {"AWAITING_AUTHORISATION": "awaiting_until", "AUTHORISED": "expires_at", "SUSPENDED": "expires_at"}


def state_now(consent: Consent, now: datetime) -> str:
    """The state as it is, whether or not the job has written the expiry down yet."""
    ends = getattr(consent, _ENDED_BY_TIME.get(consent.state, ""), None) if consent.state in _ENDED_BY_TIME else None
    return "EXPIRED" if ends is not None and ends <= now else consent.state


def why_not(consent: Consent, now: datetime) -> Refusal | None:
    """Why nothing may be done with it at the moment; None while it is authorised."""
    state = state_now(consent, now)
    return None if state == "AUTHORISED" else refusal_of(state)


def refusal_of(state: str) -> Refusal:
    """The refusal that tells in which state a consent is."""
    return Refusal(f"binding.consent_{state.lower()}")


def require(inside: Inside, consent_id: uuid.UUID, *, lock: bool = False) -> Consent:
    """The consent behind a public id, its person named in the audit row. Raises control.not_found as for a missing one."""
    found = lookup.require("consent", consent_id, area=inside.area_code)
    inside.about(found.person_id, what="consent")
    query = Consent.objects.select_for_update() if lock else Consent.objects
    consent = query.filter(person_id=found.person_id, consent_id=consent_id).first()
    if consent is None:
        raise Refusal("control.not_found")
    inside.object = f"consent:{consent_id}"
    return consent


def begin(inside: Inside, consent: Consent) -> None:
    """Insert a consent that waits for its holder, with its first event."""
    consent.save(force_insert=True)
    lookup.put("consent", consent.consent_id, area=consent.area_code, person_id=consent.person_id)
    _note(inside, consent, "ask", "", consent.state, "client")


def move(inside: Inside, consent: Consent, act: str, by: str, **changes: Any) -> str:
    """Change the state by the table. A consent that ended by time meanwhile is refused as such. When it ends, the binding
    ends with it. Of two acts at once the second is refused."""
    was = consent.state
    if act != "lapse" and state_now(consent, inside.now) != was:
        raise refusal_of("EXPIRED")
    became = next_state(was, act, by)
    if isinstance(became, Refusal):
        raise became
    if became in ENDS:
        changes.setdefault("ended_at", inside.now)
    if became == "REVOKED":
        changes.setdefault("revoked_by", by)
    changes |= {"state": became, "changed_at": inside.now}
    mine = Consent.objects.filter(person_id=consent.person_id, consent_id=consent.consent_id)
    if not mine.filter(state=was).update(**changes):
        raise Refusal("binding.changed_meanwhile")
    for name, value in changes.items():
        setattr(consent, name, value)
    if became in ENDS:
        Binding.objects.filter(
            person_id=consent.person_id, consent_id=consent.consent_id, ended_at__isnull=True
        ).update(ended_at=inside.now)
    _note(inside, consent, act, was, became, by)
    inside.emit(
        f"consent.{became.lower()}",
        {"consent": str(consent.consent_id), "client": str(consent.client_id), "by": by, "act": act},
    )
    return became


def live_of_card(person_id: int, card_id: uuid.UUID) -> list[Consent]:
    """Locked: consents of a card that are not over."""
    rows = Consent.objects.select_for_update().filter(person_id=person_id, card_id=card_id).exclude(state__in=ENDS)
    return list(rows.order_by("consent_id"))


def lapsed(area: str, now: datetime) -> list[Consent]:
    """Consents of an area whose time is over and not written down yet."""
    over = Q(state="AWAITING_AUTHORISATION", awaiting_until__lte=now) | Q(
        state__in=("AUTHORISED", "SUSPENDED"), expires_at__lte=now
    )
    return list(Consent.objects.filter(over, area_code=area)[:1000])


def _note(inside: Inside, consent: Consent, act: str, was: str, became: str, by: str) -> None:
    ConsentEvent(
        person_id=consent.person_id,
        consent_id=consent.consent_id,
        event_id=ids.new_id(),
        area_code=consent.area_code,
        act=act,
        was=was,
        became=became,
        by=by,
        actor=inside.caller.id,
        at=inside.now,
    ).save(force_insert=True)

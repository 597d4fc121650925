"""Queries for screens: a person's consents, what was looked at under each, and what a waiting request says."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sscard.binding import consents, paying
from sscard.binding.models import Client, Consent
from sscard.binding.paying import Shown
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.control.models import AuditRow, AuditSubject
from sscard.people.models import Person

MOST_CONSENTS, MOST_LOOKS = 100, 500


@dataclass(frozen=True, slots=True)
class Look:
    """One look of the client under a consent. `what`: status, contributions, totals, payments, or the act's name."""

    at: datetime
    what: str
    refused: bool


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent as its holder sees it."""

    consent_id: uuid.UUID
    person_id: int
    area: str
    client_zh: str
    client_en: str
    organisation_zh: str
    organisation_en: str
    card_mask: str
    state: str
    way: str
    message: str
    wants: tuple[str, ...]
    duration: str
    days: int | None
    paying_masked: str
    asked_at: datetime
    awaiting_until: datetime
    authorised_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    revoked_by: str
    verified_by: str
    document_id: uuid.UUID | None
    payment: Shown | None = None
    """What is paid, of a consent for one payment."""
    looks: tuple[Look, ...] = ()

    def client(self, lang: str) -> str:
        return self.client_en if lang == "en" else self.client_zh

    def organisation(self, lang: str) -> str:
        return self.organisation_en if lang == "en" else self.organisation_zh

    @property
    def live(self) -> bool:
        return self.state in ("AUTHORISED", "SUSPENDED")


def of_person(inside: Inside, person_id: int) -> list[ConsentView]:
    """All consents of a person, newest first, with what was looked at under each. The caller has named the person."""
    rows = list(Consent.objects.filter(person_id=person_id).order_by("-asked_at")[:MOST_CONSENTS])
    return _views(inside, person_id, rows, _looks(person_id))


def one(inside: Inside, consent_id: uuid.UUID) -> ConsentView:
    """One of the caller's own, with its looks; anything else is as if it did not exist."""
    consent = consents.require(inside, consent_id)
    return _views(inside, consent.person_id, [consent], _looks(consent.person_id))[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the holder sees at our page before he decides. Names and numbers are masked: whoever sits there may not be he."""

    view: ConsentView
    name_mask: str
    phone_mask: str


def asked(inside: Inside, consent_id: uuid.UUID) -> Asked:
    consent = consents.require(inside, consent_id)
    person = Person.objects.get(person_id=consent.person_id)
    view = _views(inside, consent.person_id, [consent], {})[0]
    return Asked(view, person.name_mask, person.phone_mask)


def _views(inside: Inside, person_id: int, rows: Iterable[Consent], looks: dict[str, list[Look]]) -> list[ConsentView]:
    rows = list(rows)
    known = Client.objects.select_related("organisation").filter(client_id__in={row.client_id for row in rows})
    by_id = {one.client_id: one for one in known}
    masks = dict(Card.objects.filter(person_id=person_id).values_list("card_id", "card_number_mask"))
    return [_view(inside, row, by_id[row.client_id], masks.get(row.card_id, ""), looks) for row in rows]


def _view(inside: Inside, row: Consent, client: Client, card_mask: str, looks: dict[str, list[Look]]) -> ConsentView:
    return ConsentView(
        consent_id=row.consent_id,
        person_id=row.person_id,
        area=row.area_code,
        client_zh=client.name_zh,
        client_en=client.name_en,
        organisation_zh=client.organisation.name_zh,
        organisation_en=client.organisation.name_en,
        card_mask=card_mask,
        state=paying.state_told(row, inside.now),
        way=row.way,
        message=row.message,
        wants=tuple(row.wants),
        duration=row.duration,
        days=row.days,
        paying_masked=row.paying_masked,
        asked_at=row.asked_at,
        awaiting_until=row.awaiting_until,
        authorised_at=row.authorised_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        revoked_by=row.revoked_by,
        verified_by=row.verified_by,
        document_id=row.document_id,
        payment=paying.shown(row.person_id, row.consent_id) if row.duration == "ONE_TIME" else None,
        looks=tuple(looks.get(f"consent:{row.consent_id}", ())),
    )


def _looks(person_id: int) -> dict[str, list[Look]]:
    """What clients did under each consent, newest first; out of the audit trail, which nobody can edit."""
    subjects = AuditSubject.objects.filter(person_id=person_id).order_by("-occurred_at")
    ids = list(subjects.values_list("audit_id", flat=True)[:MOST_LOOKS])
    rows = AuditRow.objects.filter(audit_id__in=ids, actor_kind="program", object__startswith="consent:")
    found: dict[str, list[Look]] = {}
    for row in rows.order_by("-occurred_at"):
        if row.verb == "binding.ask":
            continue
        what = str(row.detail.get("what", row.verb)) if row.detail.get("read") else row.verb
        found.setdefault(row.object, []).append(Look(row.occurred_at, what, row.result == "refused"))
    return found

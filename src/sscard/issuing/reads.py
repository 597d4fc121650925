"""Queries of issuing: where a card is, a batch with all its counts, stock by outlet, applications, the stations of a
way.

All take an `Inside` (door.reading, or an act's) and show masks only. Persons are noted, so that each look is written
down.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.issuing import gates, rules, shipping
from sscard.issuing.models import Application, Batch, BatchItem, CardPosition, CustodyEvent, Shipment, StockLine
from sscard.issuing.states import APPLICATION, BATCH, next_acts
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.people import lookup
from sscard.people.models import Person

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Where:
    """Where a card is, in whose hands, since when."""

    card: uuid.UUID
    place: str
    organisation: str
    hands_kind: str
    hands: str
    since: datetime
    receipt: str
    batch: uuid.UUID

    def sentence(self, lang: str = "zh") -> str:
        """With the names of organisations; whoever has none here stands as he is written."""
        known = Organisation.objects.filter(code__in=(self.organisation, self.hands))
        names = {one.code: one.name(lang) for one in known}
        where, hands = (names.get(code, code) for code in (self.organisation, self.hands))
        return words.text("notice", f"issuing.where.{self.place}", lang, organisation=where, hands=hands)


def where(inside: Inside, card: uuid.UUID) -> Where:
    """The one answer there is for a card that was ordered. Raises control.not_found."""
    ((person_id, card_id),) = shipping.keys_of(inside, (card,))
    inside.about(person_id, what="card")
    found = CardPosition.objects.filter(person_id=person_id, card_id=card_id).first()
    if found is None:
        raise Refusal("control.not_found")
    return _where(found)


def custody_of(inside: Inside, card: uuid.UUID) -> list[Where]:
    """Everywhere the card has been, oldest first."""
    ((person_id, card_id),) = shipping.keys_of(inside, (card,))
    inside.about(person_id, what="card")
    rows = CustodyEvent.objects.filter(person_id=person_id, card_id=card_id).order_by("since", "event_id")
    return [_where(row) for row in rows]


def _where(row: CardPosition | CustodyEvent) -> Where:
    return Where(
        row.card_id, row.place, row.organisation, row.hands_kind, row.hands, row.since, row.receipt, row.batch_id
    )


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with all its counts. `adds_up`: both equations hold (they do, or something was changed past the
    house)."""

    batch: uuid.UUID
    number: str
    state: str
    bank: str
    producer: str
    product: str
    ordered: int
    left_out: int
    good: int
    spoiled: int
    missing: int
    in_transit: int
    in_stock: int
    at_outlet: int
    handed_over: int
    destroyed: int
    made_at: datetime
    due_on: date
    released_at: datetime | None
    package_expires_at: datetime | None
    next_acts: tuple[str, ...]

    @property
    def adds_up(self) -> bool:
        return rules.counts_add_up(
            ordered=self.ordered,
            good=self.good,
            spoiled=self.spoiled,
            missing=self.missing,
            transit=self.in_transit,
            stock=self.in_stock,
            outlet=self.at_outlet,
            handed_over=self.handed_over,
            destroyed=self.destroyed,
        )


def batch_view(row: Batch) -> BatchView:
    values = {name: getattr(row, name) for name in BatchView.__dataclass_fields__ if name not in ("batch", "next_acts")}
    return BatchView(batch=row.batch_id, next_acts=next_acts(BATCH, row.state), **values)


def batches(inside: Inside, *, state: str = "", most: int = MOST_ROWS) -> list[BatchView]:
    """Newest first; a producer sees its own only."""
    query = Batch.objects.filter(area_code=inside.area_code)
    if inside.caller.organisation_kind == "producer":
        query = query.filter(producer=inside.caller.organisation)
    if state:
        query = query.filter(state=state)
    return [batch_view(row) for row in query.order_by("-made_at")[:most]]


def batch(inside: Inside, batch_id: uuid.UUID) -> BatchView:
    found = Batch.objects.filter(batch_id=batch_id, area_code=inside.area_code).first()
    foreign = inside.caller.organisation_kind == "producer" and (found and found.producer) != inside.caller.organisation
    if found is None or foreign:
        raise Refusal("control.not_found")
    return batch_view(found)


def batch_cards(inside: Inside, batch_id: uuid.UUID, *, most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """The cards of a batch: serial, masks, outcome."""
    batch(inside, batch_id)
    items = list(BatchItem.objects.filter(batch_id=batch_id).order_by("serial")[:most])
    cards = {c.card_id: c for c in Card.objects.filter(card_id__in=[i.card_id for i in items])}
    names = _names([item.person_id for item in items])
    gates.note_all(inside, [item.person_id for item in items], what="batch")
    return [
        {
            "serial": item.serial, "card": str(item.card_id), "name": names[item.person_id],
            "card_number": cards[item.card_id].card_number_mask, "production": cards[item.card_id].production,
            "outcome": item.outcome, "reason": item.reason,
        }
        for item in items
    ]  # fmt: skip


def stock(inside: Inside) -> list[dict[str, Any]]:
    """Finished cards by organisation or outlet, as the stock lines say and as counted from the positions."""
    lines: dict[str, int] = {}
    for row in StockLine.objects.filter(area_code=inside.area_code):
        lines[row.organisation] = lines.get(row.organisation, 0) + row.cards
    counted = dict(
        CardPosition.objects.filter(area_code=inside.area_code, place__in=("stock", "outlet"))
        .values_list("organisation")
        .annotate(cards=Count("card_id"))
    )
    return [
        {"organisation": name, "cards": lines.get(name, 0), "counted": counted.get(name, 0)}
        for name in sorted({*lines, *counted})
    ]


def boxes(inside: Inside, *, receiver: str = "", state: str = "sent") -> list[dict[str, Any]]:
    """Sealed boxes: under way, or received."""
    query = Shipment.objects.filter(area_code=inside.area_code, state=state)
    if receiver:
        query = query.filter(receiver=receiver)
    return [
        {
            "shipment": str(row.shipment_id), "batch": str(row.batch_id or ""), "seal": row.seal,
            "sender": row.sender, "receiver": row.receiver,
            "cards": row.cards, "state": row.state, "sent_at": row.sent_at, "sent_receipt": row.sent_receipt,
            "received_at": row.received_at, "received_receipt": row.received_receipt,
        }
        for row in query.order_by("sent_at")[:MOST_ROWS]
    ]  # fmt: skip


def at_outlet(inside: Inside, outlet: str, *, most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """Cards that wait at an outlet to be fetched, longest first."""
    gates.at_outlet(inside, outlet)
    rows = CardPosition.objects.filter(organisation=outlet, place="outlet").order_by("since")[:most]
    names = _names([row.person_id for row in rows])
    gates.note_all(inside, list(names), what="card")
    return [{"card": str(row.card_id), "name": names[row.person_id], "since": row.since} for row in rows]


def _names(persons: Sequence[int]) -> dict[int, str]:
    return dict(Person.objects.filter(person_id__in=persons).values_list("person_id", "name_mask"))


def applications(inside: Inside, *, state: str = "", most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """The queue of an area, oldest first; campaigns stand in `campaigns`."""
    query = Application.objects.filter(area_code=inside.area_code, campaign_id__isnull=True)
    if state:
        query = query.filter(state=state)
    rows = list(query.defer("account").order_by("applied_at")[:most])
    names = _names([row.person_id for row in rows])
    gates.note_all(inside, list(names), what="application")
    return [_line(row, names[row.person_id]) for row in rows]


def _line(row: Application, name: str) -> dict[str, Any]:
    return {
        "application": str(row.application_id), "name": name, "bank": row.bank, "outlet": row.outlet, "state":
        row.state, "way": row.way, "applied_at": row.applied_at, "applied_name": row.applied_name,
        "checked_at": row.checked_at, "checked_name": row.checked_name, "reason": row.reason,
    }  # fmt: skip


def application(inside: Inside, application_id: uuid.UUID) -> dict[str, Any]:
    """One application with its papers, each needed or not and why, seen or not, and what can be done now."""
    hit = lookup.require("application", application_id, area=inside.area_code)
    inside.about(hit.person_id, what="application")
    row = Application.objects.filter(person_id=hit.person_id, application_id=application_id).first()
    if row is None:
        raise Refusal("control.not_found")
    papers = [
        {
            "code": paper.code, "name_zh": paper.name.zh, "name_en": paper.name.en, "needed": paper.needed,
            "why_zh": paper.why.zh, "why_en": paper.why.en, "seen": paper.code in row.papers,
            "due": paper.code in row.papers_due,
        }
        for paper in inside.area.papers("apply")
    ]  # fmt: skip
    person = Person.objects.defer("facts").get(person_id=row.person_id)
    return _line(row, person.name_mask) | {
        "person": str(person.public_id), "id_number": person.id_mask, "has_photo": person.has_photo,
        "card": str(row.card_id or ""), "pan": row.pan_mask, "papers": papers,
        "next_acts": next_acts(APPLICATION, row.state),
    }  # fmt: skip


def campaigns(inside: Inside, *, state: str = "applied") -> list[dict[str, Any]]:
    """Campaigns with applications in a state, and how many: what the reviewer is asked to approve."""
    rows = (
        Application.objects.filter(area_code=inside.area_code, campaign_id__isnull=False, state=state)
        .values("campaign_id", "bank", "outlet", "applied_name")
        .annotate(applications=Count("application_id"))
        .order_by("campaign_id")
    )
    return [{**row, "campaign": str(row.pop("campaign_id"))} for row in rows]


@dataclass(frozen=True, slots=True)
class Station:
    """One station of a card's way, for the line of stations that the holder sees. `at` is None while it lies ahead."""

    code: str
    at: datetime | None
    place: str = ""

    def sentence(self, lang: str = "zh") -> str:
        return words.text("state", f"issuing.station.{self.code}", lang)


STATIONS = ("applied", "checked", "ordered", "accounted", "production", "made", "stock", "outlet", "holder")


def way(inside: Inside, person_id: int) -> list[Station]:
    """The way of the person's newest application: what is done with its time, then what lies ahead."""
    inside.about(person_id, what="card")
    row = Application.objects.filter(person_id=person_id).defer("account").order_by("-applied_at").first()
    if row is None:
        return []
    at: dict[str, tuple[datetime | None, str]] = {"applied": (row.applied_at, ""), "checked": (row.checked_at, "")}
    order = Batch.objects.filter(batch_id=row.batch_id).first() if row.batch_id else None
    if order is not None:
        at["ordered"] = (order.made_at, order.organisation)
        if order.answer_digest is not None or row.pan_mask:
            at["accounted"] = (_account_known(row, order), order.bank)
    if row.card_id is not None:
        events = CustodyEvent.objects.filter(person_id=person_id, card_id=row.card_id, batch_id=row.batch_id)
        for place, since, organisation in events.order_by("since").values_list("place", "since", "organisation"):
            if station := _STATION_OF.get(place):
                at.setdefault(station, (since, organisation))
    return [Station(code, *at.get(code, (None, ""))) for code in STATIONS]


_STATION_OF = {"producer": "production", "transit": "made", "stock": "stock", "outlet": "outlet", "holder": "holder"}


def _account_known(row: Application, order: Batch) -> datetime | None:
    """When the bank's number came: the card's own event says it."""
    from sscard.cards.models import CardEvent

    found = CardEvent.objects.filter(person_id=row.person_id, card_id=row.card_id, became="account_opened")
    return found.values_list("at", flat=True).first() or order.made_at

"""Production batches: gathering checked applications into one order for one producer, and dissolving an order again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sscard.cards.events import event_row
from sscard.cards.models import Card, CardEvent
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import custody, gates, permitting, producers, production, rules
from sscard.issuing.bulk import insert_many
from sscard.issuing.models import Application, Batch, BatchItem
from sscard.issuing.states import APPLICATION, BATCH, after
from sscard.kernel import ids
from sscard.kernel.masked import mask_card
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many, open_many, seal_many
from sscard.people.models import Person

STATE = "issuing.batch_state"


@dataclass(frozen=True, slots=True)
class MakeBatch:
    """`producer`: its organisation code; `product` and `chip` as in the production permit. `most` bounds the batch."""

    bank: str
    producer: str
    product: str
    chip: str
    most: int = rules.MOST_CARDS


@act("issuing.make_batch", right="issuing.make_batch", clause="M47-10")
def make_batch(inside: Inside, request: MakeBatch) -> dict[str, Any]:
    """The oldest checked applications of one bank, with a card row and fresh numbers for each. The maker's own
    application and his relatives' stay for a colleague's batch."""
    gates.approved(inside, as_issuer=True)
    bank = inside.area.bank(request.bank, inside.today)
    maker = producers.qualified(inside, request.producer)
    permitting.may_produce(inside, maker, request.product, request.chip)
    found = _gather(inside, bank.code, min(request.most, rules.MOST_CARDS))
    days = inside.area.value("batch_issue_working_days", inside.today)
    batch = Batch(
        batch_id=ids.new_id(),
        area_code=inside.area_code,
        number=_number(inside),
        organisation=inside.caller.organisation,
        bank=bank.code,
        state=after(BATCH, "", "issuing.make_batch", STATE),
        producer=request.producer,
        product=request.product,
        chip=request.chip,
        ordered=len(found),
        made_by=inside.caller.id,
        made_at=inside.now,
        due_on=rules.working_days_after(inside.today, days),
    )
    batch.save(force_insert=True)
    again = [one for one in found if one.card_id is not None]
    indexes = _new_cards(inside, batch, [one for one in found if one.card_id is None])
    indexes |= _cards_again(inside, batch, again)
    _into_batch(inside, batch, found)
    if all(one.account for one in found):  # all are made again: their accounts are known
        batch.state = after(BATCH, batch.state, "issuing.accounts_known", STATE)
        batch.save(update_fields=["state"])
    insert_many(
        [
            BatchItem(
                person_id=one.person_id,
                batch_id=batch.batch_id,
                area_code=inside.area_code,
                serial=serial,
                application_id=one.application_id,
                card_id=one.card_id,
                code_index=indexes[one.card_id],
            )
            for serial, one in enumerate(found, 1)
        ]
    )
    office = inside.caller.organisation
    custody.begin(
        inside, batch.batch_id, _keys(found), custody.Place("order", office, "organisation", office, None, batch.number)
    )
    gates.note_all(inside, [one.person_id for one in found], what="batch")
    inside.object = f"batch:{batch.batch_id}"
    inside.emit("batch.made", {"batch": str(batch.batch_id), "cards": len(found)})
    return {
        "batch": str(batch.batch_id), "number": batch.number, "state": batch.state, "ordered": len(found),
        "due_on": batch.due_on.isoformat(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DissolveBatch:
    batch: uuid.UUID
    reason: str


@act("issuing.dissolve_batch", right="issuing.make_batch")
def dissolve_batch(inside: Inside, request: DissolveBatch) -> dict[str, Any]:
    """Before its release a batch can be dissolved: its applications wait for the next one, with their numbers."""
    batch = require(inside, request.batch)
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    batch.state = after(BATCH, batch.state, "issuing.dissolve_batch", STATE)
    batch.save(update_fields=["state"])
    items = items_of(batch, "ordered")
    became = after(APPLICATION, "in_batch", "issuing.dissolve_batch", STATE)
    set_applications(inside, items, became, was="in_batch", batch_id=None)
    BatchItem.objects.filter(batch_id=batch.batch_id, outcome="ordered").update(outcome="dissolved")
    inside.detail["reason"] = request.reason.strip()[:200]
    inside.emit("batch.dissolved", {"batch": str(batch.batch_id)})
    return {"batch": str(batch.batch_id), "state": batch.state, "applications": len(items)}


def require(inside: Inside, batch: uuid.UUID) -> Batch:
    """The batch under lock; as for a missing record outside the caller's area or, for a producer, if it is not his."""
    found = Batch.objects.select_for_update().filter(batch_id=batch, area_code=inside.area_code).first()
    foreign = inside.caller.organisation_kind == "producer" and (found and found.producer) != inside.caller.organisation
    if found is None or foreign:
        raise Refusal("control.not_found")
    inside.object = f"batch:{found.batch_id}"
    return found


def items_of(batch: Batch, *outcomes: str) -> list[BatchItem]:
    return list(BatchItem.objects.filter(batch_id=batch.batch_id, outcome__in=outcomes).order_by("serial"))


def set_applications(
    inside: Inside, items: Sequence[BatchItem], state: str, *, was: str, batch_id: uuid.UUID | None
) -> None:
    """Bring the applications of these items into a state; refuses when one is no longer in the expected one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update issuing_application a set state = %s, batch_id = %s, changed_at = %s"
            " from unnest(%s::bigint[], %s::uuid[]) as one(person_id, application_id)"
            " where a.person_id = one.person_id and a.application_id = one.application_id and a.state = %s",
            [
                state, batch_id, inside.now, [i.person_id for i in items], [i.application_id for i in items], was,
            ],
        )  # fmt: skip
        if cursor.rowcount != len(items):
            raise Refusal("issuing.applications_moved", count=len(items) - cursor.rowcount)


def _gather(inside: Inside, bank: str, most: int) -> list[Application]:
    checked = Application.objects.filter(area_code=inside.area_code, state="checked", bank=bank)
    found = list(checked.order_by("applied_at", "person_id").select_for_update(skip_locked=True)[:most])
    persons = [one.person_id for one in found]
    still = set(Person.objects.filter(person_id__in=persons, state="active").values_list("person_id", flat=True))
    still -= gates.own_and_relatives(inside, persons)
    found = [one for one in found if one.person_id in still]
    if not found:
        raise Refusal("issuing.nothing_to_batch", bank=bank)
    return found


def _into_batch(inside: Inside, batch: Batch, found: Sequence[Application]) -> None:
    state = after(APPLICATION, "checked", "issuing.make_batch", STATE)
    with connection.cursor() as cursor:
        cursor.execute(
            "update issuing_application a set state = %s, batch_id = %s, card_id = one.card_id, changed_at = %s"
            " from unnest(%s::bigint[], %s::uuid[], %s::uuid[]) as one(person_id, application_id, card_id)"
            " where a.person_id = one.person_id and a.application_id = one.application_id",
            [
                state, batch.batch_id, inside.now, [one.person_id for one in found],
                [one.application_id for one in found], [one.card_id for one in found],
            ],
        )  # fmt: skip
        assert cursor.rowcount == len(found), "they are locked"


def _number(inside: Inside) -> str:
    """Year and a running number of the area; one batch at a time takes it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 47))", [f"batch:{inside.area_code}"])
    year = f"{inside.today.year}-"
    taken = Batch.objects.filter(area_code=inside.area_code, number__startswith=year).count()
    return f"{year}{taken + 1:04d}"


def _keys(found: Sequence[Application]) -> list[custody.Key]:
    return [(one.person_id, one.card_id) for one in found if one.card_id is not None]


def _new_cards(inside: Inside, batch: Batch, fresh: Sequence[Application]) -> dict[uuid.UUID, bytes]:
    """Card rows for applications that have none yet; card_id → index of the identification code."""
    if not fresh:
        return {}
    for one in fresh:
        one.card_id = ids.new_id()
    keys = _keys(fresh)
    spec = inside.area.card_face(inside.today).spec_version
    numbers = production.number_many(inside.area, keys, spec)
    cards = [
        Card(
            person_id=one.person_id,
            card_id=one.card_id,
            area_code=inside.area_code,
            facts=number.facts(),
            card_number_mask=mask_card(number.card_number),
            bank=batch.bank,
            application_id=one.application_id,
            batch_id=batch.batch_id,
            production="checked",
            spec_version=spec,
            created_at=inside.now,
            changed_at=inside.now,
        )
        for one, number in zip(fresh, numbers, strict=True)
    ]
    insert_many(cards)
    insert_many([event for one, card in zip(fresh, cards, strict=True) for event in _first_events(inside, one, card)])
    production.take_public_ids(inside.area, "card", keys)
    indexes = blind_many("card_id_code", [number.card_id_code for number in numbers])
    return {card.card_id: index for card, index in zip(cards, indexes, strict=True)}


def _first_events(inside: Inside, one: Application, card: Card) -> list[CardEvent]:
    """What happened before there was a card row: applied and checked, at their own times."""
    place = inside.caller.organisation
    return [
        event_row(
            card, "production", was="", became="applied", act="apply", place=place, actor=one.applied_by,
            at=one.applied_at, reason=one.way,
        ),
        event_row(
            card, "production", was="applied", became="checked", act="check", place=place, actor=one.checked_by,
            at=one.checked_at or one.applied_at,
        ),
    ]  # fmt: skip


def _cards_again(inside: Inside, batch: Batch, again: Sequence[Application]) -> dict[uuid.UUID, bytes]:
    """Cards that were ordered before: a spoiled piece gets a new identification code, one that was never made keeps its
    own (regulations.md §3.4: a new piece always has a new code)."""
    if not again:
        return {}
    cards = production.cards_of(_keys(again), lock=True)
    facts = open_many(cards, "facts", inside)
    spoiled = [at for at, card in enumerate(cards) if card.production in ("spoiled", "quality_failed")]
    codes = production.identify_many(
        inside.area, [(cards[at].person_id, cards[at].card_id) for at in spoiled],
        [cards[at].spec_version for at in spoiled],
    )  # fmt: skip
    for at, (code, serial) in zip(spoiled, codes, strict=True):
        facts[at] |= {"card_id_code": code, "chip_serial": serial}
        cards[at].facts = facts[at]
    for card in cards:
        card.batch_id = batch.batch_id
    seal_many([cards[at] for at in spoiled], "facts")
    Card.objects.bulk_update(cards, ["facts", "batch_id"], batch_size=1_000)
    indexes = blind_many("card_id_code", [one["card_id_code"] for one in facts])
    return {card.card_id: index for card, index in zip(cards, indexes, strict=True)}

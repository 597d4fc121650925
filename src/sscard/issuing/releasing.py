"""Releasing a batch to its producer: by two persons, once, for a limited time; fetching the package; calling a batch
back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sscard.cards.models import Card
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import batching, custody, gates, package, permitting, producers, production, rules
from sscard.issuing.models import Batch, BatchItem
from sscard.issuing.states import APPLICATION, BATCH, after
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ReleaseBatch:
    """`cards`: how many cards the two persons mean to release; another number in the batch is refused."""

    batch: uuid.UUID
    cards: int


def _may_release(inside: Inside, request: ReleaseBatch) -> None:
    gates.approved(inside, as_issuer=True)
    batch = batching.require(inside, request.batch)
    _permits(inside, batch)
    after(BATCH, batch.state, "issuing.release_batch", batching.STATE)
    if batch.ordered == 0:
        raise Refusal("issuing.nothing_to_batch", bank=batch.bank)
    if batch.ordered != request.cards:
        raise Refusal("issuing.batch_changed", count=batch.ordered, seen=request.cards)
    persons = [item.person_id for item in batching.items_of(batch, "ordered")]
    if gates.own_and_relatives(inside, persons):
        raise Refusal("control.own_record")


def _permits(inside: Inside, batch: Batch) -> None:
    """Qualification of the producer, permit of the product and its three audits, all as of today."""
    maker = producers.qualified(inside, batch.producer)
    permitting.may_produce(inside, maker, batch.product, batch.chip)


@act(
    "issuing.release_batch", right="issuing.release_batch", clause="M47-11", four_eyes=True, check=_may_release,
    summary=lambda r: {"batch": str(r.batch), "cards": r.cards},
)  # fmt: skip
def release_batch(inside: Inside, request: ReleaseBatch) -> dict[str, Any]:
    """Everything is checked again for the second person; then the package is made."""
    _may_release(inside, request)
    batch = batching.require(inside, request.batch)
    producer = producers.qualified(inside, batch.producer)
    items = batching.items_of(batch, "ordered")
    assert len(items) == batch.ordered, "left-out cards were taken off the order"
    gates.about_all(inside, [item.person_id for item in items], what="card production")
    cards = production.cards_of([(item.person_id, item.card_id) for item in items], lock=True)
    _date(inside, cards)
    production.move_many(inside, cards, "order", facts={"new_identification": True}, place=batch.producer)
    made_at = clock.real_now()
    batch.issue_date = inside.today
    batch.package_number = Batch.objects.filter(area_code=batch.area_code, package_number__isnull=False).count() + 1
    batch.package_expires_at = made_at + rules.PACKAGE_LIFE
    sealed = package.build(inside, batch, items, cards, producer, made_at=made_at, expires_at=batch.package_expires_at)
    batch.package_digest, batch.package_size = package.keep(sealed), len(sealed)
    _remember_scripts(batch, items)
    batch.state = after(BATCH, batch.state, "issuing.release_batch", batching.STATE)
    batch.released_by, batch.released_person = inside.maker, inside.maker_person
    batch.release_checker, batch.release_checker_person = inside.caller.id, inside.caller.person_index
    batch.released_at = inside.now
    batch.save()
    custody.move(
        inside, [(item.person_id, item.card_id) for item in items], "order",
        custody.Place("producer", batch.producer, "organisation", batch.producer, None, batch.number),
    )  # fmt: skip
    inside.emit("batch.released", {"batch": str(batch.batch_id), "producer": batch.producer, "cards": len(items)})
    return {
        "batch": str(batch.batch_id), "number": batch.number, "state": batch.state, "cards": len(items),
        "package_number": batch.package_number, "digest": batch.package_digest.hex(), "bytes": len(sealed),
        "expires_at": batch.package_expires_at.isoformat(),
    }  # fmt: skip


def _remember_scripts(batch: Batch, items: list[BatchItem]) -> None:
    """What each finished card's audit record will be compared with."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update issuing_batchitem i set script = one.script from unnest(%s::bigint[], %s::bytea[]) as one(person_id,"
            " script) where i.person_id = one.person_id and i.batch_id = %s",
            [[item.person_id for item in items], [item.script for item in items], batch.batch_id],
        )


def _date(inside: Inside, cards: list[Card]) -> None:
    """Issue date and last good day, as they are written on the chip; one date for the whole batch."""
    years = inside.area.value("validity_years", inside.today)
    until = rules.expires_on(inside.today, years, inside.area.value("validity_end_rule", inside.today))
    Card.objects.filter(
        person_id__in=[card.person_id for card in cards], card_id__in=[card.card_id for card in cards]
    ).update(issue_date=inside.today, expires_on=until)
    for card in cards:
        card.issue_date, card.expires_on = inside.today, until


@dataclass(frozen=True, slots=True)
class TakePackage:
    batch: uuid.UUID


@act("issuing.take_package", right="issuing.take_package", clause="M47-11")
def take_package(inside: Inside, request: TakePackage) -> dict[str, Any]:
    """The producer fetches its package: `once["package"]` holds the bytes. As often as the line breaks, while it is
    good; they are the same bytes each time."""
    gates.approved(inside)
    batch = batching.require(inside, request.batch)
    after(BATCH, batch.state, "issuing.take_package", batching.STATE)
    producers.qualified(inside, batch.producer)
    if batch.package_expires_at is None or clock.real_now() >= batch.package_expires_at:
        raise Refusal("issuing.package_expired", number=batch.number)
    inside.once["package"] = package.read(batch)
    if batch.package_taken_at is None:
        batch.package_taken_at = inside.now
        batch.save(update_fields=["package_taken_at"])
    return {"batch": str(batch.batch_id), "number": batch.number, "digest": bytes(batch.package_digest or b"").hex()}


@dataclass(frozen=True, slots=True)
class RecallBatch:
    batch: uuid.UUID
    reason: str


def _may_recall(inside: Inside, request: RecallBatch) -> Batch:
    gates.approved_once(inside)
    batch = batching.require(inside, request.batch)
    after(BATCH, batch.state, "issuing.recall_batch", batching.STATE)
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    expired = batch.package_expires_at is not None and clock.real_now() >= batch.package_expires_at
    if batch.package_taken_at is not None and not expired:
        raise Refusal("issuing.package_still_good", number=batch.number, until=str(batch.package_expires_at)[:16])
    return batch


@act(
    "issuing.recall_batch", right="issuing.release_batch", clause="M47-11", four_eyes=True, check=_may_recall,
    summary=lambda r: {"batch": str(r.batch), "reason": r.reason[:60]},
)  # fmt: skip
def recall_batch(inside: Inside, request: RecallBatch) -> dict[str, Any]:
    """A released batch that the producer did not make, or may not make any more, once its package can no longer be
    opened (or was never fetched). All its cards count as spoiled: they are ordered again under new identification
    codes, so that nothing made from the old package is taken for a card."""
    batch = _may_recall(inside, request)
    became = after(BATCH, batch.state, "issuing.recall_batch", batching.STATE)
    items = batching.items_of(batch, "ordered")
    gates.about_all(inside, [item.person_id for item in items], what="card production")
    spoil(inside, batch, items, dict.fromkeys((item.card_id for item in items), "recalled"))
    BatchItem.objects.filter(batch_id=batch.batch_id, outcome="ordered").update(outcome="spoiled", reason="recalled")
    batch.state, batch.spoiled = became, batch.ordered
    batch.save(update_fields=["state", "spoiled"])
    inside.detail["reason"] = request.reason.strip()[:200]
    inside.emit("batch.recalled", {"batch": str(batch.batch_id), "cards": len(items)})
    return {"batch": str(batch.batch_id), "state": batch.state, "cards": len(items)}


def spoil(inside: Inside, batch: Batch, items: list[BatchItem], reasons: dict[uuid.UUID, str]) -> None:
    """Pieces that came to nothing: the cards wait to be made again, their old codes lead nowhere."""
    if not items:
        return
    keys = [(item.person_id, item.card_id) for item in items]
    production.move_many(inside, production.cards_of(keys), "spoil", place=batch.producer, reasons=reasons)
    production.disown_codes([bytes(item.code_index) for item in items])
    custody.move(
        inside, keys, "producer",
        custody.Place("scrapped", batch.producer, "organisation", batch.producer, None, batch.number),
    )  # fmt: skip
    became = after(APPLICATION, "in_batch", "issuing.card_spoiled", batching.STATE)
    batching.set_applications(inside, items, became, was="in_batch", batch_id=None)

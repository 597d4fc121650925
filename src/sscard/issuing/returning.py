"""The producer's return: a signed file that says of each card what became of it, and in which sealed box it travels."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import batching, custody, gates, production, rules
from sscard.issuing.models import Batch, BatchItem, ProducerKey, Shipment
from sscard.issuing.producers import issuer_name
from sscard.issuing.releasing import spoil
from sscard.issuing.states import APPLICATION, BATCH, after
from sscard.kernel import clock, ids
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.kernel.sealed import open_many, seal_many
from sscard.keys import recipes
from sscard.keys.envelope import Opened, ServiceOpener, open_envelope

MOST_BYTES = 24 << 20
MOST_AUDIT = 200
"""Hex digits of a chip's audit record."""


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    batch: uuid.UUID
    file: bytes


@act("issuing.receive_return", right="issuing.receive_return", clause="M47-11")
def receive_return(inside: Inside, request: ReceiveReturn) -> dict[str, Any]:
    """Takes the return whole or not at all; the same file again changes nothing, another one is refused."""
    gates.approved_once(inside)
    batch = batching.require(inside, request.batch)
    if len(request.file) > MOST_BYTES:
        raise Refusal("issuing.return_form")
    digest = recipes.sm3(request.file)
    if batch.return_digest is not None:
        if bytes(batch.return_digest) == digest:
            return _answer(batch, repeated=True)
        raise Refusal("issuing.return_other", number=batch.number)
    became = after(BATCH, batch.state, "issuing.receive_return", batching.STATE)
    opened = _open(inside, batch, request.file)
    lines, claimed, boxes = _content(opened)
    items = batching.items_of(batch, "ordered")
    facts = dict(zip([item.serial for item in items], _codes(inside, items), strict=True))
    refuse_if_any(
        rules.check_return(
            {serial: one["card_id_code"] for serial, one in facts.items()},
            lines,
            claimed,
            boxes,
            {item.serial: bytes(item.script) for item in items if item.script is not None},
        ),
        "issuing.return_faulty",
    )
    _settle(inside, batch, items, {line.serial: line for line in lines}, boxes, digest)
    batch.state = became if boxes else after(BATCH, became, "issuing.last_box", batching.STATE)
    batch.refresh_from_db(fields=["good", "in_transit"])
    batch.spoiled, batch.missing = claimed["spoiled"], claimed["missing"]
    batch.return_digest, batch.returned_at = digest, inside.now
    batch.save(update_fields=["state", "spoiled", "missing", "return_digest", "returned_at"])
    gates.note_all(inside, [item.person_id for item in items], what="card production")
    inside.emit("batch.returned", {"batch": str(batch.batch_id), **claimed})
    return _answer(batch, repeated=False)


def _answer(batch: Batch, *, repeated: bool) -> dict[str, Any]:
    return {
        "batch": str(batch.batch_id), "number": batch.number, "state": batch.state, "ordered": batch.ordered,
        "good": batch.good, "spoiled": batch.spoiled, "missing": batch.missing, "repeated": repeated,
    }  # fmt: skip


def _open(inside: Inside, batch: Batch, file: bytes) -> Opened:
    """Signed by this batch's producer, for us, in time, for this batch and the package that was released."""
    producer = ProducerKey.objects.filter(area_code=inside.area_code, organisation=batch.producer, active=True).first()
    if producer is None:
        raise Refusal("issuing.producer_unknown", producer=batch.producer)
    opened = open_envelope(
        file,
        sender=batch.producer,
        sender_public=bytes(producer.signing),
        receiver=issuer_name(inside.area_code),
        opener=ServiceOpener(keys()),
        now=clock.real_now(),
    )
    package = bytes(batch.package_digest or b"").hex()
    if opened.manifest.batch != batch.number or opened.manifest.fields.get("package") != package:
        raise Refusal("issuing.return_other_batch", number=batch.number)
    return opened


def _content(opened: Opened) -> tuple[list[rules.Returned], dict[str, int], dict[str, int]]:
    """Lines, signed totals, boxes; a file out of form is refused before anything in it is believed."""
    try:
        cards = json.loads(opened.parts["cards.json"])
        totals = json.loads(opened.parts["totals.json"])
        sent = json.loads(opened.parts["shipment.json"])
        lines = [rules.Returned(**one) for one in cards]
        claimed = {outcome: int(totals.get(outcome, 0)) for outcome in sorted(rules.OUTCOMES)}
        boxes = {str(one["seal"]): int(one["cards"]) for one in sent}
        texts = [(l.code, l.outcome, l.reason, l.chip_serial, l.atr, l.box) for l in lines]  # noqa: E741
        sound = (
            len(lines) <= rules.MOST_CARDS
            and len(boxes) == len(sent)
            and all(isinstance(line.serial, int) for line in lines)
            and all(isinstance(text, str) and len(text) <= 120 for row in texts for text in row)
            and all(isinstance(line.audit, str) and len(line.audit) <= MOST_AUDIT for line in lines)
            and all(0 < len(seal) <= 40 for seal in boxes)
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refusal("issuing.return_form") from None
    if not sound:
        raise Refusal("issuing.return_form")
    return lines, claimed, boxes


def _codes(inside: Inside, items: Sequence[BatchItem]) -> list[dict[str, str]]:
    cards = production.cards_of([(item.person_id, item.card_id) for item in items])
    return open_many(cards, "facts", inside)


def _settle(
    inside: Inside,
    batch: Batch,
    items: Sequence[BatchItem],
    told: Mapping[int, rules.Returned],
    boxes: Mapping[str, int],
    digest: bytes,
) -> None:
    by_outcome: dict[str, list[BatchItem]] = {outcome: [] for outcome in rules.OUTCOMES}
    for item in items:
        line = told[item.serial]
        item.outcome, item.reason, item.atr = line.outcome, line.reason[:120], line.atr
        by_outcome[line.outcome].append(item)
    _good(inside, batch, by_outcome["good"], told, boxes, digest)
    spoil(inside, batch, by_outcome["spoiled"], {i.card_id: told[i.serial].reason for i in by_outcome["spoiled"]})
    missed(inside, by_outcome["missing"], "producer", batch.producer, was_application="in_batch")
    with connection.cursor() as cursor:
        cursor.execute(
            "update issuing_batchitem i set outcome = one.outcome, reason = one.reason, atr = one.atr"
            " from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as one(person_id, outcome, reason, atr)"
            " where i.person_id = one.person_id and i.batch_id = %s",
            [
                [i.person_id for i in items], [i.outcome for i in items], [i.reason for i in items],
                [i.atr for i in items], batch.batch_id,
            ],
        )  # fmt: skip


def _good(
    inside: Inside,
    batch: Batch,
    items: Sequence[BatchItem],
    told: Mapping[int, rules.Returned],
    boxes: Mapping[str, int],
    digest: bytes,
) -> None:
    """Made, checked, and on their way in sealed boxes."""
    if not items:
        return
    cards = production.cards_of([(item.person_id, item.card_id) for item in items])
    _chips(inside, cards, [told[item.serial].chip_serial for item in items])
    production.move_many(inside, cards, "make", facts={"quality_passed": True}, place=batch.producer)
    production.move_many(inside, cards, "send", place=batch.producer)
    from_producer = inside.caller.organisation == batch.producer
    if taken := Shipment.objects.filter(area_code=batch.area_code, seal__in=list(boxes)).first():
        raise Refusal("issuing.seal_used", seal=taken.seal)
    shipments = {
        seal: Shipment(
            shipment_id=ids.new_id(),
            area_code=batch.area_code,
            seal=seal,
            batch_id=batch.batch_id,
            sender=batch.producer,
            receiver=batch.organisation,
            cards=count,
            sent_by=inside.caller.id,
            sent_person=inside.caller.person_index if from_producer else None,
            sent_at=inside.now,
            sent_receipt=f"R-{digest.hex()[:16]}",
        )
        for seal, count in boxes.items()
        if count
    }
    Shipment.objects.bulk_create(shipments.values())
    packed: dict[str, list[custody.Key]] = {seal: [] for seal in shipments}
    for item in items:
        packed[told[item.serial].box].append((item.person_id, item.card_id))
    for seal, inside_box in packed.items():
        one = shipments[seal]
        custody.move(
            inside, inside_box, "producer",
            custody.Place("transit", batch.producer, "seal", seal, one.shipment_id, one.sent_receipt),
        )  # fmt: skip
    became = after(APPLICATION, "in_batch", "issuing.card_good", batching.STATE)
    batching.set_applications(inside, items, became, was="in_batch", batch_id=batch.batch_id)


def _chips(inside: Inside, cards: Sequence[Any], serials: Sequence[str]) -> None:
    """Where the chip that was taken is another than the order said, the card's facts follow the chip."""
    facts = open_many(cards, "facts", inside)
    other = []
    for card, one, serial in zip(cards, facts, serials, strict=True):
        if one["chip_serial"] != serial:
            card.facts = one | {"chip_serial": serial}
            other.append(card)
    if other:
        seal_many(other, "facts")
        type(other[0]).objects.bulk_update(other, ["facts"], batch_size=1_000)


def missed(
    inside: Inside, items: Sequence[BatchItem], was: str, answers: str, *, was_application: str, reason: str = ""
) -> None:
    """Cards that should be there and are not: `answers` is the organisation that answers for them."""
    if not items:
        return
    found = [(item.person_id, item.card_id) for item in items]
    reasons = {item.card_id: reason or item.reason for item in items}
    production.move_many(inside, production.cards_of(found), "miss", place=answers, reasons=reasons)
    custody.move(inside, found, was, custody.Place("missing", answers, "nobody", answers))
    became = after(APPLICATION, was_application, "issuing.card_missing", batching.STATE)
    for batch_id in Counter(item.batch_id for item in items):
        some = [item for item in items if item.batch_id == batch_id]
        batching.set_applications(inside, some, became, was=was_application, batch_id=batch_id)
    inside.emit("cards.missing", {"cards": [str(item.card_id) for item in items[:100]], "count": len(items)})

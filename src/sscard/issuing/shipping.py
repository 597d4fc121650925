"""Sealed boxes: from the producer into stock, from stock to an outlet; each receipted on both sides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import batching, custody, gates, production, rules
from sscard.issuing.models import Application, Batch, BatchItem, CardPosition, Shipment
from sscard.issuing.returning import missed
from sscard.issuing.states import BATCH, after
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.people.models import Lookup

Cards = tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class ReceiveShipment:
    """A box from the producer. `counted`: the cards that were counted by hand; `missing`: which ones are not there.
    A broken seal needs a remark."""

    seal: str
    counted: int
    seal_intact: bool = True
    missing: Cards = ()
    remark: str = ""


@act("issuing.receive_shipment", right="issuing.receive_shipment", clause="M47-11")
def receive_shipment(inside: Inside, request: ReceiveShipment) -> dict[str, Any]:
    """The box goes into the stock of the department that ordered it."""
    gates.approved_once(inside)
    box = _box(inside, request.seal, from_producer=True)
    if inside.caller.organisation != box.receiver:
        raise Refusal("control.not_found")
    answer = _receive(inside, box, request, custody.Place("stock", box.receiver, "organisation", box.receiver))
    batch = Batch.objects.select_for_update().get(batch_id=box.batch_id)
    batch.state = after(BATCH, batch.state, "issuing.receive_shipment", batching.STATE)
    if not Shipment.objects.filter(batch_id=box.batch_id, state="sent").exists():
        batch.state = after(BATCH, batch.state, "issuing.last_box", batching.STATE)
        batch.received_at = inside.now
        batch.save(update_fields=["state", "received_at"])
    return answer | {"batch": str(batch.batch_id), "state": batch.state}


@dataclass(frozen=True, slots=True)
class SendToOutlet:
    """`cards`, or all of a batch's cards in stock whose holders chose this outlet (`batch`)."""

    outlet: str
    seal: str
    batch: uuid.UUID | None = None
    cards: Cards = ()


@act("issuing.send_to_outlet", right="issuing.send_to_outlet", clause="M47-13")
def send_to_outlet(inside: Inside, request: SendToOutlet) -> dict[str, Any]:
    gates.approved(inside)
    outlet = gates.outlet(inside, request.outlet)
    if not 4 <= len(request.seal) <= 40:
        raise Refusal("issuing.seal_form")
    if Shipment.objects.filter(area_code=inside.area_code, seal=request.seal).exists():
        raise Refusal("issuing.seal_used", seal=request.seal)
    office = inside.caller.organisation
    keys = keys_of(inside, request.cards) if request.cards else _chosen(inside, request, office)
    if not keys:
        raise Refusal("issuing.nothing_to_send", outlet=outlet.name.zh, outlet_en=outlet.name.en)
    gates.about_all(inside, [person for person, _ in keys], what="card")
    box = Shipment(
        shipment_id=ids.new_id(),
        area_code=inside.area_code,
        seal=request.seal,
        sender=office,
        receiver=outlet.code,
        cards=len(keys),
        sent_by=inside.caller.id,
        sent_person=inside.caller.person_index,
        sent_at=inside.now,
        sent_receipt=f"S-{ids.new_reference()}",
    )
    box.save(force_insert=True)
    custody.move(
        inside, keys, "stock",
        custody.Place("transit", office, "seal", box.seal, box.shipment_id, box.sent_receipt), organisation=office,
    )  # fmt: skip
    production.move_many(inside, production.cards_of(keys), "send", place=office)
    inside.object = f"shipment:{box.shipment_id}"
    inside.emit("shipment.sent", {"shipment": str(box.shipment_id), "outlet": outlet.code, "cards": len(keys)})
    return {"shipment": str(box.shipment_id), "seal": box.seal, "cards": len(keys), "receipt": box.sent_receipt}


@dataclass(frozen=True, slots=True)
class ReceiveAtOutlet:
    seal: str
    counted: int
    seal_intact: bool = True
    missing: Cards = ()
    remark: str = ""


@act("issuing.receive_at_outlet", right="issuing.receive_at_outlet", clause="M47-13")
def receive_at_outlet(inside: Inside, request: ReceiveAtOutlet) -> dict[str, Any]:
    """The outlet's own staff take the box in; never the person who sent it."""
    gates.approved_once(inside)
    box = _box(inside, request.seal, from_producer=False)
    gates.at_outlet(inside, box.receiver)
    place = custody.Place("outlet", box.receiver, "organisation", box.receiver)
    answer = _receive(inside, box, request, place)
    inside.emit("cards.at_outlet", {"outlet": box.receiver, "cards": answer["counted"]})
    return answer


def _box(inside: Inside, seal: str, *, from_producer: bool) -> Shipment:
    found = (
        Shipment.objects.select_for_update()
        .filter(area_code=inside.area_code, seal=seal, batch_id__isnull=not from_producer)
        .first()
    )
    if found is None:
        raise Refusal("issuing.seal_unknown", seal=seal[:40])
    if found.state != "sent":
        raise Refusal("issuing.box_received", seal=found.seal)
    return found


def _receive(
    inside: Inside, box: Shipment, request: ReceiveShipment | ReceiveAtOutlet, place: custody.Place
) -> dict[str, Any]:
    """Count, receipt, move. What is not in the box is missing from now on, and the sender answers for it."""
    if box.sent_person is not None and bytes(box.sent_person) == inside.caller.person_index:
        raise Refusal("issuing.own_shipment", seal=box.seal)
    if not request.seal_intact and not request.remark.strip():
        raise Refusal("issuing.seal_broken", seal=box.seal)
    if request.counted + len(request.missing) != box.cards:
        raise Refusal(
            "issuing.box_count", seal=box.seal, told=box.cards, counted=request.counted, missing=len(request.missing)
        )
    content = list(
        CardPosition.objects.filter(shipment_id=box.shipment_id, place="transit").values_list("person_id", "card_id")
    )
    if strangers := set(request.missing) - {card for _, card in content}:
        raise Refusal("issuing.not_in_box", count=len(strangers))
    gone = [key for key in content if key[1] in set(request.missing)]
    there = [key for key in content if key[1] not in set(request.missing)]
    receipt = f"E-{ids.new_reference()}"
    custody.move(
        inside, there, "transit",
        custody.Place(place.place, place.organisation, place.hands_kind, place.hands, box.shipment_id, receipt),
    )  # fmt: skip
    production.move_many(
        inside, production.cards_of(there), "receive", facts={"counted": True}, place=place.organisation
    )
    _gone(inside, gone, box.sender)
    box.state, box.counted, box.remark = "received", request.counted, request.remark.strip()[:200]
    box.received_by, box.received_person = inside.caller.id, inside.caller.person_index
    box.received_at, box.received_receipt = inside.now, receipt
    box.save()
    gates.note_all(inside, [person for person, _ in content], what="card")
    inside.object = f"shipment:{box.shipment_id}"
    if not request.seal_intact:
        inside.emit("shipment.seal_broken", {"shipment": str(box.shipment_id), "sender": box.sender})
    return {
        "shipment": str(box.shipment_id), "seal": box.seal, "counted": request.counted, "missing": len(gone),
        "receipt": receipt,
    }  # fmt: skip


def _gone(inside: Inside, gone: Sequence[custody.Key], sender: str) -> None:
    if not gone:
        return
    items = list(
        BatchItem.objects.filter(
            person_id__in=[person for person, _ in gone], card_id__in=[card for _, card in gone], outcome="good"
        )
    )
    missed(inside, items, "transit", sender, was_application="made", reason="not in the box")
    outcomes(items, "missing")


def outcomes(items: Sequence[BatchItem], outcome: str) -> None:
    for item in items:
        BatchItem.objects.filter(person_id=item.person_id, batch_id=item.batch_id).update(outcome=outcome)


def keys_of(inside: Inside, cards: Sequence[uuid.UUID]) -> list[custody.Key]:
    """person_id and card_id of public card ids of this area; refuses when one of them is not there."""
    if len(cards) > rules.MOST_CARDS or len(set(cards)) != len(cards):
        raise Refusal("issuing.cards_list", most=rules.MOST_CARDS)
    hits = Lookup.objects.filter(kind="card", value__in=[card.bytes for card in cards], area_code=inside.area_code)
    found = [(hit.person_id, hit.object_id) for hit in hits if hit.object_id is not None]
    if len(found) != len(cards):
        raise Refusal("control.not_found")
    return sorted(found)


def _chosen(inside: Inside, request: SendToOutlet, office: str) -> list[custody.Key]:
    """The batch's cards in our stock whose holders chose the outlet; own and relatives' cards are left to a
    colleague."""
    if request.batch is None:
        return []
    batch = batching.require(inside, request.batch)
    wishes = Application.objects.filter(batch_id=batch.batch_id, outlet=request.outlet, state="made")
    wanted = set(wishes.values_list("person_id", flat=True))
    there = CardPosition.objects.filter(organisation=office, place="stock", batch_id=batch.batch_id)
    keys = [key for key in there.values_list("person_id", "card_id") if key[0] in wanted]
    own = gates.own_and_relatives(inside, [person for person, _ in keys])
    return sorted(key for key in keys if key[0] not in own)

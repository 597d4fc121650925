"""Ends other than a holder's hand: cards destroyed before two persons, missing cards found again or written off."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import custody, gates, production, shipping
from sscard.issuing.models import Application, BatchItem, CardPosition
from sscard.issuing.returning import missed
from sscard.issuing.states import APPLICATION, after
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal

STATE = "issuing.application_state"


@dataclass(frozen=True, slots=True)
class Destroy:
    """Cards in a stock or at an outlet that nobody will get; listed one by one (regulations.md §9)."""

    cards: tuple[uuid.UUID, ...]
    place: str
    reason: str


def _may_destroy(inside: Inside, request: Destroy) -> list[custody.Key]:
    gates.approved_once(inside)
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    return _in_our_hands(inside, request.cards, request.place)


def _in_our_hands(inside: Inside, cards: tuple[uuid.UUID, ...], place: str) -> list[custody.Key]:
    """The cards, if all of them lie at this place and the caller has a say there: it is his own organisation's or outlet's,
    or he is of the department that issued them."""
    if place != inside.caller.organisation and inside.caller.organisation_kind != "bureau":
        gates.at_outlet(inside, place)
    keys = shipping.keys_of(inside, cards)
    gates.about_all(inside, [person for person, _ in keys], what="card")
    held = _held(keys, place)
    if not keys or len(held) != len(keys):
        raise Refusal("issuing.card_elsewhere", count=len(keys) - len(held))
    return keys


@act(
    "issuing.destroy", right="issuing.destroy", clause="M47-19", four_eyes=True, check=_may_destroy,
    summary=lambda r: {"cards": len(r.cards), "place": r.place, "reason": r.reason[:60]},
)  # fmt: skip
def destroy(inside: Inside, request: Destroy) -> dict[str, Any]:
    keys = _may_destroy(inside, request)
    held = _held(keys, request.place)
    receipt = f"D-{ids.new_reference()}"
    for place in ("stock", "outlet"):
        custody.move(
            inside, [key for key in keys if held[key[1]] == place], place,
            custody.Place("destroyed", request.place, "nobody", request.place, None, receipt),
            organisation=request.place,
        )  # fmt: skip
    cards = production.cards_of(keys)
    why = dict.fromkeys((card.card_id for card in cards), request.reason.strip())
    production.move_many(inside, cards, "destroy", facts={"two_persons": True}, place=request.place, reasons=why)
    _applications(inside, keys, "made", "issuing.destroy")
    inside.detail |= {"reason": request.reason.strip()[:200], "cards": [str(card) for _, card in keys[:200]]}
    inside.emit("cards.destroyed", {"cards": [str(card) for _, card in keys[:200]], "count": len(keys)})
    return {"destroyed": len(keys), "receipt": receipt}


@dataclass(frozen=True, slots=True)
class ReportMissing:
    """Cards that a count of the stock or the outlet did not find."""

    cards: tuple[uuid.UUID, ...]
    place: str
    reason: str


@act("issuing.report_missing", right="issuing.receive_at_outlet", clause="M47-13")
def report_missing(inside: Inside, request: ReportMissing) -> dict[str, Any]:
    """From now on they are missing, and the place answers for them until they are found or written off."""
    gates.approved_once(inside)
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    keys = _in_our_hands(inside, request.cards, request.place)
    held = _held(keys, request.place)
    items = list(
        BatchItem.objects.filter(
            person_id__in=[person for person, _ in keys], card_id__in=list(request.cards), outcome="good"
        )
    )
    for place in custody.HELD:
        some = [item for item in items if held[item.card_id] == place]
        missed(inside, some, place, request.place, was_application="made", reason=request.reason.strip()[:60])
    shipping.outcomes(items, "missing")
    inside.detail["reason"] = request.reason.strip()[:200]
    return {"missing": len(items), "place": request.place}


@dataclass(frozen=True, slots=True)
class FindCard:
    """A missing card has turned up and lies in the caller's stock."""

    card: uuid.UUID


@act("issuing.find_card", right="issuing.receive_shipment", clause="M47-13", about_person=True)
def find_card(inside: Inside, request: FindCard) -> dict[str, Any]:
    """Only cards that were made and lost on the way; what a producer never delivered is not "found"."""
    gates.approved_once(inside)
    keys = shipping.keys_of(inside, (request.card,))
    inside.about(keys[0][0], what="card")
    items = list(BatchItem.objects.filter(person_id=keys[0][0], card_id=keys[0][1], outcome="missing").exclude(atr=""))
    if not items:
        raise Refusal("issuing.not_missing")
    office = inside.caller.organisation
    receipt = f"F-{ids.new_reference()}"
    custody.move(inside, keys, "missing", custody.Place("stock", office, "organisation", office, None, receipt))
    production.move_many(inside, production.cards_of(keys), "find", facts={"counted": True})
    _applications(inside, keys, "card_missing", "issuing.find_card")
    shipping.outcomes(items, "good")
    inside.object = f"card:{request.card}"
    inside.emit("card.found", {"card": str(request.card)})
    return {"card": str(request.card), "place": "stock", "receipt": receipt}


@dataclass(frozen=True, slots=True)
class WriteOff:
    card: uuid.UUID
    reason: str


def _may_write_off(inside: Inside, request: WriteOff) -> list[custody.Key]:
    gates.approved_once(inside)
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    keys = shipping.keys_of(inside, (request.card,))
    inside.about(keys[0][0], what="card")
    if not CardPosition.objects.filter(person_id=keys[0][0], card_id=request.card, place="missing").exists():
        raise Refusal("issuing.not_missing")
    return keys


@act(
    "issuing.write_off", right="issuing.destroy", clause="M47-19", four_eyes=True, about_person=True,
    check=_may_write_off,
    summary=lambda r: {"card": str(r.card), "reason": r.reason[:60]},
)  # fmt: skip
def write_off(inside: Inside, request: WriteOff) -> dict[str, Any]:
    """A missing card is given up; its code leads nowhere from now on, and the person can apply anew."""
    keys = _may_write_off(inside, request)
    cards = production.cards_of(keys, lock=True)
    production.move_many(
        inside, cards, "write_off", facts={"two_persons": True}, reasons={request.card: request.reason.strip()}
    )
    codes = BatchItem.objects.filter(person_id=keys[0][0], card_id=keys[0][1]).values_list("code_index", flat=True)
    production.disown_codes([bytes(code) for code in codes])
    _applications(inside, keys, "card_missing", "issuing.write_off")
    inside.object = f"card:{request.card}"
    inside.emit("card.written_off", {"card": str(request.card)})
    return {"card": str(request.card), "production": cards[0].production}


def _held(keys: list[custody.Key], place: str) -> dict[uuid.UUID, str]:
    """card_id → "stock" or "outlet", of the cards that this organisation or outlet holds."""
    rows = CardPosition.objects.filter(
        person_id__in=[person for person, _ in keys], organisation=place, place__in=custody.HELD
    )
    wanted = {card for _, card in keys}
    return {card: where for card, where in rows.values_list("card_id", "place") if card in wanted}


def _applications(inside: Inside, keys: list[custody.Key], was: str, act_name: str) -> None:
    became = after(APPLICATION, was, act_name, STATE)
    changed = Application.objects.filter(
        person_id__in=[person for person, _ in keys], card_id__in=[card for _, card in keys], state=was
    ).update(state=became, changed_at=inside.now)
    if changed != len(keys):
        raise Refusal("issuing.applications_moved", count=len(keys) - changed)

"""A new social password judged as soon as it is typed, while ID and card still lie in the devices: the act that sets it would
refuse it later in the same words. Nothing of the password is kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from sscard.cards.desk import card_in_slot, may, password_hints, standing
from sscard.cards.pin import KIND
from sscard.cards.states import USABLE_BY_ITS_HOLDER
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.keyclient import PinRefused, keys
from sscard.kernel.refusals import Refusal
from sscard.terminals.evidence import look
from sscard.terminals.intake import refuse_reading

ENABLE, CHANGE = "cards.enable", "cards.change_social_password"
WANTED: Final = {
    ENABLE: frozenset({"id_reader", "card_slot", "pin_pad"}),
    CHANGE: frozenset({"card_slot", "pin_pad", "pin_pad_new"}),
}
NEW: Final = {ENABLE: "pin_pad", CHANGE: "pin_pad_new"}
"""Where each of the two takes the new password."""


@dataclass(frozen=True, slots=True)
class JudgeNewPassword:
    """`matter`: the act that will set it, cards.enable or cards.change_social_password. `card`: the card that the page shows."""

    session: uuid.UUID
    matter: str
    card: uuid.UUID | None = None


@act("cards.judge_new_password", right="cards.judge_new_password", clause="LOCAL-LOCK", about_person=True)
def judge_new_password(inside: Inside, request: JudgeNewPassword) -> dict[str, Any]:
    """Who and which card are asked first and refused as by the act itself. A password that does not do becomes a refused
    reading of the pad, and the answer is `good` False; the session goes on."""
    if request.matter not in WANTED:
        raise Refusal("control.not_found")
    taken = look(inside, request.session, matter=request.matter, wanted=WANTED[request.matter])
    card, person = card_in_slot(inside, taken, request.card)
    if request.matter == ENABLE:
        standing(inside, taken, person, ())
        may(card, "enable", {"handed_out": card.production == USABLE_BY_ITS_HOLDER})
    entered = taken.pin if request.matter == ENABLE else taken.new_pin
    assert entered is not None, "ask `look` for the pad"
    if entered.on_chip:  # the reader has asked before it touched the chip (`new_password`)
        return {"good": True}
    try:
        keys().pin_set(KIND, entered.account, entered.block, entered.key_id, password_hints(inside, person))
    except PinRefused as weak:
        refuse_reading(request.session, NEW[request.matter], weak)
        return {"good": False}
    return {"good": True}

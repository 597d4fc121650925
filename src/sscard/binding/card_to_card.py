"""BND-1: putting another bank's card in place of the card's own account. It cannot be done, and this says why and what can.

The card has a bank account of its own, at the card's bank; it cannot be exchanged for another bank's card. What many mean
by it is possible: linking the card in on-line banking with a paying account of one's own, or an exchange of the card.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.cards import reads as cards
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class BindBankCard:
    """`card`: the social security card. The other card's number is not asked for: it could change nothing."""

    card: uuid.UUID


@act("binding.bind_bank_card", right="binding.own", clause="", about_person=True)
def bind_bank_card(inside: Inside, request: BindBankCard) -> dict[str, Any]:
    """Always refused, with the explanation and the two ways that lead on."""
    card = cards.require(inside, request.card)
    inside.object = f"card:{card.card_id}"
    if not card.bank:
        raise Refusal("binding.card_to_card_none")
    raise Refusal("binding.card_to_card", bank=inside.area.bank(card.bank).short.of("zh"),
                  bank_en=inside.area.bank(card.bank).short.of("en"))  # fmt: skip

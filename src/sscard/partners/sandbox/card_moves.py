"""A magic person's card, moved as its holder, a desk or wrong passwords would: what follows is what follows in a live area.

`partners.trigger_event` only tells of something; here it happens: the bank's side follows, consents are suspended or end,
and the electronic card with its codes is refused from the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sscard.cards import events
from sscard.cards.models import Card, CardEvent
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.partners.hooks.acts import sandbox_of
from sscard.partners.models import MagicPerson
from sscard.partners.sandbox.magic import PERSONS
from sscard.people import lookup

MOVES: Final = ("report_temp", "release", "report_formal", "lock", "cancel")
"""Reported lost by word of mouth, found again, lost in writing, locked by wrong passwords, cancelled."""
_HELD: Final = {"tries_used_up": True, "nothing_open": True}
"""What a desk has seen for itself before it locks or cancels."""


@dataclass(frozen=True, slots=True)
class MoveCard:
    """`person`: code of the magic person, `move`: one of MOVES."""

    person: str
    move: str


@act("partners.move_card", right="partners.sandbox")
def move_card(inside: Inside, request: MoveCard) -> dict[str, Any]:
    """Sandboxes only. Raises what the table of card states refuses, as a live card's would be."""
    if sandbox_of(inside) is None:
        raise Refusal("control.not_found")
    faults = []
    if request.person not in {one.code for one in PERSONS}:
        faults.append(Fault("person", "partners.magic_unknown"))
    if request.move not in MOVES:
        faults.append(Fault("move", "partners.move_unknown", {"moves": ", ".join(MOVES)}))
    refuse_if_any(faults)
    found, card = card_of(inside, request.person)
    was = CardEvent.objects.filter(person_id=card.person_id, card_id=card.card_id, side="social", became=card.social)
    before = was.order_by("-at").values_list("was", flat=True).first()
    became = events.move(
        inside, card, "social", request.move, facts={**_HELD, f"was_{before}": True}, reason="sandbox"
    )  # fmt: skip
    return {"person": str(found.person), "card": str(card.card_id), "social": became}


def card_of(inside: Inside, code: str) -> tuple[MagicPerson, Card]:
    """The magic person of this sandbox with his card; the act is about him. Raises partners.not_ready."""
    found = MagicPerson.objects.filter(area_code=inside.area_code, code=code).first()
    if found is None or found.card is None:
        raise Refusal("partners.not_ready")
    at = lookup.require("card", found.card, area=inside.area_code)
    inside.about(at.person_id)
    return found, Card.objects.get(person_id=at.person_id, card_id=found.card)

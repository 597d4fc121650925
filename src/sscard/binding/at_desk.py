"""A backchannel request (CIBA) is decided at a counter or terminal: original ID in the reader, card in the slot, and the message
that both sides show. What is asked for is shown first; the same evidence then serves the decision."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from sscard.binding import consents, deciding, reads
from sscard.binding.models import Consent
from sscard.binding.reads import ConsentView
from sscard.cards.desk import card_in_slot, standing
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.terminals.evidence import Taken, look, take

MATTER: Final = "binding.decide_at_desk"
WANTED: Final = ("id_reader", "card_slot")


@dataclass(frozen=True, slots=True)
class DecideAtDesk:
    """`session`: the device session with the holder's original ID in the reader and the card in the slot. `message`: what
    both sides show, as the holder reads it to the clerk or on the terminal."""

    session: uuid.UUID
    message: str
    agree: bool


@act("binding.decide_at_desk", right="binding.at_desk", clause="ESL-3", about_person=True)
def decide_at_desk(inside: Inside, request: DecideAtDesk) -> dict[str, Any]:
    """Agreed to or declined, against original ID and card."""
    taken = take(inside, request.session, matter=MATTER, wanted=frozenset(WANTED))
    consent = _waiting(inside, taken, request.message)
    if not request.agree:
        state = consents.move(inside, consent, "decline", "holder")
        return {"consent": str(consent.consent_id), "state": state}
    return deciding.agreed(inside, consent, deciding.still_fit(inside, consent), by="desk")


def shown(inside: Inside, session: uuid.UUID, message: str) -> ConsentView:
    """Who asks for what, before anything is decided. Refuses as the act does."""
    taken = look(inside, session, matter=MATTER, wanted=frozenset(WANTED))
    return reads.one(inside, _waiting(inside, taken, message).consent_id)


def waiting(inside: Inside, session: uuid.UUID) -> list[ConsentView]:
    """All that wait for the card in the slot, for a machine at which nobody types: he presses the message that he sees on the
    other screen."""
    taken = look(inside, session, matter=MATTER, wanted=frozenset(WANTED))
    return [reads.one(inside, one.consent_id) for one in _of_card(inside, taken)]


def _waiting(inside: Inside, taken: Taken, message: str) -> Consent:
    for one in _of_card(inside, taken):
        if one.message == message.strip():
            inside.object = f"consent:{one.consent_id}"
            return one
    raise Refusal("binding.no_such_request")


def _of_card(inside: Inside, taken: Taken) -> list[Consent]:
    card, person = card_in_slot(inside, taken, None)
    standing(inside, taken, person, ())
    return [
        one
        for one in consents.live_of_card(card.person_id, card.card_id)
        if one.way == "backchannel" and consents.state_now(one, inside.now) == "AWAITING_AUTHORISATION"
    ]

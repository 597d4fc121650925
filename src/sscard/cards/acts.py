"""Acts of the social side at a terminal: enabling the card, and its social password."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.cards import events, pin, pin_lock
from sscard.cards import judged_at_pad as _at_pad  # noqa: F401 - registers its act
from sscard.cards import new_password as _judging  # noqa: F401 - registers its act
from sscard.cards.desk import card_in_slot, may, password_hints, standing
from sscard.cards.electronic import acts as _electronic  # noqa: F401 - registers its acts
from sscard.cards.models import Card
from sscard.cards.rules import initial_password_serves
from sscard.cards.states import USABLE_BY_ITS_HOLDER
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.terminals.evidence import Pin, Taken, allow_opening, look, missing_refusal, take


@dataclass(frozen=True, slots=True)
class Enable:
    """`keep_initial`: go on with the area's initial password instead of choosing one on the PIN pad. `agent_papers`:
    what the clerk has seen of an agent ("holder_id", "mandate"). `card`: the card the page shows, if it shows one."""

    session: uuid.UUID
    card: uuid.UUID | None = None
    keep_initial: bool = False
    agent_papers: tuple[str, ...] = ()


@act("cards.enable", right="cards.enable", clause="QAM-1", about_person=True)
def enable(inside: Inside, request: Enable) -> dict[str, Any]:
    """Switch the social-security function on (启用): original ID, the card itself, and a new social password."""
    wanted = {"id_reader", "card_slot"} | (set() if request.keep_initial else {"pin_pad"})
    taken = take(inside, request.session, matter="cards.enable", wanted=frozenset(wanted))
    card, person = card_in_slot(inside, taken, request.card)
    by = standing(inside, taken, person, request.agent_papers)
    facts = {"handed_out": card.production == USABLE_BY_ITS_HOLDER}
    may(card, "enable", facts)
    if request.keep_initial:
        _preset(inside, card, person, taken)
    else:
        pin.card_pin.set(inside, card, _pin(taken), password_hints(inside, person))
    became = events.move(inside, card, "social", "enable", taken.terminal.organisation, facts=facts, reason=by)
    inside.detail["by"] = by
    inside.emit("card.enabled", {"card": str(card.card_id), "by": by})
    return {"card": str(card.card_id), "social": became, "by": by, "password_initial": request.keep_initial}


@dataclass(frozen=True, slots=True)
class VerifySocialPassword:
    """`use`: "business" or "inquiry"; what an unchanged initial password is good for depends on it."""

    session: uuid.UUID
    use: str = "business"
    card: uuid.UUID | None = None


@act("cards.verify_social_password", right="cards.password", clause="LOCAL-LOCK", about_person=True)
def verify_social_password(inside: Inside, request: VerifySocialPassword) -> dict[str, Any]:
    """Is it the holder's social password? `asked` is false where the area asks for none while it is the initial one."""
    matter = "cards.verify_social_password"
    taken = take(inside, request.session, matter=matter, wanted=frozenset({"card_slot"}))
    card, _ = card_in_slot(inside, taken, request.card)
    _in_use(card)
    answer = {"card": str(card.card_id), "right": True, "asked": True}
    if pin.card_pin.is_initial(card):
        rule = inside.area.value("initial_password_use", inside.today)
        if not initial_password_serves(rule, request.use):
            raise Refusal("cards.password_must_change")
        if rule == "treat_as_no_password":
            return {**answer, "asked": False}
    _check(inside, card, _pin(taken))
    return answer


@dataclass(frozen=True, slots=True)
class ChangeSocialPassword:
    session: uuid.UUID
    card: uuid.UUID | None = None


@act("cards.change_social_password", right="cards.password", clause="LOCAL-LOCK", about_person=True)
def change_social_password(inside: Inside, request: ChangeSocialPassword) -> dict[str, Any]:
    """Who knows the old password sets a new one; both come from the PIN pad."""
    wanted = frozenset({"card_slot", "pin_pad", "pin_pad_new"})
    taken = take(inside, request.session, matter="cards.change_social_password", wanted=wanted)
    card, person = card_in_slot(inside, taken, request.card)
    _in_use(card)
    _check(inside, card, _pin(taken))
    assert taken.new_pin is not None
    if pin.card_pin.same(card, taken.new_pin):
        raise Refusal("cards.password_same")
    pin.card_pin.set(inside, card, taken.new_pin, password_hints(inside, person))
    inside.emit("card.social_password_changed", {"card": str(card.card_id)})
    return {"card": str(card.card_id), "changed": True}


@dataclass(frozen=True, slots=True)
class UnlockSocialPassword:
    """`reset`: a new password is chosen on the PIN pad at the same time, because the old one was forgotten."""

    session: uuid.UUID
    card: uuid.UUID | None = None
    reset: bool = False
    agent_papers: tuple[str, ...] = ()


@act("cards.unlock_social_password", right="cards.unlock", clause="LOCAL-LOCK", about_person=True)
def unlock_social_password(inside: Inside, request: UnlockSocialPassword) -> dict[str, Any]:
    """At the counter with ID and card (regulations.md §3.5). A card that is not locked can only be given a new
    password. A chip is opened first (`cards.permit_unlock`): here it has its tries again."""
    matter = "cards.unlock_social_password"
    wanted = {"id_reader", "card_slot"} | ({"pin_pad"} if request.reset else set())
    taken = take(inside, request.session, matter=matter, wanted=frozenset(wanted))
    card, person = card_in_slot(inside, taken, request.card)
    by = standing(inside, taken, person, request.agent_papers)
    facts = {"id_and_card": True}
    if taken.card and taken.card.chip and not (request.reset or taken.card.tries):
        raise Refusal("cards.chip_still_locked")
    if not (request.reset and card.social == "normal"):
        may(card, "unlock", facts)
        pin.card_pin.unlock(inside, card, counted=bool(taken.card and taken.card.chip))
        events.move(inside, card, "social", "unlock", taken.terminal.organisation, facts=facts, reason=by)
    if request.reset:
        pin.card_pin.set(inside, card, _pin(taken), password_hints(inside, person))
    inside.detail["by"] = by
    inside.emit("card.social_password_unlocked", {"card": str(card.card_id), "reset": request.reset})
    return {"card": str(card.card_id), "social": card.social, "by": by, "reset": request.reset}


@dataclass(frozen=True, slots=True)
class PermitUnlock:
    """The same questions as of `UnlockSocialPassword`, asked before the chip is touched."""

    session: uuid.UUID
    card: uuid.UUID | None = None
    reset: bool = False
    agent_papers: tuple[str, ...] = ()


@act("cards.permit_unlock", right="cards.unlock", clause="LOCAL-LOCK", about_person=True)
def permit_unlock(inside: Inside, request: PermitUnlock) -> dict[str, Any]:
    """Let the reader open the chip in its slot with the issuer's key, in this session only. Nothing is unlocked in the
    register until the chip has shown that it is open."""
    matter, seen = "cards.unlock_social_password", frozenset({"id_reader", "card_slot"})
    taken = look(inside, request.session, matter=matter, wanted=seen)
    card, person = card_in_slot(inside, taken, request.card)
    by = standing(inside, taken, person, request.agent_papers)
    if taken.card is None or taken.card.chip is None:
        raise Refusal("cards.chip_missing")
    if card.social == "normal" and taken.card.tries == 0:
        pin_lock.lock(inside, card)  # the chip locked itself where nobody told the house
    unlocks = not (request.reset and card.social == "normal")
    if unlocks:
        may(card, "unlock", {"id_and_card": True})
        pin.card_pin.may_unlock(inside, card)
    if allow_opening(inside, request.session, "empty" if request.reset else "counter") and unlocks:
        pin.card_pin.count_unlock(
            inside, card
        )  # now: whoever holds the reader may take the opening and never report back
    inside.detail["by"] = by
    return {"card": str(card.card_id), "by": by, "reset": request.reset}


def _in_use(card: Card) -> None:
    """Passwords are asked for on cards whose social side is on."""
    if card.social != "normal":
        raise Refusal(f"cards.social_{card.social}", act="password", state=card.social)


def _pin(taken: Taken) -> Pin:
    if taken.pin is None:
        raise missing_refusal(("pin_pad",))
    return taken.pin


def _check(inside: Inside, card: Card, entered: Pin) -> None:
    checked = pin.card_pin.check(inside, card, entered)
    if not checked.right:
        raise Refusal("cards.password_wrong" if checked.left else "cards.password_wrong_locked", left=checked.left)


def _preset(inside: Inside, card: Card, person: Person, taken: Taken) -> None:
    """The initial password that the area's rule makes, where it may serve for anything at all."""
    area, on = inside.area, inside.today
    id_number = str(people.facts(inside, person).get("id_number") or "")
    number = open_one(card, "facts", inside)["card_number"]
    digits = pin.initial_digits(area.value("initial_password_value", on), id_number=id_number, card_number=number)
    if digits is None or not initial_password_serves(area.value("initial_password_use", on), "inquiry"):
        raise Refusal("cards.initial_password_no")
    assert taken.card is not None
    pin.card_pin.preset(inside, card, taken.card.card_id_code, digits, chip=taken.card.chip is not None)

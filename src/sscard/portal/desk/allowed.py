"""What may be done with a person or his card now, and what not: the acts' own tables and rules decide, here as there."""

from __future__ import annotations

from dataclasses import replace

from sscard.cards.models import Card
from sscard.cards.states import PRODUCTION, SOCIAL, next_state
from sscard.control.inside import Inside
from sscard.control.rights import decide
from sscard.issuing.applying import LIVE_CARD_ENDS, applicant, demands_of
from sscard.issuing.rules import standing
from sscard.issuing.states import APPLICATION_LIVE
from sscard.kernel.refusals import Refusal
from sscard.people.models import Person
from sscard.portal.desk.person_facts import CardOnPage, PersonFacts
from sscard.portal.shapes import Act
from sscard.portal.signed import AtPage


def acts_for(inside: Inside, at: AtPage, person: Person, facts: PersonFacts) -> list[Act]:
    """In the order in which they come up at a desk; the first that is possible is the page's main button."""
    found: list[Act] = []
    for card in facts.cards[:1]:
        found += _of_card(at, card)
    found += _application(inside, at, person, facts)
    base = f"/people/{person.public_id}"
    if decide(at.caller, "people.register"):
        found.append(_plain(at, "photo_again" if person.has_photo else "photo", f"{base}/photo/"))
        found.append(_plain(at, "correct", f"{base}/correct/"))
    if decide(at.caller, "people.invite_holder"):
        found.append(_plain(at, "invite_again" if facts.has_account else "invite", f"{base}/invite/"))
    if person.state != "active":
        refusal = at.word(f"person.state_{person.state}")
        found = [Act(act.label, allowed=False, reason=refusal) for act in found]
    return _with_main(found)


def _with_main(acts: list[Act]) -> list[Act]:
    first = next((at for at, one in enumerate(acts) if one.allowed), None)
    return [replace(one, primary=at == first) for at, one in enumerate(acts)]


def _plain(at: AtPage, name: str, url: str) -> Act:
    return Act(at.word(f"person.act.{name}"), url, hint=at.word(f"person.act.{name}_hint"))


def _of_card(at: AtPage, one: CardOnPage) -> list[Act]:
    found, card = [], one.card
    if decide(at.caller, "issuing.hand_over"):
        facts = {"collector_identified": True}
        found.append(_by_table(at, "hand_over", next_state(PRODUCTION, card.production, "hand_over", facts), card))
    if decide(at.caller, "cards.enable"):
        facts = {"handed_out": card.production == "handed_out"}
        found.append(_by_table(at, "enable", next_state(SOCIAL, card.social, "enable", facts), card))
    if decide(at.caller, "cards.unlock") and card.social in ("normal", "locked"):
        if card.social == "normal":
            found.append(_plain(at, "change", f"/cards/{card.card_id}/change-password/"))
        found.append(_plain(at, "unlock", f"/cards/{card.card_id}/unlock-password/"))
    return found


def _by_table(at: AtPage, name: str, may: str | Refusal, card: Card) -> Act:
    """What the card's own table of states says of an act."""
    if isinstance(may, Refusal):
        label = at.word(f"person.act.{name}")
        return Act(label, allowed=False, reason=may.sentence(at.lang), next_label=may.next_step(at.lang))
    return _plain(at, name, f"/cards/{card.card_id}/{name.replace('_', '-')}/")


def _application(inside: Inside, at: AtPage, person: Person, facts: PersonFacts) -> list[Act]:
    if not decide(at.caller, "issuing.apply"):
        return []
    faults = list(standing(applicant(person, _live(facts)), demands_of(inside), inside.today))
    if faults:
        reason = " ".join(fault.sentence(at.lang) for fault in faults)
        url = f"/people/{person.public_id}/photo/" if any(f.place == "photo" for f in faults) else ""
        label, step = at.word("person.act.apply"), faults[0].advice(at.lang)
        return [Act(label, allowed=False, reason=reason, next_label=step, next_url=url)]
    return [_plain(at, "apply", f"/people/{person.public_id}/apply/")]


def _live(facts: PersonFacts) -> str:
    """A living card or an application under way, as issuing counts them."""
    if any(one.card.production not in LIVE_CARD_ENDS and one.card.social != "cancelled" for one in facts.cards):
        return "card"
    return "application" if any(one.state in APPLICATION_LIVE for one in facts.applications) else ""

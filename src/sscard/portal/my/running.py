"""What is under way for this person, as the first page lists it: an application for a card, an opening of the savings
function; each with the step that comes next and the way to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sscard.bank.models import AccountStatus
from sscard.bank.savings_opening import function as savings
from sscard.bank.savings_opening.states import OWN_STEPS
from sscard.control.inside import Inside
from sscard.issuing import reads as issuing
from sscard.issuing.models import Application
from sscard.kernel import words
from sscard.law import areas
from sscard.law.papers import YES, Bring
from sscard.portal import looks
from sscard.portal.my import steps as guide
from sscard.portal.my.card import Shown
from sscard.portal.shapes import Link, Station
from sscard.portal.signed import AtPage

CARD, SAVINGS, APPLY = "card", "savings", "apply"
WAITING = {"returned": "bad", "bank_refused": "bad", "card_missing": "bad"}
"""States in which somebody has to do something out of the ordinary; in the others the application takes its way."""


@dataclass(frozen=True, slots=True)
class Running:
    """One matter. `sentence`: how far it is; `onward`: what comes next, and who does it; `way`: the page to go on with."""

    matter: str
    title: str
    state: str
    tone: str
    sentence: str
    onward: str
    way: Link | None = None


def running(at: AtPage, mirror: AccountStatus | None, applied: Application | None, inside: Inside) -> list[Running]:
    """In a reading that has named the person; `mirror`: his newest account, `applied`: see `application`."""
    found = [_card(at, inside, applied)] if applied is not None else []
    opening = _savings(at, mirror, inside) if mirror is not None else None
    return [*found, opening] if opening is not None else found


def account(person_id: int) -> AccountStatus | None:
    """The account whose savings function is spoken of: the newest."""
    return AccountStatus.objects.filter(person_id=person_id).order_by("-opened_at").first()


def application(person_id: int, shown: Shown | None) -> Application | None:
    """The newest application, while it is under way or was sent back; None once its card is the one that is shown."""
    row = Application.objects.filter(person_id=person_id).defer("account").order_by("-applied_at").first()
    if row is None or row.state in ("done", "withdrawn"):
        return None
    if shown is not None and (row.state == "returned" or row.card_id == shown.card.card_id):
        return None
    return row


def awaited(applied: Application | None) -> bool:
    """Is a card on its way, so that nobody has to apply?"""
    return applied is not None and applied.state != "returned"


def way(at: AtPage, inside: Inside, applied: Application) -> tuple[Station, ...]:
    """The stations of an application whose card is not there yet: what is done, what is now, what lies ahead."""
    line, ahead = [], "now"
    for stop in issuing.way(inside, applied.person_id):
        state = "done" if stop.at is not None else ahead
        ahead = ahead if stop.at is not None else "later"
        line.append(Station(stop.sentence(at.lang), state, stop.at))
    return tuple(line)


def to_collect(at: AtPage, inside: Inside, applied: Application) -> tuple[Bring, ...]:
    """What to bring when the card is fetched: the area's list, and what nobody has seen yet."""
    rest = guide.papers(inside.area, guide.COLLECT, at.lang)
    named = rest[0].matter if rest else ""
    due = [
        replace(one, need=YES, matter=named)
        for one in guide.papers(inside.area, APPLY, at.lang)
        if one.code in applied.papers_due
    ]
    found = [*due, *(one for one in rest if one.code not in applied.papers_due)]
    return tuple(sorted(found, key=lambda one: not one.needed))


def _card(at: AtPage, inside: Inside, row: Application) -> Running:
    place = next((one.name.of(at.lang) for one in inside.area.outlets() if one.code == row.outlet), "")
    bank = inside.area.bank(row.bank).short.of(at.lang)
    facts = {"place": place, "bank": bank, "reason": row.reason, "day": looks.show_day(row.applied_at, at.lang)}
    state = words.text("state", f"issuing.application.{row.state}", at.lang)
    return Running(
        CARD,
        at.word("my.running.card", bank=bank),
        state,
        WAITING.get(row.state, "wait"),
        at.word(f"my.running.{row.state}.said", **facts),
        at.word(f"my.running.{row.state}.next", **facts),
        Link(at.word("my.running.how"), "/my/guide/") if row.state in WAITING else None,
    )


def _savings(at: AtPage, mirror: AccountStatus, inside: Inside) -> Running | None:
    told = savings.tell(mirror, inside.today)
    seen = savings.progress_of(inside, mirror) if told.code == "opening" else None
    if seen is None:
        return None
    outlets = areas.get(mirror.area_code).outlets(kind="bank", bank=mirror.bank)
    place = next((one.name.of(at.lang) for one in outlets if one.code == seen.outlet), told.facts["bank"])
    step = words.text("notice", f"bank.savings.step.{seen.due}", at.lang)
    own = seen.due <= OWN_STEPS
    return Running(
        SAVINGS,
        at.word("my.running.savings", bank=areas.get(mirror.area_code).bank(mirror.bank).short.of(at.lang)),
        at.word("my.running.steps", done=seen.due - 1, steps=len(seen.steps)),
        "wait",
        at.word("my.running.due", number=seen.due, step=step),
        at.word("my.running.here") if own else at.word("my.running.there", place=place),
        Link(at.word("my.running.go" if own else "my.running.see"), "/my/savings/"),
    )

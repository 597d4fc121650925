"""Pure rules of issuing: who may have a card, and what must add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sscard.kernel.dates import add_days, add_years, age_on
from sscard.kernel.refusals import Fault

MOST_CARDS: Final = 10_000
"""Of one batch and one campaign."""
PACKAGE_LIFE: Final = timedelta(days=7)
"""A package can be opened for so long after its release; real time."""
CHILD_PAPERS: Final = frozenset({"household_book", "birth_certificate"})
"""Either stands for the identity card of a child who has none yet (regulations.md §3.8)."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the rule needs to know of a person. `state`: people.Person.STATES. `live`: he has a card, or an application
    that is under way."""

    birth_date: date
    state: str
    has_photo: bool
    has_phone: bool
    live: str = ""


@dataclass(frozen=True, slots=True)
class Demands:
    """The area's values on the day."""

    photo_free_below_age: int
    guardian_age: int
    banks: frozenset[str]
    outlets: Mapping[str, str | None]
    """Outlet code → its bank, or None for a hall of the bureau."""
    papers: frozenset[str]
    """Codes of the papers that must be seen."""


def may_apply(
    who: Applicant,
    demands: Demands,
    *,
    bank: str,
    outlet: str,
    papers: Collection[str] | None,
    by_guardian: bool,
    on: date,
) -> list[Fault]:
    """Every reason against a card for this person; none means yes (regulations.md §3.2: one card a person, data
    complete).

    `papers`: codes of what was seen, or None where nobody looks at papers (on-line, by campaign).
    """
    age = age_on(who.birth_date, on)
    faults = list(standing(who, demands, on))
    if bank not in demands.banks:
        faults.append(Fault("bank", "issuing.bank_not_here", {"bank": bank}))
    if outlet not in demands.outlets:
        faults.append(Fault("outlet", "issuing.outlet_unknown", {"outlet": outlet}))
    elif demands.outlets[outlet] not in (None, bank):
        faults.append(Fault("outlet", "issuing.outlet_of_other_bank", {"outlet": outlet}))
    if age < demands.guardian_age and not by_guardian:
        faults.append(Fault("guardian", "issuing.guardian_needed", {"age": demands.guardian_age}))
    if papers is not None:
        for paper in lacking_papers(demands.papers, papers, child=age < demands.guardian_age):
            faults.append(Fault("papers", "issuing.paper_missing", {"paper": paper}))
    return faults


def standing(who: Applicant, demands: Demands, on: date) -> Iterable[Fault]:
    """Reasons in the person's own data; a campaign leaves out who has one."""
    if who.state != "active":
        yield Fault("person", f"issuing.person_{who.state}")
    if who.live:
        yield Fault("person", f"issuing.has_{who.live}")
    age = age_on(who.birth_date, on)
    if not who.has_photo and age >= demands.photo_free_below_age:
        yield Fault("photo", "issuing.photo_missing", {"age": demands.photo_free_below_age})
    if not who.has_phone:
        yield Fault("phone", "issuing.phone_missing")


def lacking_papers(needed: Collection[str], seen: Collection[str], *, child: bool) -> list[str]:
    """Needed papers that were not seen, all at once; a child's household book or birth certificate is his ID."""
    there = set(seen)
    if child and there & CHILD_PAPERS:
        there.add("id_card")
    return sorted(set(needed) - there)


def counts_add_up(
    *,
    ordered: int,
    good: int,
    spoiled: int,
    missing: int,
    transit: int,
    stock: int,
    outlet: int,
    handed_over: int,
    destroyed: int,
) -> bool:
    """The two equations of a batch that has come back (regulations.md §9)."""
    return ordered == good + spoiled + missing and good == transit + stock + outlet + handed_over + destroyed


def expires_on(issue: date, years: int, end_rule: str) -> date:
    """The last good day. Both conventions are in use: the day before, or the same day, `years` later."""
    last = add_years(issue, years)
    return add_days(last, -1) if end_rule == "day_before" else last


def working_days_after(start: date, days: int) -> date:
    """The day that lies so many working days (Monday to Friday) after the start; public holidays are not known here,
    so the promise is never shorter than the rule."""
    day, left = start, days
    while left > 0:
        day = add_days(day, 1)
        left -= day.weekday() < 5
    return day


def works_at(organisation: str, organisation_kind: str, bank: str, outlet: str, outlet_bank: str | None) -> bool:
    """May staff of this organisation act at the outlet? Its own staff; bureau staff in every hall of the bureau; the
    bank's staff in that bank's branches."""
    if organisation == outlet:
        return True
    if outlet_bank is None:
        return organisation_kind == "bureau"
    return organisation_kind == "bank" and bank == outlet_bank


@dataclass(frozen=True, slots=True)
class Returned:
    """One line of a producer's return: the card's number in the batch, its identification code, and what became of
    it."""

    serial: int
    code: str
    outcome: str
    reason: str = ""
    chip_serial: str = ""
    atr: str = ""
    box: str = ""
    audit: str = ""
    """The audit record that the finished chip answered, hex."""


OUTCOMES: Final = frozenset({"good", "spoiled", "missing"})
_HEX: Final = frozenset("0123456789ABCDEF")


def _made_by(audit: str, script: bytes | None) -> bool:
    """Does the chip's own record say that it executed this script? Batches released before there were scripts have
    none."""
    return script is None or audit[-64:].lower() == script.hex()


def check_return(
    ordered: Mapping[int, str],
    lines: Iterable[Returned],
    claimed: Mapping[str, int],
    boxes: Mapping[str, int],
    scripts: Mapping[int, bytes],
) -> list[Fault]:
    """Every fault of a return. `ordered`: serial → identification code as it was sent; `claimed`: the totals that the
    producer signed; `boxes`: seal → number of cards in it; `scripts`: serial → SM3 of the script that makes its chip, with
    which the audit record of a good card ends. Nothing may be left open, nothing may be told twice."""
    faults: list[Fault] = []
    seen: dict[int, str] = {}
    counted = dict.fromkeys(OUTCOMES, 0)
    packed: dict[str, int] = {}
    chips: set[str] = set()
    for line in lines:
        place = f"card {line.serial}"
        if line.serial in seen:
            faults.append(Fault(place, "issuing.return_twice_named"))
            continue
        seen[line.serial] = line.outcome
        if ordered.get(line.serial) != line.code:
            faults.append(Fault(place, "issuing.return_not_ordered"))
        if line.outcome not in OUTCOMES:
            faults.append(Fault(place, "issuing.return_outcome", {"outcome": line.outcome[:20]}))
            continue
        counted[line.outcome] += 1
        if line.outcome == "good":
            packed[line.box] = packed.get(line.box, 0) + 1
            if len(line.chip_serial) != 8 or not _HEX.issuperset(line.chip_serial + line.atr) or len(line.atr) > 30:
                faults.append(Fault(place, "issuing.return_chip"))
            elif line.chip_serial in chips:
                faults.append(Fault(place, "issuing.return_chip_twice", {"chip": line.chip_serial}))
            chips.add(line.chip_serial)
            if not _made_by(line.audit, scripts.get(line.serial)):
                faults.append(Fault(place, "issuing.return_audit"))
        elif not line.reason:
            faults.append(Fault(place, "issuing.return_reason"))
    if open_ := sorted(set(ordered) - set(seen)):
        faults.append(Fault("cards", "issuing.return_left_open", {"count": len(open_), "first": open_[0]}))
    for outcome in sorted(OUTCOMES):
        if claimed.get(outcome, 0) != counted[outcome]:
            facts = {"outcome": outcome, "claimed": claimed.get(outcome, 0), "counted": counted[outcome]}
            faults.append(Fault("totals", "issuing.return_counts", facts))
    if {seal: count for seal, count in boxes.items() if count} != packed:
        faults.append(Fault("boxes", "issuing.return_boxes"))
    return faults


AUDITS: Final = ("conformance", "safety", "cross_area")
"""The three examinations of a test card (card measures Art. 12)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ministry's office said of one audit: passed or failed, from a day on and perhaps to a last one."""

    audit: str
    outcome: str
    decided_on: date
    until: date | None = None


def audits_on(verdicts: Iterable[Verdict], on: date) -> dict[str, tuple[str, date | None]]:
    """Each audit's state on a day (missing, passed, failed, expired) and its last day. Of several verdicts about an audit
    the newest one that was made by then holds; `verdicts` are oldest first."""
    newest = {one.audit: one for one in verdicts if one.decided_on <= on}
    found: dict[str, tuple[str, date | None]] = {}
    for audit in AUDITS:
        one = newest.get(audit)
        if one is None:
            found[audit] = ("missing", None)
        elif one.outcome == "passed" and one.until is not None and one.until < on:
            found[audit] = ("expired", one.until)
        else:
            found[audit] = (one.outcome, one.until)
    return found

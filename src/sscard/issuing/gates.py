"""The gates that stand before every act of issuing: the area's approval, own records, the right outlet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from sscard.control.inside import Inside
from sscard.issuing import rules
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import permits
from sscard.law.areas import Area, Branch, BureauOutlet
from sscard.people.models import Person


def approved(inside: Inside, *, as_issuer: bool = False) -> None:
    """Refuse unless the area may issue today (ISS-1). `as_issuer`: the caller himself acts as the issuer, so his
    organisation must be the area's department; a bank, a producer or an outlet never is."""
    kind = inside.caller.organisation_kind if as_issuer else ""
    permits.require_issuing_approval(inside.area, inside.today, kind or permits.BUREAU)


def papers_named(area: Area, matter: str, faults: Iterable[Fault]) -> list[Fault]:
    """Faults about papers with the names that the area's list gives them."""
    names = {paper.code: paper.name for paper in area.papers(matter)}
    return [
        replace(fault, facts={"paper": code, "paper_zh": names[code].zh, "paper_en": names[code].en})
        if (code := str(fault.facts.get("paper", ""))) in names
        else fault
        for fault in faults
    ]


def approved_once(inside: Inside) -> None:
    """For acts that only take care of cards that exist: they go on while an approval is suspended or has ended, but
    where there never was one there can be no cards."""
    if inside.area.approval_on(inside.today).state in ("suspended", "ended"):
        return
    approved(inside)


def own_and_relatives(inside: Inside, persons: Collection[int]) -> set[int]:
    """Which of these persons are the caller, the maker of the request, or a relative whom the caller declared."""
    caller = inside.caller
    mine = {one for one in (caller.person_index, inside.maker_person) if one is not None} | set(caller.relatives)
    if caller.kind != "staff" or not mine:
        return set()
    found = Person.objects.filter(id_index__in=mine).values_list("person_id", flat=True)
    return set(found) & set(persons)


def about_all(inside: Inside, persons: Collection[int], *, what: str) -> None:
    """Like `inside.about`, for a whole batch with one query. Raises control.own_record if one of them is the caller's
    own record, or a relative's (security.md T01)."""
    if own_and_relatives(inside, persons):
        raise Refusal("control.own_record")
    note_all(inside, persons, what=what)


def note_all(inside: Inside, persons: Collection[int], *, what: str) -> None:
    """Write down that these records were touched, without a decision about any of them."""
    inside.persons.update(dict.fromkeys(persons, inside.area_code))
    inside.detail.setdefault("what", what)


def outlet(inside: Inside, code: str) -> BureauOutlet | Branch:
    """An outlet of this area; refuses issuing.outlet_unknown."""
    for one in inside.area.outlets():
        if one.code == code:
            return one
    raise Refusal("issuing.outlet_unknown", outlet=code[:40])


def at_outlet(inside: Inside, code: str) -> BureauOutlet | Branch:
    """The outlet, if the caller works there; refuses issuing.not_your_outlet."""
    found = outlet(inside, code)
    caller = inside.caller
    if not rules.works_at(caller.organisation, caller.organisation_kind, caller.bank, code, found.bank):
        raise Refusal("issuing.not_your_outlet", outlet=found.name.zh, outlet_en=found.name.en)
    return found

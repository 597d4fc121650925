"""The screens of the seven steps: what each says and which buttons it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from sscard.bank.savings_opening import rules
from sscard.kernel import words
from sscard.kernel.refusals import Fault
from sscard.portal import evidence
from sscard.portal import savings_steps as steps
from sscard.portal.evidence import Panel
from sscard.portal.savings_steps import Standing
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import fresh_key
from sscard.portal.terminal import matters
from sscard.portal.terminal.kiosk import DEVICE_SECONDS, AtKiosk
from sscard.portal.terminal.matters import Onward

HERE = "/terminal/savings/"
ANSWER_SECONDS, READING_SECONDS = 120, 300
"""So long a question, or an agreement that is to be read, stays on the screen of nobody."""


def render(at: AtKiosk, of: Standing, *, title: str, number: int = 0, **more: Any) -> HttpResponse:
    """One screen of a step: its number in the lead, its form, its buttons. `number`: a step that is put right, else the one
    that is due."""
    number = number or of.due
    name = words.text("notice", f"bank.savings.step.{number}", at.lang) if number else ""
    more.setdefault("lead", at.word("kiosk.savings.step", number=number, name=name) if number else "")
    more.setdefault("seconds", ANSWER_SECONDS)
    if number != of.due:  # he may leave it as it was
        more.setdefault("back_url", HERE)
    return at.render(
        "portal/terminal/question.html",
        title=title,
        step=number,
        action=HERE,
        key=fresh_key(),
        keys=[*"123456789"],
        **more,
    )


def due(at: AtKiosk, of: Standing) -> HttpResponse:
    """The step that comes next, where it is not one of the questions."""
    if of.due == 1:
        return papers(at, of)
    if of.due == 3:
        return where(at, of)
    if of.due == 5:
        return render(
            at, of, title=at.word("kiosk.savings.identify"), text=at.word("kiosk.savings.identify_text"),
            lines=steps.chosen(of, at.lang), changes=_changes(at, of), submit=at.word("kiosk.savings.identify_go"),
        )  # fmt: skip
    if of.due == 6:
        return _form_of_agreement(at, of)
    if of.due == 7:
        return render(
            at, of, title=at.word("kiosk.savings.hand_over"), text=at.word("kiosk.savings.hand_over_text"),
            submit=at.word("kiosk.savings.hand_over_go"),
        )  # fmt: skip
    return render(at, of, title=of.told.sentence(at.lang), text=of.told.next_step(at.lang), take=True)


def papers(at: AtKiosk, of: Standing, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    """Those that he needs are ticked one by one; those that he does not need stand below, with why."""
    tick = tuple((one["code"], one["name"], one["why"]) for one in _needed(of))
    return render(
        at, of, title=at.word("kiosk.savings.papers"), seconds=READING_SECONDS, faults=faults,
        fields=[Field("papers", at.word("kiosk.savings.papers_tick"), kind="checkbox", options=tick)],
        values={"papers": at.request.POST.getlist("papers")},
        bring=[one for one in of.comparison["papers"] if not one["needed"]], submit=at.word("kiosk.savings.seen"),
    )  # fmt: skip


def papers_missing(at: AtKiosk, of: Standing) -> tuple[Fault, ...]:
    ticked = at.request.POST.getlist("papers")
    missing = [one["name"] for one in _needed(of) if one["code"] not in ticked]
    names = ("、" if at.lang == "zh" else ", ").join(missing)
    return (Fault("papers", "portal.papers_not_ticked", {"names": names}),) if missing else ()


def _needed(of: Standing) -> list[dict[str, Any]]:
    return [one for one in of.comparison["papers"] if one["needed"]]


def _changes(at: AtKiosk, of: Standing) -> list[tuple[int, str]]:
    """The earlier steps that may be put right here."""
    behind = [number for number in steps.correctable(of) if 1 < number < of.due]
    return [
        (number, at.word("kiosk.savings.change", name=words.text("notice", f"bank.savings.step.{number}", at.lang)))
        for number in behind
    ]


def where(at: AtKiosk, of: Standing) -> HttpResponse:
    place = steps.place_name(of, at.terminal.outlet, at.lang)
    choices = [
        (one, at.word(f"kiosk.savings.where.{one}"), at.word(f"kiosk.savings.where.{one}_hint", place=place))
        for one in (rules.KIOSK, rules.COUNTER)
    ]
    title = at.word("kiosk.savings.where.ask")
    return render(
        at,
        of,
        number=3,
        title=title,
        question="channel",
        choices=choices,
        changes=_changes(at, of) if of.due == 3 else [],
    )


def _form_of_agreement(at: AtKiosk, of: Standing) -> HttpResponse:
    own = next(one for one in of.comparison["banks"] if one["code"] == of.mirror.bank)
    choices = [
        (one, at.word(f"kiosk.savings.form.{one}"), at.word(f"kiosk.savings.form.{one}_hint"))
        for one in (rules.ELECTRONIC, rules.PAPER)
        if one == rules.PAPER or own["electronic"]
    ]
    return render(
        at, of, title=at.word("kiosk.savings.form.ask"), text=at.word("kiosk.savings.form.same"), question="form",
        choices=choices, lines=steps.chosen(of, at.lang), changes=_changes(at, of),
    )  # fmt: skip


def consent(at: AtKiosk, of: Standing) -> HttpResponse:
    """The words that he agrees to are those that are written down with his consent."""
    choices = [
        ("yes", at.word("kiosk.savings.consent.yes"), at.word("kiosk.savings.consent.yes_hint")),
    ]
    return render(
        at, of, title=at.word("kiosk.savings.consent.ask"),
        text=words.text("notice", f"bank.savings.consent.{rules.ELECTRONIC}", at.lang),
        question="consent", choices=choices, carried=[("form", rules.ELECTRONIC)],
        other=("form", rules.PAPER, at.word("kiosk.savings.consent.paper")),
    )  # fmt: skip


def devices(at: AtKiosk, of: Standing, told: dict[str, Any], ready: str) -> HttpResponse:
    """The devices one after the other; when something is there, one button does what comes next."""
    shown = evidence.panel(at.acting(), at.visit().session, at.lang, one_by_one=True)
    to_read = of.due == 6 and bool(told["asked"])
    title = "kiosk.savings.identify" if of.due == 5 else "kiosk.savings.read" if to_read else "kiosk.savings.sign"
    return render(
        at, of,
        title=at.word(title),
        text=at.word("kiosk.savings.read_text") if to_read else "",
        links=[Link(at.word("kiosk.savings.read_go"), f"{HERE}draft/")] if to_read else [],
        devices=asked(at, shown).devices,
        live_url="" if ready else f"{HERE}live/",
        submit=at.word(f"kiosk.savings.do.{ready}") if ready else "",
        seconds=READING_SECONDS if of.due == 6 else DEVICE_SECONDS,
    )  # fmt: skip


def asked(at: AtKiosk, shown: Panel) -> Panel:
    """A card that has been in too long to count any more is read again: he is told to take it out first."""
    again = at.word("kiosk.savings.card_again")
    return replace(
        shown,
        devices=tuple(
            replace(one, sentence=again) if one.kind == "card_slot" and one.state == "waiting" else one
            for one in shown.devices
        ),
    )


def on_paper(at: AtKiosk, document: str) -> HttpResponse:
    return _over(
        at, "paper", at.word("kiosk.savings.paper_lead"),
        [Link(at.word("kiosk.savings.print_paper"), f"{HERE}paper/{document}/")],
    )  # fmt: skip


def to_the_counter(at: AtKiosk, lead: str) -> HttpResponse:
    return _over(at, "counter", lead, [])


def opened(at: AtKiosk, of: Standing, done: dict[str, Any]) -> HttpResponse:
    """The function is open; what the card still needs is said, and the papers wait for the printer."""
    links = [
        Link(at.word(f"kiosk.savings.print_{name}"), f"{HERE}paper/{done[name]}/") for name in ("guide", "agreement")
    ]
    lead = " ".join((of.told.sentence(at.lang), of.told.next_step(at.lang)))
    asleep = of.told.code == "open_asleep"
    return _over(
        at,
        "opened",
        lead,
        links,
        steps.chosen(of, at.lang),
        onward=matters.onward(at, "activate", at.word("kiosk.savings.activate")) if asleep else None,
    )


def _over(
    at: AtKiosk,
    name: str,
    lead: str,
    links: list[Link],
    lines: list[Answer] | None = None,
    *,
    onward: Onward | None = None,
) -> HttpResponse:
    return at.render(
        "portal/terminal/done.html",
        title=at.word(f"kiosk.savings.{name}_title"),
        lead=lead,
        links=links,
        small=lines or [],
        onward=onward,
        seconds=ANSWER_SECONDS,
    )

"""What is missing for this card, where to go and what to bring (ACT-1), in the order that is recommended: first the
social-security side, then the bank. Both are acts of their own; neither waits for the other by rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.law import areas
from sscard.law.areas import Area, Branch, BureauOutlet
from sscard.law.papers import Bring, bring
from sscard.portal.my.card import Shown
from sscard.portal.signed import AtPage

COLLECT, ENABLE, ACTIVATE = "collect", "enable", "bank_activation"
"""Matters of the area's papers file."""


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    address: str
    hours: str
    phone: str
    terminal: bool
    area_name: str = ""
    """Only where it lies in another area than the card's."""


@dataclass(frozen=True, slots=True)
class Step:
    """`state`: done, now or later. `rule`: the bank's rule as a sentence. `bring` is empty for what is done."""

    matter: str
    state: str
    title: str
    sentence: str
    rule: str = ""
    hotline: str = ""
    places: tuple[Place, ...] = ()
    bring: tuple[Bring, ...] = ()
    beside: bool = False
    """The savings function is opened at the same place with other papers."""


def steps(inside: Inside, at: AtPage, shown: Shown) -> list[Step]:
    """The steps of this card, done ones included; the first that is not done is "now"."""
    found = [_collect(inside, at, shown), _enable(inside, at, shown)]
    if shown.card.bank:
        found.append(_activate(inside, at, shown))
    return found


def what_next(list_: Iterable[Step]) -> Step | None:
    return next((step for step in list_ if step.state == "now"), None)


def _collect(inside: Inside, at: AtPage, shown: Shown) -> Step:
    if shown.in_hand:
        return Step(COLLECT, "done", at.word("my.step.collect"), at.word("my.step.collect_done"))
    ready = shown.card.production == "outlet_stock"
    sentence = at.word("my.step.collect_ready" if ready else "my.step.collect_wait")
    places = bureau_places(inside.area, at.lang) if ready else ()
    return Step(
        COLLECT, "now", at.word("my.step.collect"), sentence, places=places, bring=papers(inside.area, COLLECT, at.lang)
    )


def _enable(inside: Inside, at: AtPage, shown: Shown) -> Step:
    title = at.word("my.step.enable")
    if not shown.needs_enabling:
        return Step(ENABLE, "done", title, at.word("my.step.enable_done"))
    state = "now" if shown.in_hand else "later"
    sentence = at.word("my.step.enable_child" if shown.child else "my.step.enable_text")
    return Step(
        ENABLE,
        state,
        title,
        sentence,
        places=bureau_places(inside.area, at.lang),
        bring=papers(inside.area, ENABLE, at.lang),
    )


def _activate(inside: Inside, at: AtPage, shown: Shown) -> Step:
    bank = inside.area.bank(shown.card.bank, inside.today)
    name = bank.short.of(at.lang)
    title = at.word("my.step.activate", bank=name)
    if shown.account is not None and not shown.needs_activation and shown.account.activated_at:
        return Step(ACTIVATE, "done", title, at.word("my.step.activate_done"))
    now = shown.in_hand and not shown.needs_enabling and shown.needs_activation
    sentence = at.word("my.step.activate_child" if shown.child else "my.step.activate_text", bank=name)
    return Step(
        ACTIVATE,
        "now" if now else "later",
        title,
        sentence,
        rule=at.word(f"front.rule.{bank.activation_outlets}"),
        hotline=bank.hotline,
        places=bank_places(inside.area, shown.card.bank, bank.activation_outlets, at.lang),
        bring=papers(inside.area, ACTIVATE, at.lang),
        beside=True,
    )


def bureau_places(area: Area, lang: str) -> tuple[Place, ...]:
    return tuple(_place(one, lang) for one in area.outlets(kind="bureau"))


def bank_places(area: Area, bank: str, rule: str, lang: str) -> tuple[Place, ...]:
    """The outlets at which this bank's rule lets a card of this area be activated; the own area's first."""
    found = [_place(one, lang) for one in area.outlets(kind="bank", bank=bank)]
    if rule == "nationwide":
        for other in areas.all_areas():
            if other.code != area.code and other.approval_on(clock.today(other.code)).holds:
                found += [_place(one, lang, other.name(lang)) for one in other.outlets(kind="bank", bank=bank)]
    return tuple(found)


def papers(area: Area, matter: str, lang: str) -> tuple[Bring, ...]:
    """What to bring by the area's papers file; nothing where the file is silent."""
    return bring(area, matter, lang) if matter in area.matters() else ()


def _place(one: BureauOutlet | Branch, lang: str, area_name: str = "") -> Place:
    return Place(one.name.of(lang), one.address.of(lang), one.hours.of(lang), one.phone, one.terminal, area_name)

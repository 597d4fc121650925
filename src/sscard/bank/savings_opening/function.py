"""The savings function as others ask for it: has this account it, the one sentence about it, how far an opening is, and what
the area's banks offer beside each other (ACT-5, ACT-6, ACT-10)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import connection

from sscard.bank.models import AccountStatus, SavingsApplication, SavingsMark
from sscard.bank.savings_opening.papers import fee_text
from sscard.bank.savings_opening.states import OVER, STEPS, Stage, step_done, step_due
from sscard.bank.states import Restriction, Status
from sscard.control.inside import Inside
from sscard.documents import kept
from sscard.documents.models import KeptDocument
from sscard.kernel import db, words
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.papers import bring
from sscard.law.savings import SAVINGS_FUNCTIONS, SavingsFunction

_STOPPED = {Restriction.LOST, Restriction.FULL_FREEZE, Restriction.DEBIT_FREEZE}


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to "does my card have the savings function?". `code`: open, open_asleep, open_stopped, opening, none,
    closed."""

    code: str
    has: bool
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, lang: str = "zh") -> str:
        return words.text("notice", f"bank.savings.answer.{self.code}", lang, **_in(lang, self.facts))

    def next_step(self, lang: str = "zh") -> str:
        return words.next_step("notice", f"bank.savings.answer.{self.code}", lang, **_in(lang, self.facts))


def has_savings(mirror: AccountStatus) -> bool:
    """Has this account the savings function? In any unit of work, in the bank's role or outside it. Whether its money can
    move now is the question of `bank.rules.permits`."""
    mark = _mark(mirror)
    return mark is not None and mark.opened_at is not None and mirror.status != Status.CLOSED


def functions_of(mirror: AccountStatus) -> frozenset[str]:
    """Which functions were opened: "demand", "time", "notice", "standing", "online", "messages"."""
    mark = _mark(mirror)
    return frozenset(mark.functions) if mark is not None and mark.opened_at is not None else frozenset()


AT_COUNTER: Final = ("time", "notice", "standing")
"""Functions that are used at the bank's counter: terminals and the bank's site do not have them."""


def tell(mirror: AccountStatus, on: date) -> Told:
    """The one sentence, the same at the counter, at the phone and on-line. Names the bank, never a number or an amount."""
    mark, bank = _mark(mirror), areas.get(mirror.area_code).bank(mirror.bank, on)
    facts: dict[str, Any] = {"bank": bank.short.zh, "bank_en": bank.short.en, "hotline": bank.hotline}
    if mirror.status == Status.CLOSED:
        return Told("closed", False, facts)
    if mark is not None and mark.opened_at is not None:
        if _STOPPED & {Restriction(one) for one in mirror.restrictions}:
            return Told("open_stopped", True, facts)
        return Told("open" if mirror.status == Status.ACTIVE else "open_asleep", True, facts)
    if mark is not None and Stage(mark.stage) not in OVER:
        stage = Stage(mark.stage)
        facts |= {"done": step_done(stage), "steps": STEPS, "step": step_due(stage)}
        for lang, end in (("zh", ""), ("en", "_en")):
            facts[f"name{end}"] = words.text("notice", f"bank.savings.step.{step_due(stage)}", lang)
        return Told("opening", False, facts)
    return Told("none", False, facts)


@dataclass(frozen=True, slots=True)
class StepShown:
    """One of the seven steps: done (when, where), now or later."""

    number: int
    state: str
    at: str = ""
    where: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """An opening as the applicant sees it."""

    application: uuid.UUID
    number: str
    account: uuid.UUID
    bank: str
    stage: Stage
    functions: tuple[str, ...]
    channel: str
    outlet: str
    agreement_form: str
    steps: tuple[StepShown, ...]
    documents: tuple[KeptDocument, ...] = ()

    @property
    def due(self) -> int:
        return step_due(self.stage)


def progress_of(inside: Inside, mirror: AccountStatus) -> Progress | None:
    """The running opening of an account, or the one that opened it; None when there was none. The caller of this has named
    the person."""
    if inside.caller.kind != "holder" and inside.caller.bank != mirror.bank:
        raise Refusal("control.not_found")
    mark = _mark(mirror)
    if mark is None or Stage(mark.stage) is Stage.WITHDRAWN:
        return None
    with inside.bank_role(mirror.bank):
        row = SavingsApplication.objects.get(person_id=mirror.person_id, application_id=mark.application_id)
    stage = Stage(row.stage)
    behind = {one["step"]: one for one in row.steps}
    steps = tuple(_step(number, behind.get(number), step_due(stage)) for number in range(1, STEPS + 1))
    with _in_area(mirror.area_code):
        documents = tuple(kept.of_subject(mirror.person_id, row.application_id))
    return Progress(
        row.application_id, row.number, row.account_id, row.bank, stage, tuple(row.functions), row.channel, row.outlet,
        row.agreement_form, steps, documents,
    )  # fmt: skip


def _step(number: int, done: dict[str, str] | None, due: int) -> StepShown:
    if done is not None:
        return StepShown(number, "done", done["at"], done["where"], done["by"])
    return StepShown(number, "now" if number == due else "later")


def _terms(one: SavingsFunction, lang: str) -> str:
    """The area pack's terms or reason, and where it is done if at the counter only."""
    said = one.terms.of(lang)
    if not one.offered or one.code not in AT_COUNTER:
        return said
    return words.text("notice", "bank.savings.terms_at_counter", lang, terms=said)


def comparison(area_code: str, on: date, lang: str) -> dict[str, Any]:
    """What the area's banks offer, beside each other: functions with terms or reasons, limits a day, fees, channels, papers.
    Everything is the area pack's, with its source."""
    area = areas.get(area_code)
    banks = []
    for bank in area.banks(on):
        try:
            terms = area.savings(bank.code, on)
        except Refusal as no:
            banks.append(
                {
                    "code": bank.code,
                    "name": bank.name.of(lang),
                    "short": bank.short.of(lang),
                    "hotline": bank.hotline,
                    "none": no.sentence(lang),
                }
            )
            continue
        banks.append(
            {
                "code": bank.code,
                "name": bank.name.of(lang),
                "short": bank.short.of(lang),
                "hotline": bank.hotline,
                "none": "",
                "functions": [
                    {"code": one.code, "offered": one.offered, "terms": _terms(one, lang)} for one in terms.function
                ],
                "limits": {
                    "withdrawal_day_fen": bank.limits.withdrawal_day_fen,
                    "transfer_day_fen": bank.limits.transfer_day_fen,
                    "purchase_day_fen": bank.limits.purchase_day_fen,
                },
                "fees": [
                    {"code": one.code, "name": one.name.of(lang), "amount_fen": one.amount_fen, "per": one.per,
                     "text": fee_text(one.amount_fen, one.per, lang), "note": one.note.of(lang) if one.note else ""}
                    for one in terms.fee
                ],
                "channels": list(terms.channels),
                "electronic": terms.electronic,
                "youngest": terms.youngest,
                "least_opening_fen": terms.least_opening_fen,
                "outlets": [one.code for one in area.outlets(kind="bank", bank=bank.code)],
                "source": terms.source,
                "since": terms.from_.isoformat(),
            }
        )  # fmt: skip
    functions = [
        {"code": code, "name": words.text("notice", f"bank.savings.function.{code}", lang)}
        for code in SAVINGS_FUNCTIONS
    ]
    papers = [one.told() for one in bring(area, "savings_opening", lang)]
    return {"area": area_code, "on": on.isoformat(), "functions": functions, "banks": banks, "papers": papers}


def _mark(mirror: AccountStatus) -> SavingsMark | None:
    with _in_area(mirror.area_code):
        return SavingsMark.objects.filter(person_id=mirror.person_id, account_id=mirror.account_id).first()


@contextmanager
def _in_area(area: str) -> Iterator[None]:
    """Rows of the account's area, wherever the unit of work stands."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('sscard.area', true), '')")
        (before,) = cursor.fetchone()
    if before != area:
        db.enter_area(area)
    yield
    if before != area:
        db.enter_area(before)


def _in(lang: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with the names of this language under the plain name."""
    return {name: facts.get(f"{name}_en", value) if lang == "en" else value for name, value in facts.items()}

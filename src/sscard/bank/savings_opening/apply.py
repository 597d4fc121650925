"""Steps 1 to 4 of the opening: papers, bank, counter or terminal, form. The applicant does them himself on his page, or the
bank's counter or terminal does them with him."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from sscard.bank.models import SavingsApplication, SavingsMark
from sscard.bank.savings_opening import rules
from sscard.bank.savings_opening.case import LOOKUP, account, advance, answer, load, refuse, start, terms_of
from sscard.bank.savings_opening.states import OVER, Stage, after
from sscard.bank.standing import in_area
from sscard.bank.states import Status
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.kernel.sealed import open_one
from sscard.law import areas
from sscard.law.areas import Branch
from sscard.people import lookup

MATTER = "savings_opening"
"""The papers' matter in the area pack."""


@dataclass(frozen=True, slots=True)
class SavingsBegin:
    """Step 1: he has seen which papers are needed (`papers_seen`) for the card's account `account`."""

    account: uuid.UUID
    papers_seen: bool = False


@dataclass(frozen=True, slots=True)
class SavingsChoose:
    """Step 2: the bank from the area's public list, and which of its functions."""

    application: uuid.UUID
    bank: str
    functions: tuple[str, ...] = ("demand",)


@dataclass(frozen=True, slots=True)
class SavingsWhere:
    """Step 3: "counter" or "kiosk", and at which of the bank's outlets."""

    application: uuid.UUID
    channel: str
    outlet: str


@dataclass(frozen=True, slots=True)
class SavingsForm:
    """Step 4. Codes: `rules.OCCUPATIONS`, `USES`, `TAX`. Messages at movements are one of step 2's functions."""

    application: uuid.UUID
    phone: str
    address: str
    occupation: str
    use: str
    tax: str
    accept: bool = False


@dataclass(frozen=True, slots=True)
class SavingsWithdraw:
    application: uuid.UUID


@act("bank.savings_begin", right="bank.savings_apply", about_person=True)
def savings_begin(inside: Inside, request: SavingsBegin) -> dict[str, Any]:
    """The papers, each with needed or not and why, are part of the answer; the opening begins once he has seen them."""
    mirror = account(inside, request.account)
    terms_of(inside, mirror)
    if mirror.status == Status.CLOSED:
        raise Refusal("bank.closed")
    if mirror.status == Status.PENDING_OPEN:
        raise Refusal("bank.not_open_yet")
    with in_area(inside, mirror.area_code):
        mark = SavingsMark.objects.filter(person_id=mirror.person_id, account_id=mirror.account_id).first()
    if mark is not None and mark.opened_at is not None:
        raise Refusal("bank.savings_already")
    if not request.papers_seen:
        raise Refusal("bank.savings_papers_first")
    with inside.bank_role(mirror.bank):
        if (
            SavingsApplication.objects.filter(person_id=mirror.person_id, account_id=mirror.account_id)
            .exclude(stage__in=[str(one) for one in OVER])
            .exists()
        ):
            raise Refusal("bank.savings_running")
    row = start(inside, mirror)
    advance(inside, row, mirror, "bank.savings_begin", where=inside.caller.organisation)
    lookup.put(
        LOOKUP, row.application_id, area=mirror.area_code, person_id=mirror.person_id, object_id=mirror.account_id
    )
    papers = [
        {"code": one.code, "needed": one.needed, "if_held": one.if_held, "name": one.name.zh,
         "name_en": one.name.en, "why": one.why.zh, "why_en": one.why.en}
        for one in areas.get(mirror.area_code).papers(MATTER)
    ]  # fmt: skip
    return {**answer(row), "papers": papers}


@act("bank.savings_choose", right="bank.savings_apply", about_person=True)
def savings_choose(inside: Inside, request: SavingsChoose) -> dict[str, Any]:
    case = load(inside, request.application)
    after(case.stage, "bank.savings_choose")
    functions = tuple(dict.fromkeys(request.functions))
    if request.bank not in {one.code for one in areas.get(case.mirror.area_code).banks(inside.today)}:
        raise Refusal(
            "law.bank_unknown",
            bank=request.bank[:12] if request.bank.isalnum() else "?",
            **areas.get(case.mirror.area_code).naming(),
        )
    refuse(rules.choice_faults(case.offer, case.mirror.bank, request.bank, functions), inside, case.mirror)
    case.row.functions = [one for one in case.offer.known if one in functions]
    advance(inside, case.row, case.mirror, "bank.savings_choose", where=inside.caller.organisation)
    return {**answer(case.row), "functions": list(case.row.functions)}


@act("bank.savings_where", right="bank.savings_apply", about_person=True)
def savings_where(inside: Inside, request: SavingsWhere) -> dict[str, Any]:
    case = load(inside, request.application)
    after(case.stage, "bank.savings_where")
    outlet = next(
        (one for one in areas.get(case.mirror.area_code).outlets(kind="bank") if one.code == request.outlet), None
    )
    bank = outlet.bank if isinstance(outlet, Branch) else None
    faults = rules.channel_faults(
        case.offer, request.channel, bank, named=bool(request.outlet),
        outlet_terminal=bool(outlet is not None and outlet.terminal),
    )  # fmt: skip
    refuse(faults, inside, case.mirror)
    case.row.channel, case.row.outlet = request.channel, request.outlet
    advance(inside, case.row, case.mirror, "bank.savings_where", where=request.outlet)
    return answer(case.row)


@act("bank.savings_form", right="bank.savings_apply", about_person=True)
def savings_form(inside: Inside, request: SavingsForm) -> dict[str, Any]:
    """All faults at once, each at its field."""
    case = load(inside, request.application)
    after(case.stage, "bank.savings_form")
    form = rules.Form(
        request.phone.strip(), request.address, request.occupation, request.use, request.tax, request.accept,
    )  # fmt: skip
    refuse_if_any(rules.form_faults(form))
    case.row.form = asdict(form)
    advance(inside, case.row, case.mirror, "bank.savings_form", where=inside.caller.organisation)
    return answer(case.row)


def stated(inside: Inside, application: uuid.UUID) -> dict[str, Any]:
    """What he wrote in step 4, for himself and for the teller who puts it right with him; {} before that step."""
    case = load(inside, application, lock=False)
    return dict(open_one(case.row, "form", inside)) if case.row.form else {}


@act("bank.savings_withdraw", right="bank.savings_apply", about_person=True)
def savings_withdraw(inside: Inside, request: SavingsWithdraw) -> dict[str, Any]:
    """He does not want it any more; nothing else of the card changes, and he may begin anew at any time."""
    case = load(inside, request.application)
    after(case.stage, "bank.savings_withdraw")
    case.row.prepared = None
    advance(inside, case.row, case.mirror, "bank.savings_withdraw", where=inside.caller.organisation)
    assert Stage(case.row.stage) is Stage.WITHDRAWN
    return answer(case.row)

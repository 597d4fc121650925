"""Finding one opening of the savings function, moving it on by the table, and telling the mirror that others read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sscard.bank.models import AccountStatus, SavingsApplication, SavingsMark
from sscard.bank.savings_opening.rules import Offer
from sscard.bank.savings_opening.states import STEPS, Stage, after, corrects, step_done
from sscard.bank.standing import in_area, naming
from sscard.control.inside import Inside
from sscard.kernel import ids, words
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.law.savings import SAVINGS_FUNCTIONS, Savings
from sscard.people import lookup

LOOKUP = "savings"


@dataclass(slots=True)
class Case:
    row: SavingsApplication
    mirror: AccountStatus
    terms: Savings

    @property
    def offer(self) -> Offer:
        return offer_of(self.terms)

    @property
    def stage(self) -> Stage:
        return Stage(self.row.stage)


def offer_of(terms: Savings) -> Offer:
    return Offer(terms.bank, terms.offered(), SAVINGS_FUNCTIONS, terms.channels, terms.electronic, terms.youngest)


def terms_of(inside: Inside, mirror: AccountStatus) -> Savings:
    """The bank's offer in the account's area today; "law.no_savings_offer" when there is none."""
    return areas.get(mirror.area_code).savings(mirror.bank, inside.today)


def account(inside: Inside, account_id: uuid.UUID) -> AccountStatus:
    """The account of a holder himself (or his ward), or of a customer of the caller's bank. Another bank's staff are told
    which bank it is, as it stands on the card."""
    found = lookup.require("account", account_id)
    with in_area(inside, found.area):
        inside.about(found.person_id, found.area)
        mirror = AccountStatus.objects.filter(person_id=found.person_id, account_id=account_id).first()
    if mirror is None:
        raise Refusal("control.not_found")
    if inside.caller.kind != "holder" and mirror.bank != inside.caller.bank:
        raise Refusal("bank.other_bank", **naming(mirror, inside))
    return mirror


def load(inside: Inside, application: uuid.UUID, *, lock: bool = True) -> Case:
    """The opening with its account and the bank's terms; who has no business with it finds nothing."""
    found = lookup.require(LOOKUP, application)
    assert found.object_id is not None
    mirror = account(inside, found.object_id)
    with inside.bank_role(mirror.bank):
        query = SavingsApplication.objects.select_for_update(no_key=True) if lock else SavingsApplication.objects
        row = query.filter(person_id=mirror.person_id, application_id=application).first()
    if row is None:
        raise Refusal("control.not_found")
    inside.object = f"savings:{application}"
    return Case(row, mirror, terms_of(inside, mirror))


def start(inside: Inside, mirror: AccountStatus) -> SavingsApplication:
    """A new row; it is written by `advance`."""
    application = ids.new_id()
    inside.object = f"savings:{application}"
    return SavingsApplication(
        person_id=mirror.person_id,
        application_id=application,
        book=f"bank:{mirror.bank}",
        area_code=mirror.area_code,
        account_id=mirror.account_id,
        bank=mirror.bank,
        number=ids.new_reference(8),
        stage="",
        started_at=inside.now,
        changed_at=inside.now,
    )


def advance(inside: Inside, row: SavingsApplication, mirror: AccountStatus, act: str, *, where: str = "") -> None:
    """Move on by the table and write row and mirror."""
    fresh = not row.stage
    step = after(Stage(row.stage) if row.stage else None, act)
    row.stage, row.changed_at = str(step.becomes), inside.now
    # What lies behind a step that is taken again has to be gone through again.
    kept = [one for one in row.steps if one["step"] < step.step] if step.step else list(row.steps)
    done = {"step": step.step, "at": inside.now.isoformat(), "where": where, "by": inside.caller.kind}
    if corrects(step):
        # An agreement that waits for its signature says what was said before: it has to be made anew.
        row.prepared, row.agreement_form = None, ""
        row.steps = sorted([*(one for one in row.steps if one["step"] != step.step), done], key=lambda one: one["step"])
    else:
        made = step.step and (step.step != 6 or step.becomes is Stage.AGREED)
        row.steps = [*kept, done] if made else kept or row.steps
    with inside.bank_role(mirror.bank):
        row.save(force_insert=fresh, force_update=not fresh)
    with in_area(inside, mirror.area_code):
        opened = {"opened_at": inside.now} if step.becomes is Stage.OPEN else {}
        SavingsMark.objects.update_or_create(
            person_id=mirror.person_id,
            account_id=mirror.account_id,
            defaults={
                "area_code": mirror.area_code,
                "bank": mirror.bank,
                "application_id": row.application_id,
                "stage": row.stage,
                "functions": list(row.functions),
                "since": inside.now,
                **opened,
            },
        )


def answer(row: SavingsApplication) -> dict[str, Any]:
    """What every step's act says: where the opening stands."""
    done = step_done(Stage(row.stage))
    return {
        "application": str(row.application_id),
        "number": row.number,
        "stage": row.stage,
        "steps_done": done,
        "steps": STEPS,
        "bank": row.bank,
    }


def refuse(faults: Sequence[Fault], inside: Inside, mirror: AccountStatus) -> None:
    """One fault as its own refusal, several as one that lists them; names of banks, areas and functions are filled in."""
    if not faults:
        return
    told = [Fault(one.place, one.code, {**one.facts, **_names(one, inside, mirror)}) for one in faults]
    if len(told) == 1:
        raise Refusal(told[0].code, faults=told, **told[0].facts)
    raise Refusal("bank.several_reasons", faults=told, count=len(told))


def _names(fault: Fault, inside: Inside, mirror: AccountStatus) -> dict[str, object]:
    area = areas.get(mirror.area_code)
    names: dict[str, object] = {
        **naming(mirror, inside),
        "area_name": area.name("zh"),
        "area_name_en": area.name("en"),
        "hotline": area.bank(mirror.bank, inside.today).hotline,
    }
    if fault.code == "bank.savings_not_offered":
        code = str(fault.facts["code"])
        here = area.savings(mirror.bank, inside.today).of(code)
        having = [one for one in area.banks(inside.today) if code in _offered(area, one.code, inside)]
        for lang, end in (("zh", ""), ("en", "_en")):
            names[f"function{end}"] = words.text("notice", f"bank.savings.function.{code}", lang)
            names[f"why{end}"] = here.terms.of(lang) if here else words.text("notice", "bank.savings.not_told", lang)
            names[f"having{end}"] = ("、" if lang == "zh" else ", ").join(
                one.short.of(lang) for one in having
            ) or words.text("notice", "bank.savings.nobody", lang)
    return names


def _offered(area: areas.Area, bank: str, inside: Inside) -> tuple[str, ...]:
    try:
        return area.savings(bank, inside.today).offered()
    except Refusal:
        return ()

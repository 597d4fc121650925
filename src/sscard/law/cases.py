"""Runs the worked examples of an area pack: what the pack promises must come out of its own values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sscard.kernel.refusals import Fault, Refusal
from sscard.law.area import Area
from sscard.law.papers import need_of
from sscard.law.parameters import PARAMETERS
from sscard.law.schema import INSURANCES, Bank, CardFace, Case, plain

FILE = "cases.toml"


class _IncompleteError(Exception):
    """The example lacks a key that its kind needs, or names something that does not exist."""


def run_cases(area: Area) -> list[Fault]:
    """Every example that does not come out, with what was expected and what was found."""
    return [fault for index, case in enumerate(area.cases()) if (fault := _run(area, case, index))]


def _run(area: Area, case: Case, index: int) -> Fault | None:
    place = f"{FILE} case[{index}]"
    try:
        found = plain(_KINDS[case.about](area, case))
    except _IncompleteError:
        return Fault(place, "law.pack_case_incomplete", {"case": case.name})
    except Refusal as refusal:
        found = f"({refusal.code})"
    if found == case.expect and type(found) is type(case.expect):
        return None
    return Fault(place, "law.pack_case_failed", {"case": case.name, "expected": str(case.expect), "found": str(found)})


def _named(case: Case, names: tuple[str, ...]) -> str:
    if case.what not in names:
        raise _IncompleteError
    return case.what


def _value(area: Area, case: Case) -> Any:
    name = _named(case, PARAMETERS)
    value = area.value(name, case.on)
    return ("unlimited" if name == "chip_unlock_max" else "off") if value is None else value


def _premium(area: Area, case: Case) -> dict[str, int]:
    if case.wage_fen is None:
        raise _IncompleteError
    rates = area.contribution_rates(_named(case, INSURANCES), case.on)
    base = rates.base_fen(case.wage_fen)
    return {"base": base, "employer": rates.employer_fen(base), "person": rates.person_fen(base)}


def _bank_rule(area: Area, case: Case) -> Any:
    if case.what is None or case.part not in Bank.model_fields:
        raise _IncompleteError
    return getattr(area.bank(case.what, case.on), case.part)


def _paper(area: Area, case: Case) -> str:
    if case.what is None:
        raise _IncompleteError
    for paper in area.papers(case.what):
        if paper.code == case.part:
            return need_of(paper)
    raise _IncompleteError


def _face(area: Area, case: Case) -> Any:
    return getattr(area.card_face(case.on), _named(case, tuple(CardFace.model_fields)))


_KINDS: dict[str, Callable[[Area, Case], Any]] = {
    "value": _value,
    "approval": lambda area, case: area.approval_on(case.on).state,
    "premium": _premium,
    "bank_rule": _bank_rule,
    "paper": _paper,
    "banks": lambda area, case: [bank.code for bank in area.banks(case.on)],
    "face": _face,
}

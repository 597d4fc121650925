"""Runs the items on one card, over any transport. The harmless ones first, those that use the card up last."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from sscard.chip.choices import DEFAULT, Choices, described
from sscard.chip.conformance import blocking, certificates, keys, orders, passwords, safety, shape
from sscard.chip.conformance.bench import ITEMS, Bench, Failed, Item
from sscard.chip.conformance.report import Report, Result
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.faults import ChipFault
from sscard.chip.psam.client import PsamClient
from sscard.chip.reader.transport import Transport

ORDER = [one.__name__ for one in (shape, safety, keys, passwords, orders, certificates, blocking)]
"""The modules whose items are registered by being imported, in the order of a report; what blocks comes last."""


def items_of(version: str) -> list[Item]:
    return sorted((one for one in ITEMS if version in one.versions), key=lambda one: ORDER.index(one.check.__module__))


def run_suite(
    card: Transport, psam: PsamClient, digits: str, *, destructive: bool = False, foreign: PsamClient | None = None,
    choices: Choices = DEFAULT, now: datetime | None = None, only: frozenset[str] = frozenset(),
) -> Report:  # fmt: skip
    """Examine a card. `digits` its social password; `foreign` the PSAM of another area, for the universality test; `only`
    these items (all where it is empty)."""
    bench = Bench(card, psam, digits, choices, foreign, destructive)
    card.reset()
    terminal = bench.terminal()
    wrong = ""
    try:
        terminal.begin()
    except (ChipFault, IndexError) as fault:
        wrong = _told(fault)
    bench.version = terminal.version or "2.0"
    names = {number: name for name, number in NAMES.items()}
    report = Report(
        atr=card.atr.hex().upper(),
        area=terminal.area,
        version=bench.version,
        algorithm=names.get(terminal.algorithm, "?"),
        at=now or datetime.now(UTC),
        destructive=destructive,
        choices=described(choices),
    )
    outcome = Result("OPENING", "选择环境、读取发卡机构数据", "environment selected, issuer's data read", "S7 5",
                     "failed" if wrong else "passed", wrong)  # fmt: skip
    report.results.append(outcome)
    for one in items_of(bench.version):
        if only and one.code not in only:
            continue
        report.results.append(_run(bench, one))
    return report


def _run(bench: Bench, one: Item) -> Result:
    absent = one.left_out_by(asdict(bench.choices))
    detail, outcome = (f"choice {absent}", "not_applicable") if absent else ("", "passed")
    if (one.destructive and not bench.destructive) or (one.needs_foreign and bench.foreign is None):
        outcome, detail = "skipped", ""
    else:
        try:
            detail = one.check(bench) or detail
        except (Failed, ChipFault) as fault:
            outcome, detail = "failed", _told(fault)
        except (IndexError, KeyError, ValueError) as fault:  # the card's answer has not even the shape to look at
            outcome, detail = "failed", f"answer not readable ({type(fault).__name__})"
    return Result(one.code, one.zh, one.en, one.clause, outcome, detail)


def _told(fault: Exception) -> str:
    return fault.sentence("en") if isinstance(fault, ChipFault) else str(fault)

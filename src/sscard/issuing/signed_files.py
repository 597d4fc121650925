"""The two signed files of Article 12 as data: a test card's report, a decision of the ministry's office. No table, so that
whoever makes such files (`sscard.sim.ministry`) reads them by the same words.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from sscard.chip.conformance import evidence, lists
from sscard.chip.conformance.lists import ItemList
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.files.table import VERSIONS
from sscard.kernel.refusals import Refusal
from sscard.kernel.typed import ready

DECISION_FORM = "sscard-test-decision/1"


class _Subject(msgspec.Struct, forbid_unknown_fields=True):
    supplier: str
    product: str
    chip: str
    cos: str
    plant: str
    asked_by: str


class _Result(msgspec.Struct):
    code: str
    outcome: str


class _Choice(msgspec.Struct):
    value: bool | int | str


class Told(msgspec.Struct):
    """What is read of a report; the rest is for people."""

    form: str
    subject: _Subject
    atr: str
    area: str
    version: str
    algorithm: str
    at: datetime
    results: list[_Result]
    choices: dict[str, _Choice]

    @property
    def audits(self) -> dict[str, str]:
        chosen = {name: one.value for name, one in self.choices.items()}
        return evidence.audits(self.version, {one.code: one.outcome for one in self.results}, chosen, self.judged_by)

    @property
    def judged_by(self) -> ItemList:
        """The list of items that was in force when the card lay on the bench."""
        return lists.in_force(self.at)


def told(report: bytes) -> Told:
    """The report's data; refuses issuing.report_form."""
    try:
        found = msgspec.json.decode(report, type=ready(Told))
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("issuing.report_form") from None
    longest = max(len(one) for one in (*msgspec.structs.astuple(found.subject), found.algorithm, found.version))
    empty = not all(msgspec.structs.astuple(found.subject))
    known = found.form == evidence.FORM and found.version in VERSIONS and found.algorithm in NAMES
    if not known or found.at.tzinfo is None or longest > 40 or empty or len(found.atr) > 66:
        raise Refusal("issuing.report_form")
    return found


class Product(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """As the permit in the area pack and the report of the test card name it."""

    supplier: str
    product: str
    chip: str
    cos: str
    version: str


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """The office's file. `outcomes` of one, two or all three audits; `until`: the last day on which it holds."""

    form: Literal["sscard-test-decision/1"]
    number: str
    area: str
    product: Product
    outcomes: dict[Literal["conformance", "safety", "cross_area"], Literal["passed", "failed"]]
    decided_on: date
    evidence: list[str]
    until: date | None = None


def read(decision: bytes) -> Decision:
    """The decision's data; refuses issuing.decision_form."""
    try:
        found = msgspec.json.decode(decision, type=ready(Decision))
    except (msgspec.DecodeError, RecursionError):
        raise Refusal("issuing.decision_form") from None
    parts = (found.number, *msgspec.structs.astuple(found.product))
    if not found.outcomes or not all(0 < len(one) <= 40 for one in parts) or len(found.evidence) > 20:
        raise Refusal("issuing.decision_form")
    return found

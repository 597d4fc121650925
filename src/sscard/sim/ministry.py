"""The virtual test laboratory and the virtual informatisation office of the ministry (部信息化领导小组办公室).

The laboratory examines a test card and signs its report; the office reads signed reports and signs decisions. Both do
everything by files, as the real ones do, and sign with the demonstration's seals, which there are none of in production.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from sscard.chip.card import MemoryStore, VirtualCard
from sscard.chip.card.image import Image
from sscard.chip.card.transport import Contacts
from sscard.chip.conformance import evidence, run_suite
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.personal import demo
from sscard.chip.psam.card import Psam
from sscard.chip.psam.client import PsamClient
from sscard.chip.reader.transport import InProcess
from sscard.documents import authority, detached
from sscard.issuing.signed_files import DECISION_FORM, Decision, Product, Told, told

_OTHER = {"990100": "990200"}


def examined(
    card: Image, supplier: str, plant: str, product: str, chip: str, cos: str, asked_by: str, there: Path | None = None
) -> tuple[bytes, str]:
    """A virtual card's report and its signature; the card itself is left as it is."""
    algorithm = next(name for name, number in NAMES.items() if number == card.algorithm)
    bench = InProcess(Contacts(VirtualCard(MemoryStore(card)), "t0"))
    own, other = (_psam(area, algorithm) for area in (card.area, _OTHER.get(card.area, "990100")))
    report = run_suite(bench, own, demo.PIN, destructive=True, foreign=other)
    subject = evidence.Subject(supplier, product, chip, cos, plant, asked_by)
    file = evidence.as_file(evidence.body(report, subject))
    return file, detached.sign(file, authority.office("test-laboratory", there))


def decide(
    report: bytes, signature: str, *, number: str, until: date | None = None, fails: frozenset[str] = frozenset(),
    on: date | None = None, there: Path | None = None,
) -> tuple[bytes, str]:  # fmt: skip
    """The office's decision about all three audits, on the evidence of one signed report, and its signature. `fails`: audits
    that the office refuses whatever the report says; what the report does not show as passed it refuses by itself."""
    detached.require(report, signature, "test-laboratory", there)
    found = told(report)
    shown = {**found.audits, "safety": _safety(found)}
    subject = found.subject
    decision = Decision(
        form=DECISION_FORM,
        number=number,
        area=found.area,
        product=Product(subject.supplier, subject.product, subject.chip, subject.cos, found.version),
        outcomes={
            audit: "passed" if shown[audit] == "passed" and audit not in fails else "failed"  # type: ignore[misc]
            for audit in ("conformance", "safety", "cross_area")
        },
        decided_on=on or datetime.now(UTC).date(),
        evidence=[evidence.digest(report)],
        until=until,
    )
    file = msgspec.json.format(msgspec.json.encode(decision), indent=1) + b"\n"
    return file, detached.sign(file, authority.office("ministry-office", there))


def _safety(report: Told) -> str:
    """The virtual office looks at what the report shows of the card's safety; the real one has laboratories of its own."""
    found = [one.outcome for one in report.results if one.code.endswith("_SAFETY") or one.code in ("MAC", "CHALLENGE")]
    return "passed" if found and set(found) == {"passed"} else "failed"


def _psam(area: str, algorithm: str) -> PsamClient:
    return PsamClient(InProcess(Psam(TestKeys(), area, algorithm)))

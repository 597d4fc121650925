"""A test card's report as files: JSON with its signature beside it, PDF under the laboratory's seal."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import typer

from sscard.chip.conformance.evidence import Subject

FOREIGN_AREAS = ("990200", "990100")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the report goes. `subject`: the product on the test bench, or None for a card that nobody asked about."""

    out: Path | None
    pdf: Path | None
    subject: Subject | None


def subject_of(named: dict[str, str]) -> Subject | None:
    """None when nothing was named; else everything must be."""
    if not any(named.values()):
        return None
    lacks = [f"--{one.name.replace('_', '-')}" for one in fields(Subject) if not named[one.name]]
    if lacks:
        raise typer.BadParameter(" ".join(lacks))
    return Subject(**named)


def write(report: Any, wanted: Wanted) -> list[Path]:
    """The files that were written. With a subject all are signed; without one the JSON is a plain report."""
    if wanted.subject is None:
        if wanted.pdf:
            raise typer.BadParameter("--supplier --plant --product --chip --cos --asked-by", param_hint="--pdf")
        if wanted.out:
            wanted.out.write_text(report.as_json() + "\n", encoding="utf-8")
        return [wanted.out] if wanted.out else []
    from sscard.chip.conformance import evidence
    from sscard.cli.setup import configured

    configured()
    from sscard.documents import authority, detached

    file = evidence.as_file(evidence.body(report, wanted.subject))
    written = []
    if wanted.out:
        beside = wanted.out.with_name(wanted.out.name + detached.SUFFIX)
        signature = detached.sign(file, authority.office("test-laboratory"))
        wanted.out.write_bytes(file)
        beside.write_text(signature, encoding="ascii")
        written += [wanted.out, beside]
    if wanted.pdf:
        wanted.pdf.write_bytes(evidence.sealed(evidence.paper(file)))
        written.append(wanted.pdf)
    return written


def foreign_psam(named: str, area: str, algorithm: str) -> tuple[Any, Any]:
    """The PSAM of another area, and the reader to let go again: "test" with the test keys of another demo area, or the name
    of a reader."""
    from sscard.chip.crypto.tree import TestKeys
    from sscard.chip.psam.card import Psam
    from sscard.chip.psam.client import PsamClient
    from sscard.chip.reader.pcsc import PcscCard
    from sscard.chip.reader.transport import InProcess

    if not named:
        return None, None
    if named != "test":
        card = PcscCard(named)
        return PsamClient(card), card
    other = next(one for one in FOREIGN_AREAS if one != area)
    return PsamClient(InProcess(Psam(TestKeys(), other, algorithm))), None


def audit_file(path: Path, foreign: str, digits: str) -> Any:
    """The suite on a copy of a card file, in memory, over the strict transport; nothing happens to the file. The choices are
    those that the card was made with; a holder's card without a bank account has no payment side."""
    from sscard.chip.card import FileStore, MemoryStore, VirtualCard
    from sscard.chip.card.transport import Contacts
    from sscard.chip.conformance import run_suite
    from sscard.chip.psam.client import PsamClient
    from sscard.chip.reader.transport import InProcess

    image = FileStore(path).load()
    behind = InProcess(Contacts(VirtualCard(MemoryStore(image)), "t0"))
    choices = image.choices if image.payment else replace(image.choices, payment="none")
    other, its_reader = foreign_psam(foreign, image.area, named(image.algorithm))
    try:
        return run_suite(
            behind, PsamClient(InProcess(psam_of(image))), digits, destructive=True, foreign=other, choices=choices
        )
    finally:
        if its_reader:
            its_reader.close()


def psam_of(image: Any) -> Any:
    """The terminal's PSAM of a virtual card's own area and algorithm, with the test keys."""
    from sscard.chip.crypto.tree import TestKeys
    from sscard.chip.psam.card import Psam

    return Psam(TestKeys(), image.area, named(image.algorithm))


def named(algorithm: int) -> str:
    """The algorithm's name by its number in the FCI."""
    from sscard.chip.crypto.ciphers import NAMES

    return next(name for name, number in NAMES.items() if number == algorithm)

"""The bank's file program: reads an opening file, has the accounts opened through the door, writes the answer file.

It has no store of its own: what it wrote can be made again at any time from the opening file, because every piece is
sent under a key made of file id and piece, and the door answers a repeat with the first answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sscard.bank import files
from sscard.bank.acts_open import OpenAccounts
from sscard.bank.files import AnswerLine, Check, Head, OpeningFile, Sign
from sscard.bank.opening import OpeningLine
from sscard.bank.reads import Numbers, numbers_of
from sscard.control.caller import Caller
from sscard.control.door import perform, reading
from sscard.control.models import Program
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal

PIECE = 500
OPENING_SUFFIX, ANSWER_SUFFIX = ".open.csv", ".answer.csv"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one file."""

    file: str
    bank: str
    lines: int
    opened: int
    refused: int
    answer: Path


def caller_of(program: str) -> Caller:
    """The bank's program as the door knows it, by its registered name; for use on the bank's own machine."""
    found = Program.objects.select_related("organisation").filter(name=program, active=True).first()
    if found is None or found.role != "bank_program":
        raise Refusal("control.sign_in")
    return Caller.of_program(found, channel="file")


def answer_file(caller: Caller, opening: Path, answer: Path, *, check: Check | None, sign: Sign | None = None) -> Done:
    """Process one opening file. Raises "bank.file_faulty", "bank.other_banks_file"; doing it again changes nothing."""
    asked = files.read_opening(opening.read_bytes(), check=check)
    lines = open_all(caller, asked)
    head = Head(asked.head.file, asked.head.area, asked.head.bank, asked.head.batch, clock.now(asked.head.area))
    files.keep(answer, files.write_answer(head, asked.digest, lines, sign=sign))
    refused = sum(one.result == "refused" for one in lines)
    return Done(asked.head.file, asked.head.bank, len(lines), len(lines) - refused, refused, answer)


def answer_folder(
    caller: Caller, inbox: Path, outbox: Path, *, sign: Sign | None = None
) -> Iterator[Done | tuple[Path, Refusal]]:
    """All opening files of this bank that have no answer yet; a file that is refused does not stop the others."""
    for opening in sorted(inbox.glob(f"*{OPENING_SUFFIX}")):
        answer = outbox / (opening.name.removesuffix(OPENING_SUFFIX) + ANSWER_SUFFIX)
        if answer.exists():
            continue
        try:
            area = files.area_of(opening.read_bytes())
            yield answer_file(caller, opening, answer, check=files.checked_for_area(area), sign=sign)
        except Refusal as refusal:
            yield opening, refusal


def open_all(caller: Caller, asked: OpeningFile) -> list[AnswerLine]:
    """Piece by piece through the door, then the full numbers by one reading."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(asked.lines), PIECE):
        piece: Sequence[OpeningLine] = asked.lines[start : start + PIECE]
        request = OpenAccounts(asked.head.bank, asked.head.file, tuple(piece))
        key = f"open:{asked.head.file}:{asked.digest[:16]}:{start}"
        done = perform(caller, "bank.open_accounts", request, key=key, purpose="opening_file", area=asked.head.area)
        results += done.answer["lines"]
    known = [uuid.UUID(one["account"]) for one in results if one["result"] != "refused"]
    with reading(caller, right="bank.file", purpose="opening_answer", area=asked.head.area) as inside:
        numbers = numbers_of(inside, known)
    return [_line(line, one, numbers) for line, one in zip(asked.lines, results, strict=True)]


def _line(line: OpeningLine, result: dict[str, Any], numbers: dict[uuid.UUID, Numbers]) -> AnswerLine:
    if result["result"] == "refused":
        codes = tuple(f"{fault['place']}:{fault['code']}" for fault in result["faults"])
        return AnswerLine(line.line, line.card, "refused", codes=codes)
    account = uuid.UUID(result["account"])
    one = numbers[account]
    return AnswerLine(line.line, line.card, result["result"], one.pan, one.number, account)

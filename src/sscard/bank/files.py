"""The account-opening file, out and in: what the bureau writes and the bank answers (banking.md §7, HR ↔ bank batch).

Text in UTF-8, comma-separated, one record a line:

    H,sscard-bank-open,1,<file>,<area>,<bank>,<batch>,<made at>,<lines>
    D,<line>,<person>,<card>,<name>,<id number>,<birth date or empty>,<branch or empty>
    T,<lines>,<SM3 of everything before this line>,<signature over that digest in hex, or ->

    H,sscard-bank-open-answer,1,<file>,<area>,<bank>,<batch>,<made at>,<lines>,<opened>,<refused>,<SM3 of the opening>
    D,<line>,<card>,<opened|already|refused>,<PAN>,<account number>,<account id>,<fault codes, separated by blanks>
    T, …

A file is taken whole or not at all; every fault is named with its line. The same file id may be sent again as often
as one likes. Files hold people's data in clear: they are written for their owner alone (mode 600) and live between
two programs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from sscard.bank.opening import OpeningLine
from sscard.codes import pan
from sscard.codes.errors import NumberFault
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal
from sscard.keys.parties import KeyPair
from sscard.keys.recipes import sm2_verify

OPEN, ANSWER, VERSION = "sscard-bank-open", "sscard-bank-open-answer", "1"
RESULTS = ("opened", "already", "refused")

T = TypeVar("T")
Sign = Callable[[bytes], bytes]
Check = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Head:
    """`batch`: the bureau's reference of the batch of applications; `file`: the id under which it may be sent again."""

    file: str
    area: str
    bank: str
    batch: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class OpeningFile:
    head: Head
    lines: tuple[OpeningLine, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """`pan` and `number` are there when the card has its account, `codes` when it was refused."""

    line: int
    card: uuid.UUID
    result: str
    pan: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    account: uuid.UUID | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerFile:
    head: Head
    opening_digest: str
    lines: tuple[AnswerLine, ...]

    @property
    def opened(self) -> int:
        return sum(line.result != "refused" for line in self.lines)


def write_opening(head: Head, lines: Sequence[OpeningLine], *, sign: Sign | None = None) -> bytes:
    body = [_head(OPEN, head, len(lines))]
    for one in lines:
        born = one.birth_date.isoformat() if one.birth_date else ""
        body.append(["D", one.line, one.person, one.card, one.name, one.id_number, born, one.branch])
    return _closed(body, len(lines), sign)


def write_answer(head: Head, opening_digest: str, lines: Sequence[AnswerLine], *, sign: Sign | None = None) -> bytes:
    refused = sum(one.result == "refused" for one in lines)
    body = [[*_head(ANSWER, head, len(lines)), len(lines) - refused, refused, opening_digest]]
    for one in lines:
        body.append(["D", one.line, one.card, one.result, one.pan, one.number, one.account or "", " ".join(one.codes)])
    return _closed(body, len(lines), sign)


def read_opening(data: bytes, *, check: Check | None = None) -> OpeningFile:
    """The whole file, or "bank.file_faulty" with every fault. `check` verifies the bureau's signature."""
    reader = _Reader(data, OPEN, 9, 8, check)
    lines = tuple(reader.each(_opening_line))
    head = reader.finish()
    return OpeningFile(head, lines, reader.digest)


def read_answer(data: bytes, opening: OpeningFile, *, check: Check | None = None) -> AnswerFile:
    """The answer to exactly this opening file, with a result for each of its lines."""
    reader = _Reader(data, ANSWER, 12, 8, check)
    lines = tuple(reader.each(_answer_line))
    if reader.header and (reader.header[11] != opening.digest or reader.header[3] != opening.head.file):
        reader.fault("1", "bank.file_other_request")
    told = {one.line: one.card for one in lines}
    for one in opening.lines:
        if told.get(one.line) != one.card:
            reader.fault("lines", "bank.file_line_missing", line=one.line)
    return AnswerFile(reader.finish(), opening.digest, lines)


def signed_by_area(area: str) -> Sign:
    """The bureau's signature: SM2 with the area's package key."""

    def sign(digest: bytes) -> bytes:
        keys().ensure_area(area)
        return keys().sign(f"package:{area}", digest)

    return sign


def checked_for_area(area: str) -> Check:
    return lambda digest, signature: keys().verify(f"package:{area}", digest, signature)


def signed_by_party(pair: KeyPair) -> Sign:
    """A bank's own signature, with the pair that its program keeps."""
    return pair.sign


def checked_with(public: bytes) -> Check:
    """Against a party's registered public key (64 bytes)."""
    return lambda digest, signature: sm2_verify(public, digest, signature)


def area_of(data: bytes) -> str:
    """The area that an opening file says it comes from, before anything about it is believed."""
    columns = data.partition(b"\n")[0].decode(errors="replace").split(",")
    if len(columns) < 5 or not (columns[4].isdigit() and len(columns[4]) == 6):
        raise Refusal("bank.file_faulty", faults=[Fault("1", "bank.file_header")], count=1)
    return columns[4]


def keep(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def _head(kind: str, head: Head, count: int) -> list[object]:
    return ["H", kind, VERSION, head.file, head.area, head.bank, head.batch, head.made_at.isoformat(), count]


def _closed(body: Sequence[Sequence[object]], count: int, sign: Sign | None) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(body)
    data = out.getvalue().encode()
    digest = hashlib.new("sm3", data).digest()
    signature = sign(digest).hex() if sign else "-"
    return data + f"T,{count},{digest.hex()},{signature}\n".encode()


class _Wrong(Exception):
    """A column that is out of form."""


def _value(name: str, make: Callable[[str], T], text: str) -> T:
    try:
        return make(text)
    except (ValueError, NumberFault):
        raise _Wrong(name) from None


def _opening_line(row: list[str]) -> OpeningLine:
    return OpeningLine(
        line=_value("line", int, row[1]),
        person=_value("person", uuid.UUID, row[2]),
        card=_value("card", uuid.UUID, row[3]),
        name=row[4],
        id_number=row[5],
        birth_date=_value("birth_date", date.fromisoformat, row[6]) if row[6] else None,
        branch=row[7],
    )


def _answer_line(row: list[str]) -> AnswerLine:
    if row[3] not in RESULTS or (row[3] == "refused") == bool(row[4]):
        raise _Wrong("result")
    return AnswerLine(
        line=_value("line", int, row[1]),
        card=_value("card", uuid.UUID, row[2]),
        result=row[3],
        pan=row[4] and _value("pan", pan.validate, row[4]),
        number=row[5],
        account=_value("account", uuid.UUID, row[6]) if row[6] else None,
        codes=tuple(row[7].split()),
    )


class _Reader:
    """Reads one file and gathers its faults; `finish` raises them all."""

    def __init__(self, data: bytes, kind: str, head_columns: int, columns: int, check: Check | None) -> None:
        self.faults: list[Fault] = []
        self.header: list[str] = []
        self.digest = ""
        self._columns = columns
        self._rows: list[list[str]] = []
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.fault("file", "bank.file_encoding")
            raise self._refusal() from None
        body, mark, trailer = text.rpartition("\nT,")
        if not mark:
            self.fault("file", "bank.file_trailer")
            raise self._refusal()
        body += "\n"
        rows = list(csv.reader(io.StringIO(body)))
        if not rows or rows[0][:3] != ["H", kind, VERSION] or len(rows[0]) != head_columns:
            self.fault("1", "bank.file_header")
            raise self._refusal()
        self.header, self._rows = rows[0], rows[1:]
        self._check_trailer(body.encode(), trailer.strip().split(","), check)

    def fault(self, place: str, code: str, **facts: object) -> None:
        self.faults.append(Fault(place, code, facts))

    def _refusal(self) -> Refusal:
        return Refusal("bank.file_faulty", faults=self.faults, count=len(self.faults))

    def _check_trailer(self, body: bytes, trailer: list[str], check: Check | None) -> None:
        digest = hashlib.new("sm3", body).digest()
        self.digest = digest.hex()
        found = len(self._rows)
        for told in (self.header[8], trailer[0]):
            if told != str(found):
                self.fault("file", "bank.file_count", told=told[:12], found=found)
                break
        if len(trailer) != 3 or trailer[1] != self.digest:
            self.fault("file", "bank.file_digest")
        elif check is not None:
            try:
                right = check(digest, bytes.fromhex(trailer[2]))
            except ValueError:
                right = False
            if not right:
                self.fault("file", "bank.file_signature")

    def each(self, make: Callable[[list[str]], T]) -> Iterator[T]:
        for number, row in enumerate(self._rows, 2):
            if len(row) != self._columns or row[0] != "D":
                self.fault(str(number), "bank.file_columns", found=len(row), told=self._columns)
                continue
            try:
                yield make(row)
            except _Wrong as wrong:
                self.fault(str(number), "bank.file_value", column=str(wrong))

    def finish(self) -> Head:
        try:
            head = Head(*self.header[3:7], datetime.fromisoformat(self.header[7]))
        except ValueError:
            self.fault("1", "bank.file_header")
        if self.faults:
            raise self._refusal()
        return head

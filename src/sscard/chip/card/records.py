"""READ RECORD and UPDATE RECORD (S5 6.10, 6.13) in all their modes.

Mode (low three bits of P2): 100 record number P1, 101 from P1 to the last, 110 from the last to P1; 000 first, 001
last, 010 next, 011 previous record whose tag is P1. Cyclic records have no tags: there first is the newest, and 011
appends.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sscard.chip.card import selecting, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.files.table import FileRule, files

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard

MOST_RECORDS: Final = 32
FIRST, LAST, NEXT, PREVIOUS, NUMBER, ONWARD, BACKWARD = range(7)


def read(card: VirtualCard, command: Command) -> bytes:
    mode, sfi = command.p2 & 0x07, command.p2 >> 3
    if mode > BACKWARD or command.data:
        raise Status(status.P1P2 if mode > BACKWARD else status.LENGTH)
    if sfi == card.image.choices.dir_sfi and card.home == "SSSE":
        return _of_directory(card, command)
    file = target(card, sfi)
    card.may_read(file)
    rows = card.contents(file).records
    here = card.session.pointer if card.session.file is file else None
    found = pick(rows, file.structure == "cyclic", mode, command.p1, here)
    answer = b"".join(rows[at] for at in found)
    if len(answer) > 256:
        raise Status(status.LENGTH)
    card.open(file, found[-1] if mode < ONWARD else here)
    return answer


def _of_directory(card: VirtualCard, command: Command) -> bytes:
    rows = selecting.directory(card)
    if command.p2 & 0x07 != NUMBER:
        raise Status(status.P1P2)
    if not 1 <= command.p1 <= len(rows):
        raise Status(status.RECORD_MISSING)
    return rows[command.p1 - 1]


def update(card: VirtualCard, command: Command) -> bytes:
    mode = command.p2 & 0x07
    if mode > NUMBER:
        raise Status(status.P1P2)
    file = target(card, command.p2 >> 3)
    card.may_write(file)
    data = card.plain(command)
    rows = card.contents(file).records
    if file.structure == "cyclic":
        if mode != PREVIOUS:
            raise Status(status.P1P2)
        if len(data) != file.record_length:
            raise Status(status.LENGTH)
        append_cyclic(rows, data, file.records)
        card.open(file, 0)
    else:
        card.open(file, _replace(card, file, rows, mode, command.p1, data))
    card.keep()
    return b""


def append_cyclic(rows: list[bytes], data: bytes, most: int) -> None:
    """The newest comes first, the oldest goes."""
    rows.insert(0, data)
    del rows[most:]


def _replace(card: VirtualCard, file: FileRule, rows: list[bytes], mode: int, p1: int, data: bytes) -> int:
    """Put a whole TLV record in its place, or append it. Answers its index."""
    if len(data) < 2 or len(data) != 2 + data[1] or (mode != NUMBER and data[0] != p1):
        raise Status(status.TLV_WRONG)
    here = card.session.pointer if card.session.file is file else None
    try:
        at = pick(rows, False, mode, p1, here)[0]
    except Status:
        _may_append(card, file, rows, data[0])
        rows.append(data)
        return len(rows) - 1
    if rows[at][0] != data[0] or len(rows[at]) != len(data):
        raise Status(status.TLV_WRONG)
    rows[at] = data
    return at


def _may_append(card: VirtualCard, file: FileRule, rows: Sequence[bytes], tag: int) -> None:
    """Extension rules (V2 6): SSSE gains no items; defined tags are not used again."""
    if file.application == "SSSE" or file.structure == "fixed":
        raise Status(status.RECORD_MISSING)
    if tag in _defined(card.image.version):
        raise Status(status.DATA)
    if len(rows) >= MOST_RECORDS:
        raise Status(status.NO_SPACE)


@lru_cache(maxsize=8)
def _defined(version: str) -> frozenset[int]:
    return frozenset(item.tag for file in files(version) for item in file.items if item.tag)


def target(card: VirtualCard, sfi: int) -> FileRule:
    """The record file that is meant: by short identifier, or the current one."""
    file = card.file(sfi) if sfi else card.session.file
    if file is None:
        raise Status(status.NO_FILE)
    if file.structure == "transparent":
        raise Status(status.STRUCTURE)
    return file


def pick(rows: Sequence[bytes], cyclic: bool, mode: int, p1: int, pointer: int | None) -> list[int]:
    """Indices of the records meant, in the order in which they are answered. Raises 6A83."""
    if mode >= NUMBER:
        if not 1 <= p1 <= len(rows):
            raise Status(status.RECORD_MISSING)
        if mode == NUMBER:
            return [p1 - 1]
        return list(range(p1 - 1, len(rows))) if mode == ONWARD else list(range(len(rows) - 1, p1 - 2, -1))
    fitting = [at for at, row in enumerate(rows) if cyclic or row[0] == p1]
    if pointer is not None and mode == NEXT:
        fitting = [at for at in fitting if at > pointer]
    if pointer is not None and mode == PREVIOUS:
        fitting = [at for at in fitting if at < pointer]
    if not fitting:
        raise Status(status.RECORD_MISSING)
    return [fitting[0] if mode in (FIRST, NEXT) else fitting[-1]]

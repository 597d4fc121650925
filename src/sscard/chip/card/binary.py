"""READ BINARY and UPDATE BINARY (S5 6.9, 6.12): bit 8 of P1 set names a file by its short identifier, P2 the offset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.files.table import FileRule

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard


def read(card: VirtualCard, command: Command) -> bytes:
    if command.data:
        raise Status(status.LENGTH)
    file, offset = place(card, command)
    card.may_read(file)
    answer = part(card.contents(file).data.ljust(file.size, b"\x00"), offset, command.le)
    card.open(file)
    return answer


def part(data: bytes, offset: int, le: int | None) -> bytes:
    """Le bytes from the offset; all that is left (256 at most) where Le is 0, absent or more than that."""
    if offset >= len(data):
        raise Status(status.OFFSET)
    left = min(len(data) - offset, 256)
    return data[offset : offset + (le if le and le <= left else left)]


def update(card: VirtualCard, command: Command) -> bytes:
    file, offset = place(card, command)
    card.may_write(file)
    data = card.plain(command)
    if not data:
        raise Status(status.LENGTH)
    if offset >= file.size:
        raise Status(status.OFFSET)
    if offset + len(data) > file.size:
        raise Status(status.NO_SPACE)
    contents = card.contents(file)
    whole = bytearray(contents.data.ljust(file.size, b"\x00"))
    whole[offset : offset + len(data)] = data
    contents.data = bytes(whole)
    card.open(file)
    card.keep()
    return b""


def place(card: VirtualCard, command: Command) -> tuple[FileRule, int]:
    if command.p1 & 0x80:
        if command.p1 & 0x60:
            raise Status(status.P1P2)
        file: FileRule | None = card.file(command.p1 & 0x1F)
        offset = command.p2
    else:
        file, offset = card.session.file, command.p1 << 8 | command.p2
    if file is None:
        raise Status(status.NO_FILE)
    if file.structure != "transparent":
        raise Status(status.STRUCTURE)
    return file, offset

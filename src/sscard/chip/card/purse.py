"""The medical purse of DF04, used where a terminal is off line (S7 11–12; layout is the choice `purse_layout`).

Idle → INITIALISE → load or purchase → CREDIT or DEBIT → idle. A command in the wrong state answers 6901, and the card
is idle. Amounts are fen. A purchase splits into account (taken from the balance), own payment and pool; the card
keeps their sums of its year and writes each transaction into EF08 by itself. Balance, counters and record change in
one write.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sscard.chip.card import messaging, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.records import append_cyclic
from sscard.chip.card.status import Status

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard

LOAD, PURCHASE = 0x01, 0x02
MOST_FEN: Final = 99_999_999
LAST_COUNTER: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Begun:
    """An initialised transaction: its kind, the key version, random number, amounts and terminal."""

    kind: int
    version: int
    chance: bytes
    amounts: bytes
    terminal: bytes


def initialise(card: VirtualCard, command: Command) -> bytes:
    """LOAD: key ‖ amount ‖ terminal(6) → balance ‖ counter ‖ key ‖ algorithm ‖ random(4) ‖ MAC1.
    PURCHASE: key ‖ account ‖ own ‖ pool ‖ terminal → balance ‖ counter ‖ own sum ‖ pool sum ‖ year ‖ key ‖ algorithm
    ‖ random."""
    card.session.purse = None
    at_home(card)
    if command.p2 != 0x01 or command.p1 not in (0x00, 0x01):
        raise Status(status.P1P2)
    kind = PURCHASE if command.p1 else LOAD
    command.need(11 if kind == LOAD else 19)
    if not card.session.pin:
        raise Status(status.SECURITY)
    begun = Begun(kind, command.data[0], card.chance(4), command.data[1:-6], command.data[-6:])
    purse, key = card.image.purse, _key(card, begun)
    account = int.from_bytes(begun.amounts[:4], "big")
    counter = purse.online if kind == LOAD else purse.offline
    if counter >= LAST_COUNTER:
        raise Status(status.COUNTER)
    if account > purse.balance_fen if kind == PURCHASE else not 0 < account <= MOST_FEN - purse.balance_fen:
        raise Status(status.AMOUNT)
    tail = bytes((begun.version, card.image.algorithm)) + begun.chance
    head = purse.balance_fen.to_bytes(4, "big") + counter.to_bytes(2, "big")
    card.session.purse = begun
    if kind == PURCHASE:
        sums = purse.self_fen.to_bytes(4, "big") + purse.pool_fen.to_bytes(4, "big") + purse.year.to_bytes(2, "big")
        return head + sums + tail
    session = card.cipher.session(key, begun.chance + counter.to_bytes(2, "big") + b"\x80\x00")
    return head + tail + card.cipher.mac(session, head[:4] + begun.amounts + bytes((kind,)) + begun.terminal)


def credit(card: VirtualCard, command: Command) -> bytes:
    """date(4) ‖ time(3) ‖ MAC2 → TAC. The balance grows."""
    begun = _begun(card, command, LOAD, 11)
    purse, when = card.image.purse, command.data[:7]
    counter = purse.online.to_bytes(2, "big")
    session = card.cipher.session(_key(card, begun), begun.chance + counter + b"\x80\x00")
    said = begun.amounts + bytes((LOAD,)) + begun.terminal + when
    _compare(card, session, said, command.data[7:])
    purse.balance_fen += int.from_bytes(begun.amounts, "big")
    tac = card.cipher.tac(card.key("DF04", "DTK"), purse.balance_fen.to_bytes(4, "big") + counter + said)
    purse.last = (LOAD, purse.online, tac)
    purse.online += 1
    _write_down(card, begun, when, counter)
    card.keep()
    return tac


def debit(card: VirtualCard, command: Command) -> bytes:
    """terminal's counter(4) ‖ date ‖ time ‖ MAC1 → TAC ‖ MAC2. The balance shrinks, the sums of the year grow."""
    begun = _begun(card, command, PURCHASE, 15)
    purse, number, when = card.image.purse, command.data[:4], command.data[4:11]
    counter = purse.offline.to_bytes(2, "big")
    session = card.cipher.session(_key(card, begun), begun.chance + counter + number[2:])
    said = begun.amounts + bytes((PURCHASE,)) + begun.terminal + when
    _compare(card, session, said, command.data[11:])
    account, own, pool = (int.from_bytes(begun.amounts[at : at + 4], "big") for at in (0, 4, 8))
    year = int.from_bytes(when[:2], "big")
    if year != purse.year:
        purse.year, purse.self_fen, purse.pool_fen = year, 0, 0
    purse.balance_fen -= account
    purse.self_fen, purse.pool_fen = min(purse.self_fen + own, 0xFFFFFFFF), min(purse.pool_fen + pool, 0xFFFFFFFF)
    tac = card.cipher.tac(card.key("DF04", "DTK"), begun.amounts + bytes((PURCHASE,)) + begun.terminal + number + when)
    answer = tac + card.cipher.mac(session, begun.amounts[:4])
    purse.last = (PURCHASE, purse.offline, answer)
    purse.offline += 1
    _write_down(card, begun, when, counter)
    card.keep()
    return answer


def balance(card: VirtualCard, command: Command) -> bytes:
    """P2 01 balance, 02 paid by the person this year, 03 paid by the pool this year; fen in 4 bytes."""
    at_home(card)
    command.at(0x00, 0x01, 0x02, 0x03)
    purse = card.image.purse
    return (purse.balance_fen, purse.self_fen, purse.pool_fen)[command.p2 - 1].to_bytes(4, "big")


def prove(card: VirtualCard, command: Command) -> bytes:
    """P2 kind, data: counter → what the last transaction answered, for a terminal that lost it."""
    at_home(card)
    command.at(0x00, LOAD, PURCHASE)
    command.need(2)
    kind, counter, answer = card.image.purse.last
    if not answer or (kind, counter) != (command.p2, int.from_bytes(command.data, "big")):
        raise Status(status.PROOF)
    return answer


def start_day(card: VirtualCard, command: Command) -> bytes:
    """P2 00: year and first day of the purse's year. P2 01: set them, with a MAC under DSK; the sums begin anew."""
    at_home(card)
    command.at(0x00, 0x00, 0x01)
    purse = card.image.purse
    if command.p2 == 0x00:
        return purse.year.to_bytes(2, "big") + purse.start_day.to_bytes(2, "big")
    command.need(8)
    session = card.cipher.session(card.key("DF04", "DSK"), card.spend_challenge())
    _compare(card, session, messaging.covered(command), command.data[4:])
    purse.year, purse.start_day = int.from_bytes(command.data[:2], "big"), int.from_bytes(command.data[2:4], "big")
    purse.self_fen = purse.pool_fen = 0
    card.keep()
    return b""


def at_home(card: VirtualCard) -> None:
    if card.home != "DF04":
        raise Status(status.CONDITIONS)


def _begun(card: VirtualCard, command: Command, kind: int, length: int) -> Begun:
    """The initialised transaction, which ends here whatever happens."""
    begun, card.session.purse = card.session.purse, None
    at_home(card)
    command.at(0x00 if kind == LOAD else 0x01, 0x00)
    command.need(length)
    if begun is None or begun.kind != kind:
        raise Status(status.STATE)
    return begun


def _key(card: VirtualCard, begun: Begun) -> bytes:
    try:
        return card.key("DF04", "DLK" if begun.kind == LOAD else "DPK", begun.version or 0xFF)
    except Status:
        raise Status(status.KEY_INDEX) from None


def _compare(card: VirtualCard, session: bytes, said: bytes, given: bytes) -> None:
    if not hmac.compare_digest(card.cipher.mac(session, said), given):
        raise Status(status.PURSE_MAC)


def _write_down(card: VirtualCard, begun: Begun, when: bytes, counter: bytes) -> None:
    """A record of EF08: number, kind, terminal, time, the three amounts."""
    file = card.file(0x08)
    amounts = begun.amounts.ljust(12, b"\x00")
    kind = b"1" if begun.kind == LOAD else b"2"
    append_cyclic(card.contents(file).records, counter + kind + begun.terminal + when + amounts, file.records)

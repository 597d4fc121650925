"""The payment application behind its firewall (S4 5.1): what terminals read of it, and nothing else.

Terminals of the social security side read the number by SELECT and READ RECORD without GET PROCESSING OPTIONS;
payment programs go through the directory and GET PROCESSING OPTIONS. There is no cryptogram, and no password (choice
`payment`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscard.chip.card import selecting, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.image import Payment
from sscard.chip.card.status import Status
from sscard.chip.codec import tlv

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard

PROFILE, LOCATOR = bytes.fromhex("1C00"), bytes.fromhex("0801010010010100")


def read(card: VirtualCard, command: Command) -> bytes:
    """Records by number only: the directory in PSE (SFI 1), the account in the application (SFI 1 and 2)."""
    if command.p2 & 0x07 != 0x04:
        raise Status(status.P1P2)
    rows = _files(card, card.session.application).get(command.p2 >> 3)
    if rows is None:
        raise Status(status.FILE_MISSING)
    if not 1 <= command.p1 <= len(rows):
        raise Status(status.RECORD_MISSING)
    return rows[command.p1 - 1]


def options(card: VirtualCard, command: Command) -> bytes:
    """GET PROCESSING OPTIONS: profile and file locator."""
    command.at(0x00, 0x00)
    if card.session.application != "PAY" or command.data != b"\x83\x00":
        raise Status(status.CONDITIONS)
    return tlv.ber(0x80, PROFILE + LOCATOR)


def data(card: VirtualCard, command: Command) -> bytes:
    """GET DATA: no counters are kept here."""
    raise Status(status.KEY_MISSING)


def _files(card: VirtualCard, application: str) -> dict[int, list[bytes]]:
    account = card.image.payment
    if application == "PSE":
        entry = tlv.ber(0x4F, selecting.PAY) + tlv.ber(0x50, b"PBOC DEBIT") + tlv.ber(0x87, b"\x01")
        return {1: [tlv.ber(0x70, tlv.ber(0x61, entry))]}
    if application != "PAY" or account is None:
        return {}
    return {1: [tlv.ber(0x70, _holder(account))], 2: [tlv.ber(0x70, _account(account))]}


def _holder(account: Payment) -> bytes:
    track = bytes.fromhex(_even(f"{account.pan}D{account.expires[:4]}2200000"))
    name = account.name.encode("ascii", "replace")[:26].ljust(2)
    return tlv.ber(0x57, track) + tlv.ber(0x5F20, name)


def _account(account: Payment) -> bytes:
    return (
        tlv.ber(0x5A, bytes.fromhex(_even(account.pan)))
        + tlv.ber(0x5F24, bytes.fromhex(account.expires))
        + tlv.ber(0x5F28, bytes.fromhex("0156"))
        + tlv.ber(0x5F34, b"\x01")
    )


def _even(digits: str) -> str:
    return digits + "F" * (len(digits) % 2)

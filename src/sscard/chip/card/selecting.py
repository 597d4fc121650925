"""SELECT (S5 6.11) and the file control information."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.codec import tlv
from sscard.chip.files.table import applications_of

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard

MF: Final = 0x3F00
PSE, PPSE = b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"
PAY: Final = bytes.fromhex("A000000333010101")
PKI: Final = "PKI.社会保障".encode("gbk")
CERT: Final = b"SS.CERT.ADF1"


def select(card: VirtualCard, command: Command) -> bytes:
    """P1 00 by file identifier, 01 child application, 02 file under the current application, 04 by name."""
    if command.p2 not in (0x00, 0x02) or command.p1 not in (0x00, 0x01, 0x02, 0x04):
        raise Status(status.P1P2)
    if command.p1 == 0x04:
        return _by_name(card, command.data, after=command.p2 == 0x02)
    if not command.data and command.p1 == 0x00:
        return _enter(card, "MF")
    command.need(2)
    number = int.from_bytes(command.data, "big")
    if command.p1 == 0x00 and number == MF:
        return _enter(card, "MF")
    if command.p1 != 0x01 and number >> 8 == 0xEF and number & 0xFF:
        card.open(card.file(number & 0xFF))
        return b""
    if command.p1 != 0x02:
        for application, _ in _names(card):
            if _id(application) == number:
                return _enter(card, application)
    raise Status(status.FILE_MISSING)


def _by_name(card: VirtualCard, name: bytes, *, after: bool) -> bytes:
    """A whole name, or its first five bytes and more; `after` goes on behind the application that is selected."""
    if not 5 <= len(name) <= 16:
        raise Status(status.LENGTH)
    whole = [application for application, full in _names(card) if full == name]
    fitting = whole or [application for application, full in _names(card) if full.startswith(name)]
    if after and card.session.application in fitting:
        fitting = fitting[fitting.index(card.session.application) + 1 :]
    elif after:
        fitting = []
    if not fitting:
        raise Status(status.FILE_MISSING)
    return _enter(card, fitting[0])


def _enter(card: VirtualCard, application: str) -> bytes:
    if card.is_blocked("SSSE" if application == "MF" else application):
        raise Status(status.APPLICATION_BLOCKED)
    card.enter(application)
    return information(card, application)


def _names(card: VirtualCard) -> list[tuple[str, bytes]]:
    """All that can be selected by name, in the order of the card."""
    found = [
        (one.name, one.df_name) for one in applications_of(card.image.version) if one.name not in card.image.absent
    ]
    if card.image.payment:
        found += [("PSE", PSE), ("PPSE", PPSE), ("PAY", PAY)]
    if card.image.certificate:
        found += [("PKI", PKI), ("CERT", CERT)]
    elif card.image.version == "3.0" and card.image.choices.pki_objects == "stub":
        found.append(("PKI", PKI))
    return found


def _id(application: str) -> int:
    found = [one.id for one in applications_of("2.0") if one.name == application]
    return found[0] if found else -1


def information(card: VirtualCard, application: str) -> bytes:
    """The FCI: name; for an environment where its directory lies; for SSSE the algorithm too."""
    if application in ("MF", "SSSE"):
        name = dict(_names(card)).get("SSSE", b"")
        directory = tlv.ber(0x88, bytes((card.image.choices.dir_sfi,)))
        return _fci(name, directory + algorithm(card))
    name = dict(_names(card))[application]
    if application == "PSE":
        return _fci(name, tlv.ber(0x88, b"\x01") + tlv.ber(0x5F2D, b"zh"))
    if application == "PPSE":
        return _fci(name, tlv.ber(0xBF0C, tlv.ber(0x61, tlv.ber(0x4F, PAY) + tlv.ber(0x87, b"\x01"))))
    if application == "PAY":
        return _fci(name, tlv.ber(0x50, b"PBOC DEBIT") + tlv.ber(0x87, b"\x01") + tlv.ber(0x5F2D, b"zh"))
    if application == "PKI":
        return _fci(name, tlv.ber(0x88, b"\x01"))
    return tlv.ber(0x6F, tlv.ber(0x84, name))


def algorithm(card: VirtualCard) -> bytes:
    """9F0C: which cipher the card's keys are for."""
    return tlv.ber(0x9F0C, tlv.ber(0x86, bytes((card.image.algorithm,))))


def _fci(name: bytes, inside: bytes) -> bytes:
    return tlv.ber(0x6F, tlv.ber(0x84, name) + tlv.ber(0xA5, inside))


def directory(card: VirtualCard) -> list[bytes]:
    """Records of the directory file: one template for each application below SSSE."""
    return [
        tlv.ber(0x61, tlv.ber(0x4F, one.df_name) + tlv.ber(0x50, one.zh.encode("gbk")[:16]))
        for one in applications_of(card.image.version)
        if one.name != "SSSE" and one.name not in card.image.absent
    ]

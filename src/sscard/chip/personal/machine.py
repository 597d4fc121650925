"""The personalisation machine of a plant: its HSM, and blank cards into which it runs scripts.

The HSM opens the transport key of a load with the plant's own key pair and keeps it to itself: it puts each card's
transport key into the blank and proves that it has it. All keys in the script stay closed to machine and HSM alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import Final

from sscard.chip.card.audit import Audit, digest
from sscard.chip.card.blank import CERTIFICATE, END, PAIR, BlankCard
from sscard.chip.card.image import Image
from sscard.chip.crypto.ciphers import cipher
from sscard.chip.faults import ChipFault, StatusRefused
from sscard.chip.personal import certificate
from sscard.chip.personal.script import Script
from sscard.keys import loads

_CHALLENGE: Final = bytes.fromhex("0084000008")
_PIECE: Final = 240


class Machine:
    """`unwrap` opens what is wrapped to the plant's receiving key; it raises keys.errors.KeyFault."""

    def __init__(self, unwrap: Callable[[bytes], bytes]) -> None:
        self._unwrap = unwrap
        self._transport = b""

    def open_load(self, wrapped: bytes) -> None:
        """The transport key of the cards that come next. Raises chip.transport_key for one that is none."""
        key = self._unwrap(wrapped)
        if len(key) != loads.TRANSPORT_BYTES:
            raise ChipFault("chip.transport_key")
        self._transport = key

    def make(self, script: Script) -> Image:
        """A finished card, its audit record compared with the script. Raises StatusRefused where the card refuses a
        command, chip.audit_differs."""
        card = self._blank(script)
        for command in script.commands:
            if command[:2] == bytes((0x80, END)) and script.good[0]:
                self._certify(card, script)
            told = _run(card, command)
        if card.finished is None or Audit.parse(told).script != digest(script.commands):
            raise ChipFault("chip.audit_differs")
        return card.finished

    def _blank(self, script: Script) -> BlankCard:
        """A blank with its transport key, which the machine then proves to it."""
        how = cipher(script.algorithm)
        own = loads.card_transport(how, self._transport, script.factor)
        card = BlankCard(script.algorithm, own)
        original = secrets.token_bytes(8)
        session = how.session(own, _run(card, _CHALLENGE))
        _run(card, bytes.fromhex("8082000010") + how.authenticate(session, original) + original)
        return card

    def _certify(self, card: BlankCard, script: Script) -> None:
        """A key pair made on the card, and the authority's certificate for it."""
        public = _run(card, bytes((0x80, PAIR, 0, 0, 64)))
        issued, until = script.good
        raw = certificate.issue(
            script.code, public, date.fromisoformat(issued), date.fromisoformat(until) if until else None
        )
        for at in range(0, len(raw), _PIECE):
            piece = raw[at : at + _PIECE]
            _run(card, bytes((0x80, CERTIFICATE, at >> 8, at & 0xFF, len(piece))) + piece)


def _run(card: BlankCard, command: bytes) -> bytes:
    data, sw = card.run(command)
    if sw != 0x9000:
        raise StatusRefused(command[:4].hex(" ").upper(), sw)
    return data

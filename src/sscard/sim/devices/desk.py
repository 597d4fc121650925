"""All devices of one terminal in one hand, for stories and tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sscard.sim.devices import camera, card_slot, id_reader, pin_pad
from sscard.sim.devices.signing_pad import SigningPad
from sscard.sim.devices.wallet import VirtualCard, VirtualPerson, Wallet
from sscard.terminals.client import Device, Post, Server


class Desk:
    """The devices of terminal `terminal`, whose keys lie in the wallet. `server` is an https address or a `Post`."""

    def __init__(
        self, server: str | Post, wallet: Wallet | Path | str, terminal: str, *, trust: Path | str | None = None
    ) -> None:
        self._post = Server(server, trust) if isinstance(server, str) else server
        self.wallet = wallet if isinstance(wallet, Wallet) else Wallet(wallet)
        self.terminal = terminal

    def device(self, kind: str) -> Device:
        return Device(self._post, self.wallet.device(self.terminal, kind))

    def present_id(self, person: str | Path | VirtualPerson, *, source: str = "original") -> dict[str, Any]:
        """Lay an ID card ("original"), a photocopy ("copy") or a screen ("photo") on the reader."""
        return id_reader.present(self.device("id_reader"), self.wallet.person(person), source=source)

    def insert_card(self, card: str | Path | VirtualCard) -> dict[str, Any]:
        return card_slot.insert(self.device("card_slot"), self.wallet.card(card))

    def enter_pin(self, pin: str, *, new: bool = False) -> dict[str, Any]:
        return pin_pad.enter(self.device("pin_pad"), bytearray(pin.encode()), new=new)

    def signing_pad(self) -> SigningPad:
        """The PIN pad as a signing pad: one document, one key."""
        return SigningPad(self.device("pin_pad"))

    def look(self, person: str | Path | VirtualPerson, *, live: bool = True) -> dict[str, Any]:
        return camera.look(self.device("camera"), self.wallet.person(person), live=live)

"""The wallet folder: JSON files of virtual people, cards and device keys, each readable by its owner only.

wallet/people/<name>.json      name, ID number, how long the ID card is good, face
wallet/cards/<name>.json       numbers of a social security card and its software key
wallet/terminals/<code>/<kind>.json   name and keys of a device
wallet.seal                    the seal key, mode 600, beside the folder; made once

Keys of cards and devices are sealed in their files, so that a copy of the folder holds none; all else can be read.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms

from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.parties import KeyPair
from sscard.keys.seal_file import seal_key
from sscard.terminals.client import DeviceKeys

T = TypeVar("T")
_NAME = re.compile(r"[^\W.][\w.@:+-]*")
SECRET, SEALED, SEAL = ("key", "pin_key"), "sealed:", ".seal"
"""Fields that are sealed in files, how a sealed one begins, and what the seal key's file is called behind the folder."""
KINDS = ("id_reader", "card_slot", "pin_pad", "camera")


@dataclass(frozen=True, slots=True)
class VirtualPerson:
    """Somebody of the virtual world with his ID card. `valid_until` ISO date, "" for a card without end (长期)."""

    name: str
    id_number: str = field(repr=False)
    valid_until: str = ""
    face: str = ""
    """32 bytes in hex that stand for the face, on the ID card's chip and before the camera."""

    @classmethod
    def of(cls, name: str, id_number: str, valid_until: str = "") -> VirtualPerson:
        """A person whose face is as much his own as his number."""
        return cls(name, id_number, valid_until, hashlib.sha256(f"face|{id_number}".encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class VirtualCard:
    """A social security card. `key` (hex) is the software key under which it answers a challenge; `pan` "" without a
    bank account."""

    card_id_code: str
    card_number: str
    key: str = field(repr=False)
    pan: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A device that is about to get its key. It makes a key pair; the system wraps the key to the public half."""

    terminal: str
    kind: str
    pair: KeyPair

    @classmethod
    def begin(cls, terminal: str, kind: str) -> Enrolment:
        assert kind in KINDS, kind
        return cls(terminal, kind, KeyPair.fresh())

    @property
    def public(self) -> str:
        """What goes into the act `terminals.enrol_device`."""
        return self.pair.public.hex()

    def finish(self, wallet: Wallet, answer: Mapping[str, str]) -> DeviceKeys:
        """Open what the act answered and keep it in the wallet."""
        key = self.pair.unwrap(bytes.fromhex(answer["key"])).hex()
        pin_key = self.pair.unwrap(bytes.fromhex(answer["pin_key"])).hex() if "pin_key" in answer else ""
        keys = DeviceKeys(answer["device"], self.terminal, self.kind, key, pin_key)
        wallet.keep_device(keys)
        return keys


class Wallet:
    """The folder of one virtual world. Names are plain file names, or paths of files that lie elsewhere."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def keep_person(self, name: str, person: VirtualPerson) -> Path:
        return self._write("people", name, person)

    def keep_card(self, name: str, card: VirtualCard) -> Path:
        return self._write("cards", name, card)

    def keep_device(self, keys: DeviceKeys) -> Path:
        return self._write(f"terminals/{_plain(keys.terminal)}", keys.kind, keys)

    def person(self, name: str | Path | VirtualPerson) -> VirtualPerson:
        return name if isinstance(name, VirtualPerson) else self._read("people", name, VirtualPerson)

    def card(self, name: str | Path | VirtualCard) -> VirtualCard:
        return name if isinstance(name, VirtualCard) else self._read("cards", name, VirtualCard)

    def device(self, terminal: str, kind: str) -> DeviceKeys:
        return self._read(f"terminals/{_plain(terminal)}", kind, DeviceKeys)

    def terminals(self) -> list[str]:
        """Codes of the terminals whose devices' keys lie here."""
        folder = self.folder / "terminals"
        return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []

    def _write(self, shelf: str, name: str, what: object) -> Path:
        folder = self.folder / shelf
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, fresh = folder / f"{_plain(name)}.json", folder / f".{_plain(name)}.new"
        told = msgspec.to_builtins(what)
        for secret in SECRET:
            if told.get(secret):
                clear = told[secret].encode()
                told[secret] = SEALED + recipes.seal(self._seal, 1, f"{name}|{secret}".encode(), clear).hex()
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(told)))
        fresh.rename(path)
        return path

    def _read(self, shelf: str, name: str | Path, kind: type[T]) -> T:
        path = Path(name)
        if not path.is_file():
            path = self.folder / shelf / f"{_plain(str(name))}.json"
        told = msgspec.json.decode(path.read_bytes())
        for secret in SECRET:
            if str(told.get(secret, "")).startswith(SEALED):
                sealed = bytes.fromhex(told[secret].removeprefix(SEALED))
                told[secret] = recipes.unseal(self._seal, f"{path.stem}|{secret}".encode(), sealed).decode()
        return msgspec.convert(told, type=ready(kind))

    @property
    def _seal_file(self) -> Path:
        folder = self.folder.absolute()
        return folder.with_name(f"{folder.name}{SEAL}")

    @cached_property
    def _seal(self) -> algorithms.SM4:
        return algorithms.SM4(seal_key(self._seal_file, 16)[:16])


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of the wallet: {name!r}")
    return name

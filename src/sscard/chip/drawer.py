"""The drawer: finished virtual cards of an installation, found by card number or identification code.

    drawer/<name>.card     one card, whole, sealed (SM4-GCM): a copied drawer tells no key, no password, no person
    drawer/<name>.number   names the card file of a card number
    drawer.seal            the seal key, mode 600, made once; it may lie elsewhere (`seal`)

Names are keyed hashes, so that a listing tells no numbers. A card is replaced whole at each change. Whoever changes a
card takes `held(code)` first, so that two readers do not hold one card at the same time.

    store = Drawer.of_home(home).by_number("990100", "X90000011")
    card = VirtualCard(store)                  # every change of the card is kept in the drawer
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms

from sscard.chip.card.image import Image
from sscard.chip.faults import ChipFault
from sscard.codes import card_identification_code, card_number
from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.errors import KeyFault
from sscard.keys.seal_file import seal_key
from sscard.keys.store import write_durably

FOLDER: Final = "drawer"
SEAL: Final = "drawer.seal"
_NAME_BYTES: Final = 16


class SealedStore:
    """One card of a drawer, as `chip.card.VirtualCard` keeps it. Raises chip.card_file for a file that is damaged or
    sealed under another key."""

    def __init__(self, path: Path, key: algorithms.SM4) -> None:
        self.path, self._key = path, key

    def load(self) -> Image:
        try:
            clear = recipes.unseal(self._key, self._aad, self.path.read_bytes())
            return msgspec.msgpack.decode(clear, type=ready(Image))
        except (OSError, KeyFault, msgspec.MsgspecError):
            raise ChipFault("chip.card_file", file=self.path.name) from None

    def save(self, image: Image) -> None:
        write_durably(self.path, recipes.seal(self._key, 1, self._aad, msgspec.msgpack.encode(image)))

    @property
    def _aad(self) -> bytes:
        """A card's file put in another card's place does not open."""
        return b"chip.drawer|" + self.path.name.encode()


class Drawer:
    """A folder of finished cards. `seal` is the file of the seal key; default: beside the folder."""

    def __init__(self, folder: Path | str, seal: Path | str | None = None) -> None:
        self.folder = Path(folder)
        self.seal = Path(seal) if seal else self.folder.with_name(SEAL)

    @classmethod
    def of_home(cls, home: Path) -> Drawer:
        """The drawer of an installation."""
        return cls(home / FOLDER)

    def put(self, image: Image, area: str, number: str, code: str) -> None:
        """A finished card. The number is written first and the card last: what has a card file is whole."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(self._number_file(area, number), self._name("code", code).encode())
        self._store(code).save(image)

    def has(self, code: str) -> bool:
        return self._store(code).path.is_file()

    def by_code(self, code: str) -> SealedStore:
        """The card with this identification code. Raises chip.not_in_drawer."""
        store = self._store(card_identification_code.validate(code))
        if not store.path.is_file():
            raise ChipFault("chip.not_in_drawer")
        return store

    def by_number(self, area: str, number: str) -> SealedStore:
        """The card of an area with this card number; a replaced card's number leads to the newest one. Raises
        chip.not_in_drawer."""
        try:
            name = self._number_file(area, card_number.validate(number)).read_text(encoding="ascii")
        except OSError:
            raise ChipFault("chip.not_in_drawer") from None
        store = SealedStore(self.folder / f"{name}.card", self._key)
        if not store.path.is_file():
            raise ChipFault("chip.not_in_drawer")
        return store

    @contextmanager
    def held(self, store: SealedStore) -> Iterator[SealedStore]:
        """While somebody has the card in hand nobody else gets it. Raises chip.card_in_use."""
        handle = os.open(store.path.with_suffix(".held"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            yield store
        finally:
            os.close(handle)

    def _store(self, code: str) -> SealedStore:
        return SealedStore(self.folder / f"{self._name('code', code)}.card", self._key)

    def _number_file(self, area: str, number: str) -> Path:
        return self.folder / f"{self._name('number', f'{area}:{number}')}.number"

    def _name(self, kind: str, value: str) -> str:
        return recipes.hmac_sm3(recipes.hmac_base(self._raw), f"{kind}|{value.upper()}".encode())[:_NAME_BYTES].hex()

    @cached_property
    def _key(self) -> algorithms.SM4:
        return algorithms.SM4(self._raw[:16])

    @cached_property
    def _raw(self) -> bytes:
        """The seal key's file: made where there is none yet and no card either."""
        if not self.seal.exists() and any(self.folder.glob("*.card")):
            raise ChipFault("chip.seal_missing", file=self.folder.name, seal=self.seal.name)
        return seal_key(self.seal, 32)


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ChipFault("chip.card_in_use") from None

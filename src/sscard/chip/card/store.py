"""How a card lies on disk: one file, replaced whole; secrets sealed under a key that lies elsewhere.

A power cut before the rename leaves the old card, after it the new one; there is nothing in between
(`write_durably`). The seal key is made once beside the cards, mode 600; it is not in the card's file, so a copied
file tells no key and no password.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms

from sscard.chip.card.image import Image, Secrets
from sscard.chip.faults import ChipFault
from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.errors import KeyFault
from sscard.keys.seal_file import seal_key
from sscard.keys.store import write_durably

FORMAT: Final = "sscard virtual card 1"
SEAL_NAME: Final = "chip.seal"
_AAD: Final = b"chip.image|secrets"


class Store(Protocol):
    """Where the image goes at each change. `save` returns when it is safe."""

    def load(self) -> Image: ...
    def save(self, image: Image) -> None: ...


class MemoryStore:
    """A card that lives as long as the program; copies, so that nothing unsaved survives a power-off."""

    def __init__(self, image: Image) -> None:
        self.save(image)

    def load(self) -> Image:
        return msgspec.msgpack.decode(self._kept, type=ready(Image))

    def save(self, image: Image) -> None:
        self._kept = msgspec.msgpack.encode(image)


class FileStore:
    """A card file."""

    def __init__(self, path: Path | str, seal: Path | str | None = None) -> None:
        self.path = Path(path)
        self.seal = Path(seal) if seal else self.path.parent / SEAL_NAME
        self._sealed: tuple[bytes, bytes] = (b"", b"")

    def load(self) -> Image:
        """Raises chip.card_file for one that is missing, damaged or sealed by another key."""
        try:
            outer = msgspec.json.decode(self.path.read_bytes(), type=ready(_Outer))
            if outer.format != FORMAT:
                raise ChipFault("chip.card_file", file=self.path.name)
            clear = recipes.unseal(self._key(), _AAD, outer.sealed)
            image = outer.card
            image.secrets = msgspec.json.decode(clear, type=ready(Secrets))
        except (OSError, ValueError, msgspec.DecodeError, RecursionError, KeyFault):
            raise ChipFault("chip.card_file", file=self.path.name) from None
        self._sealed = (clear, outer.sealed)
        return image

    def save(self, image: Image) -> None:
        clear = msgspec.json.encode(image.secrets)
        if clear != self._sealed[0]:
            self._sealed = (clear, recipes.seal(self._key(), 1, _AAD, clear))
        kept, image.secrets = image.secrets, Secrets()
        try:
            raw = msgspec.json.encode(_Outer(FORMAT, image.label, image, self._sealed[1]))
        finally:
            image.secrets = kept
        write_durably(self.path, raw)

    def _key(self) -> algorithms.SM4:
        """The seal key; made where there is none yet and no card either."""
        if not self.seal.exists() and self.path.exists():
            raise ChipFault("chip.seal_missing", file=self.path.name, seal=self.seal.name)
        return algorithms.SM4(seal_key(self.seal, 16)[:16])


class _Outer(msgspec.Struct):
    format: str
    note: str
    card: Image
    sealed: bytes

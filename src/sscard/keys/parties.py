"""Key pairs of a party that has no key service: a producer's program, a bank's file side.

A party has two SM2 pairs, one to sign and one to receive; their public halves are exchanged and registered beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sscard.kernel.refusals import Refusal
from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.store import write_durably


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An SM2 pair in memory; its text form shows the public half only."""

    public: bytes  # 64 bytes x ‖ y
    private: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> KeyPair:
        return cls(*recipes.sm2_pair())

    def sign(self, message: bytes) -> bytes:
        return recipes.sm2_sign(self.private, self.public, message)

    def unwrap(self, wrapped: bytes) -> bytes:
        return recipes.sm2_decrypt(self.private, wrapped)


class _PairOnDisk(msgspec.Struct, forbid_unknown_fields=True):
    public: str
    private: str


class _PartyOnDisk(msgspec.Struct, forbid_unknown_fields=True):
    algorithm: str
    signing: _PairOnDisk
    receiving: _PairOnDisk


@dataclass(frozen=True, slots=True)
class PartyKeys:
    signing: KeyPair
    receiving: KeyPair

    @classmethod
    def load_or_make(cls, path: Path) -> PartyKeys:
        """The pairs of the file, mode 600; made when there is no file yet."""
        if not path.exists():
            made = cls(KeyPair.fresh(), KeyPair.fresh())
            write_durably(path, msgspec.json.encode(made._on_disk()))
            return made
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> PartyKeys:
        try:
            found = msgspec.json.decode(path.read_bytes(), type=ready(_PartyOnDisk))
            pairs = [
                KeyPair(bytes.fromhex(one.public), bytes.fromhex(one.private))
                for one in (found.signing, found.receiving)
            ]
        except (msgspec.MsgspecError, ValueError):
            raise Refusal("keys.party_file", file=path.name) from None
        if found.algorithm != "SM2" or any((len(one.public), len(one.private)) != (64, 32) for one in pairs):
            raise Refusal("keys.party_file", file=path.name)
        return cls(*pairs)

    def _on_disk(self) -> _PartyOnDisk:
        return _PartyOnDisk(
            "SM2", *(_PairOnDisk(one.public.hex(), one.private.hex()) for one in (self.signing, self.receiving))
        )

"""Ceremonies: a secret in shares (SLIP-39), each seen once by one custodian; two custodians at least, and an auditor.

    make    the service draws a secret, each custodian takes his share, reads it back, the auditor closes it: the set
            is held from then on
    root    the same for the root key of the sealed store
    prove   custodians give their shares, the check value must come out: nothing is changed
    open    the same, and the sealed store opens

Shares and secret are in this process's memory only, until the ceremony ends, is cancelled, or its hour is over. Persons are
marks (blind indices) that the caller vouches for; one person is one person here too, whatever the caller says.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from sscard.keys import recipes
from sscard.keys.errors import KeyFault

KINDS: Final = ("make", "root", "prove", "open")
SECRET_BYTES: Final = 32
LEAST, MOST_SHARES, MOST_OPEN = 2, 7, 20
HOUR_S: Final = 3600


@dataclass(slots=True)
class Ceremony:
    """One ceremony under way. `expected`: check value that given shares must bring back ("" while one is made)."""

    kind: str
    subject: str
    need: int
    of: int
    openers: tuple[bytes, ...]
    expected: str = ""
    number: int = 0
    """Identifier that all shares of one ceremony carry (SLIP-39)."""
    ends: float = field(default_factory=lambda: time.monotonic() + HOUR_S)
    secret: bytes = field(default=b"", repr=False)
    waiting: list[str] = field(default_factory=list, repr=False)
    taken: dict[bytes, str] = field(default_factory=dict, repr=False)
    confirmed: set[bytes] = field(default_factory=set, repr=False)
    result: dict[str, Any] | None = None
    """What the end came to: told again to whoever asks again, because his record of it may have been lost."""

    @classmethod
    def begin(cls, kind: str, subject: str, need: int, of: int, openers: list[bytes], **more: Any) -> Ceremony:
        """`need` of `of` shares will bring the secret back. Two different persons open it."""
        if kind not in KINDS or not LEAST <= need <= of <= MOST_SHARES:
            raise KeyFault("keys.ceremony_form")
        if len(set(openers)) < LEAST or not all(openers):
            raise KeyFault("keys.two_persons")
        new = cls(kind, subject, need, of, tuple(openers), **more)
        if kind in ("make", "root"):
            new.secret = secrets.token_bytes(SECRET_BYTES)
            new.waiting = _slip39().generate_mnemonics(1, [(need, of)], new.secret)[0]
            new.number = _share(new.waiting[0]).identifier
        return new

    def share(self, person: bytes, told: int | None = None) -> str:
        """The words of one share, told once to one person. `told`: how many tellings the caller has on record; where one is
        missing, its answer was lost on the way, and who has not read back yet hears his share again."""
        self._only("make", "root")
        if person in self.taken:
            lost = told is not None and told < len(self.taken) and person not in self.confirmed
            if not lost:
                raise KeyFault("keys.share_taken")
            return self.taken[person]
        if not self.waiting:
            raise KeyFault("keys.shares_out", of=str(self.of))
        words = self.waiting.pop(0)
        self.taken[person] = words
        return words

    def confirm(self, person: bytes, words: str) -> None:
        """What he wrote down, read back."""
        self._only("make", "root")
        if person not in self.taken:
            raise KeyFault("keys.share_none")
        if not recipes.same(_normal(words).encode(), self.taken[person].encode()):
            raise KeyFault("keys.share_differs")
        self.confirmed.add(person)

    def give(self, person: bytes, words: str) -> None:
        """A share brought back. Refuses a second one of a person, a share twice, a wrong word, another ceremony's."""
        self._only("prove", "open")
        normal = _normal(words)
        if person in self.taken:
            if recipes.same(normal.encode(), self.taken[person].encode()):
                return  # once more the same: the record of the first time was lost
            raise KeyFault("keys.share_taken")
        share = _share(normal)
        if share.identifier != self.number:
            raise KeyFault("keys.share_foreign")
        if any(_share(one).index == share.index for one in self.taken.values()):
            raise KeyFault("keys.share_twice")
        self.taken[person] = normal

    def finish(self, auditor: bytes) -> bytes:
        """The secret, once everything is in and an auditor who holds no share of it says so. Who opened it is no auditor."""
        self.apart(auditor)
        if self.kind in ("make", "root"):
            if self.waiting or self.confirmed != set(self.taken):
                raise KeyFault("keys.shares_missing", given=str(len(self.confirmed)), need=str(self.of))
            return self.secret
        return self.combined()

    def apart(self, auditor: bytes) -> None:
        if not auditor or auditor in self.taken or auditor in self.openers:
            raise KeyFault("keys.auditor_takes_part")

    def ended(self, result: dict[str, Any]) -> None:
        """The secret and the shares go; who took part and the result stay until the hour is over."""
        self.result, self.secret, self.waiting = result, b"", []
        self.taken = dict.fromkeys(self.taken, "")

    def combined(self) -> bytes:
        """The secret out of the shares that were given."""
        if len(self.taken) < self.need:
            raise KeyFault("keys.shares_missing", given=str(len(self.taken)), need=str(self.need))
        try:
            secret = _slip39().combine_mnemonics(list(self.taken.values())[: self.need])
        except _slip39().MnemonicError:
            raise KeyFault("keys.share_foreign") from None
        if not recipes.same(kcv(secret).hex().encode(), self.expected.encode()):
            raise KeyFault("keys.share_foreign")
        return secret

    def takes_part(self, person: bytes) -> bool:
        return person in self.openers or person in self.taken

    def state(self) -> dict[str, Any]:
        done = len(self.confirmed) if self.kind in ("make", "root") else len(self.taken)
        wanted = self.of if self.kind in ("make", "root") else self.need
        return {"kind": self.kind, "subject": self.subject, "need": self.need, "of": self.of,
                "taken": len(self.taken), "done": done, "wanted": wanted}  # fmt: skip

    def _only(self, *kinds: str) -> None:
        if self.kind not in kinds:
            raise KeyFault("keys.ceremony_form")


class Ceremonies:
    """Those under way in this process, by id; an hour each."""

    def __init__(self) -> None:
        self._open: dict[str, Ceremony] = {}

    def begin(self, name: str, ceremony: Ceremony) -> None:
        self._sweep()
        if name in self._open or not 1 <= len(name) <= 64:
            raise KeyFault("keys.ceremony_form")
        about = (ceremony.kind, ceremony.subject, ceremony.openers)
        for forgotten, one in list(self._open.items()):  # begun by an act whose record was lost: nobody knows its name
            if about == (one.kind, one.subject, one.openers) and not one.taken and one.result is None:
                del self._open[forgotten]
        if len(self._open) >= MOST_OPEN:
            raise KeyFault("keys.too_many", most=str(MOST_OPEN))
        self._open[name] = ceremony

    def get(self, name: str) -> Ceremony:
        """One under way. Raises keys.ceremony_done for one that has its result, keys.ceremony_gone."""
        self._sweep()
        if name not in self._open:
            raise KeyFault("keys.ceremony_gone")
        if self._open[name].result is not None:
            raise KeyFault("keys.ceremony_done")
        return self._open[name]

    def result(self, name: str, auditor: bytes) -> dict[str, Any] | None:
        """The result of an ended one, for an auditor who took no part; None while there is none."""
        self._sweep()
        found = self._open.get(name)
        if found is None or found.result is None:
            return None
        found.apart(auditor)
        return found.result

    def end(self, name: str) -> None:
        self._open.pop(name, None)

    def cancel(self, name: str, person: bytes) -> None:
        if not self.get(name).takes_part(person):
            raise KeyFault("keys.ceremony_foreign")
        self.end(name)

    def _sweep(self) -> None:
        now = time.monotonic()
        for name in [name for name, one in self._open.items() if one.ends < now]:
            del self._open[name]


def kcv(secret: bytes) -> bytes:
    """Three bytes that tell two secrets apart: shown at making and proving, and say nothing of a key."""
    return recipes.hmac_sm3(recipes.hmac_base(secret), b"sscard key set")[:3]


def _slip39() -> Any:
    """The library of SLIP-39, loaded for ceremonies only: they are rare."""
    import shamir_mnemonic

    return shamir_mnemonic


def _share(words: str) -> Any:
    """The share that these words say, checked by their own checksum."""
    try:
        return _slip39().Share.from_mnemonic(words)
    except (_slip39().MnemonicError, ValueError):
        raise KeyFault("keys.share_wrong") from None


def _normal(words: str) -> str:
    return " ".join(words.lower().split())

"""How keys lie on disk: a file of wrapped keys, and a holder of the root key that wraps them.

`Store` is what a root-key holder must do; a PKCS#11 token (`keys.token`) or a national HSM fits by wrapping inside
itself. `SealedStore` gets its root key from custodians' shares at each start. `DemoStore` keeps its root key in a file
next to the keys, for demonstration and tests; a production profile refuses it.
"""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms

from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.catalogue import State
from sscard.keys.errors import KeyFault

ROOT_FILE: Final = "demo-root-key.not-for-production"
ROOT_LABEL: Final = "sscard demo root key, not for production"
SEAL_FILE: Final = "root-seal.json"
RING_FILE: Final = "keyring.json"
LOCK_FILE: Final = "keyring.lock"


class Store(Protocol):
    """Holds the root key; wraps and unwraps the keys of the ring, each bound to its record (`about`)."""

    label: str
    fit_for_production: bool

    def wrap(self, about: bytes, secret: bytes) -> bytes: ...

    def unwrap(self, about: bytes, wrapped: bytes) -> bytes: ...


class SoftwareStore:
    """Root key in this process's memory."""

    _root: algorithms.SM4

    def wrap(self, about: bytes, secret: bytes) -> bytes:
        return recipes.seal(self._root, 1, about, secret)

    def unwrap(self, about: bytes, wrapped: bytes) -> bytes:
        return recipes.unseal(self._root, about, wrapped)


class DemoStore(SoftwareStore):
    """Root key in a labelled file, mode 600."""

    label = "software, demo root key"
    fit_for_production = False

    def __init__(self, home: Path) -> None:
        path = home / ROOT_FILE
        if not path.exists():
            if (home / RING_FILE).exists():
                raise KeyFault("keys.root_missing", file=ROOT_FILE)
            write_durably(path, f"{ROOT_LABEL}\n{os.urandom(16).hex()}\n".encode())
        label, _, rest = path.read_text().partition("\n")
        try:
            root = bytes.fromhex(rest)
        except ValueError:
            root = b""
        if label != ROOT_LABEL or len(root) != 16:
            raise KeyFault("keys.root_wrong", file=ROOT_FILE)
        self._root = algorithms.SM4(root)


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the sealed store's root key without its shares."""

    kcv: str
    number: int
    need: int
    of: int
    made_at: str


class SealedStore(SoftwareStore):
    """Root key in nobody's file: it comes from a ceremony and is brought back from shares at each start. Until then the
    service is sealed and answers nothing but that."""

    label = "software, sealed: opened by custodians"
    fit_for_production = True

    def __init__(self, home: Path) -> None:
        self._path = home / SEAL_FILE
        if not self._path.exists() and (home / RING_FILE).exists():
            raise KeyFault("keys.root_missing", file=SEAL_FILE)

    def expected(self, *, making: bool) -> dict[str, Any]:
        """What the shares must bring back; nothing while the root key is made, once only."""
        if making:
            if self._path.exists():
                raise KeyFault("keys.root_there")
            return {}
        if not self._path.exists():
            raise KeyFault("keys.root_none")
        seal = msgspec.json.decode(self._path.read_bytes(), type=ready(Seal))
        return {"expected": seal.kcv, "number": seal.number, "need": seal.need, "of": seal.of}

    def make(self, secret: bytes, kcv: str, number: int, need: int, of: int) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        seal = Seal(kcv=kcv, number=number, need=need, of=of, made_at=now)
        write_durably(self._path, msgspec.json.encode(seal))

    def open(self, secret: bytes) -> None:
        self._root = algorithms.SM4(recipes.derive(recipes.hmac_base(secret), b"sscard root", "SM4", 16))


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one key as it lies on disk. Everything but `wrapped` is authenticated by the wrapping."""

    name: str
    algorithm: str
    version: int
    state: State
    kcv: str  # 3 bytes in hex
    made_at: str  # real time, UTC
    public: str = ""  # SM2: x ‖ y in hex
    note: str = ""  # of a ceremony: identifier of its shares / how many are needed / of how many
    wrapped: bytes = b""

    def about(self) -> bytes:
        parts = (self.name, self.algorithm, str(self.version), self.state, self.kcv, self.made_at, self.public)
        parts = (*parts, self.note) if self.note else parts
        return "|".join(parts).encode()


def read_records(home: Path) -> list[Record]:
    path = home / RING_FILE
    if not path.exists():
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=ready(list[Record]))
    except msgspec.DecodeError:
        raise KeyFault("keys.ring_broken", file=RING_FILE) from None


def write_records(home: Path, records: list[Record]) -> None:
    write_durably(home / RING_FILE, msgspec.json.format(msgspec.json.encode(records), indent=1))


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file whole or not at all, readable by the owner only, on disk when this returns."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        left = memoryview(content)
        while left:  # a disk that fills up takes a part first and refuses the rest: then the old file stays
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def lock(home: Path) -> int:
    """One service a home: the lock ends with the process that holds it."""
    handle = os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise KeyFault("keys.home_in_use", home=str(home)) from None
    return handle

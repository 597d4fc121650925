"""The keys in memory: versions, states, and the one question every verb asks first: may this key do this?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.hmac import HMAC

from sscard.keys import recipes
from sscard.keys.catalogue import AREA_PACKAGE, FIRST_KEYS, MOST_AREAS, Algorithm, KeySpec, Purpose, State, spec
from sscard.keys.errors import KeyFault
from sscard.keys.store import Record, Store, read_records, write_records

MOST_VERSIONS = 255  # the version is one byte in a sealed blob


@dataclass(frozen=True)
class Key:
    """One version of one key, ready for work. Its text form shows no secret."""

    record: Record
    secret: bytes = field(repr=False)

    @property
    def version(self) -> int:
        return self.record.version

    @property
    def public(self) -> bytes:
        return bytes.fromhex(self.record.public)

    @cached_property
    def sm4(self) -> algorithms.SM4:
        return algorithms.SM4(self.secret)

    @cached_property
    def hmac(self) -> HMAC:
        return recipes.hmac_base(self.secret)


class KeyRing:
    """All keys of one home. Makes what the catalogue asks for and the file does not hold yet."""

    def __init__(self, home: Path, store: Store, wanted: Sequence[KeySpec] = FIRST_KEYS) -> None:
        self._home, self._store = home, store
        self._keys: dict[str, dict[int, Key]] = {}
        for record in read_records(home):
            self._keys.setdefault(record.name, {})[record.version] = self._open(record)
        missing = [one for one in wanted if one.name not in self._keys]
        if missing:
            self._keep({one.name: {1: self._make(one, 1)} for one in missing})
        self.made = tuple(one.name for one in missing)

    @property
    def home(self) -> Path:
        """The folder of the store."""
        return self._home

    def names(self) -> list[str]:
        return sorted(self._keys)

    def records(self) -> list[Record]:
        """What may be shown of all keys: everything but the wrapped value."""
        return [
            msgspec.structs.replace(key.record, wrapped=b"") for name in self.names() for key in self._versions(name)
        ]

    def active(self, purpose: Purpose, name: str) -> Key:
        """The key for new work, if `name` serves this purpose."""
        for key in self.versions(purpose, name):
            if key.record.state is State.ACTIVE:
                return key
        raise KeyFault("keys.unknown_key", key=_shown(name))

    def versions(self, purpose: Purpose, name: str) -> list[Key]:
        """All versions, newest first, if `name` serves this purpose; refuses a wrong pair by name."""
        full = name if "." in name else f"{purpose}.{name}"
        if full in self._keys:
            if spec(full).purpose is not purpose:
                raise KeyFault("keys.wrong_purpose", key=full, verb=purpose.value)
            return self._versions(full)
        short = name.rpartition(".")[2]
        if any(known.partition(".")[2] == short for known in self._keys):
            raise KeyFault("keys.wrong_purpose", key=_shown(name), verb=purpose.value)
        raise KeyFault("keys.unknown_key", key=_shown(name))

    def version(self, purpose: Purpose, name: str, version: int) -> Key:
        for key in self.versions(purpose, name):
            if key.version == version:
                return key
        raise KeyFault("keys.unknown_version", key=_shown(name), version=str(version))

    def ensure_area(self, area: str) -> None:
        """Make the signing key of an area's packages if it has none."""
        name = f"sign.package:{area}"
        if not AREA_PACKAGE.fullmatch(name):
            raise KeyFault("keys.unknown_key", key=_shown(name))
        if name in self._keys:
            return
        if sum(1 for known in self._keys if AREA_PACKAGE.fullmatch(known)) >= MOST_AREAS:
            raise KeyFault("keys.too_many", most=str(MOST_AREAS))
        self._keep({name: {1: self._make(spec(name), 1)}})

    def rotate(self, name: str) -> int:
        """A new active version; the older ones open and check only. Returns the new version."""
        if name not in self._keys:
            raise KeyFault("keys.unknown_key", key=_shown(name))
        version = self._next(name)
        self._keep({name: {version: self._make(spec(name), version), **self._older(name)}})
        return version

    def held(self, name: str) -> list[Key]:
        """All versions of a key that may not be there, newest first."""
        return self._versions(name) if name in self._keys else []

    def hold(self, name: str, algorithm: Algorithm, secret: bytes, kcv: str, note: str = "") -> int:
        """Take a key in that was made elsewhere (a ceremony, sub-keys from above) as the new active version."""
        version = self._next(name)
        record = Record(
            name=name, algorithm=algorithm, version=version, state=State.ACTIVE, kcv=kcv,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"), note=note,
        )  # fmt: skip
        self._keep({name: {version: self._wrapped(record, secret), **self._older(name)}})
        return version

    def retire(self, name: str, version: int) -> None:
        """Destroy a version that is not active; its record stays, its key is nowhere any more."""
        old = self._keys.get(name, {}).get(version)
        if old is None:
            raise KeyFault("keys.unknown_version", key=_shown(name), version=str(version))
        if old.record.state is State.ACTIVE:
            raise KeyFault("keys.still_active", key=_shown(name), version=str(version))
        record = msgspec.structs.replace(old.record, state=State.RETIRED, wrapped=b"")
        self._keep({name: {**self._keys[name], version: Key(record, b"")}})

    def _next(self, name: str) -> int:
        version = max(self._keys.get(name, {0: None})) + 1
        if version > MOST_VERSIONS:
            raise KeyFault("keys.too_many", most=str(MOST_VERSIONS))
        return version

    def _older(self, name: str) -> dict[int, Key]:
        """The versions there are, for older work only."""
        line = {}
        for old in self.held(name):
            line[old.version] = old
            if old.record.state is State.ACTIVE:
                record = msgspec.structs.replace(old.record, state=State.DECRYPT_ONLY)
                line[old.version] = self._wrapped(record, old.secret)
        return line

    def _versions(self, name: str) -> list[Key]:
        return [self._keys[name][version] for version in sorted(self._keys[name], reverse=True)]

    def _make(self, one: KeySpec, version: int) -> Key:
        public = b""
        if one.algorithm is Algorithm.SM2:
            public, secret = recipes.sm2_pair()
        else:
            secret = secrets.token_bytes(16 if one.algorithm is Algorithm.SM4 else 32)
        record = Record(
            name=one.name,
            algorithm=one.algorithm,
            version=version,
            state=State.ACTIVE,
            kcv=_kcv(one.algorithm, secret, public).hex(),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            public=public.hex(),
        )
        return self._wrapped(record, secret)

    def _wrapped(self, record: Record, secret: bytes) -> Key:
        wrapped = self._store.wrap(record.about(), secret)
        return Key(msgspec.structs.replace(record, wrapped=wrapped), secret)

    def _open(self, record: Record) -> Key:
        if record.state is State.RETIRED:
            return Key(record, b"")
        try:
            secret = self._store.unwrap(record.about(), record.wrapped)
        except KeyFault:
            raise KeyFault("keys.record_broken", key=record.name, version=str(record.version)) from None
        return Key(record, secret)

    def _keep(self, changed: dict[str, dict[int, Key]]) -> None:
        """First to disk, then into use: nothing is ever sealed or signed with a key that a restart would lose."""
        keys = self._keys | changed
        write_records(
            self._home, [keys[name][version].record for name in sorted(keys) for version in sorted(keys[name])]
        )
        self._keys = keys


def _kcv(algorithm: Algorithm, secret: bytes, public: bytes) -> bytes:
    """3 bytes that tell two keys apart and say nothing of the key."""
    if algorithm is Algorithm.SM4:
        return recipes.kcv(secret)
    if algorithm is Algorithm.SM2:
        return recipes.sm3(public)[:3]
    return recipes.hmac_sm3(recipes.hmac_base(secret), b"kcv")[:3]


def _shown(name: str) -> str:
    """A caller's name, short enough and plain enough for a log."""
    return "".join(one for one in name[:40] if one.isalnum() or one in "._:")

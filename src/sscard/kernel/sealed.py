"""Sealed fields: encrypted in the database, opened only in batches, by a reader who is written down.

A `SealedField` keeps one blob (SM4-GCM by the key service) whose additional data is table, column and row id, so that two
people's values cannot be swapped. What is always read together goes into one blob as a dict. Assign clear values and save;
what comes back from the database is a `Sealed` that shows nothing. `open_many` opens many rows with one call of the key
service and one audit row. Finding is by blind index (`blind_index`), never by the clear value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
from django.db import models

from sscard.kernel.keyclient import keys


class Reader(Protocol):
    """Who opens sealed values: the door's `Inside`. It writes one audit row for the whole batch."""

    def opened(self, table: str, field: str, rows: Sequence[Any]) -> None: ...


class _Stored(bytes):
    """A blob as it came from the database, told apart from bytes that somebody assigns."""


class Sealed:
    """A sealed value on a row. Its text form shows nothing."""

    __slots__ = ("blob", "clear")

    def __init__(self, blob: bytes | None = None, clear: Any = None) -> None:
        self.blob, self.clear = blob, clear

    def __repr__(self) -> str:
        return "Sealed(***)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return self.blob is not None or self.clear is not None


class _Slot:
    """The descriptor on the model: wraps what is assigned."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, row: Any, owner: Any = None) -> Any:
        if row is None:
            return self
        if self.name not in row.__dict__:
            row.refresh_from_db(fields=[self.name])
        return row.__dict__[self.name]

    def __set__(self, row: Any, value: Any) -> None:
        if value is None or isinstance(value, Sealed):
            row.__dict__[self.name] = value
        elif isinstance(value, _Stored):
            row.__dict__[self.name] = Sealed(blob=bytes(value))
        else:
            row.__dict__[self.name] = Sealed(clear=value)


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """`purpose` names the key: "person", "photo", "bank", "staff" … (one purpose, one key)."""

    def __init__(self, *args: Any, purpose: str = "person", **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _Slot(name))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["purpose"] = self.purpose
        return name, path, args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else _Stored(bytes(value))

    def pre_save(self, row: Any, add: bool) -> bytes | None:
        sealed: Sealed | None = row.__dict__.get(self.name)
        if sealed is None:
            return None
        if sealed.blob is None:
            seal_many([row], self.name)
        return sealed.blob

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, Sealed):
            if value.blob is None:
                raise TypeError(f"{self.name} is sealed: assign it on a row and save the row, update() cannot seal it")
            value = value.blob
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: Any) -> str:
        return "***"


def seal_many(rows: Sequence[Any], field: str) -> None:
    """Seal the clear values that were assigned on these rows with one call; bulk inserts call it first."""
    pending = [row for row in rows if (s := row.__dict__.get(field)) is not None and s.blob is None]
    if not pending:
        return
    purpose = pending[0]._meta.get_field(field).purpose
    blobs = keys().seal(purpose, [(_aad(row, field), encode(row.__dict__[field].clear)) for row in pending])
    for row, blob in zip(pending, blobs, strict=True):
        row.__dict__[field].blob = blob


def open_many(rows: Sequence[Any], field: str, reader: Reader) -> list[Any]:
    """The clear values of a sealed field of many rows; None where the row has none. Writes one audit row."""
    if not rows:
        return []
    reader.opened(rows[0]._meta.label_lower, field, rows)
    purpose = rows[0]._meta.get_field(field).purpose
    sealed = [row for row in rows if getattr(row, field) is not None and getattr(row, field).blob is not None]
    clear = keys().unseal(purpose, [(_aad(row, field), getattr(row, field).blob) for row in sealed])
    found = {id(row): decode(value) for row, value in zip(sealed, clear, strict=True)}
    return [found.get(id(row)) for row in rows]


def open_one(row: Any, field: str, reader: Reader) -> Any:
    return open_many([row], field, reader)[0]


def blind_index(column: str, normal: str) -> bytes:
    """The 32-byte keyed index of a value in its normal form; columns are the key service's fixed list."""
    return keys().blind(column, [normal.encode()])[0]


def blind_many(column: str, normals: Sequence[str]) -> list[bytes]:
    return keys().blind(column, [normal.encode() for normal in normals])


def encode(value: Any) -> bytes:
    if isinstance(value, bytes):
        return b"b" + value
    if isinstance(value, str):
        return b"s" + value.encode()
    return b"j" + msgspec.json.encode(value)


def decode(blob: bytes) -> Any:
    kind, rest = blob[:1], bytes(blob[1:])
    if kind == b"b":
        return rest
    return rest.decode() if kind == b"s" else msgspec.json.decode(rest)


def aad_for(table: str, field: str, key: Sequence[Any]) -> bytes:
    """Additional data of a sealed value: table, column and row id. Bulk writers that bypass models use it too."""
    return f"{table}|{field}|{','.join(str(part) for part in key)}".encode()


def _aad(row: Any, field: str) -> bytes:
    key = row.pk if isinstance(row.pk, tuple) else (row.pk,)
    if any(part is None for part in key):
        raise TypeError("a row needs its id before a value on it can be sealed")
    return aad_for(row._meta.db_table, field, key)

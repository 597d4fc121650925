"""Ids are made by us: random, never a shared sequence, never an ID number."""

from __future__ import annotations

import os
import secrets
import uuid

_DRAWN: list[bytes] = []
os.register_at_fork(after_in_child=_DRAWN.clear)


def _sixteen() -> bytes:
    """From the system's own source of randomness, like `secrets`, which is asked for 256 at a time."""
    try:
        return _DRAWN.pop()
    except IndexError:  # also when another thread was quicker
        drawn = os.urandom(4_096)
        _DRAWN.extend(drawn[at : at + 16] for at in range(16, 4_096, 16))
        return drawn[:16]


def new_id() -> uuid.UUID:
    """A random 128-bit id: the only kind of id that leaves the house."""
    return uuid.UUID(bytes=_sixteen(), version=4)


def new_id_text() -> str:
    """The same as its text, for whoever needs nothing else: a third of the time."""
    text = _sixteen().hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
"""The two bits that mark every such id, over one of its hexadecimal signs."""


def new_person_id() -> int:
    """A random internal person id, 1 … 2^63 - 1. It never leaves the house."""
    return secrets.randbelow(2**63 - 1) + 1


REFERENCE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0/O, 1/I/L."""


def new_reference(length: int = 10) -> str:
    """A short reference that people read aloud. `length` characters of nearly 5 bits each."""
    return "".join(secrets.choice(REFERENCE_SIGNS) for _ in range(length))


def reference_of(secret: bytes, length: int = 10) -> str:
    """The same kind of reference out of a keyed value of at least 16 bytes: the same again for the same value."""
    number, signs = int.from_bytes(secret, "big"), []
    for _ in range(length):
        number, at = divmod(number, len(REFERENCE_SIGNS))
        signs.append(REFERENCE_SIGNS[at])
    return "".join(signs)

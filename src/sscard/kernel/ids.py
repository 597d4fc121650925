"""Ids are made by us: random, never a shared sequence, never an ID number."""

from __future__ import annotations

import os
import secrets
import uuid


def new_id() -> uuid.UUID:
    """A random 128-bit id: the only kind of id that leaves the house."""
    return uuid.uuid4()  # from the system's own source of randomness, like `secrets`


def new_id_text() -> str:
    """The same as its text, for whoever needs nothing else: a third of the time."""
    text = os.urandom(16).hex()
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

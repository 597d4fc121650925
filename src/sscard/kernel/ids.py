"""Ids are made by us: random, never a shared sequence, never an ID number."""

from __future__ import annotations

import secrets
import uuid


def new_id() -> uuid.UUID:
    """A random 128-bit id: the only kind of id that leaves the house."""
    return uuid.UUID(bytes=secrets.token_bytes(16), version=4)


def new_person_id() -> int:
    """A random internal person id, 1 … 2^63 - 1. It never leaves the house."""
    return secrets.randbelow(2**63 - 1) + 1


def new_reference(length: int = 10) -> str:
    """A short reference that people read aloud: no 0/O, 1/I/L. `length` characters of 5 bits each."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(length))

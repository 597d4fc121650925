"""Pure rules of device sessions: how long, which device for which evidence, and what a device's MAC covers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sscard.terminals.passwords import asked_by

LIFE: Final = timedelta(minutes=10)
"""security.md T03: all evidence of one matter lies within ten minutes at one terminal."""
MOST_READINGS: Final = 8
"""Readings of one kind in one session; then the session is used up and a new one is opened. More than a chip has tries for its
password (6), so that the house hears of each."""
KEEP_FOR: Final = timedelta(minutes=7)
"""A card that was read at most so long ago goes on into the next step's session, which then ends with LIFE of that reading."""
OPENINGS: Final = 2
"""How often one step of opening a chip is given out under one permission: once, and once more after lost contact."""
POLL_TOLERANCE: Final = timedelta(minutes=2)
"""How far a device's clock may be off when it asks for its session."""

DEVICE_OF: Final[Mapping[str, str]] = {
    "id_reader": "id_reader",
    "card_slot": "card_slot",
    "pin_pad": "pin_pad",
    "pin_pad_new": "pin_pad",
    "camera": "camera",
    "sign_key": "pin_pad",
    "signature": "pin_pad",
}
"""Kind of evidence → kind of device that may send it. `pin_pad_new` is the new PIN where an old one is asked as
well. `sign_key` and `signature`: the pad at the customer's side makes a key for this one document, sends its public half,
and later what it signed when he confirmed; the private half never leaves it and is wiped."""
SOURCES: Final = ("original", "copy", "photo", "manual")
"""How the identity document was read: by the reader from the original's chip, or in a way that proves less."""

TERMINAL_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "counter": frozenset({"bank", "bank_branch"}),
    "kiosk": frozenset({"bank", "bank_branch", "bureau", "outlet"}),
    "bureau": frozenset({"bureau", "outlet"}),
}
"""Which organisations have which kind of terminal."""


def pin_kind(matter: str) -> str:
    """Which of the two passwords a matter asks for, "" for none; the one is never taken for the other (security.md §5)."""
    asked = asked_by(matter)
    return asked.which if asked else ""


def evidence_message(device: str, session: str, nonce: bytes, kind: str, payload: str) -> bytes:
    """What a device's MAC covers: who, which session with its nonce, and every byte of the payload."""
    return "\n".join(("sscard-evidence-1", device, session, nonce.hex(), kind, payload)).encode()


def poll_message(device: str, at: int) -> bytes:
    """What the MAC of "which session is mine?" covers. `at`: the device's clock, seconds since 1970."""
    return f"sscard-poll-1\n{device}\n{at}".encode()


def opening_message(device: str, session: str, nonce: bytes, step: str, challenge: str) -> bytes:
    """What the MAC of "open this chip's password" covers."""
    return "\n".join(("sscard-open-1", device, session, nonce.hex(), step, challenge)).encode()


def judging_message(device: str, session: str, nonce: bytes, block: str) -> bytes:
    """What the MAC of "is this new password easy to guess?" covers."""
    return "\n".join(("sscard-judge-1", device, session, nonce.hex(), block)).encode()


def canonical(payload: Mapping[str, Any]) -> str:
    """The one text form of a payload that both sides compute."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def ended(state: str, expires_at: datetime, now: datetime) -> str | None:
    """Why a session takes no more evidence and serves no act: a refusal's code, or None while it is alive."""
    if state == "used":
        return "terminals.session_used"
    if state == "closed":
        return "terminals.session_closed"
    return "terminals.session_expired" if now >= expires_at else None


def missing(wanted: Iterable[str], present: Iterable[str]) -> tuple[str, ...]:
    """Kinds of evidence that are not there, in the order in which people are asked for them."""
    there = set(present)
    return tuple(kind for kind in DEVICE_OF if kind in set(wanted) and kind not in there)

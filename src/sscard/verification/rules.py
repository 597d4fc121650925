"""Numbers and forms of a code, and why one is not sent or not taken. Pure.

Basis: banking.md §5 (random, six digits, 180 s, at most six minutes, key facts of the transaction in the text), security
T15. The area sets the numbers within these limits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

DIGITS: Final = 6
SERIES: Final = timedelta(minutes=15)
"""Sends for one action of one person in one session count together for so long."""
_CODE: Final = re.compile(r"[0-9]{6}")
_ACTION: Final = re.compile(r"[a-z_]+\.[a-z_]+(:[A-Za-z0-9:_-]{1,120})?")


@dataclass(frozen=True, slots=True)
class Terms:
    """The area's numbers on a day. Seconds and counts."""

    seconds: int
    tries: int
    sends: int
    resend_seconds: int
    provider: str


def terms(values: Mapping[str, Any]) -> Terms:
    return Terms(
        seconds=int(values["code_seconds"]),
        tries=int(values["code_tries"]),
        sends=int(values["code_sends"]),
        resend_seconds=int(values["code_resend_seconds"]),
        provider=str(values["code_provider"]),
    )


def wait_before(last: datetime | None, sent: int, terms: Terms, now: datetime) -> tuple[str, int] | None:
    """Why nothing is sent now: (code of the refusal, seconds to wait), or None. `last`: of this series."""
    if last is None:
        return None
    if sent >= terms.sends:
        return "verification.no_sends_left", max(int((last + SERIES - now).total_seconds()), 1)
    wait = int((last + timedelta(seconds=terms.resend_seconds) - now).total_seconds() + 0.999)
    return ("verification.resend_too_soon", wait) if wait > 0 else None


def refusal_of(state: str, tries: int, most: int, expires_at: datetime, now: datetime) -> str | None:
    """Why a code of this challenge is not even compared, or None."""
    if state == "replaced":
        return "verification.code_replaced"
    if state == "used":
        return "verification.code_used"
    if state != "sent":
        return "verification.code_none"
    if tries >= most:
        return "verification.code_locked"
    return "verification.code_expired" if expires_at <= now else None


def is_code(typed: str) -> bool:
    return bool(_CODE.fullmatch(typed))


def known_action(action: str) -> str:
    """The word of an action: "binding.pay" of "binding.pay:<charge>:<fen>". Raises ValueError for another form."""
    if not _ACTION.fullmatch(action):
        raise ValueError(f"an action is <room>.<act>[:<reference>], not {action!r}")
    return action.partition(":")[0]

"""One-time codes of an authenticator app (RFC 6238), each time step accepted once (T16)."""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the current one that are still accepted, for clocks that are a little off."""


def new_secret() -> str:
    return pyotp.random_base32()


def usable(secret: str) -> bool:
    """A secret that somebody else made: base32 of at least 160 bits, as ours."""
    return bool(re.fullmatch(r"[A-Z2-7]{32,128}", secret))


def uri(secret: str, account: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="sscard")


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def matching_step(secret: str, given: str, at: datetime) -> int | None:
    """The time step whose code was given, or None. The caller compares it with the last accepted step."""
    now = int(at.timestamp()) // STEP_SECONDS
    typed = unicodedata.normalize("NFKC", given).strip().encode()  # Chinese keyboards type full-width digits
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), typed):
            found = step
    return found

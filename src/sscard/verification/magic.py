"""What a developer may force in a tenant of his own: codes that are always right, wrong, late or locked, and what the camera
saw. Pure tables; outside such a sandbox these six digits are a code like any other.
"""

from __future__ import annotations

from typing import Final

FIRST: Final = 900_001
CODES: Final = {
    "900001": "",
    "900002": "verification.code_wrong",
    "900003": "verification.code_expired",
    "900004": "verification.code_locked",
    "900005": "verification.code_replaced",
}
"""Typed code → the refusal that it is answered with; "" is right, whatever was sent."""
FACES: Final = {
    "pass": "",
    "fail": "verification.face_failed",
    "not_alive": "verification.face_failed",
    "timeout": "verification.face_failed",
    "too_many": "verification.face_failed",
    "down": "verification.provider_unavailable",
}
"""Outcome that is chosen for the virtual camera → the refusal that follows; "" is passed."""


def skipping(drawn: int) -> int:
    """Of a number below 10**6 less the magic ones, the code: no code that is sent is one of the list.

    >>> skipping(900_000), skipping(900_001)
    (900000, 900006)
    """
    return drawn if drawn < FIRST else drawn + len(CODES)

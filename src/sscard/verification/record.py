"""Port: the telephone of record of a person, which room people knows. Filled by the app.

A code goes to this number and to no other: what a request says about telephones is not looked at (security T15).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sscard.kernel.masked import Secret


@dataclass(frozen=True, slots=True)
class Phone:
    """`index` is the blind index of the number. A person without a number has none of this."""

    number: Secret[str]
    mask: str
    index: bytes


def _nobody(_cursor: Any, _person_id: int) -> Phone | None:
    return None


phone_of: Callable[[Any, int], Phone | None] = _nobody
"""(cursor of `kernel.aside` in the person's area, person_id) → the telephone of record, or None."""

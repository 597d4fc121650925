"""The lists of items, each in force from a moment on. A report is judged by the list that was in force when its card lay on the
bench: an item that came later makes no older report incomplete.

An item says with which list it came (`since`); one that is taken back would have to say with which it went.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class ItemList:
    number: int
    begins: datetime
    came: str
    """What came with it."""

    @property
    def name(self) -> str:
        """As reports and pages write it."""
        return f"{self.number} ({self.begins:%Y-%m-%d})"


LISTS: Final = (
    ItemList(1, datetime(2026, 11, 22, 6, 48, 37, tzinfo=UTC), "the first list of signed reports"),
    ItemList(2, datetime(2026, 11, 22, 11, 16, 24, tzinfo=UTC), "DF05_RECORD, DF05_SAFETY, DF06_RECORD, DF06_SAFETY"),
    ItemList(3, datetime(2026, 11, 22, 14, 7, 7, tzinfo=UTC), "KEY_PROOF"),
)
LATEST: Final = LISTS[-1]


def in_force(at: datetime) -> ItemList:
    """The list by which a report of this moment is judged; the first for what is older than all."""
    return next((one for one in reversed(LISTS) if one.begins <= at), LISTS[0])

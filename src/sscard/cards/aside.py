"""`kernel.aside` for the tries at a card's passwords, with the refusal of this room."""

from __future__ import annotations

from functools import partial

from sscard.kernel.aside import aside as beside
from sscard.kernel.aside import one

aside = partial(beside, busy="cards.busy")

__all__ = ["aside", "one"]

"""The deliberately wrong cards of the conformance suite, for whoever wants to try his own checker on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len


def powered(name: str, profile: Any) -> Any:
    """A wrong card for a reader. Raises chip.wrong_unknown."""
    from sscard.chip.card.transport import Contacts
    from sscard.chip.conformance.wrong import wrong_card

    return Contacts(wrong_card(name).made(), profile)


def lines() -> Iterator[str]:
    """Of each: its name, what kind of card it is, and the item that finds it."""
    from sscard.chip.conformance import items_of
    from sscard.chip.conformance.wrong import WRONG

    widest = max(cell_len(one.slug) for one in WRONG)
    for one in WRONG:
        found = next(item for item in items_of(one.version) if item.code == one.found_by)
        kind = f"{one.version} {one.algorithm} {one.area}"
        yield f"{one.slug:<{widest}}  {kind:<15}  {found.code:<15} {found.zh} / {found.en}"

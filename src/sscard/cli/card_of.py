"""Cards of the database as they lie in this installation's drawer of virtual cards: made by the producer, in its
package's order."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from sscard.chip.drawer import Drawer, SealedStore
from sscard.cli.setup import configuration


@cache
def drawer() -> Drawer:
    return Drawer.of_home(configuration().home)


def in_drawer(area: str, card_number: str) -> SealedStore:
    """Raises chip.not_in_drawer for a number whose card was not made yet, and for one of another area."""
    return drawer().by_number(area, card_number)


def powered(hands: ExitStack, card: str, area: str, seal: str, profile: Any) -> Any:
    """A card file, or by its number a card of the drawer, which nobody else has in hand until `hands` are empty."""
    from sscard.chip.card import FileStore, Store, VirtualCard
    from sscard.chip.card.transport import Contacts

    store: Store
    if Path(card).suffix or Path(card).is_file():
        store = FileStore(Path(card), seal or None)
    else:
        store = hands.enter_context(drawer().held(in_drawer(area, card)))
    return Contacts(VirtualCard(store), profile)

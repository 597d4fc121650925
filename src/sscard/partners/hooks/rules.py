"""Rules of events: which names there are to ask for, who may know which event, when the next try is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

PAUSES: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between tries, as Standard Webhooks recommends: the last comes after about three days."""
DEAD_AFTER: Final = timedelta(days=5)
"""An endpoint that failed all this time is disabled. 410 Gone disables it at once."""
MOST_ENDPOINTS: Final = 10
MOST_NAMES: Final = 50
OVERLAP: Final = timedelta(hours=24)
"""How long the old secret signs beside the new one."""

BANKS_OWN: Final = ("bank.order_", "bank.payment", "bank.online_", "bank.restricted", "bank.lifted")
"""Events of the bank's customers that are nobody's business but the bank's."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Whoever has an endpoint: its organisation, the kind of it, its bank, and the area that the endpoint is for."""

    organisation: str
    kind: str
    bank: str = ""
    area: str = ""
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """`bank`: of the card or account that it is about; `body`: as it stands in the outbox."""

    name: str
    area: str
    bank: str
    body: Mapping[str, Any]
    sandbox: bool = False
    """It happened in a sandbox's area, or was triggered there."""


def wanted(names: Sequence[str], name: str) -> bool:
    """Does an endpoint's list ask for this event?"""
    return any(name == one or (one.endswith("*") and name.startswith(one[:-1])) for one in names)


def may_know(listener: Listener, event: Event) -> bool:
    """A sandbox knows all of its own area and nothing else; a bank what is of its own customers' cards and accounts, in
    whatever area; a producer its batches; a bureau its area's events but what is the bank's own; and every organisation
    what names it (a consent's client). Nobody else anything (T27)."""
    if listener.sandbox:
        return bool(listener.area) and event.area == listener.area
    if event.sandbox or (listener.area and event.area != listener.area):
        return False
    named = {event.body.get(key) for key in ("client_organisation", "producer", "sender")}
    if listener.organisation in named:
        return True
    if listener.bank:
        return event.bank == listener.bank
    if listener.kind in ("bureau", "outlet"):
        return bool(listener.area) and not event.name.startswith(BANKS_OWN)
    return False


def pause(tries: int, chance: float) -> timedelta | None:
    """Until the next try after this many; None when there is none left. `chance` 0…1 spreads it by a fifth either way."""
    if tries > len(PAUSES):
        return None
    return timedelta(seconds=PAUSES[tries - 1] * (0.8 + 0.4 * chance))

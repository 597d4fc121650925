"""How often somebody may ask for a link: of one customer of a client and at one card or ID number a few times, of the client
itself a great many. The few come first and do not count for the many, so that one fool at a bank locks himself out and not
the bank (T11, T18). The limits are the areas' (`link_tries_…`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sscard.binding.models import Client
from sscard.control import throttle
from sscard.control.throttle import Limit
from sscard.kernel import clock
from sscard.law import areas

EVERYBODY = Limit(6000, 60)
CUSTOMER, TARGET, CLIENT = "link_customer", "link", "link_client"


@dataclass(frozen=True, slots=True)
class Tried:
    """One try that was counted."""

    customer: str
    targets: tuple[str, ...]
    client: str

    def right(self) -> None:
        """Card and ID number belong together. They are free again; the customer gets this one try back only, so that
        asking for his own card between two guesses wins him nothing."""
        for target in self.targets:
            throttle.forget(TARGET, target=target)
        throttle.take_back(CUSTOMER, target=self.customer, source="")
        throttle.take_back(CLIENT, target="", source=self.client)


def count(client: Client, customer: str, *, card: str, id_index: bytes) -> Tried:
    """One try. Raises control.too_many_tries; the answer is the same for numbers that exist and for others."""
    name = str(client.client_id)
    tried = Tried(f"{name}|{customer}", (f"card|{card}", f"id|{id_index.hex()}"), name)
    limits = _limits(client)
    throttle.count(CUSTOMER, {"target": limits[CUSTOMER]}, target=tried.customer)
    for target in tried.targets:
        throttle.count(TARGET, {"target": limits[TARGET]}, target=target)
    throttle.count(CLIENT, {"source": limits[CLIENT], "all": EVERYBODY}, source=name)
    return tried


def _limits(client: Client) -> dict[str, Limit]:
    """Of a tenant's client its tenant's; of every other the strictest of all areas, since nobody may learn by a limit
    in which area a number is at home."""
    reached = [areas.get(client.area_code)] if client.area_code else areas.all_areas()
    found: dict[str, Limit] = {}
    for action, name in ((CUSTOMER, "link_tries_customer"), (TARGET, "link_tries_card"), (CLIENT, "link_tries_client")):
        told = [(area.value(name, on), area.value("link_tries_seconds", on)) for area, on in map(_today, reached)]
        found[action] = Limit(min(most for most, _ in told), max(seconds for _, seconds in told))
    return found


def _today(area: areas.Area) -> tuple[areas.Area, date]:
    return area, clock.today(area.code)

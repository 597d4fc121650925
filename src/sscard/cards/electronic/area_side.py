"""What the issuing area answers the national platform. The platform asks before it signs anything; it learns whether the
card is there and well, and a handle that stands for it for one day. No name and no number leaves the area.

Called inside a unit of work of the area: by the line to the platform in the same transaction, or by the area's own address
(`api.ecard`) when the platform asks over the net.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sscard.cards.electronic import holding
from sscard.cards.electronic.models import ElectronicCard
from sscard.cards.models import Card
from sscard.kernel import clock
from sscard.kernel.keyclient import keys
from sscard.law import areas
from sscard.people import lookup

HANDLE_BYTES: Final = 8
LISTED_DAYS: Final = 2
"""So long a stopped card stands in the list: no code lives longer than some minutes."""


def card(area: str, card_id: uuid.UUID) -> dict[str, Any]:
    """May an electronic form of this plastic card be signed? {"why": "" or why not}."""
    found = _card(area, card_id)
    if found is None:
        return {"why": "unknown"}
    return {"why": holding.plastic_why_not(areas.get(area), clock.today(area), found)}


def ecard(area: str, ecard_id: uuid.UUID) -> dict[str, Any]:
    """May a code be signed for it now? {"why", "level", "handle", "seconds"}."""
    found = lookup.find("ecard", ecard_id)
    row = None
    if found is not None and found.area == area:
        row = ElectronicCard.objects.filter(person_id=found.person_id, ecard_id=ecard_id).first()
    if row is None:
        return {"why": "unknown"}
    one, today = areas.get(area), clock.today(area)
    return {
        "why": holding.why_not(one, today, row, holding.card_of(row)),
        "level": row.level,
        "handle": handles([ecard_id], _real_day())[0],
        "seconds": int(one.value("ecard_qr_seconds", today)),
    }


def stopped(area: str) -> list[str]:
    """Handles of today of the electronic cards that were stopped lately, sorted, so that their order tells nothing."""
    since, one, today = clock.now(area) - timedelta(days=LISTED_DAYS), areas.get(area), clock.today(area)
    changed = Card.objects.filter(changed_at__gte=since).exclude(social="normal")
    cards = {row.card_id: row for row in changed}
    rows = list(ElectronicCard.objects.filter(card_id__in=list(cards), state="signed"))
    found = [row.ecard_id for row in rows if holding.why_not(one, today, row, cards[row.card_id])]
    found += ElectronicCard.objects.filter(ended_at__gte=since).values_list("ecard_id", flat=True)
    return sorted(handles(found, _real_day()))


def handles(ecards: Sequence[uuid.UUID], day: date) -> list[str]:
    """Keyed, and another every day: nobody can follow a card from one day to the next by its codes."""
    if not ecards:
        return []
    made = keys().mac("ecard_handle", [holding.handle_day(day, one) for one in ecards])
    return [one[:HANDLE_BYTES].hex() for one in made]


def _card(area: str, card_id: uuid.UUID) -> Card | None:
    found = lookup.find("card", card_id)
    if found is None or found.area != area:
        return None
    return Card.objects.filter(person_id=found.person_id, card_id=card_id).first()


def _real_day() -> date:
    """Codes live in real time, also in an area whose clock is moved."""
    return clock.real_now().astimezone(clock.CHINA).date()

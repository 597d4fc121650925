"""What happens to the card on its social side closes and opens the bank's door, in the same transaction.

Areas where one report serves both sides (`joint_loss_report`) pass a loss on to the bank and take it back with the
bureau's; a card that was cancelled is worth nothing at any till, whatever the area (regulations.md §3.3, §3.6).
"""

from __future__ import annotations

from sscard.bank import restricting
from sscard.bank.loss import BY_BUREAU
from sscard.bank.models import AccountStatus
from sscard.bank.standing import bank_rule, load, reflect, rows_in_force, store
from sscard.bank.states import Restriction, Status
from sscard.cards.models import Card
from sscard.control.inside import Inside

_LOST = frozenset({"temp_loss", "formal_loss"})
CANCELLED = "card_cancelled"


def follow(inside: Inside, card: Card, was: str, became: str) -> None:
    """Fills the slot `cards.events.after_social`. The account is the card's; a card without bank has none."""
    lost, cancelled = became in _LOST and was not in _LOST, became == "cancelled"
    found = was in _LOST and became not in _LOST and not cancelled
    if not card.bank or not (lost or found or cancelled):
        return
    if lost and not inside.area.value("joint_loss_report", inside.today):
        return
    mirror = AccountStatus.objects.filter(
        person_id=card.person_id, card_id=card.card_id, status__in=(Status.NOT_ACTIVATED, Status.ACTIVE)
    ).first()
    if mirror is None:
        return
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role(mirror.bank):
        standing = load(mirror, bank, now=now, lock=True)
        before = standing.restrictions
        if lost:
            restricting.add(standing, Restriction.LOST, who=inside.caller.id, reason=f"{BY_BUREAU}/{became}")
        elif found:
            rows = rows_in_force(standing.account, now)
            rows.filter(kind=str(Restriction.LOST), reason__startswith=f"{BY_BUREAU}/").update(
                lifted_at=now, lifted_by=inside.caller.id
            )
            restricting.refresh(standing)
        elif Restriction.CARD_EXPIRED not in before:
            restricting.add(standing, Restriction.CARD_EXPIRED, who=inside.caller.id, reason=CANCELLED)
        store(standing)
    if standing.restrictions != before:
        reflect(inside, standing, since=now)
        inside.emit("bank.restrictions_followed_card", {"account": str(mirror.account_id), "card": str(card.card_id)})

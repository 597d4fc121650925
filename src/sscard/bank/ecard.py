"""What level 2 of the electronic card needs to know of the card's own account: two yes or no, and no number."""

from __future__ import annotations

from sscard.bank.models import AccountStatus
from sscard.bank.standing import bank_rule, load
from sscard.bank.states import Status
from sscard.cards.electronic.holding import BankSide
from sscard.cards.models import Card
from sscard.control.inside import Inside


def side_of(inside: Inside, card: Card) -> BankSide:
    """Fills the slot `cards.electronic.holding.bank_side`."""
    mirror = AccountStatus.objects.filter(
        person_id=card.person_id, card_id=card.card_id, status=Status.ACTIVE
    ).first()  # fmt: skip
    if mirror is None:
        return BankSide(active=False, phone=False)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role(mirror.bank):
        standing = load(mirror, bank, now=now)
    return BankSide(active=True, phone=bool(standing.account.phone_mask))

"""The social password: the port `CardPin`, which is the chip for a card that a reader has read by its chip.

For simulated devices without any chip a twin in the database keeps it: a card is of the one kind or the other, and once
its chip has spoken the twin is gone for good (`ChipOrTwin`). What follows is about the twin.

Counting is the port's own business: a try is counted first, in a transaction that commits before the compare; the
act that proves the entry right takes its own tries back. The limit is the area's (`social_password_wrong_max`).
Nothing here knows of the bank's password: other key, other counter, other store (security.md §5, regulations.md §3.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db.models import F
from django.db.models.functions import Greatest

from sscard.cards.aside import aside, one
from sscard.cards.chip_pin import OnChip, keep
from sscard.cards.models import Card, CardPassword
from sscard.cards.pin_lock import lock
from sscard.control.inside import Inside
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.terminals.evidence import Pin

KIND = "social"


@dataclass(frozen=True, slots=True)
class Checked:
    """`right`: the entry fits. `left`: wrong entries still allowed; 0 means that the card is locked now."""

    right: bool
    left: int


class CardPin(Protocol):
    """Who keeps and counts the social password of a card."""

    def has(self, card: Card) -> bool: ...
    def is_initial(self, card: Card) -> bool: ...
    def preset(self, inside: Inside, card: Card, account: str, digits: str, *, chip: bool) -> None: ...
    def set(self, inside: Inside, card: Card, pin: Pin, hints: Mapping[str, str]) -> None: ...
    def check(self, inside: Inside, card: Card, pin: Pin) -> Checked: ...
    def same(self, card: Card, pin: Pin) -> bool: ...
    def may_unlock(self, inside: Inside, card: Card) -> object: ...
    def count_unlock(self, inside: Inside, card: Card) -> int: ...

    def unlock(self, inside: Inside, card: Card, *, counted: bool) -> None: ...


class KeptInDatabase:
    """The verifier is keyed (HMAC-SM3 in the key service), so the table alone tells no password."""

    def has(self, card: Card) -> bool:
        return _row(card) is not None

    def is_initial(self, card: Card) -> bool:
        row = _row(card)
        return row is not None and row.initial

    def preset(self, inside: Inside, card: Card, account: str, digits: str, *, chip: bool = False) -> None:
        """The initial password by the area's rule; `account` is the card identification code."""
        self._keep(inside, card, keys().pin_preset(account, digits), initial=True)

    def set(self, inside: Inside, card: Card, pin: Pin, hints: Mapping[str, str]) -> None:
        """A password that the holder chose on the PIN pad. Raises keyclient.PinRefused for one that is easy to
        guess."""
        self._keep(inside, card, keys().pin_set(KIND, pin.account, pin.block, pin.key_id, hints), initial=False)

    def check(self, inside: Inside, card: Card, pin: Pin) -> Checked:
        """Count, then compare. Raises cards.password_none, and cards.social_locked when no try is left: then nothing is
        compared."""
        most = int(inside.area.value("social_password_wrong_max", inside.today))
        counted = count(card, most)
        if counted is None:
            lock(inside, card)
            raise Refusal("cards.social_locked", act="verify", state="locked")
        tries, verifier = counted
        if keys().pin_verify(KIND, pin.account, pin.block, pin.key_id, verifier):
            _of(card).update(tries=Greatest(F("tries") - tries, 0))
            return Checked(right=True, left=most)
        if tries >= most:
            lock(inside, card)
        return Checked(right=False, left=most - tries)

    def same(self, card: Card, pin: Pin) -> bool:
        """Is this the password that is set? Uncounted, so only for a holder who has proved himself in this act."""
        row = _row(card)
        return row is not None and keys().pin_verify(KIND, pin.account, pin.block, pin.key_id, bytes(row.verifier))

    def may_unlock(self, inside: Inside, card: Card) -> CardPassword:
        """Raises cards.password_none, and cards.unlocks_used_up when the area limits it (`chip_unlock_max`)."""
        row = CardPassword.objects.select_for_update().filter(person_id=card.person_id, card_id=card.card_id).first()
        if row is None:
            raise Refusal("cards.password_none")
        most = inside.area.value("chip_unlock_max", inside.today)
        if most is not None and row.unlocks >= most:
            raise Refusal("cards.unlocks_used_up", most=most)
        return row

    def count_unlock(self, inside: Inside, card: Card) -> int:
        """One more unlocking of this card, counted before anything is opened: how many there were. Raises
        cards.unlocks_used_up when the area limits it (`chip_unlock_max`, regulations.md §3.5): then the card has to be
        replaced."""
        row = self.may_unlock(inside, card)
        row.unlocks += 1
        row.save(update_fields=["unlocks"])
        return row.unlocks

    def unlock(self, inside: Inside, card: Card, *, counted: bool) -> None:
        """Gives back the tries. `counted`: the permission to open the chip was counted already; else this is."""
        if not counted:
            self.count_unlock(inside, card)
        CardPassword.objects.filter(person_id=card.person_id, card_id=card.card_id).update(tries=0)

    def _keep(self, inside: Inside, card: Card, verifier: bytes, *, initial: bool) -> None:
        CardPassword.objects.update_or_create(
            person_id=card.person_id,
            card_id=card.card_id,
            defaults={
                "area_code": card.area_code,
                "verifier": verifier,
                "initial": initial,
                "tries": 0,
                "set_at": inside.now,
            },
        )


class ChipOrTwin(KeptInDatabase):
    """The chip, where the password was entered at one; never again the twin for a card whose chip has spoken."""

    def __init__(self) -> None:
        self.chip = OnChip()

    def preset(self, inside: Inside, card: Card, account: str, digits: str, *, chip: bool = False) -> None:
        """A chip got its initial password when it was made."""
        if chip:
            keep(inside, card, initial=True)
        else:
            super().preset(inside, self._twin(card), account, digits)

    def set(self, inside: Inside, card: Card, pin: Pin, hints: Mapping[str, str]) -> None:
        if pin.on_chip:
            self.chip.set(inside, card, pin, hints)
        else:
            super().set(inside, self._twin(card), pin, hints)

    def check(self, inside: Inside, card: Card, pin: Pin) -> Checked:
        if not pin.on_chip:
            return super().check(inside, self._twin(card), pin)
        right = self.chip.right(inside, card, pin)
        return Checked(right, int(inside.area.value("social_password_wrong_max", inside.today)) if right else 0)

    def same(self, card: Card, pin: Pin) -> bool:
        """A reader takes no new password that is the old one."""
        return not pin.on_chip and super().same(card, pin)

    def _twin(self, card: Card) -> Card:
        """Raises cards.password_on_chip where a simulated slot without a chip would go round the chip's counter."""
        row = _row(card)
        if row is not None and row.on_chip:
            raise Refusal("cards.password_on_chip")
        return card


card_pin: CardPin = ChipOrTwin()
"""The port."""


def count(card: Card, most: int) -> tuple[int, bytes] | None:
    """Count one try and answer (tries so far, verifier), or None when all tries are used. Commits before it returns."""
    with aside(card.area_code) as cursor:
        row = one(
            cursor,
            "update cards_cardpassword set tries = tries + 1"
            " where person_id = %s and card_id = %s and tries < %s returning tries, verifier",
            [card.person_id, card.card_id, most],
        )
        if row is not None:
            return int(row[0]), bytes(row[1])
        known = one(
            cursor,
            "select 1 from cards_cardpassword where person_id = %s and card_id = %s",
            [card.person_id, card.card_id],
        )
    if known is None:
        raise Refusal("cards.password_none")
    return None


def initial_digits(rule: str, *, id_number: str, card_number: str) -> str | None:
    """The initial password that an area's rule `initial_password_value` makes; None where there is none. Letters in the
    tail of a number (the check character X) are left out, as people type digits only.

    >>> initial_digits("id_tail", id_number="09010119900101001X", card_number="X90000012")
    '101001'
    >>> initial_digits("card_tail", id_number="", card_number="X9000001X")
    '000001'
    """
    if rule == "none":
        return None
    if rule in ("id_tail", "card_tail"):
        source = id_number if rule == "id_tail" else card_number
        return "".join(one for one in source if one.isdigit())[-6:]
    return rule


def _of(card: Card):
    return CardPassword.objects.filter(person_id=card.person_id, card_id=card.card_id)


def _row(card: Card) -> CardPassword | None:
    return _of(card).first()

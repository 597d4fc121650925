"""The social password where it belongs: on the chip. The chip compares and counts; the house keeps no verifier.

What the chip said reaches an act as `Pin.on_chip`, taken in with the reader's MAC and, from a card that can sign, with
the chip's own signature over card, act and session, which it only makes after the right password (terminals.intake).
"""

from __future__ import annotations

from collections.abc import Mapping

from sscard.cards.models import Card, CardPassword
from sscard.cards.pin_lock import lock
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.terminals.evidence import Pin

SIGNS = "3"
"""Cards from this version on carry a certificate (card.md §1): their own word is asked for."""


def vouched(card: Card, pin: Pin) -> None:
    """Raises cards.chip_must_sign when only a reader vouches for a card that could have signed itself."""
    if card.spec_version.startswith(SIGNS) and pin.on_chip in ("right", "new") and pin.proof != "card":
        raise Refusal("cards.chip_must_sign")


def keep(inside: Inside, card: Card, *, initial: bool) -> None:
    """From now on the password of this card is asked of its chip only; a verifier that was kept here is gone."""
    CardPassword.objects.update_or_create(
        person_id=card.person_id,
        card_id=card.card_id,
        defaults={
            "area_code": card.area_code, "verifier": b"", "initial": initial, "tries": 0, "on_chip": True,
            "set_at": inside.now,
        },
    )  # fmt: skip


class OnChip:
    """Half of the port `CardPin`: what differs when a chip keeps the password."""

    def set(self, inside: Inside, card: Card, pin: Pin, hints: Mapping[str, str]) -> None:
        """The holder chose it at the reader. Raises cards.password_not_new when he only entered the old one."""
        vouched(card, pin)
        if pin.on_chip != "new":
            raise Refusal("cards.password_not_new")
        keep(inside, card, initial=False)

    def right(self, inside: Inside, card: Card, pin: Pin) -> bool:
        """Did the chip find it right? A chip without tries locks the card here as well; a lock by the chip alone stands
        beside the act, which is refused."""
        vouched(card, pin)
        if pin.on_chip == "locked":
            lock(inside, card)
            return False
        return pin.on_chip in ("right", "new")

"""Pure rules of the electronic card: what it may do while its card is in a state, its password, and who learns what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

PASSWORD_DIGITS: Final = 6
PASSWORD_RUN: Final = 3
"""A password of two short runs (123789, 112233) is as easy as one long run."""
DAY_S: Final = 24 * 3600

STANDING: Final[Mapping[str, str]] = MappingProxyType({
    "normal": "",
    "sealed": "card_sealed",
    "locked": "card_locked",
    "temp_loss": "card_temp_loss",
    "formal_loss": "card_formal_loss",
    "cancelled": "card_cancelled",
})  # fmt: skip
"""Social state of the card → why the electronic card stops; "" means that it works (regulations.md §2.4)."""


def standing(
    *, signed: bool, social: str, in_hand: bool, loss_rule: str, allowed: bool, expired: bool = False
) -> str:  # fmt: skip
    """ "" while the electronic card works, else why not: one of `STANDING`, or ended, card_gone, card_expired.

    `loss_rule` is the area's `ecard_on_temp_loss`: stop, or needs_holder_consent. `allowed`: the holder has said yes for
    this very loss. `expired`: the area stops cards after the day printed on them, and that day is over.

    >>> standing(signed=True, social="temp_loss", in_hand=True, loss_rule="needs_holder_consent", allowed=True)
    ''
    >>> standing(signed=True, social="temp_loss", in_hand=True, loss_rule="stop", allowed=True)
    'card_temp_loss'
    """
    if not signed:
        return "ended"
    if social == "cancelled" or not in_hand:
        return "card_cancelled" if social == "cancelled" else "card_gone"
    if expired:
        return "card_expired"
    if social == "temp_loss" and allowed and loss_rule == "needs_holder_consent":
        return ""
    return STANDING[social]


# --- the password -----------------------------------------------------------------------------------------------------


def weak_password(digits: str, id_number: str) -> str | None:
    """Why a password is not taken (a fault's code), or None. Six digits; not repeated, not sequential, not taken from the
    ID number (regulations.md §2.4).

    >>> [weak_password(one, "090101199001010011") for one in ("1234", "111111", "345678", "900101", "730591")]
    ['cards.ecard_password_form', 'cards.ecard_password_repeated', 'cards.ecard_password_run', 'cards.ecard_password_id', None]
    """
    if len(digits) != PASSWORD_DIGITS or not digits.isascii() or not digits.isdigit():
        return "cards.ecard_password_form"
    if len(set(digits)) <= 2 or digits[:3] == digits[3:] or digits[:2] * 3 == digits:
        return "cards.ecard_password_repeated"
    halves = (digits[:PASSWORD_RUN], digits[PASSWORD_RUN:])
    if _is_run(digits) or all(_is_run(half) or len(set(half)) == 1 for half in halves):
        return "cards.ecard_password_run"
    if digits in "".join(one for one in id_number if one.isdigit()):
        return "cards.ecard_password_id"
    return None


def _is_run(digits: str) -> bool:
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return steps in ({1}, {-1})


@dataclass(frozen=True, slots=True)
class Counted:
    """What is written before the compare. `locked_until` set: nothing is compared."""

    tries: tuple[float, ...]
    locked_until: float | None

    @property
    def compares(self) -> bool:
        return self.locked_until is None


def count_try(
    tries: Sequence[float], locked_until: float | None, now: float, *, most: int, lock_s: float
) -> Counted:  # fmt: skip
    """One more try, counted before it is compared. All moments are seconds since 1970.

    Tries of the last 24 hours add up, whatever was right in between; `most` of them lock for `lock_s`. A try of which
    nobody knows how it ended (the process was killed) counts as wrong.
    """
    if locked_until is not None and now < locked_until:
        return Counted(tuple(tries), locked_until)
    recent = () if locked_until is not None else tuple(at for at in tries if now - at < DAY_S)
    if len(recent) >= most:
        return Counted((), now + lock_s)
    return Counted((*recent, now), None)


def taken_back(tries: Sequence[float], at: float) -> tuple[float, ...]:
    """One try that proved right counts no longer; another of the same moment stays."""
    kept = list(tries)
    if at in kept:
        kept.remove(at)
    return tuple(kept)


def was_wrong(tries: Sequence[float], now: float, *, most: int, lock_s: float) -> tuple[int, float | None]:
    """After a wrong entry: (tries left, locked until or None)."""
    left = max(most - len(tries), 0)
    return left, None if left else now + lock_s


# --- third parties ----------------------------------------------------------------------------------------------------


def facts_for(allowed: Collection[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """Only the facts that the purpose names; what is not known (no number was given to compare) stays out."""
    return {name: known[name] for name in known if name in allowed and known[name] is not None}


@dataclass(frozen=True, slots=True)
class Presented:
    """What a third party holds: the code of the minute, its number as read out, or a card that was read."""

    code: str = ""
    number: str = ""
    card_number: str = ""
    card_id_code: str = ""

    @property
    def plastic(self) -> bool:
        return bool(self.card_number or self.card_id_code)


READER_FIELDS: Final = 10
"""Fields of the national reader string up to the device number (regulations.md §5.5)."""


def from_reader(text: str) -> Presented | None:
    """Card number and card identification code out of the reader string, or None when it is none. The other fields are not
    looked at: a third party learns nothing by having read them.

    >>> from_reader("990100|090101199001010011|X90000001|990100D15600000500BF7C7A48FB4966|…|0|3.00|20260101|20360101|T|D|")
    Presented(code='', number='', card_number='X90000001', card_id_code='990100D15600000500BF7C7A48FB4966')
    """
    parts = [one.strip() for one in text.split("|")]
    if len(parts) < READER_FIELDS or not parts[3]:
        return None
    return Presented(card_number=parts[2], card_id_code=parts[3])

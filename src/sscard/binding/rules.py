"""Pure rules: what may be asked for and for how long, and which state of card, ID and account allows a link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sscard.kernel.refusals import Refusal

TYPE: Final = "social_card_link"
WANTS: Final = ("status", "contributions", "totals", "payments")
DAYS_LEAST, DAYS_MOST = 90, 180
AWAITING: Final = timedelta(minutes=15)
ONE_TIME: Final = timedelta(minutes=15)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known when somebody asks for a link. `paying` is the status of a card's own account of the person that was
    chosen for paying (PENDING_OPEN … CLOSED), or "" where it is another account of the client's."""

    production: str
    social: str
    card_expired: bool
    id_valid_until: date | None
    account_own: bool
    paying: str
    bound: bool
    today: date
    lost_at_bank: bool = False
    holder_dead: bool = False
    """A bank was told of his death: nobody can agree in his place."""


def why_not(known: Standing) -> Refusal | None:
    """The first thing that stands in the way, each with its own refusal; the nearest to the holder's own hands last."""
    if known.holder_dead:
        return Refusal("binding.holder_deceased")
    if known.social == "cancelled":
        return Refusal("binding.card_cancelled")
    if known.social in ("temp_loss", "formal_loss") or known.lost_at_bank:
        return Refusal("binding.card_lost")
    if known.production != "handed_out" or known.social == "sealed":
        return Refusal("binding.card_not_enabled")
    if known.social == "locked":
        return Refusal("binding.card_locked")
    if known.card_expired:
        return Refusal("binding.card_expired")
    if (over := id_over(known.id_valid_until, known.today)) is not None:
        return over
    if not known.account_own:
        return Refusal("binding.account_not_own")
    if known.paying and known.paying != "ACTIVE":
        return Refusal("binding.account_not_activated")
    if known.bound:
        return Refusal("binding.already_bound")
    return None


def id_over(until: date | None, today: date) -> Refusal | None:
    """An ID card counts on its last day still."""
    return Refusal("binding.id_expired", until=until.isoformat()) if until is not None and until < today else None


def expiry(duration: str, days: int | None, now: datetime) -> datetime | None:
    """When a consent of this duration ends that is given now; None: when somebody ends it."""
    if duration == "PERSISTENT":
        return None
    return now + (ONE_TIME if duration == "ONE_TIME" else timedelta(days=days or DAYS_LEAST))


def challenge_sound(challenge: str) -> bool:
    return bool(_CHALLENGE.fullmatch(challenge))


def challenge_met(challenge: str, verifier: str) -> bool:
    """PKCE with S256 (RFC 7636 §4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)

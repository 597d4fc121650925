"""Who stands behind a request about money: the signed-in customer on-line, or card and PIN at counter or kiosk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sscard.bank import pins, rules, witness
from sscard.bank.models import AccountStatus
from sscard.bank.savings import settings
from sscard.bank.standing import Standing, bank_rule, freshen, load
from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law.schema import Bank
from sscard.ledger.permits import Permit
from sscard.terminals.evidence import Pin, Taken, take

COUNTER, KIOSK, ONLINE, TILL = "counter", "kiosk", "netbank", "till"
_EVIDENCE = frozenset({"card_slot", "pin_pad"})
_PLACE_CHANNELS = {"counter": COUNTER, "kiosk": KIOSK}


@dataclass(frozen=True, slots=True)
class Presence:
    """Before the bank's role is entered: where it happens, and what was shown there."""

    mirror: AccountStatus
    bank: Bank
    channel: str
    need: Permit
    now: datetime
    taken: Taken | None = None
    pin: Pin | None = None

    @property
    def counter(self) -> bool:
        return self.channel == COUNTER

    @property
    def where(self) -> str:
        """The terminal's code; "" on-line."""
        return self.taken.terminal.code if self.taken else ""


def present(
    inside: Inside,
    mirror: AccountStatus,
    session: uuid.UUID | None,
    *,
    matter: str,
    business: str = "",
    need: Permit | None = None,
    channel: str = "",
) -> Presence:
    """On-line the sign-in counts; elsewhere card and PIN in a device session. An account that is asleep, closed or
    stopped says so before any evidence is asked for. `need` for business that is the same everywhere (a
    purchase), `channel` for a till."""
    bank, now = bank_rule(mirror, inside), inside.now
    staffed = "teller" in inside.caller.roles
    early = need if need is not None else rules.need(business, counter=staffed)
    with inside.bank_role():
        load(mirror, bank, now=now).require(early)
    if inside.caller.kind == "customer":
        return Presence(mirror, bank, ONLINE, early, now)
    if session is None:
        raise Refusal("bank.session_needed")
    taken = take(inside, session, matter=matter, wanted=_EVIDENCE)
    faults = []
    if not witness.card_is_this(mirror, taken):
        faults.append(Fault("card", "bank.card_differs"))
    elif taken.card is None or not taken.card.answer_ok:
        faults.append(Fault("card", "bank.card_no_answer"))
    witness.refuse(faults, mirror, inside)
    where = channel or _PLACE_CHANNELS.get(taken.terminal.kind, KIOSK)
    wanted = need if need is not None else rules.need(business, counter=where == COUNTER)
    return Presence(mirror, bank, where, wanted, now, taken, witness.pin_of(mirror, taken))


def admitted(inside: Inside, here: Presence) -> Standing:
    """In the bank's role: the account as it stands, open for this business on this channel, its PIN compared."""
    standing = load(here.mirror, here.bank, now=here.now)
    standing.require(here.need)
    settings.require_channel(standing, here.channel)
    freshen(standing)
    if here.taken is not None and here.pin is not None:
        pins.verify(inside, standing, here.taken, here.pin, here.bank.pin_wrong_max)
    return standing


def stepped_up(inside: Inside, *, minutes: int) -> bool:
    """The customer gave his second factor anew, not longer ago than this. The site that asked him writes the moment
    (an aware datetime) into the caller as `stepped_up_at`."""
    at = inside.caller.extra.get("stepped_up_at")
    if not isinstance(at, datetime):
        return False
    return timedelta(0) <= clock.real_now() - at <= timedelta(minutes=minutes)

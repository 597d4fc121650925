"""Who stands behind a request about money: the signed-in customer on-line, or card and PIN at counter or kiosk."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from sscard.bank import pins, rules, witness
from sscard.bank.customers import STEPPED_UP, STEPPED_UP_FOR
from sscard.bank.models import AccountStatus, Customer
from sscard.bank.savings import settings
from sscard.bank.standing import Standing, bank_rule, freshen, load
from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law.schema import Bank
from sscard.ledger.items import fingerprint
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


def matter_of(act: str, *parts: object) -> str:
    """What a second factor is bound to: this act with these particulars, and nothing else."""
    return fingerprint("proof", act, *parts).hex()


def proof_given(inside: Inside, *, minutes: int, matter: str) -> datetime | None:
    """When the customer gave his second factor for this matter, if that is not longer ago than `minutes`. The site that
    asked him tells the door (`customers.stepped_up`)."""
    extra = inside.caller.extra
    at = extra.get(STEPPED_UP)
    if not isinstance(at, datetime) or extra.get(STEPPED_UP_FOR) != matter:
        return None
    return at if timedelta(0) <= clock.real_now() - at <= timedelta(minutes=minutes) else None


def proof_stands(inside: Inside, given: datetime | None) -> bool:
    """In the bank's role: it was given and has not served yet. Only a look; `spend_proof` decides."""
    return given is not None and _unspent(inside, given).exists()


def spend_proof(inside: Inside, given: datetime | None) -> bool:
    """In the bank's role, as a part of the act: the second factor serves this once. What is refused has not used it up, and it
    still counts for the same matter only. Of two at the same moment one comes through."""
    return given is not None and bool(_unspent(inside, given).update(proof_spent_at=given))


def _unspent(inside: Inside, given: datetime) -> QuerySet[Customer]:
    (person_id,) = inside.caller.persons
    mine = Customer.objects.filter(person_id=person_id, customer_id=inside.caller.id)
    return mine.filter(Q(proof_spent_at=None) | Q(proof_spent_at__lt=given))

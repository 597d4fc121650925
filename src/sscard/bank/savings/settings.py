"""The customer's own settings: never more than the bank allows. Effective limit = the lower one, effective channel = both."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import limits as bank_limits
from sscard.bank.limits import Limit
from sscard.bank.models import BankAccount
from sscard.bank.savings import terms
from sscard.bank.savings.tables import AccountSettings
from sscard.bank.standing import Standing
from sscard.kernel.refusals import Fault, Refusal
from sscard.law.area import Area
from sscard.law.schema import Bank

NETBANK, KIOSK, TILL, PULL = "netbank", "kiosk", "till", "pull"
CHANNELS = (NETBANK, KIOSK, TILL, PULL)
"""Channels that a customer can switch off; the counter is always open to him. "pull": his top-ups at other banks."""
OWN_LIMITS = tuple(
    f"{kind}_{period}"
    for kind in (bank_limits.TRANSFER, bank_limits.WITHDRAWAL, bank_limits.PURCHASE)
    for period in ("operation", "day")
)


@dataclass(frozen=True, slots=True)
class Own:
    """What the customer has set; nothing set is the default."""

    limits: dict[str, int]
    channels_off: tuple[str, ...]
    notice_over_fen: int | None
    """He is told of movements from this amount on; None: of none."""


def of_account(person_id: int, account_id: uuid.UUID) -> Own:
    """In the bank's role."""
    row = AccountSettings.objects.filter(person_id=person_id, account_id=account_id).first()
    if row is None:
        return Own({}, (), 0)
    return Own(dict(row.limits), tuple(row.channels_off), row.notices.get("over_fen"))


def require_channel(standing: Standing, channel: str) -> None:
    """In the bank's role: refused when the customer has switched this channel off."""
    if channel in of_account(standing.account.person_id, standing.account.account_id).channels_off:
        raise Refusal("bank.channel_off")


def caps(
    area: Area, bank: Bank, account: BankAccount, own: Own, kind: str, *, on: Any, counter: bool
) -> tuple[Limit, ...]:
    """The limits of one outgoing movement: the bank's and the class's, lowered by the customer's own."""
    of_class = area.class_limit(account.account_class, on)
    return terms.lowered(bank_limits.limits_of(bank, of_class, kind, counter=counter), own.limits)


def bounds(bank: Bank) -> dict[str, int]:
    """The highest value that each own limit may have: the bank's limit of the day."""
    most = {
        bank_limits.TRANSFER: bank.limits.transfer_day_fen,
        bank_limits.WITHDRAWAL: bank.limits.withdrawal_day_fen,
        bank_limits.PURCHASE: bank.limits.purchase_day_fen,
    }
    return {name: most[name.rpartition("_")[0]] for name in OWN_LIMITS}


def faults_of(limits: dict[str, int], channels_off: tuple[str, ...], over_fen: int | None, bank: Bank) -> list[Fault]:
    """Everything wrong with settings that a customer wants."""
    found, most = [], bounds(bank)
    for name, fen in sorted(limits.items()):
        if name not in most:
            found.append(Fault(f"limits.{name[:30]}", "bank.own_limit_unknown"))
        elif not 0 <= fen <= most[name]:
            found.append(Fault(f"limits.{name}", "bank.own_limit_above", {"most_fen": most[name]}))
    for channel in channels_off:
        if channel not in CHANNELS:
            found.append(Fault("channels_off", "bank.channel_unknown"))
    if over_fen is not None and over_fen < 0:
        found.append(Fault("notice_over_fen", "bank.own_limit_above", {"most_fen": 0}))
    return found


def loosens(before: Own, limits: dict[str, int], channels_off: tuple[str, ...], bank: Bank) -> bool:
    """Something would be allowed that was not: a limit is raised or a channel opened. On-line that needs the second
    factor anew."""
    most = bounds(bank)
    raised = any(limits.get(name, most[name]) > before.limits.get(name, most[name]) for name in most)
    return raised or bool(set(before.channels_off) - set(channels_off))

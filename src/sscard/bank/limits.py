"""How much may leave an account, by the bank's terms and by the account's class (banking.md §1 rows 11–13).

Pure: the caller gives the rule of the bank and of the class. Each limit is counted in the ledger under its own kind, in
the transaction of the movement; limits of a class count all kinds of outgoing business together.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sscard.law import areas
from sscard.law.schema import Bank, ClassLimit
from sscard.ledger.items import Limit

WITHDRAWAL, TRANSFER, PURCHASE, BILL, WALLET_LOAD = "withdrawal", "transfer", "purchase", "bill", "wallet_load"
KINDS = (WITHDRAWAL, TRANSFER, PURCHASE, BILL, WALLET_LOAD)
OF_CLASS, REMOTE = "class_out", "remote_transfer"
"""Kinds that limits are counted under beside those of the business itself."""


class HasTerms(Protocol):
    """What is asked of an account: `BankAccount` has it."""

    area_code: str
    bank: str
    account_class: str


def limits_for(account: HasTerms, kind: str, *, on: date, counter: bool = False) -> tuple[Limit, ...]:
    """The limits of one outgoing movement of `kind` on a business date, for the ledger. `counter`: at the bank's own
    counter, where the limit on transfers to others from afar does not count. Outside a database transaction too."""
    area = areas.get(account.area_code)
    return limits_of(area.bank(account.bank, on), area.class_limit(account.account_class, on), kind, counter=counter)


def limits_of(bank: Bank, of_class: ClassLimit | None, kind: str, *, counter: bool) -> tuple[Limit, ...]:
    """The bank's limit of the kind, then those of the class. Bills and wallet loads count as purchases by the bank's
    terms. Raises KeyError for a kind that no limit knows: nothing leaves an account uncounted."""
    terms = bank.limits
    counted, most = {
        WITHDRAWAL: (WITHDRAWAL, terms.withdrawal_day_fen),
        TRANSFER: (TRANSFER, terms.transfer_day_fen),
        PURCHASE: (PURCHASE, terms.purchase_day_fen),
        BILL: (PURCHASE, terms.purchase_day_fen),
        WALLET_LOAD: (PURCHASE, terms.purchase_day_fen),
    }[kind]
    found = [Limit(counted, "day", most)]
    if of_class is not None:
        if of_class.out_day_fen is not None:
            found.append(Limit(OF_CLASS, "day", of_class.out_day_fen))
        if of_class.out_year_fen is not None:
            found.append(Limit(OF_CLASS, "year", of_class.out_year_fen))
        if kind == TRANSFER and not counter and of_class.remote_day_fen is not None:
            found.append(Limit(REMOTE, "day", of_class.remote_day_fen))
    return tuple(found)

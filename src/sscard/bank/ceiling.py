"""How much may lie on an account of a class (banking.md §1 row 12: Ⅲ at most 2,000 yuan), counted where money comes in.

Refused is what somebody chooses to pay in: cash, transfers, top-ups. Never refused is what is owed to the holder or was his
already: benefits and wages from an agency's file, interest, refunds, voids and returns, and his own money that moves with a
replacement. A pension must not bounce; what lies above the ceiling then is told to the bank, and can only leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sscard.bank import whole
from sscard.bank.models import BankAccount
from sscard.kernel import money
from sscard.kernel.refusals import Refusal
from sscard.law.area import Area
from sscard.ledger import reads


def of(area: Area, account: BankAccount, day: date) -> int | None:
    """The ceiling of the account's class on a business date, in fen; None where the class has none."""
    found = area.class_limit(account.account_class, day)
    return found.balance_fen if found else None


def above(area: Area, account: BankAccount, amount_fen: int, day: date, *, touched: Iterable[whole.Key]) -> int | None:
    """In the bank's role, before the movement is posted: the ceiling that `amount_fen` more would exceed, or None. Where the
    class has one, the rows that the movement touches are locked, so that two payments do not slip in side by side."""
    ceiling = of(area, account, day)
    if ceiling is None:
        return None
    whole.lock([(account.person_id, account.account_id), *touched])
    balance = reads.balance(account.person_id, account.account_id)
    assert balance is not None  # the account's row refers to it
    return ceiling if balance.balance_fen + amount_fen > ceiling else None


def require(area: Area, account: BankAccount, amount_fen: int, day: date, *, touched: Iterable[whole.Key]) -> None:
    """Raises bank.balance_ceiling. For an account of the one who asks: to others it would tell what lies there."""
    ceiling = above(area, account, amount_fen, day, touched=touched)
    if ceiling is not None:
        raise Refusal("bank.balance_ceiling", most=money.yuan(ceiling))

"""Cash and the bank's own accounts that stand across from a customer's, by who handles the money."""

from __future__ import annotations

from sscard.kernel import money
from sscard.kernel.refusals import Refusal
from sscard.law.schema import Bank

CASH_OF = {"teller": "cash.counter", "terminal": "cash.terminal", "bank_program": "incoming.file"}
SHOPS = "shops.payable"
AUTHORISATION = "authorisation"
"""The kind of a hold that a shop's till has placed for itself."""


def require_deposit(bank: Bank, amount_fen: int) -> None:
    """Before a teller counts it: more cash at once than the bank takes in is "bank.cash_above"."""
    most = bank.limits.cash_deposit_fen
    if amount_fen > most:
        raise Refusal("bank.cash_above", most=money.yuan(most))

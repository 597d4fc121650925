"""All acts of the bank; importing them registers them at the door."""

from sscard.bank.acts_activate import Activate, activate
from sscard.bank.acts_money import Balance, Deposit, Withdraw, balance, deposit, withdraw
from sscard.bank.acts_open import OpenAccounts, open_accounts
from sscard.bank.acts_pin import PinReset, PinUnlock, pin_reset, pin_unlock
from sscard.bank.opening import OpeningLine

__all__ = [
    "Activate",
    "Balance",
    "Deposit",
    "OpenAccounts",
    "OpeningLine",
    "PinReset",
    "PinUnlock",
    "Withdraw",
    "activate",
    "balance",
    "deposit",
    "open_accounts",
    "pin_reset",
    "pin_unlock",
    "withdraw",
]

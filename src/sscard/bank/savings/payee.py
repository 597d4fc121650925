"""The receiver of a transfer: number and name must be one person's, and nobody learns which of the two was wrong."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date

from sscard.bank.models import BankAccount
from sscard.codes import names
from sscard.codes.errors import NumberFault
from sscard.codes.text import normal
from sscard.control.inside import Inside
from sscard.kernel.masked import mask_card, mask_name
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import blind_index
from sscard.law import areas
from sscard.law.schema import Bank
from sscard.ledger import accounts
from sscard.ledger.permits import Permit
from sscard.people import lookup

NUMBER_KINDS = ("pan", "bank_account")
LEAST_DIGITS, MOST_DIGITS = 6, 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Number and name in their normal form, as the payer gave them."""

    number: str
    name: str
    name_index: bytes

    @property
    def number_mask(self) -> str:
        return mask_card(self.number)[-34:]

    @property
    def name_mask(self) -> str:
        return mask_name(self.name)[:60]


def wanted(number: str, name: str) -> tuple[Wanted | None, list[Fault]]:
    """The form of both, with every fault."""
    faults: list[Fault] = []
    digits = normal(number)
    if not number_fits(number):
        faults.append(Fault("to_number", "bank.payee_number_form"))
    spelled = ""
    try:
        spelled = names.validate(name)
    except NumberFault as fault:
        faults += fault.at("to_name")
    if faults:
        return None, faults
    return Wanted(digits, spelled, blind_index("name", names.compact(spelled))), []


def number_fits(number: str) -> bool:
    """It has the form of a card or account number."""
    digits = normal(number)
    return digits.isascii() and digits.isdigit() and LEAST_DIGITS <= len(digits) <= MOST_DIGITS


def account_of_number(number: str) -> lookup.Found | None:
    """Whose card or account number this is, in whatever bank of the house."""
    for kind in NUMBER_KINDS:
        found = lookup.find(kind, blind_index(kind, number))
        if found is not None and found.object_id is not None:
            return found
    return None


def matched(found: lookup.Found | None, payee: Wanted) -> BankAccount:
    """In the bank's role: the account in this bank's book, if number and name fit; one answer to all that do not."""
    account = None
    if found is not None:
        account = BankAccount.objects.filter(person_id=found.person_id, account_id=found.object_id).first()
    expected = bytes(account.name_index) if account is not None else bytes(32)
    fits = hmac.compare_digest(expected, payee.name_index)
    if account is None or not fits:
        raise Refusal("bank.payee_differs")
    return account


def takes_money(account: BankAccount) -> bool:
    """In the bank's role: the ledger lets money in."""
    return bool(accounts.permits_of(account.person_id, account.account_id) & Permit.CREDIT)


def bank_named(inside: Inside, code: str, on: date) -> Bank:
    """A bank that takes part in clearing: one that serves an area of this house. The own area's name for it first."""
    for area in (inside.area, *areas.all_areas()):
        for bank in area.banks(on):
            if bank.code == code:
                return bank
    raise Refusal("bank.payee_bank_unknown", bank=code[:12])

"""Before an on-line transfer is sent: would balance and limits carry it, and is the second factor needed?

It asks the rules of the act (`transfer.caps_of`) and only looks: the act decides again, under the account's lock. Whether name
and number of somebody else fit is never told here: that try is the act's, and is written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sscard.bank import limits as bank_limits
from sscard.bank import rules
from sscard.bank.limits import Limit
from sscard.bank.models import BankAccount
from sscard.bank.savings import books, payee, presence, settings
from sscard.bank.savings.transfer import MATTER, Transfer, caps_of
from sscard.bank.standing import find
from sscard.codes.text import normal
from sscard.control.inside import Inside
from sscard.kernel import money
from sscard.kernel.refusals import Fault
from sscard.law import areas
from sscard.ledger import limit_use, reads

PLACE = "amount_fen"


@dataclass(frozen=True, slots=True)
class Outlook:
    """`faults`: why it would be refused, with the act's names of places. `needs_proof`: the second factor is asked for."""

    available_fen: int
    needs_proof: bool
    faults: tuple[Fault, ...]


def outlook(inside: Inside, request: Transfer) -> Outlook:
    """Of the signed-in customer's own transfer; right "bank.own_online". Raises what stops the account itself."""
    mirror = find(inside, request.account)
    area = areas.get(mirror.area_code)
    rule = area.savings_terms(mirror.bank, inside.today)
    inward = request.to_bank in ("", mirror.bank)
    found = payee.account_of_number(normal(request.to_number)) if inward else None
    here = presence.present(inside, mirror, None, matter=MATTER, business=rules.TRANSFER)
    given = presence.proof_given(inside, minutes=rule.step_up_minutes, matter=request.matter)
    with inside.bank_role():
        account = presence.admitted(inside, here).account
        day = books.business_day(area, account.book, here.now)
        own_payee = found is not None and found.person_id == account.person_id
        proved = presence.proof_stands(inside, given)
        caps = caps_of(area, rule, here, account, day, to_other=not own_payee, proved=proved)
        held = reads.balance(account.person_id, account.account_id)
        assert held is not None  # the account's row refers to it
        over = list(_over(account, caps, request.amount_fen, day))
        own = settings.of_account(account.person_id, account.account_id).limits
    faults = []
    if own_payee and found is not None and found.object_id == account.account_id:
        faults.append(Fault("to_number", "ledger.same_account"))
    if request.amount_fen > held.available_fen:
        faults.append(Fault(PLACE, "bank.above_available", {"available": money.yuan(held.available_fen)}))
    faults += [_told(cap, left, own) for cap, left in over if cap.kind != bank_limits.REMOTE]
    return Outlook(held.available_fen, any(cap.kind == bank_limits.REMOTE for cap, _ in over), tuple(faults))


def _over(account: BankAccount, caps: tuple[Limit, ...], fen: int, day: date) -> Iterator[tuple[Limit, int]]:
    """The limits that this amount would exceed, with what is left of each."""
    for cap in caps:
        if cap.most_fen is None:
            continue
        left = max(0, cap.most_fen - limit_use.used(account.person_id, account.account_id, cap, day))
        if fen > left:
            yield cap, left


def _told(cap: Limit, left: int, own: dict[str, int]) -> Fault:
    """Whose limit it is decides where it can be changed."""
    name = f"{cap.kind}_{cap.period}"
    whose = "own" if own.get(name) == cap.most_fen else "bank"
    facts = {"most": money.yuan(cap.most_fen or 0), "left": money.yuan(left)}
    return Fault(PLACE, f"bank.above_{whose}_{name}", facts)

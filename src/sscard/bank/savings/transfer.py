"""Transfer (转账): on-line, at the counter, at a self-service terminal.

Inside the bank it arrives at once. What goes to another bank, what shall arrive later and what a self-service terminal
sends to somebody else becomes an order: its money is held, and until it leaves the payer can recall it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sscard.bank import ceiling, limits, rules
from sscard.bank.asked_amount import kept_if_refused
from sscard.bank.limits import Limit
from sscard.bank.models import AccountStatus, BankAccount
from sscard.bank.savings import books, orders, payee, payee_check, presence, settings, terms
from sscard.bank.savings.presence import Presence
from sscard.bank.standing import Standing, find
from sscard.codes.text import normal
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import money
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.law import areas
from sscard.law.area import Area
from sscard.law.savings import SavingsTerms
from sscard.ledger import posting, reads, remaining
from sscard.ledger.permits import Permit

MATTER = "bank.transfer"
MOST_MEMO = 60


@dataclass(frozen=True, slots=True)
class Transfer:
    """From `account` to the card or account number `to_number`, which must be `to_name`'s. `to_bank`: the other bank's
    code, "" for the same bank. `timing`: realtime, normal or next_day. `session`: the device session with card and PIN;
    none on-line."""

    account: uuid.UUID
    amount_fen: int
    to_number: str
    to_name: str
    to_bank: str = ""
    timing: str = terms.REALTIME
    memo: str = ""
    session: uuid.UUID | None = None

    @property
    def matter(self) -> str:
        """A second factor is given for this payee and amount; time of arrival and memo may still be mended."""
        return presence.matter_of(MATTER, self.account, normal(self.to_number), self.to_bank, self.amount_fen)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was settled before the bank's role was entered."""

    request: Transfer
    whom: payee.Wanted
    here: Presence
    area: Area
    rule: SavingsTerms
    proved_at: datetime | None
    """When the second factor was given for this very order; None where it was not."""
    elsewhere: str
    """The other bank's code, "" inside."""


@act(MATTER, right="bank.transfer", about_person=True)
@kept_if_refused
def transfer(inside: Inside, request: Transfer) -> dict[str, Any]:
    """Moves the money, or holds it as an order. What is left stands in `once`."""
    whom = _checked(request)
    mirror = find(inside, request.account)
    area = areas.get(mirror.area_code)
    rule = area.savings_terms(mirror.bank, inside.today)
    elsewhere = "" if request.to_bank in ("", mirror.bank) else request.to_bank
    if elsewhere:
        payee.bank_named(inside, elsewhere, inside.today)
    else:
        payee_check.count_try(inside)
    found = payee.account_of_number(whom.number)
    here = presence.present(inside, mirror, request.session, matter=MATTER, business=rules.TRANSFER)
    proved_at = presence.proof_given(inside, minutes=rule.step_up_minutes, matter=request.matter)
    plan = _Plan(request, whom, here, area, rule, proved_at, elsewhere)
    try:
        with inside.bank_role():
            standing = presence.admitted(inside, here)
            receiver = None if elsewhere else payee_check.receiver_of(standing, found, whom)
            answer = _go(inside, plan, standing, receiver, mirror)
    except Refusal as refusal:
        raise _in_words(refusal, plan) from None
    if not elsewhere:
        payee_check.right_try(inside)
    if answer["state"] == "waiting" and answer["leaves_at"] == answer["at"]:
        orders.hurry()
    return answer


def _checked(request: Transfer) -> payee.Wanted:
    """The form, with every fault at once."""
    whom, faults = payee.wanted(request.to_number, request.to_name)
    faults += books.amount_faults(request.amount_fen)
    if request.timing not in terms.TIMINGS:
        faults.append(Fault("timing", "bank.timing_unknown"))
    if len(request.memo) > MOST_MEMO or not request.memo.isprintable():
        faults.append(Fault("memo", "bank.memo_form", {"most": MOST_MEMO}))
    refuse_if_any(faults)
    assert whom is not None  # else there are faults
    return whom


def _go(
    inside: Inside, plan: _Plan, standing: Standing, receiver: BankAccount | None, mirror: AccountStatus
) -> dict[str, Any]:
    """In the bank's role: now, or as an order."""
    here, request = plan.here, plan.request
    to_other = receiver is None or receiver.person_id != standing.account.person_id
    day = books.business_day(plan.area, standing.account.book, here.now)
    proved = presence.spend_proof(inside, plan.proved_at)
    caps = caps_of(plan.area, plan.rule, here, standing.account, day, to_other=to_other, proved=proved)
    leaves = terms.leaves_at(
        request.timing, here.now, plan.rule, terminal_to_other=to_other and here.channel == presence.KIOSK
    )
    answer = _answer(mirror, plan, receiver, leaves, day)
    if receiver is not None and leaves <= here.now:
        _fits(plan, standing, receiver, day)
        posted = _move(inside, plan, standing, receiver, caps, day)
        inside.once["balance_fen"] = posted.debit_balance_fen
        return answer | {"state": "done", "transfer": str(posted.transfer_id), "seq": posted.debit_seq}
    order = orders.place(
        inside, standing, receiver,
        orders.Placing(
            plan.area, plan.elsewhere, plan.whom, request.amount_fen, request.memo, request.timing, here.channel,
            here.need, leaves,
        ),
        caps,
    )  # fmt: skip
    left = reads.balance(standing.account.person_id, standing.account.account_id)
    assert left is not None  # the account's row refers to it
    inside.once["available_fen"] = left.available_fen
    return answer | {"state": "waiting", "order": str(order)}


def _fits(plan: _Plan, standing: Standing, receiver: BankAccount, day: date) -> None:
    """The ceiling of the receiver's class; only of his own account is the payer told that it is the ceiling."""
    payer, fen = standing.account, plan.request.amount_fen
    touched = [(payer.person_id, payer.account_id)]
    if receiver.person_id == payer.person_id:
        ceiling.require(plan.area, receiver, fen, day, touched=touched)
    elif ceiling.above(plan.area, receiver, fen, day, touched=touched) is not None:
        raise Refusal("bank.payee_takes_nothing")


def caps_of(
    area: Area, rule: SavingsTerms, here: Presence, account: BankAccount, day: date, *, to_other: bool, proved: bool
) -> tuple[Limit, ...]:
    """In the bank's role: the bank's and the customer's limits. What stays with the same person is nobody else's. `proved`:
    the second factor was given for this order. The one rule for the act and for the page that asks beforehand."""
    own = settings.of_account(account.person_id, account.account_id)
    caps = settings.caps(area, here.bank, account, own, limits.TRANSFER, on=day, counter=here.counter or not to_other)
    if here.channel == presence.ONLINE and to_other:
        return terms.without_step_up(caps, rule, stepped_up=proved)
    return caps


def _in_words(refusal: Refusal, plan: _Plan) -> Refusal:
    """A limit that the second factor opens is told as such."""
    online = plan.here.channel == presence.ONLINE
    if refusal.code == "ledger.limit" and refusal.facts.get("kind") == limits.REMOTE and online:
        return Refusal("bank.step_up_needed", most=money.yuan(plan.rule.step_up_over_day_fen))
    return refusal


def _move(
    inside: Inside, plan: _Plan, standing: Standing, receiver: BankAccount, caps: tuple[Limit, ...], day: date
) -> posting.Posted:
    payer, request, transfer_id = standing.account, plan.request, new_id()
    orders.notes_of(
        inside, payer, receiver, transfer_id, typed=plan.whom.number_mask, memo=request.memo, channel=plan.here.channel
    )
    item = posting.Item(
        caller=inside.caller.id,
        key=inside.key,
        fingerprint=books.fingerprint(MATTER, payer.account_id, receiver.account_id, request.amount_fen),
        kind="transfer",
        debit=books.customer(payer.person_id, payer.account_id, plan.here.need),
        credit=books.customer(receiver.person_id, receiver.account_id, Permit.CREDIT),
        amount_fen=request.amount_fen,
        business_date=day,
        limits=books.limits(caps),
        memo=request.memo,
        transfer_id=transfer_id,
    )
    with remaining.told(item):
        return books.post(item, now=plan.here.now)


def _answer(
    mirror: AccountStatus, plan: _Plan, receiver: BankAccount | None, leaves: datetime, day: date
) -> dict[str, Any]:
    return {
        "account": str(mirror.account_id),
        "transfer": None,
        "order": None,
        "seq": None,
        "amount_fen": plan.request.amount_fen,
        "payee_name_mask": receiver.name_mask if receiver else plan.whom.name_mask,
        "payee_number_mask": plan.whom.number_mask,
        "to_bank": plan.elsewhere or mirror.bank,
        "timing": plan.request.timing,
        "leaves_at": leaves.isoformat(),
        "business_date": day.isoformat(),
        "at": plan.here.now.isoformat(),
    }

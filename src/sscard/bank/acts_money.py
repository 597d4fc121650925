"""Cash in, cash out, inquiry: through the ledger, at the account's own bank.

Anybody may pay in, also before activation. Everything else before activation is refused with one and the same answer,
from whatever face it comes. Amounts of an account leave an act only in `once`: they are shown and stored nowhere
outside the bank's own tables.
"""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.bank import ceiling, limits, pins, rules, witness
from sscard.bank.asked_amount import kept_if_refused
from sscard.bank.cash import CASH_OF, require_deposit
from sscard.bank.models import AccountStatus
from sscard.bank.reads_life import account_of_number
from sscard.bank.savings import books, settings
from sscard.bank.standing import Standing, bank_rule, find, freshen, load
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, refuse_if_any
from sscard.law import areas
from sscard.law.schema import Bank
from sscard.ledger import accounts, posting, reads, remaining
from sscard.ledger.items import transfer_id_of
from sscard.ledger.permits import INTERNAL, Permit
from sscard.terminals.evidence import Taken, take

_EVIDENCE = frozenset({"card_slot", "pin_pad"})


@dataclass(frozen=True, slots=True)
class Deposit:
    """Into an account named by its public id, or by its card or account number."""

    amount_fen: int
    account: uuid.UUID | None = None
    number: str = ""


@act("bank.deposit", right="bank.deposit", about_person=True)
def deposit(inside: Inside, request: Deposit) -> dict[str, Any]:
    """Accepted from anybody, from the day the account is opened (只收不付). Who pays in learns no balance. Cash has a most at
    once; an agency's payment (a program's) has none, and is never refused for the class's ceiling."""
    _check_amount(request.amount_fen)
    mirror = find(inside, request.account or account_of_number(request.number))
    bank, now, area = bank_rule(mirror, inside), inside.now, areas.get(mirror.area_code)
    if "teller" in inside.caller.roles:
        require_deposit(bank, request.amount_fen)
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        standing.require(Permit.CREDIT)
        freshen(standing)
        day = books.business_day(area, standing.account.book, now)
        cash = posting.Side(*_cash(inside, standing), INTERNAL)
        whose = (area, standing.account, request.amount_fen, day)
        touched = [(cash.person_id, cash.account_id)]
        if "bank_program" not in inside.caller.roles:
            ceiling.require(*whose, touched=touched)
        elif ceiling.above(*whose, touched=touched) is not None:
            inside.emit("bank.above_ceiling", {"account": str(mirror.account_id), "bank": mirror.bank})
        posted = _post(
            inside, standing, "deposit", request.amount_fen, day, debit=cash, credit=_side(standing, Permit.CREDIT)
        )
    return _answer(inside, mirror, posted, posted.credit_seq, request.amount_fen, day)


@dataclass(frozen=True, slots=True)
class Withdraw:
    """`session`: the device session with card and PIN."""

    account: uuid.UUID
    session: uuid.UUID
    amount_fen: int


@act("bank.withdraw", right="bank.withdraw", about_person=True)
@kept_if_refused
def withdraw(inside: Inside, request: Withdraw) -> dict[str, Any]:
    """With card and PIN, within the bank's limits and the customer's own, on a channel that he has not switched off."""
    _check_amount(request.amount_fen)
    mirror = find(inside, request.account)
    bank, now, area = bank_rule(mirror, inside), inside.now, areas.get(mirror.area_code)
    taken = _present(inside, mirror, bank, request.session, "bank.withdraw", rules.CASH)
    counter = taken.terminal.kind == "counter"
    need = rules.need(rules.CASH, counter=counter)
    pin = witness.pin_of(mirror, taken)
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        standing.require(need)
        if not counter:
            settings.require_channel(standing, settings.KIOSK)
        freshen(standing)
        pins.verify(inside, standing, taken, pin, bank.pin_wrong_max)
        cash = posting.Side(*_cash(inside, standing), INTERNAL)
        own = settings.of_account(mirror.person_id, mirror.account_id)
        day = books.business_day(area, standing.account.book, now)
        caps = settings.caps(area, bank, standing.account, own, limits.WITHDRAWAL, on=day, counter=counter)
        posted = _post(
            inside, standing, "withdrawal", request.amount_fen, day,
            debit=_side(standing, need), credit=cash, limits=books.limits(caps), left_told=True,
        )  # fmt: skip
    inside.once["balance_fen"] = posted.debit_balance_fen
    return _answer(inside, mirror, posted, posted.debit_seq, request.amount_fen, day)


@dataclass(frozen=True, slots=True)
class Balance:
    """`session`: the device session with card and PIN."""

    account: uuid.UUID
    session: uuid.UUID


@act("bank.balance", right="bank.balance", about_person=True)
def balance(inside: Inside, request: Balance) -> dict[str, Any]:
    """Inquiry by the holder at counter or terminal. The amounts stand in `once`."""
    mirror = find(inside, request.account)
    bank, now = bank_rule(mirror, inside), inside.now
    taken = _present(inside, mirror, bank, request.session, "bank.balance", rules.INQUIRY)
    need = rules.need(rules.INQUIRY, counter=taken.terminal.kind == "counter")
    pin = witness.pin_of(mirror, taken)
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        standing.require(need)
        freshen(standing)
        pins.verify(inside, standing, taken, pin, bank.pin_wrong_max)
        found = reads.balance(mirror.person_id, mirror.account_id)
    assert found is not None  # the account's row refers to it
    inside.once |= {"balance_fen": found.balance_fen, "available_fen": found.available_fen}
    return {"account": str(mirror.account_id), "seq": found.seq, "at": inside.now.isoformat()}


def _present(
    inside: Inside, mirror: AccountStatus, bank: Bank, session: uuid.UUID, matter: str, business: str
) -> Taken:
    """Card and PIN of the holder. An account that is asleep, closed or stopped says so before any evidence is asked
    for."""
    now = inside.now
    with inside.bank_role():
        at_counter = "teller" in inside.caller.roles
        load(mirror, bank, now=now).require(rules.need(business, counter=at_counter))
    taken = take(inside, session, matter=matter, wanted=_EVIDENCE)
    faults = []
    if not witness.card_is_this(mirror, taken):
        faults.append(Fault("card", "bank.card_differs"))
    elif taken.card is None or not taken.card.answer_ok:
        faults.append(Fault("card", "bank.card_no_answer"))
    witness.refuse(faults, mirror, inside)
    return taken


def _check_amount(amount_fen: int) -> None:
    refuse_if_any(books.amount_faults(amount_fen))


def _cash(inside: Inside, standing: Standing) -> tuple[int, uuid.UUID]:
    """The bank's own account on the other side, by who handles the money."""
    role = next(role for role in CASH_OF if role in inside.caller.roles)
    account = standing.account
    return accounts.internal(account.book, CASH_OF[role], account.account_id, now=standing.now)


def _side(standing: Standing, need: Permit) -> posting.Side:
    return posting.Side(standing.account.person_id, standing.account.account_id, need)


def _post(
    inside: Inside,
    standing: Standing,
    kind: str,
    amount_fen: int,
    business_date: date,
    *,
    debit: posting.Side,
    credit: posting.Side,
    left_told: bool = False,
    **more: Any,
) -> posting.Posted:
    """`left_told`: he who asks has proved to be the holder, so a refusal says what is left."""
    item = posting.Item(
        caller=inside.caller.id,
        key=inside.key,
        fingerprint=books.fingerprint(inside.act, standing.account.account_id, amount_fen),
        kind=kind,
        debit=debit,
        credit=credit,
        amount_fen=amount_fen,
        business_date=business_date,
        transfer_id=transfer_id_of(inside.caller.id, inside.key),
        **more,
    )
    with remaining.told(item) if left_told else nullcontext():
        return posting.post([item], posted_at=standing.now)[0]


def _answer(
    inside: Inside, mirror: AccountStatus, posted: posting.Posted, seq: int | None, amount_fen: int, day: date
) -> dict[str, Any]:
    return {
        "account": str(mirror.account_id),
        "transfer": str(posted.transfer_id),
        "seq": seq,
        "amount_fen": amount_fen,
        "business_date": day.isoformat(),
        "at": inside.now.isoformat(),
    }

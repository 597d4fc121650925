"""What a signed-in customer sees: his accounts at this bank, their entries, his sign-ins on other devices."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sscard.bank import customers, rules
from sscard.bank.models import AccountStatus, BankAccount, Customer
from sscard.bank.savings_opening.function import AT_COUNTER, Told, functions_of, tell
from sscard.bank.standing import bank_rule, load, rows_in_force
from sscard.bank.states import Restriction, Status
from sscard.control import sessions
from sscard.control.inside import Inside
from sscard.control.models import AuditRow
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.ledger import reads as ledger
from sscard.ledger.permits import Permit


@dataclass(frozen=True, slots=True)
class OnlineAccount:
    """One account as it stands. `closed_because`: the code that says why inquiry is closed; then there is no amount,
    not even zero, and the way on-line out of it is closed too."""

    account_id: uuid.UUID
    card_id: uuid.UUID
    pan_mask: str
    name_mask: str
    phone_mask: str
    status: Status
    restrictions: tuple[Restriction, ...]
    account_class: str
    opened_at: datetime
    activated_at: datetime | None
    closed_because: str = ""
    transfer_closed_because: str = ""

    @property
    def asleep(self) -> bool:
        return self.status is Status.NOT_ACTIVATED


@dataclass(frozen=True, slots=True)
class Money:
    """Fen. `available_fen` is the balance less what is held (orders on their way, authorisations) and what is frozen."""

    balance_fen: int
    available_fen: int
    held_fen: int = 0
    frozen_fen: int = 0


def accounts(inside: Inside) -> list[OnlineAccount]:
    """All of the customer's accounts at this bank that are not closed, newest first. Runs in a reading."""
    person_id = _person(inside)
    mirrors = AccountStatus.objects.filter(person_id=person_id, bank=inside.caller.bank).order_by("-opened_at")
    bank_rules = [(mirror, bank_rule(mirror, inside)) for mirror in mirrors]
    found, now = [], inside.now
    for mirror, rule in bank_rules:
        with inside.bank_role():
            standing = load(mirror, rule, now=now)
        if standing.status is Status.CLOSED:
            continue
        account, here = standing.account, standing.restrictions
        found.append(
            OnlineAccount(
                account.account_id,
                account.card_id,
                account.pan_mask,
                account.name_mask,
                account.phone_mask,
                standing.status,
                tuple(sorted(here)),
                account.account_class,
                account.opened_at,
                account.activated_at,
                rules.why_not(standing.status, here, Permit.INQUIRY) or "",
                rules.why_not(standing.status, here, Permit.TRANSFER_OUT) or "",
            )
        )
    return found


def savings(inside: Inside, account: OnlineAccount) -> Told:
    """Has the card the savings function? The same sentence as at the counter and at the phone (ACT-5)."""
    (person_id,) = inside.caller.persons
    mirror = AccountStatus.objects.get(person_id=person_id, account_id=account.account_id)
    return tell(mirror, inside.today)


def at_counter(inside: Inside, account: OnlineAccount) -> tuple[str, ...]:
    """The functions that he opened and that are used at the bank's counter only."""
    (person_id,) = inside.caller.persons
    opened = functions_of(AccountStatus.objects.get(person_id=person_id, account_id=account.account_id))
    return tuple(one for one in AT_COUNTER if one in opened)


def account(inside: Inside, account_id: uuid.UUID) -> OnlineAccount:
    """One of his; anything else is as if it did not exist (T12)."""
    for one in accounts(inside):
        if one.account_id == account_id:
            return one
    raise Refusal("control.not_found")


def money(inside: Inside, one: OnlineAccount) -> Money | None:
    """What is on it; None while inquiry is closed. Opening it is a recorded look."""
    if one.closed_because:
        return None
    person_id = _person(inside)
    with inside.bank_role():
        found = ledger.balance(person_id, one.account_id)
    assert found is not None  # the account's row refers to it
    inside.detail["balance"] = str(one.account_id)
    return Money(found.balance_fen, found.available_fen, found.held_fen, found.frozen_fen)


@dataclass(frozen=True, slots=True)
class FrozenAmount:
    """An amount freeze in force: how much of the account, by what kind of authority and its name."""

    amount_fen: int
    authority: str
    authority_name: str


def frozen_amounts(inside: Inside, one: OnlineAccount) -> list[FrozenAmount]:
    """What the account's owner is told of amounts that stay; the strongest authority first."""
    person_id, now = _person(inside), inside.now
    with inside.bank_role():
        account = BankAccount.objects.get(person_id=person_id, account_id=one.account_id)
        rows = rows_in_force(account, now).filter(kind=Restriction.AMOUNT_FREEZE).order_by("rank", "since")
        return [FrozenAmount(row.amount_fen or 0, row.authority, row.authority_name) for row in rows]


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """One's own user name, in small letters as people write it (any case signs in), and since when."""

    username: str
    since: datetime
    changed: datetime


def sign_in_of(inside: Inside) -> OwnSignIn:
    with inside.bank_role():
        customer = customers.own(inside)
    return OwnSignIn(str(open_one(customer, "username", inside)).lower(), customer.created_at, customer.changed_at)


def sessions_of(inside: Inside) -> list[sessions.Marked]:
    """His open sign-ins, the newest first."""
    with inside.bank_role():
        customer = customers.own(inside)
    return sessions.marked(customer.customer_id)


def is_online(inside: Inside, person_id: int) -> bool:
    """For a teller who has named the person: does he have on-line banking here? In the bank's role."""
    return Customer.objects.filter(person_id=person_id, stopped_at__isnull=True).exists()


def _person(inside: Inside) -> int:
    """The customer's own person; names him in the audit row."""
    if inside.caller.kind != "customer":
        raise Refusal("control.not_allowed", act="bank.own_online")
    (person_id,) = inside.caller.persons
    inside.about(person_id, inside.area_code, what="bank_accounts")
    return person_id


@dataclass(frozen=True, slots=True)
class Happening:
    """Something done, or refused, in the customer's name. `verb`: the act, or control.sign_in and its like."""

    at: datetime
    verb: str
    refused: bool
    channel: str


MOST_HAPPENINGS = 60
_TOLD = ("control.sign_in", "bank.online_set_up", "bank.step_up")


def happenings(inside: Inside) -> list[Happening]:
    """What was done in his name lately, newest first: sign-ins, also refused ones, and acts; looks are not told."""
    _person(inside)
    rows = AuditRow.objects.filter(actor=inside.caller.id, area_code=inside.area_code).order_by("-occurred_at")
    found = [row for row in rows[: MOST_HAPPENINGS * 5] if row.verb in _TOLD or (words.has("act", row.verb))]
    return [
        Happening(row.occurred_at, row.verb, row.result == "refused", row.channel)
        for row in found
        if not row.detail.get("read")
    ][:MOST_HAPPENINGS]


def number(inside: Inside, one: OnlineAccount) -> str:
    """The card's whole bank number, for its owner; opening it is written down."""
    person_id = _person(inside)
    with inside.bank_role():
        row = BankAccount.objects.get(person_id=person_id, account_id=one.account_id)
    return str(open_one(row, "facts", inside)["pan"])


def holder_name(inside: Inside, one: OnlineAccount) -> str:
    """The account's whole name, for its owner, as another bank compares it; opening it is written down."""
    person_id = _person(inside)
    with inside.bank_role():
        row = BankAccount.objects.get(person_id=person_id, account_id=one.account_id)
    return str(open_one(row, "facts", inside)["name"])

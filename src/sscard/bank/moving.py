"""The old account's money goes to the new number: everything in one group of the ledger, or nothing.

Holds move with it: each is freed on the old account, the whole balance is moved, and each is placed anew on the new
account for the same receiver, amount and end; `ledger.follow_up.find_hold` finds it under its first id. What was counted in
limits counts for the new account, and what is undone later is given back there (`savings.back`). Interest of the old account
runs to the day before and is moved as well. While anything is frozen on the old account its money stays
there; what a court froze is never moved.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date

from msgspec.structs import replace

from sscard.bank import whole
from sscard.bank.models import AccountStatus, Replacement
from sscard.bank.savings import books, interest
from sscard.bank.savings.tables import AccountSettings, TransferOrder
from sscard.bank.standing import Standing, bank_rule, load, reflect, store
from sscard.bank.states import FREEZES, after
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many, open_one
from sscard.law.savings import DemandRate
from sscard.ledger import accounts, follow_up, limit_use, posting, reads
from sscard.ledger.permits import Permit
from sscard.people.models import Lookup

KIND = "replacement"
MOST_HOLDS = 100


def waiting_for(standing: Standing) -> list[Replacement]:
    """In the bank's role: the accounts whose money waits for this one, under lock."""
    account = standing.account
    return list(
        Replacement.objects.select_for_update(no_key=True)
        .filter(person_id=account.person_id, new_account_id=account.account_id, state="waiting")
        .exclude(account_id=account.account_id)
        .order_by("asked_at")
    )


def move(inside: Inside, new: Standing, waiting: list[Replacement]) -> list[dict[str, object]]:
    """The last statements of the act that activated the new account: each old account is emptied and closed. What stays
    behind because something is frozen says so with "moved": False."""
    told: list[dict[str, object]] = []
    items: list[posting.Item] = []
    group = ids.new_id()
    for one in waiting:
        mirror = AccountStatus.objects.get(person_id=one.person_id, account_id=one.account_id)
        bank, now, day = bank_rule(mirror, inside), new.now, books.day_of(inside, mirror)
        rate = interest.rate_of(mirror, day)
        with inside.bank_role(mirror.bank):
            old = load(mirror, bank, now=now, lock=True)
            if old.restrictions & FREEZES:
                told.append({"account": str(one.account_id), "moved": False})
                continue
            mine, fen, holds = _items(inside, old, new, rate, day, group)
            _close(old, one, group)
        items += mine
        _follow_number(inside, old, new)
        reflect(inside, old, since=now)
        told.append({"account": str(one.account_id), "moved": True, "holds": holds})
        inside.detail.setdefault("moved_from", []).append(str(one.account_id))
        if fen:
            inside.once["moved_fen"] = inside.once.get("moved_fen", 0) + fen
        inside.emit(
            "bank.account_replaced",
            {"old": str(one.account_id), "new": str(new.account.account_id), "bank": mirror.bank, "holds": holds},
        )
    if items:
        with inside.bank_role(new.account.bank):
            posting.post(items, posted_at=new.now)
    return told


def _items(
    inside: Inside, old: Standing, new: Standing, rate: DemandRate, day: date, group: uuid.UUID
) -> tuple[list[posting.Item], int, list[dict[str, str]]]:
    """Free, move, hold again. All rows of the ledger that this touches are locked first, so that the amount is the whole
    balance and nothing comes in between."""
    account = old.account
    keys = [(one.account.person_id, one.account.account_id) for one in (old, new)]
    keys.append(accounts.internal(account.book, books.INTEREST, account.account_id, now=new.now))
    keys += [
        (one.credit_person_id, one.credit_account_id)
        for one in follow_up.holds_of(account.person_id, account.account_id)
    ]
    whole.lock(keys)
    balance = reads.balance(old.account.person_id, old.account.account_id)
    assert balance is not None  # the account's row refers to it
    holds = follow_up.holds_of(old.account.person_id, old.account.account_id)
    if len(holds) > MOST_HOLDS:
        raise Refusal("bank.too_many_holds", most=MOST_HOLDS)
    limit_use.carry(account.person_id, account.account_id, new.account.account_id, day)
    source, target = _side(old, Permit.NONE), _side(new, Permit.CREDIT)
    made: list[posting.Item] = []

    def item(action: posting.Action, debit: posting.Side, credit: posting.Side, fen: int, kind: str, **more: object):
        asked = f"{inside.act}|{action}|{old.account.account_id}|{new.account.account_id}|{fen}|{more.get('hold', '')}"
        made.append(
            posting.Item(
                inside.caller.id, f"{inside.key[:80]}:{old.account.account_id.hex[:12]}:{len(made)}",
                hashlib.new("sm3", asked.encode()).digest(), kind, debit, credit, fen, day, group=group,
                action=action, **more,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    for hold in holds:
        to = posting.Side(hold.credit_person_id, hold.credit_account_id, Permit.NONE)
        item(posting.Action.VOID, source, to, hold.amount_fen, hold.kind, hold=hold.hold_id)
    earned = interest.at_closing(inside, old, rate, day)
    if earned.item is not None:
        made.append(replace(earned.item, group=group))
    fen = balance.balance_fen + earned.amount_fen
    if fen:
        item(posting.Action.POST, source, target, fen, KIND)
    for hold in holds:
        to = posting.Side(hold.credit_person_id, hold.credit_account_id, Permit.NONE)
        item(
            posting.Action.HOLD, _side(new, Permit.NONE), to, hold.amount_fen, hold.kind,
            hold=follow_up.moved_id(hold.hold_id), expires_at=hold.expires_at,
        )  # fmt: skip
    told = [{"was": str(hold.hold_id), "is": str(follow_up.moved_id(hold.hold_id))} for hold in holds]
    return made, fen, told


def _side(standing: Standing, need: Permit) -> posting.Side:
    return posting.Side(standing.account.person_id, standing.account.account_id, need)


def _close(old: Standing, one: Replacement, group: uuid.UUID) -> None:
    """In the bank's role: the old account is closed, the order is done."""
    account = old.account
    account.status = str(after(old.status, "bank.move_balance"))
    account.closed_at = account.changed_at = old.now
    account.save(force_update=True, update_fields=["status", "closed_at", "changed_at"])
    store(old)
    TransferOrder.objects.filter(
        person_id=account.person_id, account_id=account.account_id, ended_at__isnull=True
    ).update(account_id=one.new_account_id)
    own = AccountSettings.objects.filter(person_id=account.person_id)
    if not own.filter(account_id=one.new_account_id).exists():
        own.filter(account_id=account.account_id).update(account_id=one.new_account_id)
    one.state, one.done_at, one.group_id = "done", old.now, group
    one.save(force_update=True, update_fields=["state", "done_at", "group_id"])


def _follow_number(inside: Inside, old: Standing, new: Standing) -> None:
    """Who still pays to the old card or account number reaches the new account."""
    facts = open_one(old.account, "facts", inside)
    for kind, number in (("pan", facts["pan"]), ("bank_account", facts["number"])):
        index = blind_many(kind, [number])[0]
        Lookup.objects.filter(kind=kind, value=index, person_id=old.account.person_id).update(
            object_id=new.account.account_id
        )

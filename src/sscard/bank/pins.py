"""The bank PIN: counted first, compared then, taken back when right (security.md T13, mechanisms.md §8).

The count commits in a transaction of its own before the key service compares, so a killed process or a refused act has
counted all the same, and of any number of simultaneous tries at most `pin_wrong_max` are compared. The evidence has
been taken by then: nobody can lock a stranger's PIN without his card in the slot.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import psycopg
from django.db.models import F
from django.db.models.functions import Greatest

from sscard.bank import rules
from sscard.bank.models import PinCount
from sscard.bank.standing import Standing
from sscard.bank.states import Restriction
from sscard.cards.aside import aside, one
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.terminals.evidence import Pin, Taken

KIND = "bank"
STILL_COMPARING = timedelta(minutes=1)
"""A full count younger than this may belong to a try that is being compared right now and turns out right."""


def verify(inside: Inside, standing: Standing, taken: Taken, pin: Pin, most: int) -> None:
    """Count, compare, take the own tries back. Call it in the bank's role, before the act locks the account.

    Raises bank.pin_wrong with what is left, bank.pin_locked, or bank.pin_entered_already when this entry was compared
    before (the act that did it was refused). Locking is written beside the act, which rolls back.
    """
    account = standing.account
    tries = count(inside, standing, taken.session, most)
    if not keys().pin_verify(KIND, pin.account, pin.block, pin.key_id, bytes(account.pin_verifier)):
        if tries >= most:
            with aside(account.area_code) as cursor:
                lock(cursor, inside, standing)
            raise Refusal("bank.pin_locked")
        raise Refusal("bank.pin_wrong", left=most - tries)
    PinCount.objects.filter(person_id=account.person_id, account_id=account.account_id).update(
        tries=Greatest(F("tries") - tries, 0)
    )


def count(inside: Inside, standing: Standing, session: uuid.UUID, most: int) -> int:
    """Tries so far with this one, committed. Raises when none is left or this entry was counted before; then nothing
    may be compared."""
    account, real = standing.account, clock.real_now()
    with aside(account.area_code) as cursor:
        enter(cursor, account.book)
        row = one(
            cursor,
            "update bank_pincount set tries = tries + 1, last_at = %s, last_session = %s where person_id = %s"
            " and account_id = %s and tries < %s and last_session is distinct from %s returning tries",
            [real, session, account.person_id, account.account_id, most, session],
        )
        if row is None:
            last = one(
                cursor,
                "select last_at, last_session from bank_pincount where person_id = %s and account_id = %s",
                [account.person_id, account.account_id],
            )
            if last is not None and last[0] is not None and _is_over(last[0], real):
                lock(cursor, inside, standing)
    if row is None:
        same = last is not None and last[1] == session
        raise Refusal("bank.pin_entered_already" if same else "bank.pin_locked")
    return int(row[0])


def _is_over(last: datetime, real: datetime) -> bool:
    return real - last > STILL_COMPARING


def enter(cursor: psycopg.Cursor, book: str) -> None:
    cursor.execute("set local role sscard_bank")
    cursor.execute("select set_config('sscard.book', %s, true)", [book])


def lock(cursor: psycopg.Cursor, inside: Inside, standing: Standing) -> None:
    """Restriction PIN_LOCKED with the ledger's mask and the mirror, once, in the transaction of `cursor`."""
    account = standing.account
    who = [account.person_id, account.account_id]
    enter(cursor, account.book)
    # the row's lock makes two last tries queue up, so that one restriction is written
    cursor.execute("select 1 from bank_bankaccount where person_id = %s and account_id = %s for no key update", who)
    found = one(
        cursor,
        "insert into bank_accountrestriction (person_id, account_id, restriction_id, book, kind, reason, who, since)"
        " select %s, %s, %s, %s, 'PIN_LOCKED', 'pin_tries_used_up', %s, %s where not exists (select 1"
        " from bank_accountrestriction where person_id = %s and account_id = %s and kind = 'PIN_LOCKED'"
        " and lifted_at is null) returning 1",
        [*who, ids.new_id(), account.book, inside.caller.id, standing.now, *who],
    )
    if found is None:
        return
    now = standing.restrictions | {Restriction.PIN_LOCKED}
    mask = rules.permits(standing.status, now, credit_before_activation=standing.credit_before_activation)
    cursor.execute(
        "update ledger_ledgeraccount set permits = %s where person_id = %s and account_id = %s", [int(mask), *who]
    )
    cursor.execute("reset role")
    cursor.execute("select set_config('sscard.area', %s, true)", [account.area_code])
    cursor.execute(
        "update bank_accountstatus set restrictions = to_jsonb(%s::text[]), since = %s"
        " where person_id = %s and account_id = %s",
        [sorted(str(kind) for kind in now), standing.now, *who],
    )

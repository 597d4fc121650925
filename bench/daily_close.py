"""The daily close of a settlement day over many accounts: trial balance, then interest for each account.

    .venv/bin/python bench/daily_close.py            1,000,000 accounts
    CLOSE_ACCOUNTS=100000 …                          fewer

The accounts are written straight into the tables beforehand: two movements each, in the quarter that is settled.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

ACCOUNTS = int(os.environ.get("CLOSE_ACCOUNTS", "1000000"))
END = date(2026, 6, 20)
LIMIT_S = 120.0
_FILL = (
    "set session_replication_role = replica",
    """insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen, debits_posted,
              credits_posted, debits_held, credits_held, seq, opened_at)
       select n, gen_random_uuid(), 'bank:CCB', 'customer', '', 4095, 'savings', 0, 0, 2 * (100000 + n % 5000000), 0, 0, 2,
              '2026-03-01' from generate_series(1, {n}) n""",
    """insert into bank_bankaccount (person_id, account_id, book, area_code, bank, card_id, branch, facts, pan_mask, number_mask,
              name_mask, id_index, name_index, birth_date, status, account_class, phone_mask, opened_at, opened_by,
              activated_how, activated_where, changed_at{more})
       select person_id, account_id, book, '990100', 'CCB', gen_random_uuid(), '', '\\x00', '', '', '', '\\x00', '\\x00',
              '1990-01-01', 'NOT_ACTIVATED', 'I', '', '2026-03-21', 'bench', '', '', now(){values}
         from ledger_ledgeraccount where kind = 'customer' and book = 'bank:CCB'""",
    """insert into ledger_entry (person_id, account_id, seq, book, transfer_id, side, kind, amount_fen, balance_fen,
              business_date, posted_at)
       select a.person_id, a.account_id, s, a.book, gen_random_uuid(), 'C', 'deposit', a.credits_posted / 2,
              s * a.credits_posted / 2, date '2026-03-21' + (s - 1) * (1 + a.person_id % 80)::integer, now()
         from ledger_ledgeraccount a, generate_series(1, 2) s where a.kind = 'customer' and a.book = 'bank:CCB'""",
    """insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen, debits_posted,
              credits_posted, debits_held, credits_held, seq, opened_at)
       select -1, gen_random_uuid(), 'bank:CCB', 'internal', 'cash.counter', 4095, 'internal', 0, sum(credits_posted), 0, 0, 0,
              82, '2026-03-01' from ledger_ledgeraccount where kind = 'customer' and book = 'bank:CCB'""",
    """insert into ledger_entry (person_id, account_id, seq, book, transfer_id, side, kind, amount_fen, balance_fen,
              business_date, posted_at)
       select a.person_id, a.account_id, row_number() over (order by d.day), a.book, gen_random_uuid(), 'D', 'deposit', d.fen,
              -sum(d.fen) over (order by d.day), d.day, now()
         from ledger_ledgeraccount a,
              (select business_date as day, sum(amount_fen) as fen from ledger_entry where book = 'bank:CCB' group by 1) d
        where a.person_id = -1 and a.book = 'bank:CCB'""",
    """update ledger_ledgeraccount a set seq = (select count(*) from ledger_entry e where e.person_id = -1 and e.book = a.book)
        where person_id = -1 and a.book = 'bank:CCB'""",
    """insert into ledger_daybalance (person_id, account_id, day, book, opening_fen, debits_fen, credits_fen, closing_fen,
              entries, last_seq)
       select distinct on (person_id, account_id) person_id, account_id, date '2026-06-19', book, balance_fen, 0, 0, balance_fen,
              0, seq from ledger_entry where book = 'bank:CCB' and business_date < '2026-06-20'
        order by person_id, account_id, seq desc""",
    """insert into ledger_businessday (book, day, closed_at, drawn_at, moved, entries, debits_fen, credits_fen, total_fen, wrong)
       values ('bank:CCB', '2026-06-19', now(), now(), 0, 0, 0, 0, 0, 0)""",
    "analyze",
)


def fill(url: str, accounts: int) -> None:
    """As the server's administrator: row-level security and foreign keys stand aside."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as link:
        more = link.execute(
            "select column_name, data_type from information_schema.columns where table_name = 'bank_bankaccount'"
            " and is_nullable = 'NO' and column_default is null and column_name <> all(%s)",
            [_known()],
        ).fetchall()
        values = {"boolean": "false", "integer": "0", "bigint": "0", "jsonb": "'{}'"}
        names = "".join(f", {name}" for name, _ in more)
        given = "".join(f", {values.get(kind, chr(39) * 2)}" for _, kind in more)
        for statement in _FILL:
            link.execute(statement.replace("{n}", str(accounts)).replace("{more}", names).replace("{values}", given))  # type: ignore[arg-type]


def _known() -> list[str]:
    head = _FILL[2].partition("(")[2].partition("{more}")[0]
    return [name.strip() for name in head.split(",")]


def measure(accounts: int) -> dict[str, float]:
    """Seconds of the trial balance and of the interest run, in this process alone."""
    from sscard.bank.savings import interest
    from sscard.kernel import clock
    from sscard.law import areas
    from sscard.ledger import days

    start = time.perf_counter()
    trial = days.close("bank:CCB", END, now=clock.now("990100"), area=areas.get("990100"))
    closed = time.perf_counter()
    ran = interest.run("990100", "CCB", END)
    done = time.perf_counter()
    assert trial.sound, trial
    assert ran.accounts == ran.paid == accounts, ran
    again = interest.run("990100", "CCB", END)
    assert again.accounts == 0
    return {"close_s": closed - start, "interest_s": done - closed, "again_s": time.perf_counter() - done}


def main() -> None:
    from run import machine

    with machine() as house:
        fill(house.urls.admin, ACCOUNTS)
        found = measure(ACCOUNTS)
    rate = ACCOUNTS / found["interest_s"]
    whole = found["close_s"] + found["interest_s"]
    print(
        f"daily close of {ACCOUNTS:,} accounts: {found['close_s']:.1f} s trial balance, {found['interest_s']:.1f} s interest"
    )
    print(f"({rate:,.0f} accounts/s), {whole:.1f} s in all, limit {LIMIT_S:.0f} s; run again: {found['again_s']:.1f} s")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()

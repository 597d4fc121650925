"""Posting rows set by set: one statement writes thousands, keeps what was replaced, and says what was new.

All of it runs inside the caller's unit of work. A row that says nothing new changes nothing, so a file posted twice
leaves the same rows and no history.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection

from sscard.insurance.files.contribution import ContributionRow
from sscard.insurance.files.statement import StatementRow

if TYPE_CHECKING:  # it brings polars, which only the worker needs
    from sscard.insurance.files.check import Good

VALUES = (
    "base_fen", "employer_due_fen", "employer_paid_fen", "person_due_fen", "person_paid_fen", "to_account_fen",
    "settlement_month", "arrived_on", "posted",
)  # fmt: skip
KEY = ("person_id", "scheme", "code", "month", "employer")
_TYPES = {
    "person_id": "bigint", "scheme": "text", "code": "text", "month": "int", "employer": "text", "insurance": "text",
    "kind": "text", "settlement_month": "int", "arrived_on": "date", "posted": "boolean",
}  # fmt: skip
COLUMNS = (*KEY, "insurance", "kind", *VALUES)
MONEY_OF_YEAR = ("opening_fen", "principal_in_fen", "interest_in_fen", "paid_out_fen", "closing_fen")


@dataclass(frozen=True, slots=True)
class Posted:
    new: int
    changed: int
    same: int


def _list(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{name}" for name in names)


_INCOMING = f"""
    incoming as (
        select * from unnest({", ".join(f"%s::{_TYPES.get(name, 'bigint')}[]" for name in COLUMNS)})
            as t ({_list(COLUMNS)})
    )"""  # noqa: S608 - names are this module's constants

_POST = f"""
    with {_INCOMING},
    replaced as (
        insert into insurance_replacedcontribution
            (person_id, replaced_id, area_code, scheme, code, month, employer, before, replaced_by, replaced_at)
        select c.person_id, gen_random_uuid(), c.area_code, c.scheme, c.code, c.month, c.employer,
            to_jsonb(c) - 'area_code' - 'person_id', %s, %s
        from insurance_contribution c join incoming i using ({_list(KEY)})
        where ({_list(VALUES, "c.")}) is distinct from ({_list(VALUES, "i.")})
    ),
    written as (
        insert into insurance_contribution ({_list(COLUMNS)}, area_code, file_id, changed_at)
        select {_list(COLUMNS)}, %s, %s, %s from incoming
        on conflict ({_list(KEY)}) do update set
            {", ".join(f"{name} = excluded.{name}" for name in (*VALUES, "file_id", "changed_at"))}
        where ({_list(VALUES, "insurance_contribution.")}) is distinct from ({_list(VALUES, "excluded.")})
        returning (xmax = 0) as fresh
    )
    select count(*) filter (where fresh), count(*) filter (where not fresh) from written
"""  # noqa: S608 - names are this module's constants


def post_contributions(rows: Sequence[Good], *, area: str, file_id: uuid.UUID, now: datetime) -> Posted:
    """Write contributions; the personal accounts of the people concerned are counted anew."""
    unique: dict[tuple[object, ...], tuple[object, ...]] = {}
    names: dict[str, str] = {}
    for good in rows:
        row = good.row
        assert isinstance(row, ContributionRow)
        entry = row.entry
        key = (good.person_id, row.scheme, row.code, entry.month, entry.employer)
        values = tuple(getattr(entry, name) for name in VALUES)
        unique[key] = (*key, entry.insurance, entry.kind, *values)
        if entry.employer and row.employer_name:
            names[entry.employer] = row.employer_name
    if not unique:
        return Posted(0, 0, len(rows))
    columns = [list(column) for column in zip(*unique.values(), strict=True)]
    with connection.cursor() as cursor:
        _one_at_a_time(cursor, area)
        cursor.execute(_POST, [*columns, file_id, now, area, file_id, now])
        new, changed = cursor.fetchone()
        if names:
            cursor.execute(
                "insert into insurance_employer (area_code, code, name) select %s, *"
                " from unnest(%s::text[], %s::text[])"
                " on conflict (area_code, code) do update set name = excluded.name"
                " where insurance_employer.name <> excluded.name",
                [area, list(names), list(names.values())],
            )
        _count_accounts(cursor, sorted({good.person_id for good in rows}), area, now.date())
    return Posted(new, changed, len(rows) - new - changed)


_STATEMENTS = f"""
    with incoming as (
        select * from unnest(%s::bigint[], %s::text[], %s::int[], {", ".join("%s::bigint[]" for _ in MONEY_OF_YEAR)})
            as t (person_id, account, year, {_list(MONEY_OF_YEAR)})
    ),
    written as (
        insert into insurance_accounttotal
            (person_id, account, year, {_list(MONEY_OF_YEAR)}, area_code, source, as_of, file_id)
        select person_id, account, year, {_list(MONEY_OF_YEAR)}, %s, 'statement', %s, %s from incoming
        on conflict (person_id, account, year) do update set
            {", ".join(f"{name} = excluded.{name}" for name in (*MONEY_OF_YEAR, "source", "as_of", "file_id"))}
        where (insurance_accounttotal.source, {_list(MONEY_OF_YEAR, "insurance_accounttotal.")})
            is distinct from (excluded.source, {_list(MONEY_OF_YEAR, "excluded.")})
        returning (xmax = 0) as fresh
    )
    select count(*) filter (where fresh), count(*) filter (where not fresh) from written
"""  # noqa: S608


def post_statements(rows: Sequence[Good], *, area: str, file_id: uuid.UUID, now: datetime) -> Posted:
    """Write account statements; years after the latest one are counted on from its closing balance."""
    unique: dict[tuple[object, ...], tuple[object, ...]] = {}
    for good in rows:
        row = good.row
        assert isinstance(row, StatementRow)
        key = (good.person_id, row.account, row.year)
        unique[key] = (*key, *(getattr(row, name) for name in MONEY_OF_YEAR))
    if not unique:
        return Posted(0, 0, len(rows))
    columns = [list(column) for column in zip(*unique.values(), strict=True)]
    with connection.cursor() as cursor:
        _one_at_a_time(cursor, area)
        cursor.execute(_STATEMENTS, [*columns, area, now.date(), file_id])
        new, changed = cursor.fetchone()
        _count_accounts(cursor, sorted({good.person_id for good in rows}), area, now.date())
    return Posted(new, changed, len(rows) - new - changed)


def _one_at_a_time(cursor: object, area: str) -> None:
    """Two files of one area are posted one after the other, block by block."""
    cursor.execute("select pg_advisory_xact_lock(hashtext('insurance.post'), hashtext(%s))", [area])  # type: ignore[attr-defined]


_COUNT = """
    with stated as (
        select distinct on (person_id, account) person_id, account, year, closing_fen
        from insurance_accounttotal where person_id = any(%(people)s) and source = 'statement'
        order by person_id, account, year desc
    ),
    credited as (
        select c.person_id, c.insurance as account,
            (case when c.settlement_month > 0 then c.settlement_month else c.month end) / 100 as year,
            sum(c.to_account_fen)::bigint as principal
        from insurance_contribution c
        where c.person_id = any(%(people)s) and c.posted and c.to_account_fen > 0
            and c.insurance in ('pension', 'medical')
        group by 1, 2, 3
    ),
    counted as (
        select c.person_id, c.account, c.year, c.principal,
            (coalesce(s.closing_fen, 0) + sum(c.principal) over
                (partition by c.person_id, c.account order by c.year))::bigint as closing
        from credited c left join stated s using (person_id, account)
        where c.year > coalesce(s.year, 0)
    )
    insert into insurance_accounttotal
        (person_id, account, year, area_code, opening_fen, principal_in_fen, interest_in_fen, paid_out_fen, closing_fen,
         source, as_of)
    select person_id, account, year, %(area)s, closing - principal, principal, 0, 0, closing, 'contributions', %(on)s
    from counted
"""


def _count_accounts(cursor: object, people: list[int], area: str, on: date) -> None:
    """Count the accounts from what was credited after the last statement of each. Pension and medical never meet."""
    cursor.execute(  # type: ignore[attr-defined]
        "delete from insurance_accounttotal where person_id = any(%s) and source = 'contributions'", [people]
    )
    cursor.execute(_COUNT, {"people": people, "area": area, "on": on})  # type: ignore[attr-defined]

"""Posting rows of a charge list: new charges, and open ones that the levy states anew. What was paid stays as it was paid."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from sscard.insurance.files.charge import ChargeRow
from sscard.insurance.store import Posted

if TYPE_CHECKING:  # it brings polars, which only the worker needs
    from sscard.insurance.files.check import Good

_POST = """
    with incoming as (
        select * from unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::int[], %s::bigint[], %s::date[])
            as t (person_id, reference, insurance, first_month, last_month, amount_fen, due_on)
    ),
    written as (
        insert into insurance_charge (person_id, charge_id, area_code, reference, insurance, first_month, last_month,
            amount_fen, due_on, state, file_id, changed_at)
        select person_id, gen_random_uuid(), %s, reference, insurance, first_month, last_month, amount_fen, due_on,
            'open', %s, %s from incoming
        on conflict (person_id, reference) do update set
            insurance = excluded.insurance, first_month = excluded.first_month, last_month = excluded.last_month,
            amount_fen = excluded.amount_fen, due_on = excluded.due_on, file_id = excluded.file_id,
            changed_at = excluded.changed_at
        where insurance_charge.state = 'open' and
            (insurance_charge.insurance, insurance_charge.first_month, insurance_charge.last_month,
             insurance_charge.amount_fen, insurance_charge.due_on)
            is distinct from (excluded.insurance, excluded.first_month, excluded.last_month, excluded.amount_fen,
             excluded.due_on)
        returning (xmax = 0) as fresh
    )
    select count(*) filter (where fresh), count(*) filter (where not fresh) from written
"""


def post_charges(rows: Sequence[Good], *, area: str, file_id: uuid.UUID, now: datetime) -> Posted:
    """Write charges. One that is paid or withdrawn is not touched; it counts as unchanged."""
    unique: dict[tuple[int, str], tuple[object, ...]] = {}
    for good in rows:
        row = good.row
        assert isinstance(row, ChargeRow)
        unique[good.person_id, row.reference] = (
            good.person_id, row.reference, row.insurance, row.first_month, row.last_month, row.amount_fen, row.due_on,
        )  # fmt: skip
    if not unique:
        return Posted(0, 0, len(rows))
    columns = [list(column) for column in zip(*unique.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_POST, [*columns, area, file_id, now])
        new, changed = cursor.fetchone()
    return Posted(new, changed, len(rows) - new - changed)

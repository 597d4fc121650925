"""Inserting many rows at once: COPY into a temporary table, then one INSERT (COPY itself is refused under row-level
security). For some rows only, Django's own way is as good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, models
from psycopg.types.json import Jsonb

from sscard.kernel.sealed import Sealed, SealedField, seal_many

WORTH_COPYING: Final = 50


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model; values on sealed fields are sealed with one call for each field."""
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if field.column]
    for field in fields:
        if isinstance(field, SealedField):
            seal_many(rows, field.name)
    if len(rows) < WORTH_COPYING:
        model._default_manager.bulk_create(rows)
        return
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)
    plain = [(field.attname, isinstance(field, models.JSONField)) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f'create temp table if not exists "new_{table}" (like "{table}") on commit delete rows')
        with cursor.copy(f'copy "new_{table}" ({columns}) from stdin') as copy:
            for row in rows:
                copy.write_row([_value(getattr(row, name), json) for name, json in plain])
        cursor.execute(f'insert into "{table}" ({columns}) select {columns} from "new_{table}"')  # noqa: S608 - our names
        cursor.execute(f'delete from "new_{table}"')  # noqa: S608 - our names


def _value(value: Any, json: bool) -> Any:
    if isinstance(value, Sealed):
        return value.blob
    return Jsonb(value) if json else value

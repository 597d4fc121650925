"""Classes of tables, and the grants and row-level security that follow from them.

Each model says its class (`sscard_table`); `apply_rules` turns it into SQL after every migrate, as the owner. Nothing is
granted by hand, so a new table is either classed or unreachable.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import models


class Table(Enum):
    """PERSON: rows of one person, keyed by person_id first. LOOKUP: global uniqueness by blind index.
    REFERENCE: small code tables. LOCAL: an organisation's or the operation's own."""

    PERSON = "person"
    LOOKUP = "lookup"
    REFERENCE = "reference"
    LOCAL = "local"


APP, BANK, SEALER, REPORT, BACKUP = "sscard_app", "sscard_bank", "sscard_sealer", "sscard_report", "sscard_backup"


def house_models() -> list[type[models.Model]]:
    """All concrete models of our rooms."""
    return [m for m in apps.get_models() if m.__module__.startswith("sscard.") and m._meta.managed]


def column_names(model: type[models.Model]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if field.column]


def role_of(model: type[Any]) -> str:
    return BANK if getattr(model, "sscard_role", None) == "bank" else APP


def guard_of(model: type[Any]) -> str | None:
    """The column that row-level security compares: "book", "area_code" or none."""
    columns = column_names(model)
    if getattr(model, "sscard_open", False) or model.sscard_table in (Table.LOOKUP, Table.REFERENCE):
        return None
    if "book" in columns:
        return "book"
    return "area_code" if "area_code" in columns else None


def rules_sql(model: type[Any]) -> Iterator[str]:
    """Statements that give this table its grants and its policy; they can be run again."""
    table, role = model._meta.db_table, role_of(model)
    verbs = "select, insert" if getattr(model, "sscard_insert_only", False) else "select, insert, update, delete"
    yield f'revoke all on "{table}" from public, {APP}, {BANK}, {SEALER}, {REPORT}'
    yield f'grant {verbs} on "{table}" to {role}'
    yield f'grant select on "{table}" to {BACKUP}'
    for other, extra in getattr(model, "sscard_grants", {}).items():
        yield f'grant {extra} on "{table}" to {other}'
    yield f'drop policy if exists sscard_rows on "{table}"'
    if guard := guard_of(model):
        setting = "sscard.book" if guard == "book" else "sscard.area"
        test = f"{guard} = nullif(current_setting('{setting}', true), '')"
        yield f'alter table "{table}" enable row level security'
        yield f'alter table "{table}" force row level security'
        yield f'create policy sscard_rows on "{table}" using ({test}) with check ({test})'
    for name, policy in getattr(model, "sscard_policies", {}).items():
        yield f'alter table "{table}" enable row level security'
        yield f'alter table "{table}" force row level security'
        yield f'drop policy if exists {name} on "{table}"'
        yield f'create policy {name} on "{table}" {policy}'


def apply_rules(connection: Any) -> None:
    """Apply the rules of every model. The connection belongs to the owner role."""
    with connection.cursor() as cursor:
        cursor.execute(f"grant usage on schema public to {APP}, {BANK}, {SEALER}, {REPORT}, {BACKUP}")
        for model in house_models():
            for statement in rules_sql(model):
                cursor.execute(statement)
        ours = {model._meta.db_table for model in house_models()}
        for model in apps.get_models(include_auto_created=True):
            if model._meta.db_table not in ours and model._meta.managed:
                cursor.execute(f'grant select on "{model._meta.db_table}" to {APP}, {BACKUP}')
        cursor.execute(f'grant select on "django_migrations" to {APP}, {BACKUP}')

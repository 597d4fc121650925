"""What must hold before anything starts or lands: every act declares its right, clause and texts; every code that is raised
has its sentence and next step in both languages; every table is classed and obeys its class.

`python -m sscard.app.check` prints all that is wrong and ends with 1. `database_faults` looks at the real catalogue; a test
runs it on a migrated database.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sscard.kernel import words
from sscard.kernel.tables import Table, column_names, guard_of, house_models

SOURCE = Path(__file__).resolve().parent.parent


def act_faults() -> Iterator[str]:
    """Acts without a declared right, a known clause or their texts; rights without an act or role."""
    from sscard.control.acts_registry import acts
    from sscard.control.rights import declared
    from sscard.law.clauses import clauses

    rights = declared()
    for name, act in sorted(acts().items()):
        if act.right not in rights:
            yield f"act {name}: right {act.right} is declared by no room's rights.py"
        if act.approve_right not in rights:
            yield f"act {name}: approving right {act.approve_right} is declared by no room"
        if act.clause and act.clause not in clauses():
            yield f"act {name}: clause {act.clause} is not in the register"
        if not words.has("act", name):
            yield f"act {name}: no text [act.{name}] in words.toml"


def word_faults() -> Iterator[str]:
    """Entries without one of the languages, refusals without a next step, clauses that nobody registered."""
    from sscard.law.clauses import clauses

    for kind, shelf in words.catalogue().items():
        for code, entry in shelf.items():
            for lang in words.LANGUAGES:
                if not str(entry.get(lang, "")).strip():
                    yield f"words: {kind} {code} has no {lang}"
                if kind == "refusal" and not str(entry.get(f"next_{lang}", "")).strip():
                    yield f"words: refusal {code} has no next_{lang}"
            clause = entry.get("clause")
            if clause and clause not in clauses():
                yield f"words: {kind} {code} names clause {clause}, which is not in the register"


def raised_faults() -> Iterator[str]:
    """Codes that the source raises and the catalogue does not know."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            place = 0 if called in ("Refusal", "NumberFault") else 1 if called == "Fault" else None
            if place is None or len(node.args) <= place:
                continue
            given = node.args[place]
            code = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
            if "." in code and not words.has(("refusal", "fault"), code):
                yield f"{path.relative_to(SOURCE.parent)}:{node.lineno}: no text for {code}"


def table_faults() -> Iterator[str]:
    """Tables without a class, and tables that break the rules of theirs (design: data, for Citus)."""
    for model in house_models():
        name = model._meta.label
        kind = getattr(model, "sscard_table", None)
        if not isinstance(kind, Table):
            yield f"table {name}: sscard_table does not say its class"
            continue
        columns = column_names(model)
        if kind is Table.PERSON:
            yield from _person_faults(name, model, columns)
        elif kind is Table.LOCAL and not getattr(model, "sscard_open", False) and guard_of(model) is None:
            yield f"table {name}: LOCAL without area_code, book or sscard_open = True"


def _person_faults(name: str, model: Any, columns: list[str]) -> Iterator[str]:
    key = [field.column for field in model._meta.pk_fields]
    if not key or key[0] != "person_id":
        yield f"table {name}: person_id must come first in its primary key, which is {key}"
    if guard_of(model) is None:
        yield f"table {name}: a person's table needs area_code or book"
    for constraint in model._meta.total_unique_constraints:
        if constraint.fields[0] != "person_id":
            yield f"table {name}: unique constraint {constraint.name} must begin with person_id"
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key:
            yield f"table {name}: {field.name} is unique by itself; uniqueness lives in people.Lookup"
        if field.remote_field is not None and issubclass(field.remote_field.model, object):
            target = getattr(field.remote_field.model, "sscard_table", None)
            if target is Table.PERSON:
                yield f"table {name}: {field.name} refers to a person's table; use CompositeForeignKey"


def database_faults(cursor: Any) -> Iterator[str]:
    """The same, as the database itself tells: policies, grants, triggers."""
    cursor.execute(
        "select c.relname, c.relrowsecurity, c.relforcerowsecurity,"
        " (select count(*) from pg_policy p where p.polrelid = c.oid),"
        " (select count(*) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'"
    )
    seen = {row[0]: row[1:] for row in cursor.fetchall()}
    for model in house_models():
        table = model._meta.db_table
        enabled, forced, policies, triggers = seen[table]
        if (guard_of(model) or getattr(model, "sscard_policies", {})) and not (enabled and forced and policies):
            yield f"table {table}: row-level security is not enabled, forced and given a policy"
        if triggers and model.sscard_table is Table.PERSON:  # type: ignore[attr-defined]
            yield f"table {table}: a person's table has no triggers"
    cursor.execute("select relname from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace")
    for (view,) in cursor.fetchall():
        cursor.execute("select reloptions from pg_class where relname = %s", [view])
        if "security_invoker=true" not in (cursor.fetchone()[0] or []):
            yield f"view {view}: it must be a security_invoker view"


def faults() -> list[str]:
    return [*act_faults(), *word_faults(), *raised_faults(), *table_faults()]


def main() -> None:
    from sscard.cli.setup import configured

    configured()
    found = faults()
    for line in found:
        print(line)
    print(f"{len(found)} faults" if found else "Acts, words and tables are in order.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

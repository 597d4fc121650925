"""Migrations: as the owner, then the grants and row-level security that the tables' classes ask for."""

from __future__ import annotations

from typing import Any


def migrate(config: Any = None, *, urls: Any = None) -> None:
    """Bring the database to the newest schema. Works beside running processes; can be repeated."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from sscard.app.database import django_database

    if not settings.configured:
        import os

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sscard.app.settings")
    django.setup()
    where = urls or (config or settings.CONFIG).urls()
    connections.databases["owner"] = {**connections.databases["default"], **django_database(where.owner)}
    connections.settings["owner"] = connections.databases["owner"]
    try:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        from sscard.kernel.tables import apply_rules

        owner = connections["owner"]
        apply_rules(owner)
        jobs_schema(owner)
    finally:
        connections["owner"].close()
        del connections["owner"]  # another call may be for another database


def jobs_schema(connection: Any) -> None:
    """The app role's rights to the job queue (procrastinate's own tables, made by its migrations)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "do $$ declare t text; begin for t in select tablename from pg_tables where schemaname = 'public'"
            " and tablename like 'procrastinate%' loop execute format("
            "'grant select, insert, update, delete on %I to sscard_app', t); end loop; end $$"
        )
        cursor.execute("grant usage, select on all sequences in schema public to sscard_app, sscard_bank")

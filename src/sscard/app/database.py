"""The database's roles, URLs and safety, for the embedded PostgreSQL and for yours alike.

Roles: `sscard_owner` owns the tables and runs migrations; `sscard_app` is all that the product's processes sign in as
(row-level security holds for it); `sscard_report`, `sscard_sealer` and `sscard_backup` sign in for one purpose each;
`sscard_bank` never signs in: the app enters it with SET LOCAL ROLE inside a bank's act.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sscard.app.faults import OperatorFault
from sscard.app.secrets_kept import kept_secret, write_private

FLOOR = 15_00_00
CONNECT_TIMEOUT_S = 10
LOGIN_ROLES = ("sscard_owner", "sscard_app", "sscard_report", "sscard_sealer", "sscard_backup")
BANK_ROLE = "sscard_bank"


class DatabaseFault(OperatorFault):
    """The database can't be started or used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """One connection URL a role. `admin` may create databases and roles; it is empty for a server of yours."""

    app: str
    owner: str
    sealer: str
    report: str
    backup: str
    admin: str = ""

    def on(self, database: str) -> Urls:
        """The same roles on another database of the same server."""
        moved = {one.name: _on(getattr(self, one.name), database) for one in fields(self)}
        return Urls(**moved)

    def __repr__(self) -> str:  # passwords never reach a log
        return "Urls(…)"


def _on(url: str, database: str) -> str:
    if not url:
        return ""
    parts = conninfo_to_dict(url)
    parts["dbname"] = database
    return url_of(**parts)


def url_of(*, user: Any, password: Any, dbname: Any, host: Any = "", port: Any = "", **extra: Any) -> str:
    """A `postgresql://` URL; a host that is a folder (Unix socket) goes into the query, as libpq wants it."""
    query = {key: str(value) for key, value in extra.items()}
    socket = str(host).startswith("/")
    if socket:
        query |= {"host": str(host), "port": str(port)}
    place = "" if socket else f"{host}:{port}" if port else str(host)
    sign_in = f"{quote(str(user), safe='')}:{quote(str(password or ''), safe='')}"
    return f"postgresql://{sign_in}@{place}/{quote(str(dbname), safe='')}" + (f"?{urlencode(query)}" if query else "")


def django_database(url: str) -> dict[str, Any]:
    """The entry of Django's DATABASES for this URL."""
    parts = conninfo_to_dict(url)
    known = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    entry: dict[str, Any] = {key: str(parts.pop(name, "") or "") for key, name in known.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {"connect_timeout": CONNECT_TIMEOUT_S, **parts},
        **entry,
    }


def point_django_at(url: str, alias: str = "default") -> None:
    """Make this process's Django connection of that alias use the URL from now on, in every thread to come."""
    from django.db import connections

    connections[alias].close()
    connections.databases[alias].update(django_database(url))
    connections[alias].settings_dict.update(django_database(url))


# -- where the URLs come from ------------------------------------------------------------------------------------------
def embedded_urls(home: Path, database: str) -> Urls:
    """What the launcher wrote at its last start; before its first start a place where nobody answers."""
    kept = home / "database.json"
    if kept.is_file():
        return Urls(**json.loads(kept.read_text(encoding="utf-8"))).on(database)
    nowhere = url_of(user="sscard_app", password="", dbname=database, host="127.0.0.1", port=1)
    return Urls(app=nowhere, owner=nowhere, sealer=nowhere, report=nowhere, backup=nowhere)


def keep_urls(home: Path, urls: Urls) -> None:
    write_private(home / "database.json", json.dumps(asdict(urls)))


def role_urls(home: Path, *, dbname: str, **place: Any) -> Urls:
    """URLs with this home's own passwords, one secret a role."""
    made = {
        role.removeprefix("sscard_"): url_of(user=role, password=kept_secret(home, role), dbname=dbname, **place)
        for role in (*LOGIN_ROLES, "sscard_admin")
    }
    return Urls(**made)


def external_urls(home: Path, app: str, owner: str) -> Urls:
    """A server of yours: app and owner as given, the narrow roles with passwords that this home keeps."""
    parts: dict[str, Any] = dict(conninfo_to_dict(owner))
    del parts["user"], parts["password"]
    return replace(role_urls(home, **parts), app=app, owner=owner, admin="")


# -- roles and databases ----------------------------------------------------------------------------------------------
def ensure_roles(admin_url: str, urls: Urls, *, owner_too: bool) -> None:
    """Create what is missing. The admin of the embedded server also sets the passwords anew, so that they always fit.

    Raises DatabaseFault with the SQL to run when the one who signs in may not create roles.
    """
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        version = connection.info.server_version
        there = {row[0] for row in connection.execute("select rolname from pg_roles where rolname like 'sscard%'")}
        wanted = [role for role in LOGIN_ROLES if owner_too or role != "sscard_owner"]
        statements: list[sql.Composable] = [
            _role_sql(role, urls, exists=role in there) for role in wanted if owner_too or role not in there
        ]
        if BANK_ROLE not in there:
            statements.append(sql.SQL("create role sscard_bank nologin"))
        if not _may_enter_bank(connection, there):
            options = " with inherit false, set true" if version >= 16_00_00 else ""
            statements.append(sql.SQL("grant sscard_bank to sscard_app" + options))
        try:
            for statement in statements:
                connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            to_run = ";\n".join(_without_password(one.as_string(connection)) for one in statements)
            raise DatabaseFault("database.roles_missing", sql=f"{to_run};") from error


def _role_sql(role: str, urls: Urls, *, exists: bool) -> sql.Composed:
    # NOINHERIT: the rights of the bank's role are there only after SET ROLE, on PostgreSQL 15 too.
    password = conninfo_to_dict(getattr(urls, role.removeprefix("sscard_"))).get("password", "")
    verb = "alter" if exists else "create"
    return sql.SQL(
        verb + " role {} login nosuperuser nocreatedb nocreaterole nobypassrls noinherit password {}"
    ).format(sql.Identifier(role), sql.Literal(str(password)))


def _without_password(statement: str) -> str:
    return re.sub(r"password '.*'", "password '…'", statement)


def _may_enter_bank(connection: psycopg.Connection[Any], there: set[str]) -> bool:
    if not {BANK_ROLE, "sscard_app"} <= there:
        return False
    row = connection.execute("select pg_has_role('sscard_app', 'sscard_bank', 'member')").fetchone()
    return bool(row and row[0])


def create_database(admin_url: str, name: str, *, template: str | None = None, owner: str = "sscard_owner") -> None:
    """Create a database that only our roles may enter. A template must have no sessions at that moment; its files are
    copied as they are, which is quicker than by way of the log (PostgreSQL 15 on)."""
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        source = sql.SQL("{} strategy file_copy").format(sql.Identifier(template)) if template else sql.SQL("template0")
        connection.execute(
            sql.SQL("create database {} owner {} template {}").format(
                sql.Identifier(name), sql.Identifier(owner), source
            )
        )
        connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
        for role in LOGIN_ROLES:
            connection.execute(
                sql.SQL("grant connect, temporary on database {} to {}").format(
                    sql.Identifier(name), sql.Identifier(role)
                )
            )


def drop_database(admin_url: str, name: str) -> None:
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def has_database(admin_url: str, name: str) -> bool:
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        return connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


# -- what must be true of any server ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Unsafe:
    """One thing about the server that must not be so. `code` has its words; `fatal` forbids starting."""

    code: str
    value: str
    fatal: bool


def unsafe_settings(app_url: str, *, production: bool) -> list[Unsafe]:
    """All that makes this server unsafe, seen by the role that the product signs in as."""
    found: list[Unsafe] = []
    with psycopg.connect(app_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        if connection.info.server_version < FLOOR:
            found.append(Unsafe("version", str(connection.info.server_version // 10000), fatal=True))
        rows = connection.execute(
            "select name, setting from pg_settings where name in "
            "('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding')"
        )
        settings = {str(name): str(value) for name, value in rows}
        allowed = {
            "fsync": {"on"},
            "full_page_writes": {"on"},
            "synchronous_commit": {"on", "remote_apply", "remote_write"},
            "server_encoding": {"UTF8"},
            "data_checksums": {"on"},
        }
        for name, good in allowed.items():
            if settings.get(name) not in good:
                fatal = production or name != "data_checksums"
                found.append(Unsafe(name, settings.get(name, "?"), fatal=fatal))
        powers = connection.execute(
            "select rolsuper, rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
        if powers and any(powers):
            found.append(Unsafe("app_is_powerful", "superuser" if powers[0] else "bypassrls", fatal=True))
        if not _may_enter_bank(connection, {BANK_ROLE, "sscard_app"}):
            found.append(Unsafe("bank_role", BANK_ROLE, fatal=True))
    return found


def conninfo(url: str, **more: Any) -> str:
    """libpq's own form of the URL, for programs such as psql and pg_dump."""
    return make_conninfo(url, **more)

"""Where a secret in clear would be found: every file of the house, the producer and the desk."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg


def forms(secrets: Iterable[bytes]) -> set[bytes]:
    """As they are, in hex (both cases), in base 64."""
    return {form for one in secrets
            for form in (one, one.hex().encode(), one.hex().upper().encode(), base64.b64encode(one))}  # fmt: skip


def everything(folder: Path, parts: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Files of plant and desk, packages, the key service's store and logs, and the parts of a package."""
    yield from parts.items()
    home = Path(os.environ["SSCARD_HOME"])
    logs = [one for one in (home / "log", home / "keys") if one.is_dir()]
    for place in (folder, home / "packages", *logs):
        for path in place.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()


def rows_of(house: Any) -> Iterator[tuple[str, bytes]]:
    """Every row of every table as text, read by the superuser; bytes stand there in hex."""
    with psycopg.connect(house.urls.admin) as connection:
        tables = connection.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            for (row,) in connection.execute(f"select t::text from {table} t"):
                yield f"table {table}", row.encode()


def found_in_clear(
    secrets: Iterable[bytes], folder: Path, parts: Mapping[str, bytes], house: Any = None
) -> tuple[int, list[str]]:
    """How many files (and rows) were searched, and those in which a secret stands."""
    wanted, searched, bad = forms(secrets), 0, []
    for name, content in (*everything(folder, parts), *(rows_of(house) if house else ())):
        searched += 1
        if any(form in content for form in wanted):
            bad.append(name)
    return searched, bad

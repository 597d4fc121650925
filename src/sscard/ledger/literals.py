"""Array literals of PostgreSQL for the columns of a batch.

The driver's own list adaptation looks at each element for itself and took a third of a lane's time; a column has one type,
so a join does it. Every value is written in a form that cannot contain a delimiter, or is quoted and escaped.
Whole columns of one value, or of none, and texts without anything to escape are common and have a short way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime


def plain(values: Iterable[int | bool | None]) -> str:
    """Numbers.

    >>> plain([1, None, -3])
    '{1,NULL,-3}'
    """
    return "{" + ",".join(["NULL" if one is None else f"{one:d}" for one in values]) + "}"


def ids(values: Iterable[uuid.UUID | None]) -> str:
    """UUIDs, in the short form that PostgreSQL reads as well."""
    return "{" + ",".join(["NULL" if one is None else one.hex for one in values]) + "}"


def times(values: Iterable[date | datetime | None]) -> str:
    """Dates, or moments with their zone. Most of a batch are of one day, so each is written out once."""
    said: dict[date | datetime | None, str] = {None: "NULL"}
    return "{" + ",".join([said.get(one) or said.setdefault(one, f'"{one}"') for one in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    r"""Any text, quoted.

    >>> texts(['a', 'NULL', None, 'say "a\\b", {x}'])
    '{"a","NULL",NULL,"say \\"a\\\\b\\", {x}"}'
    """
    column = list(values)
    if column and None not in column:
        joined = '","'.join(column)  # type: ignore[arg-type]
        if "\\" not in joined and joined.count('"') == 2 * (len(column) - 1):
            return '{"' + joined + '"}'
    return "{" + ",".join(["NULL" if one is None else '"' + _escaped(one) + '"' for one in column]) + "}"


def octets(values: Iterable[bytes | None]) -> str:
    r"""Bytes.

    >>> octets([b'\x01\xff', None])
    '{"\\\\x01ff",NULL}'
    """
    return "{" + ",".join(["NULL" if one is None else '"\\\\x' + one.hex() + '"' for one in values]) + "}"


def _escaped(text: str) -> str:
    if "\\" in text or '"' in text:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text

"""Array literals of PostgreSQL for the columns of a batch.

The driver's own list adaptation looks at each element for itself and took a third of a lane's time; a column has one type,
so a join does it. Every value is written in a form that cannot contain a delimiter, or is quoted and escaped.
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
    return "{" + ",".join(["NULL" if one is None else str(int(one)) for one in values]) + "}"


def ids(values: Iterable[uuid.UUID | None]) -> str:
    """UUIDs, in the short form that PostgreSQL reads as well."""
    return "{" + ",".join(["NULL" if one is None else one.hex for one in values]) + "}"


def times(values: Iterable[date | datetime | None]) -> str:
    """Dates, or moments with their zone."""
    return "{" + ",".join(["NULL" if one is None else f'"{one.isoformat()}"' for one in values]) + "}"


def texts(values: Iterable[str | None]) -> str:
    r"""Any text, quoted.

    >>> texts(['a', 'NULL', None, 'say "a\\b", {x}'])
    '{"a","NULL",NULL,"say \\"a\\\\b\\", {x}"}'
    """
    return "{" + ",".join(["NULL" if one is None else '"' + _escaped(one) + '"' for one in values]) + "}"


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

"""Real tables for data: sorted, filtered and paged by the address, so that a view of it can be sent to a colleague.

A view whose rows come from the database reads `Asked.of(request, …)`, queries one page and builds `Table`. A view with
few rows in hand calls `table_of`, which sorts, filters and cuts them itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, QueryDict

PER_PAGE = 50
PAGE_MAX = 100_000
FILTER_MAX = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `kind`: text, number (right-aligned), money (fen), day, moment, code (fixed width), state."""

    key: str
    label: str
    kind: str = "text"
    sortable: bool = True

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "money")


@dataclass(frozen=True, slots=True)
class Row:
    """Values by column key; `url` makes the first cell a link; `tone` marks the row."""

    values: dict[str, Any]
    url: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a table; anything odd in it falls back to the defaults."""

    query: QueryDict
    path: str
    prefix: str = ""
    sort: str = ""
    descending: bool = False
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, request: HttpRequest, columns: Sequence[Column], *, sort: str = "", prefix: str = "") -> Asked:
        """`sort` is the default, with a leading minus for descending; `prefix` keeps two tables of a page apart."""
        asked = request.GET.get(f"{prefix}sort", "")
        if asked.removeprefix("-") not in {column.key for column in columns if column.sortable}:
            asked = sort
        page = request.GET.get(f"{prefix}page", "1")
        return cls(
            query=request.GET,
            path=request.path,
            prefix=prefix,
            sort=asked.removeprefix("-"),
            descending=asked.startswith("-"),
            text=request.GET.get(f"{prefix}q", "").strip()[:FILTER_MAX],
            page=min(max(int(page), 1), PAGE_MAX) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )

    def address(self, **changes: str) -> str:
        """This address with some of the table's own parameters changed; an empty value takes one off."""
        query = self.query.copy()
        for name, value in changes.items():
            query.pop(self.prefix + name, None)
            if value:
                query[self.prefix + name] = value
        return f"?{query.urlencode()}" if query else self.path

    def others(self) -> list[tuple[str, str]]:
        """Parameters that a filter form must carry along."""
        own = {self.prefix + "q", self.prefix + "page"}
        return [(name, value) for name, values in self.query.lists() if name not in own for value in values]


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows and what stands around them. `empty_text` says what to do when there is nothing."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    asked: Asked
    total: int
    per_page: int = PER_PAGE
    empty_text: str = ""
    empty_url: str = ""
    empty_label: str = ""
    export_url: str = ""
    filterable: bool = True
    filter_hint: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def page(self) -> int:
        return min(self.asked.page, self.pages)

    @property
    def first(self) -> int:
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.per_page, self.total)

    @property
    def filter_name(self) -> str:
        return f"{self.asked.prefix}q"

    @property
    def previous_url(self) -> str:
        return self.asked.address(page=str(self.page - 1)) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return self.asked.address(page=str(self.page + 1)) if self.page < self.pages else ""

    @property
    def unfiltered_url(self) -> str:
        return self.asked.address(q="", page="")

    def heads(self) -> list[dict[str, Any]]:
        """Column heads with the state and the address of their sorting."""
        heads = []
        for column in self.columns:
            here = column.key == self.asked.sort
            state = ("descending" if self.asked.descending else "ascending") if here else "none"
            turned = f"-{column.key}" if state == "ascending" else column.key
            url = self.asked.address(sort=turned, page="") if column.sortable else ""
            heads.append({"column": column, "state": state, "url": url})
        return heads

    def lines(self) -> list[dict[str, Any]]:
        return [
            {"row": row, "cells": [(column, row.values.get(column.key, "")) for column in self.columns]}
            for row in self.rows
        ]


def table_of(
    request: HttpRequest,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    sort: str = "",
    prefix: str = "",
    per_page: int = PER_PAGE,
    **around: Any,
) -> Table:
    """A table of rows that are all in hand (hundreds, not more): filtered, sorted and cut here."""
    asked = Asked.of(request, columns, sort=sort, prefix=prefix)
    found = [row for row in rows if _holds(row, asked.text)]
    if asked.sort:
        found.sort(key=lambda row: _order(row.values.get(asked.sort)), reverse=asked.descending)
    page = min(asked.page, max(1, -(-len(found) // per_page)))
    cut = tuple(found[(page - 1) * per_page : page * per_page])
    return Table(caption, tuple(columns), cut, asked, len(found), per_page, **around)


def _holds(row: Row, text: str) -> bool:
    return not text or any(text.casefold() in str(value).casefold() for value in row.values.values())


def _order(value: Any) -> tuple[int, Any]:
    """Nothing first, then numbers, then days, then texts: mixed columns sort without an error."""
    if value is None or value == "":
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    if isinstance(value, date | datetime):
        return (2, value.isoformat())
    return (3, str(value))

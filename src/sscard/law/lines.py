"""Finds the line on which a key of a TOML file stands, so that a fault can say where to look.

It reads only the shape that area packs use (tables, arrays of tables, one key a line, arrays of inline tables one a
line); the values come from `tomllib`. What it can't place gets the line of the nearest table or key above it.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\"]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-\"]+)\s*=\s*(.*)$")
_ROW = re.compile(r"^\s*\{")
_END = re.compile(r"^\s*\]")

Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """{path: line number from 1} of every table, key and row of an array."""
    found: dict[Path, int] = {}
    rows_so_far: dict[Path, int] = {}
    table: Path = ()
    open_array: Path | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if open_array is not None:
            if _END.match(line):
                open_array = None
            elif _ROW.match(line):
                _next_row(found, rows_so_far, open_array, number)
        elif header := _HEADER.match(line):
            table = _table(found, rows_so_far, header.group(2), header.group(1) == "[[", number)
        elif key := _KEY.match(line):
            path = (*table, *_names(key.group(1)))
            found.setdefault(path, number)
            value = key.group(2).split("#")[0].strip()
            if value.startswith("["):
                if value.startswith(("[{", "[ {")):
                    _next_row(found, rows_so_far, path, number)
                if not value.endswith("]"):
                    open_array = path
    return found


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a path, or of the nearest thing that holds it."""
    for end in range(len(path), 0, -1):
        if line := lines.get(path[:end]):
            return line
    return None


def spell(path: Path) -> str:
    """A path as people write it: temp_loss_days[1].value."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _names(dotted: str) -> Path:
    return tuple(name.strip('"') for name in dotted.split("."))


def _next_row(found: dict[Path, int], rows_so_far: dict[Path, int], array: Path, number: int) -> Path:
    index = rows_so_far.get(array, 0)
    rows_so_far[array] = index + 1
    found[(*array, index)] = number
    return (*array, index)


def _table(found: dict[Path, int], rows_so_far: dict[Path, int], dotted: str, is_row: bool, number: int) -> Path:
    """The path of a header; names that are arrays of tables mean their latest row."""
    path: Path = ()
    names = _names(dotted)
    for depth, name in enumerate(names):
        path = (*path, name)
        last = depth == len(names) - 1
        if last and is_row:
            found.setdefault(path, number)
            return _next_row(found, rows_so_far, path, number)
        if not last and path in rows_so_far:
            path = (*path, rows_so_far[path] - 1)
    found.setdefault(path, number)
    return path

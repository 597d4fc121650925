"""Bounds on uploaded rosters, in one place (security.md T25)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, rows and counts beyond which a file is refused before it costs anything."""

    csv_bytes: int = 1_000_000_000
    csv_rows: int = 5_000_000
    block_bytes: int = 3 * 2**20
    record_bytes: int = 512 * 2**10
    header_rows: int = 10
    columns: int = 60
    xlsx_bytes: int = 60_000_000
    xlsx_rows: int = 200_000
    xlsx_entries: int = 300
    xlsx_unzipped_bytes: int = 700_000_000
    xlsx_ratio: int = 100
    xlsx_ratio_from_bytes: int = 10_000_000
    """Below this unzipped size the ratio is not looked at: small files of one repeated cell are innocent."""
    xlsx_seconds: int = 180


LIMITS = Limits()

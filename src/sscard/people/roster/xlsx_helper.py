"""The helper process of `xlsx.py`: reads one sheet under limits and writes it as CSV.

Started by file, without the rest of the house: `python xlsx_helper.py book.xlsx sheet.csv MOST_ROWS MEMORY_BYTES`.
Exit 0: written. Exit 3: one line of JSON on standard output tells why not. Any other end: out of memory or time.
"""

import csv
import datetime
import json
import resource
import sys
from pathlib import Path

CPU_SECONDS = 150
EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number; larger ones have lost their end."""


def text(value: object) -> str:
    """A cell as text. A long number goes out in powers of ten, so that the rules see that its end is lost."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        if abs(value) >= EXACT:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d") if value.time() == datetime.time() else value.isoformat(" ")
    return "" if value is None else str(value)


def main(book: str, target: str, most_rows: int, memory: int) -> int:
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        # A stricter limit that is already set stays.
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_path(book) as workbook:
        sheets = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        if not sheets:
            return tell({"code": "people.xlsx_broken"})
        sheet = workbook.get_sheet_by_name(sheets[0])
        if sheet.total_height > most_rows + 1:
            return tell({"code": "people.xlsx_too_long", "rows": sheet.total_height - 1})
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            # Starts at A1 whatever is empty above, so that a row keeps the number its owner sees.
            writer.writerows(map(text, row) for row in sheet.iter_rows())
    return 0


def tell(reason: dict[str, object]) -> int:
    sys.stdout.write(json.dumps(reason))
    return 3


if __name__ == "__main__":
    try:
        code = main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    except MemoryError:
        code = 4
    except Exception as error:
        # Whatever the parser says of a broken book; its text may quote the book, so it is not told.
        code = tell({"code": "people.xlsx_broken", "kind": type(error).__name__})
    sys.exit(code)

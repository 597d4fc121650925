"""T25: hostile uploads. A roster that is a bomb, a trap or no roster is refused before it costs anything.

Each file is opened in a process of its own, so that memory and time are those of this one file.
"""

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from sscard.people.roster.columns import COLUMNS

MOST_MEMORY = 200 * 2**20
MOST_SECONDS = 30  # of processor time; only to end a runaway, no test asserts a duration
OPEN = """
import json, sys
from datetime import date
from pathlib import Path
from sscard.kernel.refusals import Refusal
from sscard.people.roster.pipeline import dry_run
from sscard.people.roster.rules import RosterValues
try:
    summary = dry_run(Path(sys.argv[1]), on=date(2026, 11, 21), values=RosterValues())
    told = {"rows": summary.rows, "good": summary.good}
except Refusal as refusal:
    told = {"code": refusal.code, "reason": refusal.facts.get("reason", ""), "next": refusal.next_step("zh")}
# Not getrusage: its peak starts with that of the process that we were forked from.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(json.dumps({**told, "memory": int(peak.split()[1]) * 1024}))
"""
HEADS = [column.zh for column in COLUMNS]


def opened(path: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS)),
    )
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout))


def book(path: Path) -> Path:
    """An honest workbook with a heading row and one row."""
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet().write_row(0, 0, HEADS)
    return path


def changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The honest workbook with one part of it changed."""
    honest = book(path.with_name("honest.xlsx"))
    with zipfile.ZipFile(honest) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            after.writestr(entry.filename, change(data) if entry.filename == part else data)
    return path


def added(path: Path, name: str, data: bytes) -> Path:
    book(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, data)
    return path


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def _rows(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"</sheetData>", xml + b"</sheetData>")


def far_corner(path: Path) -> Path:
    return changed(path, SHEET, _rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def far_corner_lower_case(path: Path) -> Path:
    return changed(path, SHEET, _rows(b"<row r='9'><c\n r = 'xfd9'><v>1</v></c></row>"))


def far_row(path: Path) -> Path:
    return changed(path, SHEET, _rows(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))


def corner_in_utf16(path: Path) -> Path:
    def change(data: bytes) -> bytes:
        text = _rows(b'<row r="9"><c r="XFD1048576"><v>1</v></c></row>')(data).decode()
        return text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")

    return changed(path, SHEET, change)


def entities(path: Path) -> Path:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE sst [<!ENTITY l0 "ha">{laughs}]><sst>&l11;</sst>'
    return changed(path, STRINGS, lambda _: bomb.encode())


def outer_entity(path: Path) -> Path:
    xxe = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>'
    return changed(path, STRINGS, lambda _: xxe)


def zip_bomb(path: Path) -> Path:
    return added(path, "xl/media/image.bin", bytes(400_000_000))


def lying_bomb(path: Path) -> Path:
    """The directory says ten bytes; the part unfolds to three hundred million."""
    changed(path, SHEET, lambda data: data + b" " * 300_000_000)
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x01\x02", 0, raw.rfind(SHEET.encode()))
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(raw)
    return path


def many_entries(path: Path) -> Path:
    book(path)
    with zipfile.ZipFile(path, "a") as file:
        for index in range(5_000):
            file.writestr(f"x/{index}.xml", b"")
    return path


def strings_a_million_times(path: Path) -> Path:
    """One long shared string that two million cells point at."""
    cells = b"".join(
        b'<c r="%s2" t="s"><v>0</v></c>' % letter for letter in (b"A", b"B", b"C", b"D", b"E", b"F", b"G", b"H")
    )
    rows = b"".join(b'<row r="%d">%s</row>' % (row, cells.replace(b'2"', b'%d"' % row)) for row in range(2, 30_000))
    changed(path, SHEET, _rows(rows))
    with zipfile.ZipFile(path) as file:
        parts = {entry.filename: file.read(entry) for entry in file.infolist()}
    parts[STRINGS] = parts[STRINGS].replace(b"<si><t>", b"<si><t>" + b"A" * 100_000, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def cut_short(path: Path) -> Path:
    book(path)
    path.write_bytes(path.read_bytes()[:-300])
    return path


def only_the_magic(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    return path


def unclosed_quote(path: Path) -> Path:
    path.write_text(",".join(HEADS) + '\n"' + "甲,\n" * 4_000_000)
    return path


def one_endless_line(path: Path) -> Path:
    path.write_text(",".join(HEADS) + "\n" + "A" * 60_000_000)
    return path


def endless_heading(path: Path) -> Path:
    path.write_text("姓名,性别,民族," * 5_000_000)
    return path


def nul_bytes(path: Path) -> Path:
    path.write_bytes(",".join(HEADS).encode() + b"\n" + bytes(50_000_000))
    return path


CORPUS: list[tuple[Callable[[Path], Path], set[str]]] = [
    (far_corner, {"people.xlsx_too_long"}),
    (far_corner_lower_case, {"people.roster_too_wide"}),
    (far_row, {"people.xlsx_too_long"}),
    (corner_in_utf16, {"people.xlsx_hostile"}),
    (entities, {"people.xlsx_hostile"}),
    (outer_entity, {"people.xlsx_hostile"}),
    (zip_bomb, {"people.xlsx_hostile"}),
    (lying_bomb, {"people.xlsx_hostile", "people.xlsx_broken"}),
    (many_entries, {"people.xlsx_hostile"}),
    (strings_a_million_times, {"people.xlsx_too_heavy", "people.xlsx_hostile"}),
    (cut_short, {"people.xlsx_broken"}),
    (only_the_magic, {"people.xlsx_broken"}),
    (lambda path: added(path, "xl/vbaProject.bin", b"x"), {"people.xlsx_macros"}),
    (lambda path: added(path, "../../etc/cron.d/x", b"x"), {"people.xlsx_hostile"}),
    (lambda path: added(path, "/etc/passwd", b"x"), {"people.xlsx_hostile"}),
    (lambda path: added(path, "xl\\..\\..\\x", b"x"), {"people.xlsx_hostile"}),
    (unclosed_quote, {"people.roster_open_quote"}),
    (one_endless_line, {"people.roster_open_quote"}),
    (endless_heading, {"people.roster_too_wide", "people.roster_no_header", "people.roster_columns"}),
    (nul_bytes, {"people.not_text"}),
]


@pytest.mark.parametrize("make, codes", CORPUS, ids=lambda value: getattr(value, "__name__", ""))
def test_hostile_files_are_refused_in_little_memory(
    tmp_path: Path, make: Callable[[Path], Path], codes: set[str]
) -> None:
    told = opened(make(tmp_path / "upload.bin"))
    assert told.get("code") in codes, told
    assert told["next"]
    assert int(str(told["memory"])) < MOST_MEMORY, told


def test_the_honest_workbook_is_taken(tmp_path: Path) -> None:
    assert opened(book(tmp_path / "upload.bin"))["rows"] == 0


def test_no_temporary_folder_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    opened(book(tmp_path / "upload.bin"))
    opened(cut_short(tmp_path / "broken.bin"))
    assert list((tmp_path / "tmp").iterdir()) == []

"""Everything that can be wrong with an area's folder is told, with file, line, key and a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from law_pack_making import codes_of, copy_area, edit
from sscard.kernel import words
from sscard.law.check import check_folder
from sscard.law.load import MAX_FILE_BYTES

TEMP = 'temp_loss_days = [{ from = 2020-01-01, value = 7, source = "演示地区管理细则 demo rules of 990100" }]'


def rows(*texts: str) -> str:
    return "temp_loss_days = [\n" + "".join(f"  {{ {text} }},\n" for text in texts) + "]"


FIRST = 'from = 2020-01-01, value = 7, source = "x"'

EARLIER_END = """number = "D"
source = "x"
[[approval]]
from = 2019-01-01
state = "ended"
"""

# (what is spoiled, file, old, new, code, part of the place)
FAULTS = [
    ("unknown key", "area.toml", "sandbox = true", "sandbox = true\ncolour = 1", "unknown_key", "area.toml:15 colour"),
    (
        "misspelt parameter",
        "parameters.toml",
        "renew_before_days",
        "renew_befor_days",
        "unknown_key_near",
        "renew_befor",
    ),
    ("unknown key of a row", "parameters.toml", TEMP, rows(FIRST + ", unit = 1"), "unknown_key", "[0].unit"),
    ("missing key", "area.toml", 'issuer_id = "9901000001"\n', "", "missing", "area.toml issuer_id"),
    (
        "no source",
        "parameters.toml",
        TEMP,
        rows("from = 2020-01-01, value = 7"),
        "source_missing",
        ":6 temp_loss_days[0]",
    ),
    (
        "empty source",
        "parameters.toml",
        TEMP,
        rows('from = 2020-01-01, value = 7, source = " "'),
        "source_missing",
        "[0].source",
    ),
    (
        "number as text",
        "parameters.toml",
        TEMP,
        rows('from = 2020-01-01, value = "7", source = "x"'),
        "not_int",
        "[0].value",
    ),
    ("truth as number", "area.toml", "sandbox = true", "sandbox = 1", "not_bool", "sandbox"),
    ("text as number", "area.toml", 'code = "990100"', "code = 990100", "not_text", "area.toml:4 code"),
    ("value without list", "parameters.toml", TEMP, "temp_loss_days = 7", "not_list", "temp_loss_days"),
    (
        "date as text",
        "parameters.toml",
        TEMP,
        rows('from = "2020-01-01", value = 7, source = "x"'),
        "date_as_text",
        "[0].from",
    ),
    ("date as word", "parameters.toml", TEMP, rows('from = "now", value = 7, source = "x"'), "not_date", "[0].from"),
    (
        "too small",
        "parameters.toml",
        TEMP,
        rows('from = 2020-01-01, value = 0, source = "x"'),
        "greater_than_equal",
        "value",
    ),
    (
        "too large",
        "parameters.toml",
        TEMP,
        rows('from = 2020-01-01, value = 16, source = "x"'),
        "less_than_equal",
        "value",
    ),
    ("not a choice", "area.toml", '"prefecture"', '"city"', "not_a_choice", "level"),
    (
        "first issue costs",
        "parameters.toml",
        'value = 0, source = "首次',
        'value = 5, source = "首次',
        "not_a_choice",
        "first_fee_fen",
    ),
    ("wrong form", "area.toml", 'letter = "Y"', 'letter = "y"', "form", "card_number_letter"),
    (
        "rate as number",
        "insurance.toml",
        'employer = "16"',
        "employer = 16",
        "not_percent",
        "pension.rates[0].employer",
    ),
    ("rate above all", "insurance.toml", 'employer = "16"', 'employer = "160"', "less_than_equal", "pension.rates[0]"),
    ("same start", "parameters.toml", TEMP, rows(FIRST, FIRST), "same_start", ":7 temp_loss_days[1].from"),
    ("wrong order", "parameters.toml", TEMP, rows(FIRST.replace("2020", "2024"), FIRST), "order", "[1].from"),
    (
        "overlap",
        "parameters.toml",
        TEMP,
        rows(FIRST + ", until = 2024-06-30", FIRST.replace("2020-01-01", "2024-06-30")),
        "overlap",
        "[1].from",
    ),
    (
        "gap between",
        "parameters.toml",
        TEMP,
        rows(FIRST + ", until = 2024-06-29", FIRST.replace("2020-01-01", "2024-07-01")),
        "gap",
        "[1].from",
    ),
    ("gap before", "parameters.toml", TEMP, rows(FIRST.replace("2020-01-01", "2020-02-01")), "gap", "[0].from"),
    ("gap after", "parameters.toml", TEMP, rows(FIRST + ", until = 2030-12-31"), "gap_after", "[0].until"),
    (
        "ends before it starts",
        "parameters.toml",
        TEMP,
        rows(FIRST + ", until = 2019-12-31", FIRST.replace("2020", "2021")),
        "ends_before_start",
        "[0].until",
    ),
    (
        "month and day",
        "parameters.toml",
        TEMP,
        rows(FIRST, FIRST.replace("2020-01-01", "2024-01-07")),
        "day_month",
        "[1].from",
    ),
    (
        "month and day, by order",
        "parameters.toml",
        TEMP,
        rows(FIRST, FIRST.replace("2020-01-01", "2024-03-05"), FIRST.replace("2020-01-01", "2024-02-04")),
        "day_month",
        "[2]",
    ),
    ("level", "area.toml", '"prefecture"', '"province"', "level", "area.toml:7 level"),
    ("a real district", "area.toml", '"090101"', '"110101"', "demo_district", "demo_districts[0]"),
    ("a real hotline", "area.toml", '"990-100-12333"', '"010-12333"', "demo_number", "hotline"),
    ("a real BIN", "banks.toml", '"921701"', '"621700"', "demo_number", "bank[0].bin"),
    ("BIN of another", "banks.toml", '"921702"', '"921701"', "bin_taken", "bank[1].bin"),
    ("branch of no bank", "outlets.toml", 'bank = "BOCOM"', 'bank = "ABC"', "bank_unknown", "bank[3].bank"),
    ("outlet twice", "outlets.toml", '"990100-B02"', '"990100-B01"', "twice", "bureau[1].code"),
    (
        "floor above ceiling",
        "insurance.toml",
        'from = 2020-01-01, employer = "8"',
        'from = 2020-02-01, employer = "8"',
        "gap",
        "medical.rates[0]",
    ),
    ("seven classes", "insurance.toml", ', "1.9"]', "]", "industry_classes", "injury.rates[0].classes"),
    (
        "test after start",
        "permits.toml",
        "cross_area = 2020-06-28",
        "cross_area = 2020-07-28",
        "test_after_start",
        "passed.cross_area",
    ),
    (
        "approval in the wrong order",
        "permits.toml",
        'state = "approved"\n',
        'state = "approved"\n' + EARLIER_END,
        "order",
        "approval[1].from",
    ),
    ("template", "texts.toml", "云溪市社会保障卡服务", "{{ name }}", "live_text", "text.greeting.zh"),
    ("mark-up", "texts.toml", "云溪市社会保障卡服务", "<b>服务</b>", "live_text", "text.greeting.zh"),
    ("shell", "texts.toml", "云溪市社会保障卡服务", "$(id)", "live_text", "text.greeting.zh"),
    (
        "broken TOML",
        "banks.toml",
        'pan_length = 19\nhotline = "9-55331"',
        "pan_length =\n",
        "not_toml",
        "banks.toml:11",
    ),
    ("a case that fails", "cases.toml", "expect = 2000\n", "expect = 2500\n", "case_failed", "case[1]"),
    (
        "a case without a name",
        "cases.toml",
        'what = "temp_loss_days"',
        'what = "temp_lost_days"',
        "case_incomplete",
        "case[0]",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "place"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_is_told_at_its_place(tmp_path: Path, file: str, old: str, new: str, code: str, place: str) -> None:
    folder = edit(copy_area(tmp_path), file, old, new)
    found = check_folder(folder)
    told = [fault for fault in found if fault.code == f"law.pack_{code}" and place in fault.place]
    assert told, [(fault.place, fault.code) for fault in found]
    for lang in words.LANGUAGES:
        assert told[0].sentence(lang)
        assert told[0].advice(lang)
        assert "…" not in told[0].sentence(lang).replace(str(told[0].facts.get("given", "")), "")


@pytest.mark.parametrize("code", ["990100", "990200", "990300"])
def test_the_demo_areas_have_no_fault(tmp_path: Path, code: str) -> None:
    assert codes_of(copy_area(tmp_path, code)) == []


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    folder = copy_area(tmp_path)
    edit(folder, "area.toml", "sandbox = true", "sandbox = true\ncolour = 1")
    edit(folder, "parameters.toml", TEMP, rows('from = 2020-01-01, value = 99, source = ""'))
    edit(folder, "banks.toml", '"921702"', '"921701"')
    (folder / "notes.txt").write_text("x")
    assert sorted(set(codes_of(folder))) == [
        "law.pack_bin_taken",
        "law.pack_less_than_equal",
        "law.pack_source_missing",
        "law.pack_unknown_file",
        "law.pack_unknown_key",
    ]


def test_a_day_that_is_meant_is_believed(tmp_path: Path) -> None:
    meant = FIRST.replace("2020-01-01", "2024-01-07") + ", day_meant = true"
    assert codes_of(edit(copy_area(tmp_path), "parameters.toml", TEMP, rows(FIRST, meant))) == []


def test_an_area_with_approval_needs_every_file(tmp_path: Path) -> None:
    folder = copy_area(tmp_path)
    for name in ("papers.toml", "cases.toml", "area.toml"):
        (folder / name).unlink()
    missing = {fault.place for fault in check_folder(folder) if fault.code == "law.pack_file_missing"}
    assert "area.toml" in missing
    (folder / "area.toml").write_bytes((copy_area(tmp_path / "again") / "area.toml").read_bytes())
    missing = {fault.place for fault in check_folder(folder) if fault.code == "law.pack_file_missing"}
    assert missing == {"papers.toml", "cases.toml"}


def test_folder_and_code_must_agree(tmp_path: Path) -> None:
    folder = copy_area(tmp_path).rename(tmp_path / "990999")
    assert codes_of(folder) == ["law.pack_folder_name"]


def test_text_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    folder = copy_area(tmp_path)
    path = folder / "texts.toml"
    path.write_bytes(path.read_bytes().replace("云溪市社会保障卡服务".encode(), "云溪市".encode("gb18030")))
    assert [(f.place, f.code) for f in check_folder(folder)] == [("texts.toml:4", "law.pack_not_utf8")]


def test_links_and_folders_inside_are_not_read(tmp_path: Path) -> None:
    folder = copy_area(tmp_path)
    (folder / "sub").mkdir()
    (tmp_path / "real.toml").write_bytes((folder / "cases.toml").read_bytes())
    (folder / "cases.toml").unlink()
    (folder / "cases.toml").symlink_to(tmp_path / "real.toml")
    (folder / "texts.toml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    odd = [fault.place for fault in check_folder(folder) if fault.code == "law.pack_not_plain"]
    assert odd == ["cases.toml", "sub", "texts.toml"]


def test_no_folder() -> None:
    assert [fault.code for fault in check_folder("no/such/place")] == ["law.pack_folder_unreadable"]

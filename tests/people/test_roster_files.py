"""Whole files: encodings, forms of CSV, XLSX, row numbers, doubles, and the workbook of faults there and back."""

import csv
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from roster_kit import GOOD, check_all, write

from sscard.codes import demo
from sscard.kernel.refusals import Refusal
from sscard.people.roster.columns import BY_NAME, FAULTS_HEADING
from sscard.people.roster.faults import FaultsWorkbook
from sscard.people.roster.limits import Limits
from sscard.people.roster.read import Roster
from sscard.sim import dirt
from sscard.sim.roster import read_truth, write_large, write_roster

NUMBERS = ["090101199001010016", "090101199001010032", "090101199001010059", "090101199001010075", "090101199001010091"]


def people(count: int, **changes: str) -> list[dict[str, str]]:
    return [
        {**GOOD, "id_number": NUMBERS[index], "phone": demo.phone(index), "name": "王" + "一二三四五"[index], **changes}
        for index in range(count)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    "form", [{}, {"delimiter": "\t"}, {"delimiter": ";"}, {"quoting": csv.QUOTE_ALL}, {"lineterminator": "\n"}]
)
def test_encodings_and_forms_of_csv(tmp_path: Path, encoding: str, form: dict[str, object]) -> None:
    result = check_all(write(tmp_path / "r.csv", people(4, name="张𠅤·䶮"), encoding=encoding, **form))
    assert sorted(result.good) == [2, 3, 4, 5]
    assert {row["name"] for row in result.good.values()} == {"张𠅤·䶮"}
    assert result.summary.encoding == ("gb18030" if encoding == "gb18030" else "utf-8")


def test_gbk_text_that_happens_to_be_valid_utf8_is_read_as_chinese(tmp_path: Path) -> None:
    heads = ",".join(BY_NAME[name].en for name in GOOD)
    row = GOOD | {
        "name": "墙伟",
        "sex": "M",
        "nation": "1",
        "category": "resident",
        "household_address": "999 Example Road",
    }
    path = tmp_path / "r.csv"
    path.write_bytes(f"{heads}\n{','.join(row.values())}\n".encode("gbk"))
    assert "墙伟".encode("gbk").decode("utf-8")  # the trap
    result = check_all(path)
    assert result.summary.encoding == "gb18030"
    assert result.good[2]["name"] == "墙伟"


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "people.roster_empty"),
        ("姓名,性别\n".encode("utf-16"), "people.encoding_other"),
        (b"\xff\xfe\x00\x00" + "姓名".encode("utf-32-le"), "people.encoding_other"),
        (b"\xef\xbb\xbf" + "姓名\n".encode() + "张三\n".encode("gbk"), "people.encoding_mixed"),
        ("姓名\n".encode() + b"\xff\xff\xff\n", "people.encoding_unknown"),
        (b"name,sex\n\x00\x00", "people.not_text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "people.roster_old_excel"),
        ("无,表,头\n1,2,3\n".encode(), "people.roster_no_header"),
        ("姓名,性别,民族\n".encode(), "people.roster_columns"),
    ],
)
def test_what_is_no_roster_is_refused_with_a_next_step(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        Roster(path)
    assert refused.value.code == code
    assert all(refused.value.sentence(lang) and refused.value.next_step(lang) for lang in ("zh", "en"))


def test_a_bad_byte_far_into_the_file_is_found_before_the_first_row(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", people(3) * 2000)
    path.write_bytes(path.read_bytes() + "张\xff三".encode("latin-1", "replace") + b"\xff\xff\n")
    with pytest.raises(Refusal) as refused:
        Roster(path)
    assert refused.value.code == "people.encoding_unknown"
    assert refused.value.facts["utf8_line"] == 6002


def test_titles_blank_rows_and_odd_rows_keep_the_spreadsheets_row_numbers(tmp_path: Path) -> None:
    one, two, three, four = ([row[name] for name in GOOD] for row in people(4))
    lines = [
        ["花名册"],
        [],
        [BY_NAME[name].zh for name in GOOD],
        one,
        [],
        [*two, "多出来的"],
        three[:3],
        [""] * 8,
        four,
        [],
    ]
    path = tmp_path / "r.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    result = check_all(path)
    assert sorted(result.good) == [4, 9]
    assert result.codes(6) == {"people.row_too_many_cells"}
    assert "people.phone_missing" in result.codes(7)
    assert (result.summary.rows, result.summary.blank) == (4, 3)
    assert result.bad[6].extra == ("多出来的",)


def test_cells_with_line_ends_quotes_and_commas(tmp_path: Path) -> None:
    rows = people(3)
    rows[0]["remark"], rows[1]["remark"], rows[2]["remark"] = 'a,"b"\nc', '5" 管', "\r\n"
    result = check_all(write(tmp_path / "r.csv", rows))
    assert [row["remark"] for row in result.good.values()] == ['a,"b" c', '5" 管', None]


def test_a_stray_quotation_mark_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", people(5))
    path.write_text(path.read_text("utf-8").replace("王三", '"王三'), "utf-8")
    with pytest.raises(Refusal) as refused:
        check_all(path)
    assert (refused.value.code, refused.value.facts["line"]) == ("people.roster_open_quote", 4)


def test_small_blocks_give_the_same_as_large_ones(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    write_roster(path, rows=400, seed=5)
    large, small = check_all(path), check_all(path, limits=Limits(block_bytes=4096))
    assert (large.good, large.bad, large.doubles) == (small.good, small.bad, small.doubles)


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "utf-8"},
        {"encoding": "gb18030", "shuffle_columns": True},
        {"encoding": "utf-8-sig", "header": "en", "shuffle_columns": True},
        {"format": "xlsx"},
    ],
)
def test_every_kind_of_dirt_becomes_what_it_must(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / f"roster.{options.get('format', 'csv')}"
    write_roster(path, rows=1200, seed=11, area="990200", **options)  # type: ignore[arg-type]
    truths, result = read_truth(path), check_all(path)
    assert {truth.dirt for truth in truths} == {"", *dirt.DOUBTS, *(kind.name for kind in dirt.KINDS)}
    for truth in truths:
        got = tuple(sorted(result.codes(truth.row))) if truth.row in result.bad else ()
        assert (truth.row in result.good, got) == (truth.outcome == "good", truth.faults), truth
    doubts = {tuple(sorted((truth.row, *truth.others))): truth.doubt for truth in truths if truth.doubt}
    assert {double.rows: double.doubt.value for double in result.doubles} == doubts
    assert result.summary.rows == len(truths)
    assert result.summary.good + result.summary.bad == len(truths)


def test_a_roster_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write_roster(tmp_path / name, rows=300, seed=2, shuffle_columns=True)
    write_roster(tmp_path / "c.csv", rows=300, seed=3, shuffle_columns=True)
    first, second, other = (tmp_path.joinpath(f"{name}.csv").read_bytes() for name in "abc")
    assert first == second != other


def test_doubles_are_found_across_blocks_and_say_who_waits(tmp_path: Path) -> None:
    rows = people(5)
    rows += [dict(rows[0]), {**rows[1], "name": "李二"}, {**rows[2], "id_number": "090101199001010112"}]
    rows += [{**rows[3], "id_number": "090101199001010139", "phone": "93010009999"}]
    result = check_all(write(tmp_path / "r.csv", rows), limits=Limits(block_bytes=256))
    assert [(double.doubt.value, double.rows, double.waiting) for double in result.doubles] == [
        ("repeated", (2, 7), (7,)),
        ("two_people", (3, 8), (3, 8)),
        ("two_numbers", (4, 9), (4, 9)),
        ("two_numbers", (5, 10), (5, 10)),
    ]
    assert result.summary.waiting == 7


def sheet_of(path: Path) -> list[list[object]]:
    with CalamineWorkbook.from_path(str(path)) as book:
        return book.get_sheet_by_index(0).to_python()


def write_faults(path: Path, target: Path, **options: int) -> list[Path]:
    result = check_all(path)
    with Roster(path) as roster, FaultsWorkbook(target, roster.layout, **options) as book:
        for row in sorted(result.bad):
            book.add(result.bad[row])
    return book.paths


def test_the_workbook_of_faults_is_corrected_and_imported_again(tmp_path: Path) -> None:
    rows = people(4)
    rows[1]["sex"], rows[1]["phone"], rows[2]["name"] = "女", "12", dirt.FORMULA
    path = write(tmp_path / "r.csv", rows, encoding="gb18030")
    (book,) = write_faults(path, tmp_path / "faults.xlsx")
    table = sheet_of(book)
    head, by_row = table[0], {row[-1]: row for row in table[1:]}
    assert set(by_row) == {"3", "4"}
    told = str(by_row["3"][head.index(FAULTS_HEADING)])
    assert all(text in told for text in ("性别", "Sex", "手机号码", "Phone", "第 17 位"))
    assert by_row["4"][head.index("姓名")] == dirt.FORMULA

    again = check_all(book)
    assert sorted(again.bad) == [2, 3]
    corrections = {2: {"性别": "男", "手机号码": "93010000009"}, 3: {"姓名": "王三"}}
    with xlsxwriter.Workbook(str(tmp_path / "corrected.xlsx")) as out:
        sheet = out.add_worksheet()
        for line, row in enumerate(table, start=1):
            for column, text in enumerate(row):
                sheet.write_string(line - 1, column, corrections.get(line, {}).get(str(head[column]), str(text)))
    corrected = check_all(tmp_path / "corrected.xlsx")
    assert (sorted(corrected.good), corrected.bad, corrected.summary.unknown_columns) == ([2, 3], {}, ())


def test_faults_of_faults_have_one_set_of_our_columns_and_further_books(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", people(5, sex="女"))
    first = write_faults(path, tmp_path / "faults.xlsx", rows_per_book=2)
    assert [len(sheet_of(book)) - 1 for book in first] == [2, 2, 1]
    (second,) = write_faults(first[0], tmp_path / "again.xlsx")
    assert sheet_of(second)[0] == sheet_of(first[0])[0]


def test_numbers_and_dates_that_a_spreadsheet_keeps_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(2, 1, [BY_NAME[name].zh for name in GOOD])
        sheet.write_row(3, 1, list(GOOD.values()))
        sheet.write_number(3, 1 + list(GOOD).index("phone"), 93010000001)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_number(3, 1 + list(GOOD).index("birth_date"), 32874, day)
        sheet.write_row(4, 1, list(GOOD.values()))
        sheet.write_number(4, 1, 990101199001010016)
    result = check_all(path)
    assert (result.good[4]["phone"], result.good[4]["birth_date"]) == ("93010000001", "19900101")
    assert result.codes(5) == {"people.id_spreadsheet"}


def test_the_large_file_is_clean_but_for_what_it_says(tmp_path: Path) -> None:
    write_large(tmp_path / "large.csv", 25_000, wrong_every=1000)
    result = check_all(tmp_path / "large.csv")
    assert (result.summary.rows, result.summary.bad, result.summary.waiting) == (25_000, 25, 0)
    assert set(result.summary.by_fault) == {"codes.id_check_digit"}

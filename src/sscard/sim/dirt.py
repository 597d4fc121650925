"""The dirt that real rosters have: each kind with what must become of its row.

A kind changes the typed cells of one row. `outcome` is good, bad or waiting; `faults` are the codes that a bad row
must get, neither more nor less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sscard.codes import gb11643

Cells = dict[str, str]
Soil = Callable[[Cells], object]


@dataclass(frozen=True, slots=True)
class Dirt:
    """One kind of dirt. `fits` tells on which rows it can be put."""

    name: str
    outcome: str
    soil: Soil
    faults: tuple[str, ...] = ()
    fits: Callable[[Cells], bool] = lambda cells: True


def citizen(cells: Cells) -> bool:
    return cells["id_number"].startswith("090") and not cells["guardian_id"]


def _child(cells: Cells) -> bool:
    return bool(cells["guardian_id"])


def _employee(cells: Cells) -> bool:
    return bool(cells["employer_code"])


def _ends_in_x(cells: Cells) -> bool:
    return cells["id_number"].endswith("X")


def _han(cells: Cells) -> bool:
    return citizen(cells) and len(cells["name"]) in (2, 3)


def _put(column: str, value: str | Callable[[Cells], str]) -> Soil:
    return lambda cells: cells.__setitem__(column, value if isinstance(value, str) else value(cells))


def _all(*soils: Soil) -> Soil:
    return lambda cells: [soil(cells) for soil in soils]


def _wrong_check(cells: Cells) -> str:
    number = cells["id_number"]
    at = gb11643.CHECK_CHARACTERS.index(number[17])
    return number[:17] + gb11643.CHECK_CHARACTERS[(at + 4) % 11]


def _other_day(cells: Cells) -> str:
    day = cells["birth_date"]
    return day[:6] + ("11" if day[6:] != "11" else "12")


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


def _number(change: Callable[[str], str]) -> Soil:
    return _put("id_number", lambda cells: change(cells["id_number"]))


def _date(pattern: str) -> Soil:
    def soil(cells: Cells) -> None:
        day = cells["birth_date"]
        cells["birth_date"] = pattern.format(y=day[:4], m=day[4:6], d=day[6:], mm=int(day[4:6]), dd=int(day[6:]))

    return soil


SCRIPT = "<script>alert('roster')</script>"
FORMULA = "=cmd|' /C calc'!A0"

BAD = (
    Dirt("wrong_check_digit", "bad", _put("id_number", _wrong_check), ("codes.id_check_digit",), citizen),
    Dirt("fifteen_digits", "bad", _number(lambda n: n[:6] + n[8:17]), ("codes.id_old_15",), citizen),
    Dirt("no_number", "bad", _put("id_number", ""), ("people.id_missing",), citizen),
    Dirt("number_short", "bad", _number(lambda n: n[:17]), ("codes.id_length",), citizen),
    Dirt("letter_o_in_number", "bad", _number(lambda n: n[:3] + "O" + n[4:]), ("codes.id_character",), citizen),
    Dirt("number_in_powers_of_ten", "bad", _number(lambda n: f"{n[1]}.{n[2:7]}E+16"), ("people.id_spreadsheet",),
         citizen),
    Dirt("no_name", "bad", _put("name", ""), ("people.name_missing",)),
    Dirt("character_lost", "bad", _put("name", lambda c: c["name"][0] + "?"), ("codes.name_damaged",)),
    Dirt("private_character", "bad", _put("name", lambda c: c["name"][0] + "\ue41a"), ("codes.name_private_use",)),
    Dirt("digit_in_name", "bad", _put("name", lambda c: c["name"] + "2"), ("codes.name_character",)),
    Dirt("formula_as_name", "bad", _put("name", FORMULA), ("codes.name_character",)),
    Dirt("other_birth_date", "bad", _put("birth_date", _other_day), ("people.birth_disagrees",), citizen),
    Dirt("no_such_day", "bad", _put("birth_date", "19900230"), ("people.birth_impossible",), citizen),
    Dirt("no_date", "bad", _put("birth_date", "不详"), ("people.birth_form",), citizen),
    Dirt("birth_to_come", "bad", _put("birth_date", "20991231"), ("people.birth_future",), citizen),
    Dirt("birth_left_out", "bad", _put("birth_date", ""), ("people.birth_missing",), citizen),
    Dirt("other_sex", "bad", _put("sex", lambda c: "女" if c["sex"] == "男" else "男"), ("people.sex_disagrees",),
         citizen),
    Dirt("unknown_sex", "bad", _put("sex", "？"), ("people.sex_unknown",)),
    Dirt("unknown_nation", "bad", _put("nation", "火星族"), ("codes.nation_unknown",)),
    Dirt("no_nation", "bad", _put("nation", ""), ("people.nation_missing",), citizen),
    Dirt("unknown_category", "bad", _put("category", "贵宾"), ("people.category_unknown",)),
    Dirt("short_phone", "bad", _put("phone", lambda c: c["phone"][:10]), ("codes.phone_length",)),
    Dirt("fixed_line", "bad", _put("phone", "0999-8123456"), ("codes.phone_prefix",)),
    Dirt("no_phone", "bad", _put("phone", ""), ("people.phone_missing",)),
    Dirt("script_in_address", "bad", _put("household_address", SCRIPT), ("people.address_signs",)),
    Dirt("no_address", "bad", _put("household_address", ""), ("people.address_missing",)),
    Dirt("child_without_guardian", "bad", _all(_put("guardian_name", ""), _put("guardian_id", "")),
         ("people.guardian_id_missing", "people.guardian_name_missing"), _child),
    Dirt("guardian_of_himself", "bad", _put("guardian_id", lambda c: c["id_number"]), ("people.guardian_is_self",),
         _child),
    Dirt("wrong_credit_code", "bad",
         _put("employer_code", lambda c: c["employer_code"][:17] + ("0" if c["employer_code"][17] != "0" else "1")),
         ("codes.credit_check_digit",), _employee),
    Dirt("no_employer", "bad", _all(_put("employer_code", ""), _put("employer_name", "")), ("people.employer_missing",),
         _employee),
    Dirt("photo_with_path", "bad", _put("photo", "../../etc/passwd"), ("people.photo_name",)),
    Dirt("all_wrong", "bad",
         _all(_put("id_number", _wrong_check), _put("name", ""), _put("sex", "X"), _put("nation", "火星族"),
              _put("phone", "12")),
         ("codes.id_check_digit", "codes.nation_unknown", "codes.phone_length", "people.name_missing",
          "people.sex_unknown"),
         citizen),
)  # fmt: skip
ODD = (
    Dirt("full_width_number", "good", _number(_wide)),
    Dirt("small_x", "good", _number(str.lower), fits=_ends_in_x),
    Dirt("blanks_in_number", "good", _number(lambda n: f" {n[:6]} {n[6:14]} {n[14:]} ")),
    Dirt("apostrophe", "good", _number(lambda n: f"'{n}")),
    Dirt("kept_as_text", "good", _number(lambda n: f'="{n}"')),
    Dirt("blanks_in_name", "good", _put("name", lambda c: "　".join(c["name"])), fits=_han),
    Dirt("invisible_in_name", "good", _put("name", lambda c: c["name"] + "\u200b"), fits=_han),
    Dirt("date_with_hyphens", "good", _date("{y}-{m}-{d}")),
    Dirt("date_with_slashes", "good", _date("{y}/{mm}/{dd}")),
    Dirt("date_in_chinese", "good", _date("{y}年{mm}月{dd}日")),
    Dirt("date_with_time", "good", _date("{y}-{m}-{d} 00:00:00")),
    Dirt("sex_as_code", "good", _put("sex", lambda c: {"男": "1", "女": "2"}.get(c["sex"], c["sex"]))),
    Dirt("nation_as_code", "good", _put("nation", "1")),
    Dirt("phone_with_86", "good", _put("phone", lambda c: f"+86 {c['phone'][:3]}-{c['phone'][3:7]}-{c['phone'][7:]}")),
    Dirt("script_in_remark", "good", _put("remark", SCRIPT)),
    Dirt("formula_in_remark", "good", _put("remark", '=HYPERLINK("http://example.invalid","查看")')),
    Dirt("comma_and_quote_in_remark", "good", _put("remark", '转入,原单位"云溪",见附件\n第二行')),
    Dirt("no_photo", "good", _put("photo", "")),
)
KINDS = (*BAD, *ODD)

REPEATED, TWO_PEOPLE, TWO_NUMBERS = "repeated", "two_people", "two_numbers"
DOUBTS = (REPEATED, TWO_PEOPLE, TWO_NUMBERS)

"""Which column of a roster is which: Chinese or English headings, interface names (AAC002 …), in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sscard.kernel.refusals import Fault, Refusal


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a roster. `limit` is the longest cell in characters; `also` are further headings."""

    name: str
    zh: str
    en: str
    limit: int
    needed: bool = False
    also: tuple[str, ...] = ()


COLUMNS: tuple[Column, ...] = (
    Column("id_number", "证件号码", "ID number", 60, True,
           ("身份证号", "身份证号码", "公民身份号码", "居民身份证号码", "社会保障号码", "社会保障号", "证件号",
            "id no", "id card number", "social security number", "aac002", "aac147")),
    Column("id_type", "证件类型", "ID type", 40, False, ("证件种类", "证件类别", "document type", "aac058")),
    Column("name", "姓名", "Name", 200, True, ("参保人姓名", "人员姓名", "full name", "aac003")),
    Column("sex", "性别", "Sex", 20, True, ("gender", "aac004")),
    Column("birth_date", "出生日期", "Birth date", 40, True,
           ("出生年月日", "生日", "出生年月", "date of birth", "birthday", "aac006")),
    Column("nation", "民族", "Nation", 30, True, ("族别", "ethnicity", "ethnic group", "nationality group", "aac005")),
    Column("category", "人员类别", "Category", 30, True, ("参保类别", "人员类型", "参保人员类别", "person category")),
    Column("phone", "手机号码", "Phone", 40, True,
           ("手机号", "手机", "联系电话", "移动电话", "电话", "mobile", "mobile phone", "phone number", "aae005")),
    Column("household_address", "户籍地址", "Household address", 200, True,
           ("户口所在地", "户籍地", "户口地址", "户籍所在地", "household registration",
            "registered address", "aac010")),
    Column("live_address", "现住址", "Living address", 200, False,
           ("居住地址", "常住地址", "通讯地址", "联系地址", "现居住地", "address", "current address", "aae006")),
    Column("employer_code", "单位统一社会信用代码", "Employer credit code", 40, False,
           ("统一社会信用代码", "单位代码", "单位信用代码", "employer code", "unified social credit code")),
    Column("employer_name", "单位名称", "Employer name", 100, False, ("工作单位", "单位", "employer", "aab004")),
    Column("guardian_name", "监护人姓名", "Guardian name", 200, False, ("监护人", "guardian")),
    Column("guardian_id", "监护人证件号码", "Guardian ID number", 60, False,
           ("监护人身份证号", "监护人身份证号码", "监护人证件号", "guardian id")),
    Column("guardian_relation", "与监护人关系", "Guardian relation", 30, False,
           ("监护关系", "监护人关系", "relation", "relation to guardian")),
    Column("photo", "照片文件名", "Photo file", 120, False, ("照片", "照片文件", "相片", "photo", "photo file name")),
    Column("old_id_number", "旧证件号码", "Old ID number", 60, False,
           ("旧身份证号", "曾用证件号码", "15位身份证号", "former id number", "previous id number")),
    Column("remark", "备注", "Remark", 500, False, ("说明", "remarks", "note", "notes")),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}
NEEDED = tuple(column.name for column in COLUMNS if column.needed)

FAULTS_HEADING = "问题 / Faults"
ROW_HEADING = "原行号 / Row"
OURS = (FAULTS_HEADING, ROW_HEADING)
"""Columns that the workbook of faults adds. They are passed over when it is imported again."""

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NOISE = re.compile(r"[\s_*.:\-\u200b\ufeff]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the heading row says. `fields` has one entry per column of the file: our name for it, or None."""

    header: tuple[str, ...]
    fields: tuple[str | None, ...]
    unknown: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.header)

    def position(self, name: str) -> int | None:
        """Index of the column in the file, or None when the file lacks it."""
        return self.fields.index(name) if name in self.fields else None


def plain(heading: str) -> str:
    """A heading without the decoration that files put on it.

    >>> plain(" 证件号码（必填）"), plain("*ID_Number")
    ('证件号码', 'idnumber')
    """
    text = unicodedata.normalize("NFKC", heading).lower()
    return _NOISE.sub("", _BRACKETS.sub("", text))


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for column in COLUMNS:
        for heading in (column.name, column.zh, column.en, *column.also):
            assert known.setdefault(plain(heading), column.name) == column.name, heading
    return known


def field_of(heading: str) -> str | None:
    """Our name for a heading, or None. A heading in two languages ("姓名 / Name") counts if either half is known."""
    known = _known()
    for part in (heading, *heading.split("/")):
        if found := known.get(plain(part)):
            return found
    return None


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether a record is the heading row: at least three known headings, or all of them when there are fewer
    columns."""
    return sum(1 for cell in cells if cell and field_of(cell)) >= 3


def layout(header: Sequence[str]) -> Layout:
    """Reads a heading row; raises `people.roster_columns` with every column that is missing or stands twice."""
    cells = [cell.strip() for cell in header]
    while cells and not cells[-1]:
        cells.pop()
    fields = [None if cell in OURS else field_of(cell) for cell in cells]
    faults = [
        Fault(name, "people.column_missing", {"zh_name": BY_NAME[name].zh, "en_name": BY_NAME[name].en})
        for name in NEEDED
        if name not in fields
    ]
    for name in dict.fromkeys(field for field in fields if field and fields.count(field) > 1):
        headings = "、".join(cell for cell, field in zip(cells, fields, strict=True) if field == name)
        faults.append(Fault(name, "people.column_twice", {"headings": headings[:120]}))
    if faults:
        raise Refusal("people.roster_columns", faults=faults, count=len(faults))
    unknown = tuple(
        cell[:60] for cell, field in zip(cells, fields, strict=True) if field is None and cell and cell not in OURS
    )
    return Layout(tuple(cells), tuple(fields), unknown)

"""Which column is which: contributions (GB/T 40217 table 4), account statements (table 6), charge lists of the levy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sscard.kernel.refusals import Fault, Refusal
from sscard.people.roster.columns import OURS, Column, Layout, plain

ID_NUMBER = Column(
    "id_number", "社会保障号码", "Social security number", 60, True,
    ("证件号码", "证件号", "公民身份号码", "居民身份证号码", "身份证号", "身份证号码", "社会保障号", "id number",
     "id no", "aac002", "aac147", "aae135"),
)  # fmt: skip
NAME = Column("name", "姓名", "Name", 200, False, ("参保人姓名", "full name", "aac003"))
INSURANCE = Column(
    "insurance", "险种类型", "Insurance", 60, True,
    ("险种", "险种名称", "险种代码", "参保险种", "insurance type", "insurance kind", "aae140", "insutype"),
)  # fmt: skip
SCHEME = Column("scheme", "险种代码体系", "Code scheme", 20, False, ("代码体系", "scheme"))

CONTRIBUTIONS: tuple[Column, ...] = (
    ID_NUMBER, NAME, INSURANCE, SCHEME,
    Column("month", "应缴年月", "Month owed", 30, True,
           ("费款所属期", "所属年月", "缴费年月", "缴费月份", "对应费款所属期", "month", "aae003")),
    Column("base", "缴费基数", "Contribution base", 30, True, ("月缴费基数", "基数", "base", "aae180")),
    Column("employer_due", "单位应缴金额", "Employer due", 30, True,
           ("单位应缴", "单位应缴费额", "单位应缴额", "aae020")),
    Column("employer_due_account", "单位应缴划入个人账户金额", "Employer due to account", 30, False, ("aae021",)),
    Column("person_due", "个人应缴金额", "Person due", 30, True, ("个人应缴", "个人应缴费额", "个人应缴额", "aae022")),
    Column("person_due_account", "个人应缴划入个人账户金额", "Person due to account", 30, False, ("aae023",)),
    Column("total_due", "应缴总额", "Total due", 30, False, ("应缴合计", "应缴金额合计", "aae058")),
    Column("employer_paid", "单位实缴金额", "Employer paid", 30, True,
           ("单位实缴", "单位实缴费额", "单位缴费", "aae080")),
    Column("employer_to_account", "单位实缴划入个人账户金额", "Employer paid to account", 30, False,
           ("单位划入个人账户", "aae081")),
    Column("person_paid", "个人实缴金额", "Person paid", 30, True, ("个人实缴", "个人实缴费额", "个人缴费", "aae082")),
    Column("person_to_account", "个人实缴划入个人账户金额", "Person paid to account", 30, True,
           ("个人划入个人账户", "划入个人账户金额", "划入个人账户", "to account", "aae083")),
    Column("employer_rate", "单位费率", "Employer rate", 20, False, ("单位缴费比例", "单位缴费费率", "aaa042")),
    Column("person_rate", "个人费率", "Person rate", 20, False, ("个人缴费比例", "个人缴费费率", "aaa041")),
    Column("settlement", "结算年月", "Settlement month", 30, False, ("结算期", "aae002")),
    Column("arrival", "到账日期", "Arrival date", 30, False, ("到帐日期", "入账日期", "arrived on", "ead131")),
    Column("posted", "到账标志", "Fully arrived", 20, False,
           ("足额到账标志", "足额到账标识", "到帐标志", "fully arrived flag", "aae078")),
    Column("employer_code", "单位代码", "Employer code", 40, False,
           ("统一社会信用代码", "单位统一社会信用代码", "单位编号", "unified social credit code", "aab001", "bab010",
            "aab998")),
    Column("employer_name", "单位名称", "Employer name", 100, False, ("缴费单位", "参保单位", "employer", "aab004")),
)  # fmt: skip

ACCOUNTS: tuple[Column, ...] = (
    ID_NUMBER, NAME, INSURANCE, SCHEME,
    Column("year", "年度", "Year", 20, True, ("结算年度", "账户年度", "aae001")),
    Column("opening", "期初余额", "Opening balance", 30, True, ("上年末余额", "年初余额", "aic200")),
    Column("principal_in", "本年划入本金", "Principal in", 30, True, ("本年计入", "本年记账金额", "本年记入")),
    Column("interest_in", "本年利息", "Interest in", 30, True, ("利息", "本年记入利息", "记账利息")),
    Column("paid_out", "本年支出", "Paid out", 30, True, ("支出", "本年支付", "aic340")),
    Column("closing", "期末余额", "Closing balance", 30, True, ("年末余额", "账户累计储存额", "aic268")),
)  # fmt: skip
CHARGES: tuple[Column, ...] = (
    ID_NUMBER, NAME, INSURANCE, SCHEME,
    Column("reference", "征缴编号", "Charge number", 60, True, ("应征编号", "缴费单号", "charge no", "reference")),
    Column("first_month", "费款所属期起", "First month", 30, True,
           ("费款所属期", "所属期起", "应缴年月", "month", "aae003")),
    Column("last_month", "费款所属期止", "Last month", 30, False, ("所属期止",)),
    Column("amount", "应缴金额", "Amount", 30, True, ("个人应缴金额", "个人应缴", "amount due", "aae022")),
    Column("due_on", "缴费截止日", "Due on", 30, True, ("缴费截止日期", "截止日期", "最晚缴费日", "due date")),
)  # fmt: skip
CONTENTS: Mapping[str, tuple[Column, ...]] = {
    "contributions": CONTRIBUTIONS,
    "accounts": ACCOUNTS,
    "charges": CHARGES,
}


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of one kind of file, and which heading means which."""

    columns: tuple[Column, ...]
    known: Mapping[str, str]

    @classmethod
    def of(cls, content: str) -> Headings:
        known: dict[str, str] = {}
        for column in CONTENTS[content]:
            for heading in (column.name, column.zh, column.en, *column.also):
                assert known.setdefault(plain(heading), column.name) == column.name, heading
        return cls(CONTENTS[content], known)

    def field_of(self, heading: str) -> str | None:
        """Our name for a heading, also of one in two languages ("姓名 / Name")."""
        for part in (heading, *heading.split("/")):
            if found := self.known.get(plain(part)):
                return found
        return None

    def looks_like_header(self, cells: Sequence[str]) -> bool:
        return sum(1 for cell in cells if cell and self.field_of(cell)) >= 3

    def layout(self, header: Sequence[str]) -> Layout:
        """Reads a heading row; raises `insurance.file_columns` with every column that is missing or stands twice."""
        cells = [cell.strip() for cell in header]
        while cells and not cells[-1]:
            cells.pop()
        fields = [None if cell in OURS else self.field_of(cell) for cell in cells]
        faults = [
            Fault(one.name, "people.column_missing", {"zh_name": one.zh, "en_name": one.en})
            for one in self.columns
            if one.needed and one.name not in fields
        ]
        for name in dict.fromkeys(field for field in fields if field and fields.count(field) > 1):
            headings = "、".join(cell for cell, field in zip(cells, fields, strict=True) if field == name)
            faults.append(Fault(name, "people.column_twice", {"headings": headings[:120]}))
        if faults:
            raise Refusal("insurance.file_columns", faults=faults, count=len(faults))
        pairs = zip(cells, fields, strict=True)
        unknown = tuple(cell[:60] for cell, name in pairs if not name and cell and cell not in OURS)
        return Layout(tuple(cells), tuple(fields), unknown)


def scheme_of(header: Sequence[str], layout: Layout) -> str:
    """The code scheme that the insurance column's heading names: AAE140, insutype, or "" for a plain heading."""
    position = layout.position("insurance")
    head = plain(header[position]) if position is not None else ""
    return {"aae140": "AAE140", "insutype": "insutype"}.get(head, "")

"""Files into the database: dirt in both encodings, posted twice, replaced with history, two accounts never summed."""

from __future__ import annotations

import csv
import io
import uuid
from collections import Counter
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.models import AuditRow, Organisation
from sscard.insurance import reads, runs
from sscard.insurance.models import AccountTotal, Contribution, ContributionFile, Employer, ReplacedContribution
from sscard.insurance.rules import INSURANCES, MonthState
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.people import acts as people_acts
from sscard.people import imports, lookup
from sscard.people.models import PersonAlias
from sscard.sim.contributions import Insured, write_accounts, write_contributions

AREA, UNTIL = "990100", 202610
EMPLOYER = demo.credit_code(1)
HEAD = [
    "社会保障号码", "险种类型", "应缴年月", "缴费基数", "单位应缴金额", "个人应缴金额", "单位实缴金额", "个人实缴金额",
    "划入个人账户", "结算年月", "到账日期", "到账标志", "单位代码", "单位名称",
]  # fmt: skip


def clerk() -> Caller:
    return Caller(
        kind="staff", id=uuid.uuid4(), name="甲", channel="page", area=AREA, organisation="990100-BUREAU",
        organisation_kind="bureau", roles=frozenset({"clerk"}), person_index=b"p" * 32,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _bureau(fresh_house: object) -> None:
    Organisation.objects.create(code="990100-BUREAU", kind="bureau", area_code=AREA, name_zh="局", name_en="Bureau")


def number(index: int) -> str:
    return demo.citizen_id(date(1985, 5, 5), Sex.MALE, index, "090101")


def registered(count: int) -> list[int]:
    """People by their numbers, registered as a roster's rows are."""
    rows = []
    for index in range(1, count + 1):
        form = people_acts.PersonForm(
            id_number=number(index), name="李小花", sex="男", birth_date="1985-05-05", nation="汉族", category="居民",
            phone=demo.phone(index), household_address=f"云溪市虚构路{index}号",
        )  # fmt: skip
        answer = door.perform(
            clerk(), "people.register", people_acts.RegisterPerson(form), key=str(uuid.uuid4())
        ).answer
        rows.append(lookup.require("person", uuid.UUID(str(answer["person"]))).person_id)
    return rows


def line(index: int = 1, insurance: str = "养老保险", month: int = 202409, **more: str) -> dict[str, str]:
    values = dict(
        zip(
            HEAD,
            [number(index), insurance, str(month), "4500", "720", "360", "720", "360", "360", str(month), f"{month}20",
             "1", EMPLOYER, "青禾机械厂"],
            strict=True,
        )
    )  # fmt: skip
    return {**values, **more}


def table(lines: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEAD)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode(encoding)


def brought(data: bytes, content: str = "contributions", *, post: bool = True) -> ContributionFile:
    """Receive, check and (if wanted) post a file, as the counter and the worker do."""
    stored, digest = imports.store_upload([data], ".csv")
    request = runs.ReceiveContributions(stored, digest, "缴费.csv", content)
    answer = door.perform(clerk(), "insurance.receive_contributions", request, key=str(uuid.uuid4())).answer
    file_id = uuid.UUID(answer["file"])
    runs.check_file(file_id, AREA)
    if post:
        door.perform(clerk(), "insurance.post_contributions", runs.PostContributions(file_id), key=str(uuid.uuid4()))
        runs.post_file(file_id, AREA)
    with unit_of_work(area=AREA):
        return ContributionFile.objects.get(file_id=file_id)


def all_rows() -> list[tuple[object, ...]]:
    with unit_of_work(area=AREA):
        names = [
            field.name for field in Contribution._meta.concrete_fields if field.name not in ("file_id", "changed_at")
        ]
        return sorted(Contribution.objects.values_list(*names), key=repr)


def record_of(person_id: int, who: Caller | None = None) -> reads.Record:
    with door.reading(who or clerk(), right="insurance.view", purpose="缴费查询") as inside:
        return reads.record(inside, person_id)


def workbook(name: str) -> list[dict[str, str]]:
    head, *rows = CalamineWorkbook.from_path(imports.inbox() / name).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), map(str, row), strict=True)) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_good_rows_go_in_and_every_bad_row_comes_back_with_all_its_faults(encoding: str) -> None:
    registered(2)
    lines = [
        line(1), line(2),
        line(3),  # nobody has this number
        line(1, month=202410, 缴费基数="1", 到账标志="?"),
        line(2, "失业保险", 202410),  # pension amounts under unemployment
        line(2, month=202411), line(2, month=202411, 个人实缴金额="0", 划入个人账户="0", 到账标志="0"),
        line(2, month=202412), line(2, month=202412),  # the same twice is harmless
    ]  # fmt: skip
    run = brought(table(lines, encoding))
    assert (run.state, run.rows, run.good, run.bad, run.new, run.same) == ("done", 9, 4, 5, 3, 1)
    assert run.notice[0]["encoding"] == encoding.removesuffix("-sig")
    assert run.fault_counts["insurance.row_contradicts"] == 2
    (name,) = runs.faults_files(run)
    book = workbook(name)
    told = {row["原行号 / Row"]: row["问题 / Faults"] for row in book}
    assert set(told) == {"4", "5", "6", "7", "8"}
    assert "没有在本地登记" in told["4"]
    assert "低于" in told["5"]
    assert "到账标志" in told["5"]
    assert "第 8 行" in told["7"]
    assert "第 7 行" in told["8"]
    assert len(all_rows()) == 3


def test_the_corrected_workbook_goes_in_again() -> None:
    registered(1)
    run = brought(table([line(1, 缴费基数="1")]), post=False)
    (name,) = runs.faults_files(run)
    book = workbook(name)
    again = [{**{name: row[name] for name in HEAD}, "缴费基数": "4500"} for row in book]
    assert set(book[0]) == {*HEAD, "问题 / Faults", "原行号 / Row"}
    assert (brought(table(again)).new, len(all_rows())) == (1, 1)


def test_the_same_file_again_changes_nothing_and_a_corrected_row_replaces_with_history() -> None:
    (person_id,) = registered(1)
    lines = [line(1), line(1, month=202410)]
    brought(table(lines))
    before = all_rows()
    again = brought(table(lines, "gb18030"))
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert all_rows() == before
    lines[1] |= {"单位实缴金额": "700", "个人实缴金额": "360", "到账标志": "0"}
    third = brought(table(lines))
    assert (third.new, third.changed, third.same) == (0, 1, 1)
    with unit_of_work(area=AREA):
        (old,) = ReplacedContribution.objects.all()
        assert (old.person_id, old.month, old.before["employer_paid_fen"]) == (person_id, 202410, 72_000)
        assert old.replaced_by == third.file_id
        with pytest.raises(Exception, match="permission denied"):
            ReplacedContribution.objects.all().delete()
    assert record_of(person_id).totals[0].months == 1


def test_a_stopped_posting_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(1)
    monkeypatch.setattr("sscard.insurance.files.check.BLOCK_ROWS", 4)
    lines = [line(1, month=2024_00 + month) for month in range(7, 13)] + [line(1, month=202501 + m) for m in range(6)]
    run = brought(table(lines), post=False)
    door.perform(clerk(), "insurance.post_contributions", runs.PostContributions(run.file_id), key="k")

    class KilledError(Exception):
        pass

    def stop(_done: int, _rows: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        runs.post_file(run.file_id, AREA, stop)
    assert len(all_rows()) == 4
    runs.post_file(run.file_id, AREA)
    with unit_of_work(area=AREA):
        run = ContributionFile.objects.get()
        assert (run.state, run.new, run.same) == ("done", 12, 0)
        assert AuditRow.objects.filter(object=f"contributions:{run.file_id}", actor_kind="system").count() == 3
    with pytest.raises(Refusal, match="file_state"):
        door.perform(clerk(), "insurance.post_contributions", runs.PostContributions(run.file_id), key="k2")


def test_a_file_that_is_none_fails_with_its_reason_and_can_be_dropped() -> None:
    run = brought(b"a,b\n1,2\n", post=False)
    assert (run.state, run.error) == ("failed", "insurance.file_no_header")
    door.perform(clerk(), "insurance.drop_contributions", runs.DropContributions(run.file_id), key="k")
    assert not (imports.inbox() / run.file_path).exists()


def town() -> list[Insured]:
    """One of each kind of people, and some more employees."""
    kinds = ["employee", "flexible", "resident", "retiree", "unemployed", "child", *["employee"] * 8]
    return [
        (number(i), kind, EMPLOYER if kind in ("employee", "unemployed") else "") for i, kind in enumerate(kinds, 1)
    ]


def test_ins_1_five_insurances_month_by_month_with_totals_of_both_accounts(tmp_path: Path) -> None:
    """INS-1: the generated file of a town, posted; counts agree with what the generator knows."""
    people = town()
    ids = dict(zip([one[0] for one in people], registered(len(people)), strict=True))
    path = tmp_path / "c.csv"
    written = write_contributions(
        path, people, AREA, until=UNTIL, header="interface", encoding="gb18030", shuffle_columns=True
    )
    run = brought(path.read_bytes())
    assert (run.new, run.bad, run.rows) == (written.rows, 0, written.rows)
    write_accounts(path, people, AREA, until=UNTIL)
    assert brought(path.read_bytes(), "accounts").new == 3
    for id_number, truth in written.people.items():
        record = record_of(ids[id_number])
        counted = {total.insurance: total.months for total in record.totals if total.months}
        assert counted == {one: len(months) for one, months in truth.paid.items() if months}
        assert all(len(view.lines) == 12 for view in record.years)
        states = {line.month: line.cell("pension").state for view in record.years for line in view.lines}
        assert all(states[month] is MonthState.NOT_INSURED for month in truth.gap)
        if truth.underpaid:
            assert states[truth.underpaid] is MonthState.PARTLY
    employee = record_of(ids[people[0][0]])
    assert [total.insurance for total in employee.totals] == list(INSURANCES)
    assert employee.totals[0].employer_paid_fen > employee.totals[0].person_paid_fen > 0
    assert {line.owner: line.insurances for line in employee.hotlines} == {
        "hrss": ("pension", "unemployment", "injury"),
        "medical_security": ("medical", "maternity"),
    }
    assert len({line.number for line in employee.hotlines}) == 2


def test_the_two_accounts_stand_apart_and_none_is_not_zero(tmp_path: Path) -> None:
    people = town()
    ids = dict(zip([one[1] for one in people], registered(len(people)), strict=False))
    path = tmp_path / "c.csv"
    write_contributions(path, people, AREA, until=UNTIL)
    brought(path.read_bytes())
    employee = record_of(ids["employee"])
    with unit_of_work(area=AREA):
        rows = Contribution.objects.filter(person_id=employee.person_id, posted=True)
        credited = Counter[str]()
        for row in rows:
            credited[row.insurance] += row.to_account_fen
    assert employee.pension_account.balance_fen == credited["pension"] > 0
    assert employee.medical_account.balance_fen == credited["medical"] > 0
    assert (employee.pension_account.owner, employee.medical_account.owner) == ("hrss", "medical_security")
    assert employee.medical_account.counted_by_us
    both = credited["pension"] + credited["medical"]
    for field in fields(employee):
        assert getattr(employee, field.name) != both
    assert {field.name for field in fields(employee) if "account" in field.name} == {
        "pension_account",
        "medical_account",
    }
    resident = record_of(ids["resident"])
    assert resident.medical_account.balance_fen is None
    assert resident.medical_account.notice == "insurance.no_medical_account"
    assert resident.pension_account.balance_fen
    retiree = record_of(ids["retiree"])
    assert (retiree.medical_account.balance_fen, retiree.medical_account.notice) == (None, "insurance.no_account_yet")
    write_accounts(path, people, AREA, until=UNTIL)
    brought(path.read_bytes(), "accounts")
    account = record_of(ids["retiree"]).medical_account
    assert account.balance_fen == account.years[0].closing_fen
    assert account.years[0].opening_fen == account.years[1].closing_fen
    assert not account.counted_by_us


PAY_OUT = ("medical.py",)


def test_the_room_knows_no_bank_and_the_ledger_for_statutory_pay_outs_only() -> None:
    """Medical money stands in this room's own table and can reach no bank's book from here. The pay-out of two persons
    posts in the medical book of the area, and nothing else does."""
    room = Path(runs.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in room.rglob("*.py") if path.name not in PAY_OUT)
    assert "sscard.ledger" not in sources
    assert "sscard.bank" not in sources
    assert not {field.name for field in AccountTotal._meta.fields} & {"book", "bank", "currency"}
    registered(1)
    brought(table([line(1)]))
    with unit_of_work(area=AREA):
        assert list(AccountTotal.objects.values_list("account", "closing_fen")) == [("pension", 36_000)]


def test_after_a_statement_only_later_credits_are_counted_on() -> None:
    (person_id,) = registered(1)
    brought(table([line(1), line(1, month=202501, 应缴年月="202501")]))
    assert record_of(person_id).pension_account.balance_fen == 72_000
    statement = "社会保障号码,险种,年度,期初余额,本年划入本金,本年利息,本年支出,期末余额\n"
    statement += f"{number(1)},职工养老,2024,1000.00,360.00,26.20,0,1386.20\n"
    assert brought(statement.encode(), "accounts").changed == 1
    account = record_of(person_id).pension_account
    assert [(year.year, year.source) for year in account.years] == [(2025, "contributions"), (2024, "statement")]
    assert (account.balance_fen, account.counted_by_us) == (138_620 + 36_000, True)


def test_bars_show_what_was_paid_late_and_owed() -> None:
    (person_id,) = registered(1)
    lines = [
        line(1), line(1, month=202410, 结算年月="202412", 到账日期="20241220"),
        line(1, month=202411, 单位实缴金额="100", 到账标志="0"),
    ]  # fmt: skip
    brought(table(lines))
    with door.reading(clerk(), right="insurance.view", purpose="缴费查询") as inside:
        years = reads.contribution_years(inside, person_id)
    told = [(bar.month, bar.employer_fen, bar.person_fen, bar.state) for bar in years[2024]]
    assert told == [
        (202409, 72_000, 36_000, "paid"), (202410, 72_000, 36_000, "late"), (202411, 10_000, 36_000, "paid"),
        (202411, 62_000, 0, "owed"),
    ]  # fmt: skip
    with unit_of_work(area=AREA):
        assert Employer.objects.get().name == "青禾机械厂"
    assert record_of(person_id).employers == {EMPLOYER: "青禾机械厂"}


def test_a_merged_duplicate_s_months_are_the_true_person_s_and_count_once() -> None:
    first, second = registered(1), []
    second = [registered_second()]
    brought(table([line(1), line(2), line(2, month=202410)]))
    with unit_of_work(area=AREA):
        PersonAlias.objects.create(
            person_id=second[0], true_person_id=first[0], area_code=AREA, case_id=uuid.uuid4(),
            since="2026-01-01T00:00:00Z",
        )  # fmt: skip
    assert record_of(second[0]).totals[0].months == 2
    again = brought(table([line(2, month=202411)]))
    assert again.new == 1
    assert record_of(first[0]).totals[0].months == 3


def registered_second() -> int:
    form = people_acts.PersonForm(
        id_number=number(2), name="王大力", sex="男", birth_date="1985-05-05", nation="汉族", category="居民",
        phone=demo.phone(2), household_address="云溪市虚构路2号",
    )  # fmt: skip
    answer = door.perform(clerk(), "people.register", people_acts.RegisterPerson(form), key=str(uuid.uuid4())).answer
    return lookup.require("person", uuid.UUID(str(answer["person"]))).person_id


def test_a_holder_sees_his_own_record_only_and_sees_who_looked() -> None:
    first, second = registered(2)
    brought(table([line(1), line(2)]))
    holder = Caller(
        kind="holder", id=uuid.uuid4(), name="李小花", channel="page", area=AREA, roles=frozenset({"holder"}),
        persons=frozenset({first}),
    )  # fmt: skip
    with door.reading(holder, right="insurance.view_self", purpose="本人查询") as inside:
        assert reads.record(inside, first).totals[0].months == 1
    with (
        pytest.raises(Refusal, match="not_found"),
        door.reading(holder, right="insurance.view_self", purpose="本人查询") as inside,
    ):
        reads.record(inside, second)
    with unit_of_work(area=AREA):
        assert AuditRow.objects.filter(verb="insurance.view_self", result="ok", detail__what="contributions").exists()


def test_the_name_in_the_file_must_be_the_registered_one() -> None:
    registered(1)
    rows = table([line(1)]).decode().splitlines()
    data = f"{rows[0]},姓名\n{rows[1]},李小花\n{rows[1]},王某\n".encode()
    run = brought(data, post=False)
    assert (run.good, run.bad, run.fault_counts) == (1, 1, {"insurance.name_differs": 1})


def statements_to_post(lines: list[dict[str, str]]) -> int:
    run = brought(table(lines), post=False)
    assert run.good == len(lines)
    door.perform(clerk(), "insurance.post_contributions", runs.PostContributions(run.file_id), key=str(uuid.uuid4()))
    with CaptureQueriesContext(connection) as seen:
        runs.post_file(run.file_id, AREA)
    return len(seen)


def test_many_rows_cost_as_many_statements_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.kernel import clock
    from sscard.law import areas

    # What is looked at anew every second or two, on a busy machine in the midst of one of them.
    monkeypatch.setattr(areas, "LOOK_AGAIN_SECONDS", float("inf"))
    monkeypatch.setattr(clock, "offset_of", lambda _area: timedelta(0))
    registered(3)
    few = [line(1)]
    many = [
        line(person, month=month) for person in (1, 2, 3) for month in (*range(202407, 202413), *range(202501, 202507))
    ]
    assert statements_to_post(few) == statements_to_post(many)

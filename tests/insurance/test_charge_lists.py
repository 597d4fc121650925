"""Charge lists of the levy: every fault by its column, open charges stated anew, paid ones left alone."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date

import pytest
from test_contribution_files import AREA, _bureau, brought, clerk, number, registered, workbook

from sscard.control.inside import Inside
from sscard.insurance import charges, runs
from sscard.insurance.models import Charge, ChargePayment
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

__all__ = ["_bureau"]
HEAD = ["证件号码", "姓名", "险种", "征缴编号", "费款所属期起", "费款所属期止", "应缴金额", "缴费截止日"]


def line(index: int = 1, reference: str = "ZJ-0001", **more: str) -> list[str]:
    values = dict(
        zip(HEAD, [number(index), "李小花", "医疗保险", reference, "202701", "202712", "380.00", "2027-02-28"],
            strict=True)
    )  # fmt: skip
    return list({**values, **more}.values())


def table(*lines: list[str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEAD, *lines])
    return out.getvalue().encode(encoding)


@pytest.mark.row("INS-2", part="a charge of an imported list, paid through the bank")
def test_good_rows_go_in_and_a_bad_row_tells_all_its_faults() -> None:
    (person, _) = registered(2)
    bad = line(2, "?", 险种="长寿保险", 费款所属期止="202901", 应缴金额="-1", 缴费截止日="2027-02-30")
    data = table(line(1), line(1), bad, line(99, "ZJ-0003"), line(2, "ZJ-0009", 应缴金额="0"), encoding="gb18030")
    run = brought(data, "charges")
    assert (run.good, run.bad, run.new) == (2, 3, 1)  # the same line twice is one charge
    told = workbook(runs.faults_files(run)[0])
    faults = " ".join(told[0].values())
    for part in ("征缴编号", "险种", "“-1”", "缴费截止日“2027-02-30”", "12 个月"):
        assert part in faults, part
    with unit_of_work(area=AREA):
        (row,) = Charge.objects.filter(person_id=person)
    assert (row.insurance, row.first_month, row.last_month, row.amount_fen) == ("medical", 202701, 202712, 38_000)
    assert (row.due_on, row.state) == (date(2027, 2, 28), "open")


def test_the_same_list_changes_nothing_and_a_new_amount_replaces_an_open_one_only() -> None:
    (person,) = registered(1)
    assert brought(table(line(), line(1, "ZJ-0002")), "charges").new == 2
    again = brought(table(line(), line(1, "ZJ-0002")), "charges")
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    with unit_of_work(area=AREA):
        Charge.objects.filter(person_id=person, reference="ZJ-0002").update(state="paid")
    more = brought(table(line(应缴金额="400"), line(1, "ZJ-0002", 应缴金额="400")), "charges")
    assert (more.new, more.changed) == (0, 1)
    with unit_of_work(area=AREA):
        amounts = dict(Charge.objects.filter(person_id=person).values_list("reference", "amount_fen"))
    assert amounts == {"ZJ-0001": 40_000, "ZJ-0002": 38_000}


def test_two_amounts_under_one_number_are_neither_taken() -> None:
    registered(1)
    run = brought(table(line(), line(应缴金额="381")), "charges")
    assert (run.good, run.new) == (0, 0)


def test_booked_once_whole_and_never_for_another_amount() -> None:
    (person,) = registered(1)
    brought(table(line()), "charges")
    with unit_of_work(area=AREA):
        row = Charge.objects.get(person_id=person)

    def book(fen: int = 38_000) -> ChargePayment:
        with unit_of_work(area=AREA):
            inside = Inside(caller=clerk(), area_code=AREA, act="test")
            paid = charges.Payment(row.charge_id, fen, "CCB", "建设银行", "p-1", "**** 1234", uuid.uuid4())
            return charges.book(inside, person, paid)

    with pytest.raises(Refusal, match="charge_amount_differs"):
        book(37_999)
    made = book()
    with pytest.raises(Refusal, match="charge_paid"):
        book()
    with unit_of_work(area=AREA):
        inside = Inside(caller=clerk(), area_code=AREA, act="test")
        (seen,) = charges.of_person(inside, person)
        assert charges.of_person(inside, person, open_only=True) == []
    assert seen.state == "paid"
    assert seen.paid is not None
    assert (seen.paid.payment, seen.paid.payer) == (made.payment_id, "CCB")
    assert seen.paid.document is not None

"""Contributions of the five insurances, month by month, with totals; the two personal accounts year by year, apart."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.insurance import charges as levied
from sscard.insurance import reads as insurance
from sscard.insurance.reads import AccountView, Record
from sscard.kernel import words
from sscard.portal import charts
from sscard.portal.charge_lines import lines_of
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Contribution, Link
from sscard.portal.signed import AtPage, for_holder
from sscard.portal.tables import Column, Row, Table, table_of


@for_holder
def records(request: HttpRequest, at: AtPage) -> HttpResponse:
    """`?year=` chooses the year; the newest with anything in it is first."""
    with looking(at, "contributions") as (inside, whose):
        found = insurance.record(inside, whose.person.person_id)
        bars = insurance.contribution_years(inside, whose.person.person_id)
        today = inside.today
        charges = lines_of(levied.of_person(inside, whose.person.person_id), at.lang)
    years = sorted(bars, reverse=True) or [today.year]
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in bars else years[0]
    pieces = [
        Contribution(one.month, one.insurance, one.employer_fen, one.person_fen, one.state)
        for one in bars.get(year, ())
    ]
    return at.render(
        "portal/my/records.html",
        title=at.word("my.records.title" if whose.own else "my.records.title_ward", name=whose.person.name_mask),
        lead=at.word("my.records.lead"),
        whose=whose,
        year=year,
        pieces=pieces,
        empty=not bars,
        until=charts.last_due(year, today),
        years=[Link(at.word("my.records.year", year=one), f"?year={one}", one == year) for one in years],
        totals=_totals(request, at, found),
        accounts=[_account(request, at, one) for one in (found.pension_account, found.medical_account)],
        employers=list(found.employers.values()),
        charges=charges,
        hotlines=[_hotline(at, one) for one in found.hotlines],
    )


def _totals(request: HttpRequest, at: AtPage, found: Record) -> Table:
    columns = [
        Column("insurance", at.word("my.records.insurance"), sortable=False),
        Column("months", at.word("my.records.months"), sortable=False),
        Column("first", at.word("my.records.first"), "day", sortable=False),
        Column("last", at.word("my.records.last"), "day", sortable=False),
        Column("broken", at.word("my.records.broken"), "number", sortable=False),
        Column("person", at.word("my.records.person"), "money", sortable=False),
        Column("employer", at.word("my.records.employer"), "money", sortable=False),
    ]
    rows = [
        Row(
            {
                "insurance": at.word(f"insurance.{one.insurance}"),
                "months": _counted(at, one.months, one.years),
                "first": one.first_month or None,
                "last": one.last_month or None,
                "broken": one.break_months,
                "person": one.person_paid_fen,
                "employer": one.employer_paid_fen,
            }
        )
        for one in found.totals
    ]
    return table_of(request, at.word("my.records.totals"), columns, rows, filterable=False)


def _counted(at: AtPage, months: int, years: int) -> str:
    """Yearly kinds count as years; somebody may have both."""
    told = [at.word("my.records.n_months", count=months)] if months or not years else []
    return " · ".join([*told, *([at.word("my.records.n_years", count=years)] if years else [])])


def _account(request: HttpRequest, at: AtPage, one: AccountView) -> dict[str, object]:
    columns = [
        Column("year", at.word("my.records.year_head"), sortable=False),
        Column("opening", at.word("my.records.opening"), "money", sortable=False),
        Column("principal", at.word("my.records.principal"), "money", sortable=False),
        Column("interest", at.word("my.records.interest"), "money", sortable=False),
        Column("paid", at.word("my.records.paid_out"), "money", sortable=False),
        Column("closing", at.word("my.records.closing"), "money", sortable=False),
    ]
    rows = [
        Row(
            {
                "year": str(row.year),
                "opening": row.opening_fen,
                "principal": row.principal_in_fen,
                "interest": row.interest_in_fen,
                "paid": row.paid_out_fen,
                "closing": row.closing_fen,
            }
        )
        for row in one.years
    ]
    title = at.word(f"my.records.{one.account}_account")
    table = table_of(request, title, columns, rows, prefix=f"{one.account}_", filterable=False) if rows else None
    return {
        "title": title,
        "balance_fen": one.balance_fen,
        "as_of": one.as_of,
        "table": table,
        "notice": words.text("notice", one.notice, at.lang),
        "counted": words.text("notice", "insurance.counted_by_us", at.lang) if one.counted_by_us else "",
    }


def _hotline(at: AtPage, one: object) -> dict[str, str]:
    names = at.word("frame.comma").join(at.word(f"insurance.{name}") for name in one.insurances)  # type: ignore[attr-defined]
    return {"names": names, "number": one.number}  # type: ignore[attr-defined]

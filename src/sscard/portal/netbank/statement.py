"""The statement: pages by sequence, a period, and the same as CSV or PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import customers_reads
from sscard.bank.customers_reads import Money
from sscard.bank.savings import statement as savings
from sscard.bank.savings import statement_file
from sscard.bank.savings.statement import Page
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.netbank import which
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Field

LINES = 30
FILE_DAYS = 90
"""What a file shows when no period was chosen."""
MEDIA = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry in words."""

    what: str
    whom: str
    note: str
    time: str
    amount: str
    balance: str
    came: bool


@for_customer
def statement(request: HttpRequest, at: AtBank) -> HttpResponse:
    period, faults = _period(request)
    with at.reading("bank.statement") as inside:
        account, every = which.chosen(inside, request)
        if account.closed_because:
            raise Refusal(account.closed_because)
        before = request.GET.get("before", "")
        page: Page | None = None
        try:
            page = savings.statement(
                inside, account.account_id, before_seq=int(before) if before.isdigit() and len(before) < 18 else None,
                limit=LINES, from_day=period[0], to_day=period[1],
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != "bank.period_turned":
                raise
            faults = (Fault("to", refusal.code, refusal.facts),)
        held = customers_reads.money(inside, account)
    asked = {"account": str(account.account_id), **_asked(period)}
    fields = [Field("from", at.word("statement.from"), kind="date"), Field("to", at.word("statement.to"), kind="date")]
    if len(every) > 1:
        fields.insert(
            0, Field("account", at.word("statement.account"), kind="select", options=which.options(every, at.lang))
        )
    return at.render(
        "netbank/statement.html",
        title=at.word("statement.title"),
        number=which.short(account),
        days=_days(at, page) if page else [],
        page=page,
        set_aside=_set_aside(at, held),
        fields=fields,
        values={**asked, "from": request.GET.get("from", ""), "to": request.GET.get("to", "")},
        faults=faults,
        older=f"?{urlencode({**asked, 'before': page.next_before})}" if page and page.next_before else "",
        newest=f"?{urlencode(asked)}" if before else "",
        all_url=f"?{urlencode({'account': asked['account']})}" if any(period) else "",
        file_query=urlencode(asked),
        here="/statement/",
    )


def _set_aside(at: AtBank, held: Money | None) -> list[Answer]:
    """What is on the account and cannot be used now: else balance and available amount would not explain each other."""
    if held is None or held.available_fen == held.balance_fen:
        return []
    amounts = (("held", held.held_fen), ("frozen", held.frozen_fen), ("free", held.available_fen))
    return [
        Answer(at.word(f"statement.{name}"), looks.show_money(fen)) for name, fen in amounts if fen or name == "free"
    ]


def _period(request: HttpRequest) -> tuple[tuple[date | None, date | None], tuple[Fault, ...]]:
    """The days that the address names; what is no day is told beside its field."""
    found: list[date | None] = []
    faults = []
    for name in ("from", "to"):
        text = request.GET.get(name, "").strip()
        try:
            found.append(date.fromisoformat(text) if text else None)
        except ValueError:
            found.append(None)
            faults.append(Fault(name, "portal.not_a_day"))
    return (found[0], found[1]), tuple(faults)


def _asked(period: tuple[date | None, date | None]) -> dict[str, str]:
    return {name: day.isoformat() for name, day in zip(("from", "to"), period, strict=True) if day}


def _days(at: AtBank, page: Page) -> list[tuple[date, list[Shown]]]:
    lines = groupby(page.lines, key=lambda line: line.business_date)
    return [(day, [_shown(at, line) for line in group]) for day, group in lines]


def _shown(at: AtBank, line: savings.Line) -> Shown:
    amount = line.in_fen or line.out_fen
    whom = " ".join(part for part in (line.other_name_mask, line.other_number_mask[-8:]) if part)
    channel = statement_file.channel_text(line.channel, at.lang)
    return Shown(
        what=statement_file.kind_text(line.kind, at.lang),
        whom=whom,
        note=" · ".join(part for part in (line.memo, channel) if part),
        time=f"{line.posted_at.astimezone(clock.CHINA):%H:%M}",
        amount=("+" if line.in_fen else "−") + looks.show_money(amount),
        balance=looks.show_money(line.balance_fen),
        came=bool(line.in_fen),
    )


@for_customer
def file(request: HttpRequest, at: AtBank, kind: str) -> HttpResponse:
    """The period as a file; without one the last three months."""
    if kind not in MEDIA:
        raise Http404
    (first, last), faults = _period(request)
    if faults:
        return HttpResponseRedirect(f"/statement/?{request.GET.urlencode()}")
    with at.reading("bank.statement") as inside:
        account, _ = which.chosen(inside, request)
        last = last or inside.today
        first = first or last - timedelta(days=FILE_DAYS)
        made = {"csv": statement_file.csv, "pdf": statement_file.pdf}[kind]
        content = made(inside, account.account_id, first, last, at.lang)
    answer = HttpResponse(content, content_type=MEDIA[kind])
    answer["Content-Disposition"] = f'attachment; filename="statement-{first:%Y%m%d}-{last:%Y%m%d}.{kind}"'
    return answer

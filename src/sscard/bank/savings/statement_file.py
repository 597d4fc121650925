"""The statement as a file: CSV for a spreadsheet, PDF to keep and to show. Both say the same, oldest entry first.

A cell that a spreadsheet would take for a formula is written as text (security.md T21). The PDF shows the holder's whole
name, so making it opens the sealed facts and is written down. The bank seals it (PAdES B-T, banking.md §6), so that whoever
is shown it can check that not a letter was changed.
"""

from __future__ import annotations

import csv as tables
import io
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final

from sscard.bank.models import BankAccount
from sscard.bank.savings.statement import Line, Page, statement
from sscard.control.inside import Inside
from sscard.documents import authority, signing
from sscard.kernel import dates, money, words
from sscard.kernel.clock import CHINA
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.law.schema import Bank

MOST_LINES: Final = {"csv": 20_000, "pdf": 3_000}
LONG_LINES, MOST_LONG_AT_ONCE = 300, 2
"""A PDF of more lines takes seconds to set, and no more than so many are set at a time in a process (T33)."""
SEAL: Final = "bank"
"""The seal's field in the PDF."""
COLUMNS: Final = (
    "business_date", "time", "kind", "in", "out", "balance", "other_name", "other_number", "memo", "channel",
)  # fmt: skip
_AMOUNTS: Final = ("in", "out", "balance")
_ON_PAPER: Final = (
    ("business_date", 20), ("kind", 19), ("in", 24), ("out", 24), ("balance", 24), ("other", 22), ("memo", 21),
    ("channel", 16),
)  # fmt: skip
"""Columns of the PDF in millimetres: an amount of eight digits is never broken, nor a word of the kinds; `other` has the name and
the number of the other side."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_room = threading.BoundedSemaphore(MOST_LONG_AT_ONCE)


def csv(inside: Inside, account: uuid.UUID, from_day: date, to_day: date, lang: str = "zh") -> bytes:
    """UTF-8 with a mark that spreadsheets look for; amounts in yuan with two decimals. Right "bank.statement"."""
    page = _whole(inside, account, from_day, to_day, MOST_LINES["csv"])
    out = io.StringIO(newline="")
    writer = tables.writer(out, lineterminator="\r\n")
    writer.writerow([_head(name, lang) for name in COLUMNS])
    for line in reversed(page.lines):
        writer.writerow([_safe(cell) for cell in _cells(line, lang)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def pdf(inside: Inside, account: uuid.UUID, from_day: date, to_day: date, lang: str = "zh") -> bytes:
    """With Chinese text that can be copied, sealed by the bank where signatures are certified here. Raises documents.no_font
    where the machine has no Chinese font, and bank.statement_busy."""
    page = _whole(inside, account, from_day, to_day, MOST_LINES["pdf"])
    bank = inside.area.bank(inside.caller.bank, inside.today)
    with inside.bank_role():
        row = BankAccount.objects.get(account_id=account, person_id__in=inside.caller.persons)
    facts = [
        (_head("name", lang), open_one(row, "facts", inside)["name"]),
        (_head("card", lang), row.pan_mask),
        (_head("number", lang), page.number_mask),
        (_head("period", lang), f"{dates.show(from_day, lang)} – {dates.show(to_day, lang)}"),
        (_head("opening", lang), money.yuan(page.opening_fen)),
        (_head("closing", lang), money.yuan(page.closing_fen)),
        (_head("sum_in", lang), money.yuan(sum(one.in_fen for one in page.lines))),
        (_head("sum_out", lang), money.yuan(sum(one.out_fen for one in page.lines))),
        (_head("made_at", lang), dates.show_time(inside.now, lang)),
    ]
    with _turn(len(page.lines)):
        return _set(page, facts, bank, inside.now, lang)


def _set(page: Page, facts: list[tuple[str, str]], bank: Bank, now: datetime, lang: str) -> bytes:
    from sscard.documents.pdf import Column, Sheet

    title, name = _said("statement.title", lang), bank.name.of(lang)
    sheet = Sheet(title, made_at=now, issuer=name, foot=_said("statement.foot", lang), lang=lang)
    sheet.facts(facts)
    columns = [Column(_head(one, lang), share, "right" if one in _AMOUNTS else "left") for one, share in _ON_PAPER]
    sheet.table(columns, [_on_paper(_cells(line, lang)) for line in reversed(page.lines)])
    if not page.lines:
        sheet.text(_said("statement.empty", lang))
    if authority.folder is None:  # no certification service was connected: the paper says so itself
        sheet.text(_said("statement.unsealed", lang), small=True)
        return sheet.output()
    sheet.text(_said("statement.sealed", lang), small=True)
    box = sheet.signature(SEAL, name)
    return signing.seal(sheet.output(), authority.seal_of(bank.code, bank.name.zh), field=SEAL, box=box, reason=title)


@contextmanager
def _turn(lines: int) -> Iterator[None]:
    """Room to set a long statement, or "bank.statement_busy"."""
    if lines <= LONG_LINES:
        yield
        return
    if not _room.acquire(blocking=False):
        raise Refusal("bank.statement_busy")
    try:
        yield
    finally:
        _room.release()


def _whole(inside: Inside, account: uuid.UUID, from_day: date, to_day: date, most: int) -> Page:
    page = statement(inside, account, limit=most, from_day=from_day, to_day=to_day)
    if page.next_before is not None:
        raise Refusal("bank.statement_too_long", most=most)
    return page


def _cells(line: Line, lang: str) -> list[str]:
    return [
        line.business_date.isoformat(),
        f"{line.posted_at.astimezone(CHINA):%H:%M}",
        kind_text(line.kind, lang),
        money.yuan(line.in_fen) if line.in_fen else "",
        money.yuan(line.out_fen) if line.out_fen else "",
        money.yuan(line.balance_fen),
        line.other_name_mask,
        line.other_number_mask[-8:],
        line.memo,
        channel_text(line.channel, lang),
    ]


def _on_paper(cells: list[str]) -> list[str]:
    """The same cells for a narrow page: time under date, number under name."""
    day, at, kind, came, went, balance, name, number, memo, channel = cells
    return [f"{day} {at}", kind, came, went, balance, f"{name} {number}".strip(), memo, channel]


def kind_text(kind: str, lang: str) -> str:
    code = f"bank.entry.{kind}"
    return words.text("notice", code if words.has("notice", code) else "bank.entry.other", lang)


def channel_text(channel: str, lang: str) -> str:
    code = f"bank.channel.{channel}"
    return words.text("notice", code, lang) if words.has("notice", code) else ""


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _head(name: str, lang: str) -> str:
    return _said(f"statement.column.{name}", lang)


def _said(code: str, lang: str) -> str:
    return words.text("notice", f"bank.{code}", lang)

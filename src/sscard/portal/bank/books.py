"""The trial balance of the bank's own book: every account against its entries, and all against zero."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.kernel import money
from sscard.ledger import reads as ledger
from sscard.portal.shapes import Tile
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.tables import Column, Row, table_of

RIGHT = "bank.trial_balance"


@for_staff(RIGHT)
def books(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "trial_balance") as inside, inside.bank_role():
        trial = ledger.trial_balance()
    sound = "good" if trial.sound else "bad"
    tiles = [
        Tile(at.word("counter.books.accounts"), f"{trial.accounts:,}"),
        Tile(at.word("counter.books.entries"), f"{trial.entries:,}"),
        Tile(at.word("counter.books.sum"), money.yuan(trial.sum_fen), tone=sound),
        Tile(at.word("counter.books.wrong"), f"{len(trial.wrong):,}", tone=sound),
    ]
    columns = [
        Column("account", at.word("counter.books.account"), "code"),
        Column("what", at.word("counter.books.what")),
    ]
    rows = [
        Row({"account": str(one.account_id), "what": at.word(f"counter.books.{one.what}")}, tone="bad")
        for one in trial.wrong
    ]
    table = table_of(request, at.word("counter.books.caption"), columns, rows) if rows else None
    return at.render(
        "portal/bank/books.html",
        title=at.word("counter.books.good" if trial.sound else "counter.books.bad"),
        lead=at.word("counter.books.lead"),
        tiles=tiles,
        table=table,
        here="/bank/books/",
    )

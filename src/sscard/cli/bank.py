"""`sscard bank`: the daily close of the banks, by hand; the worker does the same by itself each hour."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from sscard.cli.setup import configured
from sscard.kernel import money, words
from sscard.kernel.refusals import Refusal

app = typer.Typer(help="银行日终 / daily close of the banks", no_args_is_help=True)

Bank = Annotated[str, typer.Option("--bank", help="银行代码；不写就是所有银行 / the bank's code; all banks without it")]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--day", formats=["%Y-%m-%d"], help="结到哪一天 / the last day to close; default: the last one that is over"
    ),
]
Lang = Annotated[str, typer.Option("--lang", help="zh | en")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="bank")


@app.callback()
def _bank() -> None:
    """银行日终 / daily close of the banks"""


@app.command()
def close(bank: Bank = "", day: Day = None, lang: Lang = "zh") -> None:
    """Close the business days that are over, with trial balance, and pay interest after settlement days. It can be repeated.

    Exit code 1 when a trial balance does not hold or a bank is refused.
    """
    configured()
    from sscard.bank.savings import close as closing

    try:
        done = [closing.close(bank, day.date() if day else None)] if bank else closing.close_all()
    except Refusal as refusal:
        typer.echo(f"{refusal.sentence(lang)} {refusal.next_step(lang)}", err=True)
        raise typer.Exit(1) from None
    for one in done:
        facts = {"bank": one.bank, "day": one.day.isoformat() if one.day else "–", "days": len(one.trials)}
        typer.echo(words.text("notice", "bank.closed" if one.sound else "bank.closed_unsound", lang, **facts))
        for area, settled, ran in one.interest:
            paid = {"area": area, "day": settled.isoformat(), "paid": ran.paid, "amount": money.yuan(ran.amount_fen)}
            typer.echo("  " + words.text("notice", "bank.interest_paid", lang, **paid))
    raise typer.Exit(int(not all(one.sound for one in done)))

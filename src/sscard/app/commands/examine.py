"""`sscard doctor`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sscard.app import doctor as doctor_
from sscard.app import state
from sscard.app.commands.service import NOT_UP, process_table
from sscard.app.config import load
from sscard.app.faults import sentence

MARKS = {"good": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "bad": "[red]✗[/red]"}


def doctor(
    memory: Annotated[
        bool, typer.Option("--memory", help="各进程的内存（PSS）。 Memory of each process (PSS).")
    ] = False,
) -> None:
    """检查这套安装，用句子说明哪里不对、怎么办。 Say in sentences what is wrong and what to do."""
    config = load(even_unsafe=True)
    console = Console(highlight=False, soft_wrap=True)
    if memory:
        house = state.read(config.home)
        if house is None:
            console.print(sentence("doctor.house_down", config.language))
            raise typer.Exit(NOT_UP)
        console.print(process_table(house, config.language))
        return
    found = doctor_.examine(config)
    for one in found:
        console.print(f"{MARKS[one.level]} {escape(one.sentence(config.language))}")
    bad, warn = (sum(one.level == level for one in found) for level in ("bad", "warn"))
    if bad or warn:
        console.print(sentence("doctor.some_bad", config.language, bad=bad, warn=warn))
    else:
        console.print(sentence("doctor.all_good", config.language))
    if bad:
        raise typer.Exit(1)


def register(root: typer.Typer) -> None:
    root.command()(doctor)

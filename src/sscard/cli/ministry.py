"""`sscard ministry decide`: the virtual informatisation office of the ministry. In production there is none: the real office's
signed file comes instead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sscard.documents.detached import SUFFIX

app = typer.Typer(help="虚拟的部信息化领导小组办公室 · the virtual ministry's office", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """虚拟的部信息化领导小组办公室 · the virtual ministry's office"""


@app.command()
def decide(
    report: Annotated[Path, typer.Argument(help="report.json，旁边要有 .jws / with its .jws beside it")],
    number: Annotated[str, typer.Option(help="文号 / number of the decision")],
    out: Annotated[Path, typer.Option("--out", "-o", help="decision.json")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="有效到 / last day")] = None,
    fail: Annotated[list[str] | None, typer.Option(help="conformance | safety | cross_area")] = None,
) -> None:
    """Decide about a test card on its signed report: decision.json and decision.json.jws. An audit that the report does not
    show as passed is refused."""
    from sscard.cli.setup import configured

    configured()
    from sscard.issuing.rules import AUDITS
    from sscard.sim import ministry

    if unknown := set(fail or ()) - set(AUDITS):
        raise typer.BadParameter(" ".join(sorted(unknown)), param_hint="--fail")
    signature = report.with_name(report.name + SUFFIX).read_text(encoding="ascii")
    file, seal = ministry.decide(
        report.read_bytes(),
        signature,
        number=number,
        until=until.date() if until else None,
        fails=frozenset(fail or ()),
    )
    out.write_bytes(file)
    out.with_name(out.name + SUFFIX).write_text(seal, encoding="ascii")
    typer.echo(f"→ {out}\n→ {out.name}{SUFFIX}")

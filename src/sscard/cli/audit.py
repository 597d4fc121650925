"""`sscard audit verify`: is the audit trail whole?"""

from __future__ import annotations

import typer

app = typer.Typer(help="审计记录 · the audit trail", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """审计记录 · the audit trail"""


@app.command()
def verify() -> None:
    """Find a changed, removed, inserted or re-ordered row and a cut tail; says how many rows are not sealed yet."""
    import psycopg
    from rich.console import Console

    from sscard.cli.setup import configured

    config = configured()
    from sscard.control import verifier

    out = Console(highlight=False)
    with psycopg.connect(config.urls().sealer, autocommit=True) as connection:
        report = verifier.verify(connection, config.home / "audit" / "heads.jsonl")
    out.print(
        f"核对 {report.links} 行，库外链头 {report.heads} 个，尚未封存 {report.unsealed} 行。\n"
        f"{report.links} rows checked, {report.heads} heads anchored outside, {report.unsealed} not sealed yet."
    )
    for kind, place, en, zh in report.faults[:200]:
        out.print(f"[red]✗[/] {kind}: {place}\n  {zh}\n  {en}")
    if not report.sound:
        out.print(f"[red]发现 {len(report.faults)} 处问题。请保护现场并报告安全管理员。[/]")
        out.print(f"[red]{len(report.faults)} faults. Keep everything as it is and tell the security administrator.[/]")
        raise typer.Exit(1)
    out.print("[green]审计记录完整。The audit trail is whole.[/]")

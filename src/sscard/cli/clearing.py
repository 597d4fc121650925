"""`sscard clearing`: joining a clearing house, and one round with it by hand."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sscard.cli.setup import configured
from sscard.kernel import words

app = typer.Typer(help="跨行清算 / clearing between banks", no_args_is_help=True)
Lang = Annotated[str, typer.Option("--lang", help="zh | en")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="clearing")


@app.command()
def public() -> None:
    """Print our banks and the public key that their messages are signed with, for the clearing house to keep."""
    configured()
    from sscard.kernel import clock
    from sscard.kernel.keyclient import keys
    from sscard.law import areas

    banks = sorted({bank.code for area in areas.all_areas() for bank in area.banks(clock.today(area.code))})
    typer.echo(json.dumps({"public": keys().public_key("clearing").hex(), "banks": banks}))


@app.command()
def connect(
    url: Annotated[str, typer.Argument(help="地址 / address, such as http://127.0.0.1:8462")],
    public: Annotated[str, typer.Argument(help="清算中心的公钥 / the clearing house's public key, 128 hex digits")],
    lang: Lang = "zh",
) -> None:
    """Keep where the clearing house is and by which key its words are known."""
    configured()
    from django.conf import settings

    from sscard.bank.savings.clearing_http import FILE
    from sscard.keys.store import write_durably

    try:
        sound = len(bytes.fromhex(public)) == 64 and url.startswith(("http://", "https://"))
    except ValueError:
        sound = False
    if not sound:
        typer.echo(words.text("notice", "bank.clearing_form", lang), err=True)
        raise typer.Exit(1)
    write_durably(settings.CONFIG.home / FILE, json.dumps({"url": url, "public": public}).encode())
    typer.echo(words.text("notice", "bank.clearing_joined", lang, url=url))


@app.command("round")
def round_(lang: Lang = "zh") -> None:
    """Send what is due, answer what came, book what was decided. Exit code 1 when the clearing house cannot be reached."""
    configured()
    from dataclasses import asdict

    from django.conf import settings

    from sscard.bank.savings import clearing_http, exchange

    done = exchange.run(clearing_http.connected(settings.CONFIG.home))
    typer.echo(words.text("notice", "bank.clearing_round", lang, **asdict(done)))
    raise typer.Exit(int(bool(done.down)))

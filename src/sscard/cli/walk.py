"""`sscard walk`: one person of a roster taken through the whole service by the outside, told step by step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from sscard.cli.setup import configuration
from sscard.kernel import words
from sscard.sim.story import ready


def walk(
    seed: Annotated[
        int | None,
        typer.Option(help="给定种子时每次打印的文字相同，编号和时间打掩码 same seed, same text: ids and times masked"),
    ] = None,
    document: Annotated[
        str, typer.Option(help="讲某份文档的路：000、001、002、003、004 a document's journey: 000 to 004")
    ] = "",
    area: Annotated[str, typer.Option(help="地区 area: 990100, 990200")] = "990100",
    lang: Annotated[str, typer.Option(help="zh | en; default: as configured")] = "",
    colour: Annotated[bool, typer.Option("--color/--no-color", help="彩色 colour")] = True,
    server: Annotated[str, typer.Option(help="服务地址 address of the service; default: this installation's")] = "",
    trust: Annotated[Path | None, typer.Option(help="签发证书的机构 authority of its certificate")] = None,
) -> None:
    """带一个人从名册走到能刷的卡。 Take one person from the roster to a card that pays. Exit code 1 if a row is not green."""
    config = configuration()
    from rich.console import Console

    from sscard.sim.story import stories
    from sscard.sim.story.tell import Teller
    from sscard.sim.story.world import PLACES, World, saying

    lang = lang if lang in words.LANGUAGES else config.language
    story = stories.find(document, area)
    if story is None or area not in PLACES:
        known = ", ".join(stories.DOCUMENTS)
        typer.echo(words.text("notice", "sim.walk.no_document", lang, document=document or area, known=known), err=True)
        raise typer.Exit(1)
    authority = trust or (config.home / "tls" / "authority.pem" if not server else None)
    address = server or config.portal_url
    if not ready.within(address, authority, 0):
        typer.echo(words.text("notice", "sim.walk.waits", lang, address=address), err=True)
        if not ready.within(address, authority, ready.WITHIN_S):
            _not_up(lang, address)
    world = World(address, authority, config.home, lang, area, seed)
    if not world.book.staff():
        said = words.text("notice", "sim.walk.no_demo", lang) + words.next_step("notice", "sim.walk.no_demo", lang)
        typer.echo(said, err=True)
        raise typer.Exit(1)
    plain = not colour or "NO_COLOR" in os.environ
    console = Console(highlight=False, soft_wrap=True, no_color=plain, width=None if not seed else 120)
    with saying(lang):
        try:
            good = Teller(world, console).tell(story)
        except ready.AWAY:  # it went away, and did not come back in a minute
            _not_up(lang, address)
    raise typer.Exit(0 if good else 1)


def _not_up(lang: str, address: str) -> NoReturn:
    said = words.text("notice", "sim.walk.not_up", lang, address=address)
    typer.echo(said + words.next_step("notice", "sim.walk.not_up", lang), err=True)
    raise typer.Exit(1)


def register(root: typer.Typer) -> None:
    root.command()(walk)

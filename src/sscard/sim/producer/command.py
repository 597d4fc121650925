"""The commands of the producer's program: `sscard producer …`, or `python -m sscard.sim.producer …`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sscard.chip.drawer import Drawer
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.sim.producer.factory import Quality
from sscard.sim.producer.program import Done, Producer, default_home, set_up

app = typer.Typer(help="虚拟制卡单位。 The virtual producer.", no_args_is_help=True)

Home = Annotated[Path | None, typer.Option("--home", help="制卡单位自己的文件夹 the producer's own folder")]


def _lang() -> str:
    return "en" if os.environ.get("SSCARD_LANGUAGE", "zh").lower() == "en" else "zh"


@app.command("set-up")
def set_up_(
    code: Annotated[str, typer.Option(help="机构代码 organisation code")],
    home: Annotated[Path, typer.Option(help="制卡单位自己的文件夹 the producer's own folder")],
) -> None:
    """生成密钥，打印公钥。 Make the keys and print the public halves as JSON."""
    typer.echo(json.dumps(set_up(home, code), indent=1))


@app.command("trust")
def trust(
    file: Annotated[Path, typer.Argument(help="发卡地区的公钥文件 file of an area's public keys")],
    home: Annotated[Path, typer.Option(help="制卡单位自己的文件夹 the producer's own folder")],
) -> None:
    """登记发卡地区的公钥。 Keep an issuing area's public keys."""
    try:
        issuer = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Refusal("sim.producer_trust_form") from None
    Producer(home).trust(issuer)
    typer.echo(words.text("page", "producer.trusted", _lang(), issuer=issuer["issuer"]))


@app.command("run")
def run(
    inbox: Annotated[Path, typer.Option(help="数据包文件夹 folder of packages (*.package)")],
    outbox: Annotated[Path, typer.Option(help="回盘文件夹 folder for returns")],
    home: Home = None,
    wallet: Annotated[Path | None, typer.Option(help="虚拟卡文件夹 wallet folder; default: <outbox>/wallet")] = None,
    drawer: Annotated[
        Path | None, typer.Option(help="成品虚拟卡的抽屉 drawer of finished virtual cards; default: beside the wallet")
    ] = None,
    spoil: Annotated[str, typer.Option(help="废卡比例 share of spoiled cards")] = "2%",
    missing: Annotated[str, typer.Option(help="缺失比例 share of cards that get lost")] = "0%",
    seed: Annotated[int | None, typer.Option(help="随机种子 seed; the same seed spoils the same cards")] = None,
    watch: Annotated[float, typer.Option(help="每隔几秒再看一次 look again every so many seconds; 0: once")] = 0,
) -> None:
    """制作收件箱里的批次。 Make the batches in the inbox; exit code 1 if a package was refused."""
    producer = Producer(home or default_home(inbox))
    quality = Quality(_share(spoil), _share(missing))
    shelf = wallet or outbox / "wallet"
    cards = Drawer(drawer) if drawer else None
    work = (
        producer.watch(inbox, outbox, shelf, quality, seed=seed, seconds=watch, drawer=cards)
        if watch > 0
        else producer.run(inbox, outbox, shelf, quality, seed=seed, drawer=cards)
    )
    refused = 0
    for one in work:
        refused += not isinstance(one, Done)
        typer.echo(_said(one))
    if refused:
        raise typer.Exit(1)


def _said(one: Done | tuple[Path, Refusal]) -> str:
    lang = _lang()
    if not isinstance(one, Done):
        path, refusal = one
        facts = {"sentence": refusal.sentence(lang), "next": refusal.next_step(lang)}
        return words.text("page", "producer.refused", lang, file=path.name, **facts)
    facts = {"batch": one.batch, "boxes": len(one.boxes), "file": one.answer.name, **one.totals}
    return words.text("page", "producer.again" if one.repeated else "producer.done", lang, **facts)


def _share(text: str) -> float:
    """2% or 0.02."""
    try:
        value = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise Refusal("sim.producer_share", share=text[:20]) from None
    if not 0 <= value <= 1:
        raise Refusal("sim.producer_share", share=text[:20])
    return value


def main() -> None:
    """Refusals are sentences on standard error, with their next step: exit code 1."""
    try:
        app(prog_name="sscard producer")
    except Refusal as refusal:
        lang = _lang()
        sys.exit(f"{refusal.sentence(lang)} {refusal.next_step(lang)}".rstrip())

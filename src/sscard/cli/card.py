"""`sscard card …`: virtual cards for readers, and what a terminal does with any card in a reader. Needs no database."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from sscard.cli.in_reader import in_reader

app = typer.Typer(help="社保卡：虚拟卡、读卡、验卡 / cards: virtual cards, reading, auditing", no_args_is_help=True)

Seal = Annotated[
    str, typer.Option("--seal", help="封存密钥文件 / file of the seal key; default: chip.seal beside the card")
]
Reader = Annotated[
    str, typer.Option("--reader", "-r", help="读卡器名称或序号 / name, its beginning, or number of a reader")
]
PsamOption = Annotated[
    str, typer.Option("--psam", help="test = 测试密钥 / test keys; 或读卡器名称 / or the reader of a PSAM")
]


@app.command()
def make(
    out: Annotated[Path, typer.Option("--out", "-o", help="card.json")],
    version: Annotated[str, typer.Option(help="1.0 | 2.0 | 3.0")] = "3.0",
    algorithm: Annotated[str, typer.Option(help="3des | sm4")] = "sm4",
    area: Annotated[str, typer.Option(help="发卡地区 / issuing area")] = "990100",
    number: Annotated[int, typer.Option(help="第几位测试持卡人 / which of the made-up holders, 1 to 499")] = 1,
    long_name: Annotated[
        bool, typer.Option("--long-name", help="用姓名扩展 / a name that needs the extension")
    ] = False,
    of: Annotated[str, typer.Option(help="数据库中一张卡的卡号 / number of a card of the database")] = "",
    choice: Annotated[
        list[str] | None, typer.Option("--choice", help="名称=值 / name=value of docs/readers.md, once for each")
    ] = None,
    seal: Seal = "",
) -> None:
    """Make a card file: of a made-up holder, or a copy of a card of the database. Keys are TEST keys that anybody can
    compute."""
    from sscard.chip.card import FileStore
    from sscard.chip.choices import Choices
    from sscard.chip.personal import demo

    if of:
        from sscard.cli.card_of import in_drawer

        image = in_drawer(area, of).load()
    else:
        if not 1 <= number <= 499:
            raise typer.BadParameter("1 … 499", param_hint="--number")
        choices = Choices.of(dict(one.partition("=")[::2] for one in choice or []))
        image = demo.card(
            version=version, algorithm=algorithm, area=area, sequence=number, long_name=long_name, choices=choices
        )
    out.unlink(missing_ok=True)
    FileStore(out, seal or None).save(image)
    typer.echo(f"{out}  {version} {algorithm}  {image.label}")
    if not of:
        typer.echo(f"社保密码 / social password: {demo.PIN}")


@app.command()
def insert(
    cards: Annotated[
        list[str] | None,
        typer.Argument(help="卡号或卡文件，最多两张 / card numbers of the database or card.json, at most two"),
    ] = None,
    wrong: Annotated[
        list[str] | None,
        typer.Option("--wrong", help="故意做错的卡，名称见 card wrong / a deliberately wrong card of `card wrong`"),
    ] = None,
    reader: Annotated[
        list[str] | None, typer.Option("--reader", "-r", help="127.0.0.1:35963; once for each card")
    ] = None,
    profile: Annotated[str, typer.Option(help="apdu | t0")] = "apdu",
    psam: Annotated[
        bool, typer.Option("--psam", help="插入测试 PSAM 而非卡 / a test PSAM of the card's area and algorithm")
    ] = False,
    trace: Annotated[bool, typer.Option("--trace", help="显示命令头和状态字 / show headers and status words")] = False,
    area: Annotated[str, typer.Option(help="卡号所在的发卡地区 / issuing area of the card numbers")] = "990100",
    seal: Seal = "",
) -> None:
    """Put cards into virtual readers until Ctrl-C: cards of the database by their number, as the producer made them, or
    card files; deliberately wrong ones, which last as long as they lie there. With --psam the second reader gets the
    terminal's PSAM of the first card."""
    from sscard.chip.card.transport import PROFILES

    right, spoilt = cards or [], wrong or []
    several = len(right) + len(spoilt)
    if profile not in PROFILES or not 1 <= several <= 2 or (psam and several != 1):
        raise typer.BadParameter("apdu | t0; 1 or 2 cards; --psam with one card")
    from sscard.cli import card_of, card_wrong

    with ExitStack() as hands:
        behind = [card_of.powered(hands, card, area, seal, profile) for card in right]
        behind += [card_wrong.powered(name, profile) for name in spoilt]
        _in_readers(behind, reader, psam=psam, trace=trace)


@app.command("wrong")
def wrong_cards() -> None:
    """List the deliberately wrong cards: name, kind of card, and the item of the conformance suite that finds it."""
    from sscard.cli.card_wrong import lines

    for line in lines():
        typer.echo(line)


def _in_readers(behind: list[Any], reader: list[str] | None, *, psam: bool, trace: bool) -> None:
    from sscard.chip.reader import vpcd

    if psam:
        from sscard.cli.card_audit import psam_of

        behind.append(psam_of(behind[0].card.image))
    places = list(reader or []) or [f"{vpcd.HOST}:{vpcd.PORT + n}" for n in range(len(behind))]
    if len(places) != len(behind):
        raise typer.BadParameter(f"{len(behind)}", param_hint="--reader")
    inside = [
        vpcd.InReader(card, *vpcd.place(place), trace=_told if trace else None)
        for card, place in zip(behind, places, strict=True)
    ]
    for one, place in zip(inside, places, strict=True):
        one.start()
        typer.echo(f"已插入 / inserted: {place}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        for one in inside:
            one.take_out()


def _told(command: bytes, answer: bytes) -> None:
    """Header, lengths and status word: never data, which may be a password."""
    typer.echo(f"{command[:4].hex(' ')}  {len(command)} → {len(answer) - 2}  {answer[-2:].hex()}")


@app.command()
def readers() -> None:
    """List the readers that PC/SC knows."""
    from sscard.chip.reader import pcsc

    for number, name in enumerate(pcsc.readers()):
        typer.echo(f"{number}  {name}")


@app.command()
def read(
    reader: Reader = "0",
    psam: PsamOption = "",
    pin: Annotated[bool, typer.Option("--pin", help="询问社保密码 / ask for the social password")] = False,
    everything: Annotated[bool, typer.Option("--all", help="所有应用 / all applications, not SSSE alone")] = False,
    full: Annotated[bool, typer.Option("--full", help="不遮盖 / do not mask personal values")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    line: Annotated[
        bool, typer.Option("--line", help="读卡接口的竖线格式 / the line of the national reader interface")
    ] = False,
) -> None:
    """Read the card in a reader, virtual or real."""
    from sscard.chip.card.pins import packed
    from sscard.chip.reader.reading import masked, read_card, reader_string

    with in_reader(reader, psam) as terminal:
        card = read_card(terminal, packed(_ask()) if pin else b"", everything=everything)
    if line:
        typer.echo(reader_string(card))
        return
    show = (lambda _, value: value) if full else masked
    if as_json:
        typer.echo(json.dumps(_as_data(card, show), ensure_ascii=False, indent=1, default=lambda raw: raw.hex()))
        return
    from sscard.cli.card_said import lines

    for said in lines(card, show):
        typer.echo(said)


def _as_data(card: Any, show: Any) -> dict[str, Any]:
    about = {"version": card.version, "algorithm": card.algorithm, "area": card.area, "genuine": card.genuine}
    files = {
        one.file.place: {
            "zh": one.file.zh, "en": one.file.en, "refused": one.why_not,
            "values": {name: show(name, value) for name, value in one.values.items()},
        }
        for one in card.files
    }  # fmt: skip
    return {**about, "files": files}


@app.command("verify-pin")
def verify_pin(reader: Reader = "0") -> None:
    """Check the social password on the chip. It is asked for here and goes to the card only."""
    from sscard.chip.card.pins import packed

    with in_reader(reader, "") as terminal:
        terminal.begin()
        left = terminal.tries_left()
        if not left:
            typer.echo("没有社保密码 / no password is set" if left is None else "已锁定 / blocked")
            raise typer.Exit(1)
        answer = terminal.verify(packed(_ask()))
        if not answer.good:
            typer.echo(f"密码错误，还可输入 {answer.sw & 0x0F} 次 / wrong, {answer.sw & 0x0F} tries left")
            raise typer.Exit(1)
    typer.echo("密码正确 / right")


@app.command()
def audit(
    reader: Reader = "0",
    file: Annotated[
        Path | None, typer.Option("--file", help="虚拟卡文件（检查其副本）/ a card file: a copy of it is audited")
    ] = None,
    psam: PsamOption = "test",
    foreign: Annotated[
        str,
        typer.Option("--foreign", help="另一地区的 PSAM：test 或读卡器 / PSAM of another area: test, or its reader"),
    ] = "test",
    pin: Annotated[bool, typer.Option("--pin", help="询问社保密码 / ask for it; else that of made-up cards")] = False,
    destructive: Annotated[
        bool, typer.Option("--destructive", help="含锁卡项目，卡将报废 / with blocking: the card is used up")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="report.json")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="report.pdf")] = None,
    choice: Annotated[
        list[str] | None,
        typer.Option(
            "--choice", help="读卡器里的卡的做法，名称=值 / how the card in the reader was made, once for each"
        ),
    ] = None,
    supplier: Annotated[str, typer.Option(help="测试卡报告：供应商 / of a test card: as in the permit")] = "",
    plant: Annotated[str, typer.Option(help="正常生产环境 / the plant that made it")] = "",
    product: Annotated[str, typer.Option(help="产品 / product")] = "",
    chip: Annotated[str, typer.Option(help="芯片 / chip")] = "",
    cos: Annotated[str, typer.Option(help="COS 及版本 / COS and its version")] = "",
    asked_by: Annotated[str, typer.Option("--asked-by", help="送检单位 / who asked for the examination")] = "",
) -> None:
    """Conformance suite: is this card as the standard says? Exit code 1 when an item fails. With the product named, the
    report is a test card's: signed, as evidence for the ministry's office."""
    from sscard.chip.choices import Choices
    from sscard.chip.conformance import run_suite
    from sscard.chip.personal import demo
    from sscard.cli import card_audit

    named = {"supplier": supplier, "plant": plant, "product": product, "chip": chip, "cos": cos, "asked_by": asked_by}
    wanted = card_audit.Wanted(out, pdf, card_audit.subject_of(named))
    choices = Choices.of(dict(one.partition("=")[::2] for one in choice or []))
    digits = _ask() if pin else demo.PIN
    if file:
        report = card_audit.audit_file(file, foreign, digits)
    else:
        with in_reader(reader, psam) as terminal:
            terminal.open()
            other, its_reader = card_audit.foreign_psam(foreign, terminal.area, card_audit.named(terminal.algorithm))
            report = run_suite(
                terminal.card, terminal.psam, digits, destructive=destructive, foreign=other, choices=choices
            )
            if its_reader:
                its_reader.close()
    typer.echo(report.as_text())
    for path in card_audit.write(report, wanted):
        typer.echo(f"→ {path}")
    raise typer.Exit(0 if report.passed else 1)


def _ask() -> str:
    """The password, unseen at a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("社保密码 / social password", hide_input=True))
    return sys.stdin.readline().strip()


@app.command()
def table() -> None:
    """Print docs/card-files.md: every file, record and rule of the three versions."""
    from sscard.chip.files.document import document

    typer.echo(document(), nl=False)


@app.command()
def passwords() -> None:
    """Print docs/passwords.md: which business asks which password."""
    from sscard.terminals.passwords_document import document

    typer.echo(document(), nl=False)

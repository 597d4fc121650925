"""The virtual devices as one program: `python -m sscard.sim.devices …`, or `sscard device …`.

It speaks to the service over HTTPS like real devices. The PIN is read from the terminal or from standard input, never
from the command line. Where the service and the wallet are may stand in SSCARD_DEVICE_SERVER, SSCARD_DEVICE_WALLET and
SSCARD_DEVICE_TRUST.
"""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sscard.sim.devices.desk import Desk
from sscard.sim.devices.signing_pad import PadRefused
from sscard.terminals.client import DeviceRefused

app = typer.Typer(
    help="虚拟读卡器、卡槽、密码键盘和摄像头。 Virtual ID reader, card slot, PIN pad and camera.", no_args_is_help=True
)
id_reader = typer.Typer(help="身份证阅读器 ID-card reader", no_args_is_help=True)
card_slot = typer.Typer(help="卡槽 Card slot", no_args_is_help=True)
pin_pad = typer.Typer(help="密码键盘 PIN pad", no_args_is_help=True)
camera = typer.Typer(help="摄像头 Camera", no_args_is_help=True)
for _name, _group in (("id-reader", id_reader), ("card-slot", card_slot), ("pin-pad", pin_pad), ("camera", camera)):
    app.add_typer(_group, name=_name)

Terminal = Annotated[str, typer.Option(help="终端编号 code of the terminal")]
Server = Annotated[str, typer.Option(envvar="SSCARD_DEVICE_SERVER", help="服务地址 address of the service")]
Folder = Annotated[Path, typer.Option("--wallet", envvar="SSCARD_DEVICE_WALLET", help="钱包文件夹 wallet folder")]
Trust = Annotated[
    Path | None, typer.Option(envvar="SSCARD_DEVICE_TRUST", help="签发证书的机构 authority of the certificate")
]


@id_reader.command("present")
def present(
    terminal: Terminal,
    server: Server,
    wallet: Folder,
    person: Annotated[str, typer.Option(help="钱包里的人，或文件 person in the wallet, or a file")],
    copy: Annotated[bool, typer.Option("--copy", help="放的是复印件 a photocopy lies on the reader")] = False,
    trust: Trust = None,
) -> None:
    """把身份证放在读卡器上。 Lay an ID card on the reader."""
    _do(terminal, server, wallet, trust, lambda desk: desk.present_id(person, source="copy" if copy else "original"))


@card_slot.command("insert")
def insert(
    terminal: Terminal,
    server: Server,
    wallet: Folder,
    card: Annotated[str, typer.Option(help="钱包里的卡，或文件 card in the wallet, or a file")],
    trust: Trust = None,
) -> None:
    """把社会保障卡插进卡槽。 Insert a social security card."""
    _do(terminal, server, wallet, trust, lambda desk: desk.insert_card(card))


@pin_pad.command("enter")
def enter(
    terminal: Terminal,
    server: Server,
    wallet: Folder,
    new: Annotated[bool, typer.Option("--new", help="输入的是新密码 this is the new PIN")] = False,
    trust: Trust = None,
) -> None:
    """在密码键盘上输入密码。 Enter a PIN; it is asked for, or read from standard input."""
    _do(terminal, server, wallet, trust, lambda desk: desk.enter_pin(_typed(), new=new))


@pin_pad.command("sign")
def sign(
    terminal: Terminal,
    server: Server,
    wallet: Folder,
    document: Annotated[Path, typer.Option(help="申请人看到的文件 the document as shown, once it is there")],
    trust: Trust = None,
    wait: Annotated[int, typer.Option(help="最多等几秒 seconds to wait for it")] = 300,
) -> None:
    """在密码键盘上签一份文件，钥匙只用这一次。 Sign a document on the pad with a key made for it alone."""

    def work(desk: Desk) -> dict[str, Any]:
        pad = desk.signing_pad()
        pad.offer_key(_typed("自己定一个确认码，至少四位 A release of your own choice, four signs or more: "))
        typer.echo(_SAVE.format(document=document))
        end = time.monotonic() + wait
        while not (asked := pad.asked()) or not document.is_file():
            if time.monotonic() > end:
                raise DeviceRefused(
                    "pad.nothing_asked", {"zh": "没有等到要签的文件。", "en": "No document came."}, {"zh": "", "en": ""}
                )
            time.sleep(0.5)
        typer.echo(f"{asked['title']} {asked['digest'][:16]}…")
        return pad.sign(_typed("再输一次确认码 The same release again: "), document.read_bytes())

    _do(terminal, server, wallet, trust, work)


@camera.command("look")
def look(
    terminal: Terminal,
    server: Server,
    wallet: Folder,
    person: Annotated[str, typer.Option(help="站在镜头前的人 who stands before the camera")],
    photo: Annotated[bool, typer.Option("--photo", help="举着一张照片 a photo is held up instead")] = False,
    trust: Trust = None,
) -> None:
    """摄像头看一眼。 Let the camera look."""
    _do(terminal, server, wallet, trust, lambda desk: desk.look(person, live=not photo))


_SAVE = (
    "请在终端屏幕上按“准备协议”，再把“看协议全文”打开的文件存成 {document}\n"
    'On the screen press "Make the agreement ready", then save what "Read the whole agreement" opens as {document}'
)


def _do(terminal: str, server: str, wallet: Path, trust: Path | None, what: Callable[[Desk], dict[str, Any]]) -> None:
    try:
        answer = what(Desk(server, wallet, terminal, trust=trust))
    except PadRefused as no:
        typer.echo(f"没有签名：{no.zh}。\nNot signed: {no}.", err=True)
        raise typer.Exit(1) from None
    except DeviceRefused as refused:
        typer.echo(f"{refused.sentence['zh']}{refused.next_step['zh']}", err=True)
        typer.echo(f"{refused.sentence['en']} {refused.next_step['en']}".strip(), err=True)
        raise typer.Exit(1) from None
    except FileNotFoundError as missing:
        name = Path(str(missing.filename)).name
        typer.echo(f"钱包里没有 {name}。 The wallet has no {name}.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{answer['kind']}: {answer['state']}")


def _typed(asked: str = "密码 PIN: ") -> str:
    if sys.stdin.isatty():
        return getpass.getpass(asked)
    return sys.stdin.readline().strip()

"""`sscard reader …`: the reader service of a desk. It runs on the desk's machine and needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="柜台读卡服务 / the reader service of a desk", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """柜台读卡服务 / the reader service of a desk"""


@app.command()
def serve(
    terminal: Annotated[str, typer.Option(help="终端编号 / code of the terminal")],
    server: Annotated[str, typer.Option(envvar="SSCARD_DEVICE_SERVER", help="服务地址 / https address of the service")],
    wallet: Annotated[
        Path, typer.Option(envvar="SSCARD_DEVICE_WALLET", help="存放终端密钥的文件夹 / folder with the terminal's keys")
    ],
    origin: Annotated[
        list[str] | None, typer.Option(help="允许的网页来源 / origins of pages that may order; default: the service")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(envvar="SSCARD_DEVICE_TRUST", help="签发证书的机构 / authority of its certificate")
    ] = None,
    reader: Annotated[
        str,
        typer.Option(
            "--reader",
            "-r",
            help="读卡器名称或序号；不写则用插着卡的那个 / name or number; default: the one that holds a card",
        ),
    ] = "",
    pad: Annotated[
        str, typer.Option(help="console = 本窗口 / this window; 或 pinentry 程序 / or a pinentry program")
    ] = "console",
    port: Annotated[int, typer.Option(help="本机端口 / port on loopback")] = 17650,
) -> None:
    """Serve the pages of this desk until Ctrl-C: page → loopback → reader. Passwords are typed here, never in a page."""
    from sscard.chip.desk.orders import Orders
    from sscard.chip.desk.pads import pad_named
    from sscard.chip.desk.service import ReaderService
    from sscard.chip.reader.pcsc import the_card
    from sscard.sim.devices.wallet import Wallet
    from sscard.terminals.client import Device, Server

    post = Server(server, trust)
    folder = wallet / "terminals" / terminal
    keys = {
        kind: Wallet(wallet).device(terminal, kind)
        for kind in ("card_slot", "pin_pad")
        if (folder / f"{kind}.json").is_file()
    }
    if "card_slot" not in keys:
        raise typer.BadParameter(f"{folder}: card_slot.json", param_hint="--terminal")
    slot, pin_pad = Device(post, keys["card_slot"]), keys.get("pin_pad")
    orders = Orders(slot, Device(post, pin_pad) if pin_pad else None, lambda: the_card(reader), pad_named(pad))
    with ReaderService(orders, frozenset(origin or [server.rstrip("/")]), port) as service:
        typer.echo(f"读卡服务 / reader service: http://127.0.0.1:{service.server_port}  {terminal}")
        try:
            service.serve_forever()
        except KeyboardInterrupt:
            typer.echo("")

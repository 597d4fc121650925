"""The commands of the clearing house's program: `python -m sscard.sim.clearing …`."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from sscard.sim.clearing.folder import set_up, trust
from sscard.sim.clearing.server import House, server

app = typer.Typer(help="虚拟清算中心。 The virtual clearing house.", no_args_is_help=True)
Home = Annotated[Path, typer.Option("--home", help="清算中心自己的文件夹 the clearing house's own folder")]


@app.command("set-up")
def set_up_(home: Home) -> None:
    """生成密钥，打印公钥。 Make the keys and print the public half."""
    typer.echo(json.dumps({"public": set_up(home)}))


@app.command("trust")
def trust_(
    core: Annotated[Path, typer.Argument(help="银行核心的公钥文件 the banks' core: public key and banks")], home: Home
) -> None:
    """登记参加行和它们的公钥。 Keep the participants and their public key."""
    found = json.loads(core.read_text(encoding="utf-8"))
    try:
        trust(home, str(found["public"]), [str(bank) for bank in found["banks"]])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.command("serve")
def serve(home: Home, port: Annotated[int, typer.Option(help="端口 port on 127.0.0.1")] = 8462) -> None:
    """运行清算中心，直到被终止。 Serve until it is told to end."""
    running = server(House(home), port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=running.shutdown).start())
    typer.echo(f"http://127.0.0.1:{running.server_address[1]}")
    running.serve_forever(poll_interval=0.2)


def main() -> None:
    app(prog_name="sscard-clearing")

"""`sscard psam …`: a software PSAM with the terminal's half of an area's own keys. Needs no database."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="软件 PSAM 卡 / software PSAMs with an area's own keys", no_args_is_help=True)


@app.command()
def make(
    load: Annotated[Path, typer.Argument(help="载体页面下载的文件 / the file from the carrier's page")],
    home: Annotated[Path, typer.Option(help="登记过的制卡设备的文件夹 / folder of the admitted machine (producer)")],
    out: Annotated[Path, typer.Option("--out", "-o", help="PSAM 文件 / file of the finished PSAM")],
) -> None:
    """Run the loading commands into a blank PSAM, on the machine they are wrapped for."""
    from sscard.chip.psam import making
    from sscard.keys.parties import PartyKeys

    held = making.make(making.read(load), PartyKeys.load(home / "keys.json").receiving.unwrap)
    making.keep(held, out)
    typer.echo(f"{out}  {held.number}  {held.label}  {len(held.keys)} 把密钥 / keys")


@app.command()
def insert(
    file: Annotated[Path, typer.Argument(help="PSAM 文件 / file of the PSAM")],
    reader: Annotated[str, typer.Option("--reader", "-r", help="127.0.0.1:35964")] = "",
) -> None:
    """Put it into a virtual reader (the second one) until Ctrl-C; `sscard card read --psam` names that reader."""
    from sscard.chip.psam import making
    from sscard.chip.reader import vpcd

    place = reader or f"{vpcd.HOST}:{vpcd.PORT + 1}"
    inside = vpcd.InReader(making.psam(making.kept(file)), *vpcd.place(place))
    inside.start()
    typer.echo(f"已插入 / inserted: {place}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        inside.take_out()

"""`sscard up | down | status | migrate`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from sscard.app import state
from sscard.app.config import Config, load
from sscard.app.faults import sentence
from sscard.app.memory import tree
from sscard.app.supervisor import Supervisor, UpFault

DOWN_WAIT_S = 120
NOT_UP = 3  # exit code of `status` and `down`, as of init scripts
SAID_CHARACTERS = 3000


def teller(config: Config) -> Any:
    """Prints what the supervisor tells, one line each."""
    console = Console(highlight=False, soft_wrap=True)

    def tell(code: str, facts: dict[str, Any]) -> None:
        console.print(
            f"[dim]{datetime.now().astimezone():%H:%M:%S}[/dim] {sentence(f'up.{code}', config.language, **facts)}"
        )

    return tell


def migrate_apart(config: Config) -> None:
    """Migrations in a process of their own: the supervisor stays small, and needs no Django."""
    command = [sys.executable, "-m", "sscard.app.command", "migrate"]
    environ = {**os.environ, "SSCARD_HOME": str(config.home)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, start_new_session=True)
    if done.returncode != 0:
        raise UpFault("up.not_migrated", said=(done.stdout + done.stderr).strip()[-SAID_CHARACTERS:])


def up() -> None:
    """启动全部进程，Ctrl-C 停止。 Start everything in the foreground; Ctrl-C stops it."""
    config = load()
    tell = teller(config)

    def prepare() -> None:
        tell("migrating", {})
        migrate_apart(config)

    Supervisor(config, tell=tell, prepare=prepare).run()


def down() -> None:
    """停止正在运行的 sscard。 Stop what `sscard up` started."""
    config = load(even_unsafe=True)
    house = state.read(config.home)
    if house is None:
        typer.echo(sentence("down.not_up", config.language))
        raise typer.Exit(NOT_UP)
    os.kill(house.pid, signal.SIGTERM)
    end = time.monotonic() + DOWN_WAIT_S
    while house.alive():
        if time.monotonic() > end:
            raise UpFault("down.too_long", seconds=DOWN_WAIT_S, pid=house.pid, log=config.logs)
        time.sleep(0.1)
    typer.echo(sentence("down.done", config.language))


def status() -> None:
    """各进程：进程号、启动时间、重启次数、内存、地址。 The processes, since when, restarts, memory, address."""
    config = load(even_unsafe=True)
    house = state.read(config.home)
    if house is None:
        typer.echo(sentence("doctor.house_down", config.language))
        raise typer.Exit(NOT_UP)
    Console(highlight=False).print(process_table(house, config.language))


def process_table(house: state.State, language: str) -> Table:
    """One row a process, its memory counted with all that it started."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("process", "pid", "since", "restarts", "memory", "address"):
        right = column in ("pid", "restarts", "memory")
        whole = right or column == "since"
        table.add_column(
            sentence(f"table.{column}", language), justify="right" if right else "left", overflow="fold", no_wrap=whole
        )
    own = [one for one in tree(house.pid) if one.pid == house.pid]
    total = _row(table, "sscard", house.pid, house.since, 0, sum(one.pss_kib for one in own), "")
    for child in house.children:
        kib = sum(max(one.pss_kib, 0) for one in tree(child.pid)) if child.pid else 0
        address = child.address if child.pid else sentence("table.waits", language)
        total += _row(table, child.name, child.pid, child.since, child.restarts, kib, address)
    table.add_row(sentence("table.sum", language), "", "", "", f"{total / 1024:.0f}", "")
    return table


def _row(table: Table, name: str, pid: int, since: float, restarts: int, kib: int, address: str) -> int:
    when = f"{datetime.fromtimestamp(since).astimezone():%m-%d %H:%M:%S}"
    table.add_row(name, str(pid or "–"), when, str(restarts), f"{kib / 1024:.0f}", address)
    return kib


def migrate() -> None:
    """把数据库表结构更新到最新。 Bring the database's tables up to date."""
    from sscard.app.migrate import migrate as bring_up_to_date

    bring_up_to_date(load())


def register(root: typer.Typer) -> None:
    for command in (up, down, status, migrate):
        root.command()(command)

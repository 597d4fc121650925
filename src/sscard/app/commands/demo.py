"""`sscard demo`: the house with a filled city and its story; then it goes on serving where somebody is watching."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sscard.app import demo_home
from sscard.app.children import dies_with_us
from sscard.app.commands.service import migrate_apart, teller
from sscard.app.config import Config, load
from sscard.app.faults import sentence
from sscard.app.memory import tree
from sscard.app.processes import socket_answers
from sscard.app.supervisor import Supervisor, UpFault

SAID_CHARACTERS = 3000
KEYS_TRIES, KEYS_PAUSE_S = 600, 0.1
LEAN = {
    "MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": str(512 * 1024), "SSCARD_PORTAL_THREADS": "5",
    "SSCARD_POSTGRES_SHARED_BUFFERS_MB": "40",
}  # fmt: skip
"""Threads of a C library with many arenas keep memory that nobody uses; two are enough for a demo on two cores. What is
free at the end of the heap goes back soon. Each thread of the portal holds a connection with a process of its own. A demo
city lies in 40 MB of the database's memory."""


def demo(
    rows: Annotated[int, typer.Option(min=100, max=200_000, help="名册行数 rows of the roster")] = 10_000,
    seed: Annotated[int, typer.Option(help="虚拟城市的种子 seed of the virtual city")] = 7,
    port: Annotated[int, typer.Option(help="端口 port; default: as configured", max=65535)] = 0,
    report: Annotated[Path | None, typer.Option(help="把用时和内存写成 JSON seconds and memory as JSON")] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="先清空上一次的演示 empty the home folder of the last demo first")
    ] = False,
) -> None:
    """启动演示城市：全部进程、数据、故事。在终端里运行到 Ctrl-C 为止；没有终端时讲完故事就停，全部讲通时退出码是 0。
    Run a filled demo city and tell its story. At a terminal it serves until Ctrl-C; without one it ends after the story, with 0
    when all of it came true."""
    began = time.monotonic()
    if port:
        os.environ["SSCARD_PORTAL_PORT"] = str(port)
    for name, value in LEAN.items():
        os.environ.setdefault(name, value)
    config = load()
    if config.profile == "production":
        raise UpFault("demo.not_in_production")
    if anew:
        demo_home.throw_away(config)
    filled = demo_home.is_filled(config)
    tell = teller(config)
    watched = sys.stdin.isatty() and sys.stdout.isatty()
    ended: list[int] = []

    founding: list[subprocess.Popen[bytes]] = []

    def prepare() -> None:
        tell("migrating", {})
        migrate_apart(config)
        if not filled:
            demo_home.begin_filling(config)
            founding.append(_begin(config, "found"))  # while the other processes start

    writing = None if filled else _begin(config, "rosters", "--rows", str(rows), "--seed", str(seed))  # meanwhile

    def story() -> bool:
        """True: all is told and nobody watches, so that the house is stopped."""
        if writing is not None:
            _wait(founding[0], "found")
            writing.wait()
            _run(config, "fill", "--rows", str(rows), "--seed", str(seed))
            demo_home.end_filling(config)
        ended.append(_run(config, "walk", "--seed", str(seed), "--lang", config.language, must=False))
        seconds = time.monotonic() - began
        megabytes = sum(max(one.pss_kib, 0) for one in tree(os.getpid())) / 1024
        _closing(config, seconds, megabytes)
        if report:
            report.write_text(json.dumps({"seconds": round(seconds, 1), "pss_mb": round(megabytes, 1)}))
        return not watched

    Supervisor(config, tell=tell, prepare=prepare, after_start=story).run()
    if ended and ended[0]:
        raise typer.Exit(ended[0])


def _run(config: Config, *words: str, must: bool = True) -> int:
    """Another command of ours as a process of its own: the supervisor stays small."""
    return _wait(_begin(config, *words), words[0], must=must)


def _wait(done: subprocess.Popen[bytes], step: str, *, must: bool = True) -> int:
    try:
        code = done.wait()
    except BaseException:
        done.terminate()
        done.wait(30)
        raise
    if code and must:
        raise UpFault("demo.step_failed", step=step, code=code)
    return code


def _begin(config: Config, *words: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "SSCARD_HOME": str(config.home), "PYTHONUNBUFFERED": "1"}
    line = [sys.executable, "-m", "sscard.app.command", *words]
    sys.stdout.flush()
    return subprocess.Popen(line, env=environ, stdin=subprocess.DEVNULL, preexec_fn=dies_with_us())


def _closing(config: Config, seconds: float, megabytes: float) -> None:
    """Addresses, sign-ins, how to get codes, and what it took."""
    from sscard.sim.story import payees
    from sscard.sim.story.book import Book

    console = Console(highlight=False, soft_wrap=True)
    book = Book(config.home)
    say: Any = lambda code, **facts: console.print(sentence(f"demo.{code}", config.language, **facts))  # noqa: E731
    say("address", url=config.portal_url, authority=config.home / "tls" / "authority.pem")
    say("signins", file=book.folder / "signins.json")
    for member in book.staff().values():
        if member.area == "990100" and member.username.partition(".")[0] in SHOWN:
            say("signin", username=member.username, password=member.password, role=member.role, name=member.name)
    for name, member in book.holders().items():
        new = name.startswith(NEW)
        say("newcomer" if new else "holder", username=name, id_number=member.id_number, password=member.password,
            card_number=member.card_number, name=member.name)  # fmt: skip
    everybody = payees.known(config.home / "wallet")
    for name, member in book.customers().items():
        say("customer", url=config.bank_url(member.organisation), username=name, password=member.password,
            card_number=member.card_number, id_number=member.id_number, area=member.area)  # fmt: skip
        _payees(payees.of(everybody, member.organisation, member.pan), config.language, say)
    say("codes")
    _terminal(config, book, say)
    say("took", seconds=f"{seconds:.0f}", megabytes=f"{megabytes:.0f}")


def _payees(whom: tuple[Any, Any], lang: str, say: Any) -> None:
    """Two people that the customer can send money to; nobody can send it to himself."""
    from sscard.codes import banks

    if any(whom):
        say("payees")
    for code, one in zip(("payee_here", "payee_there"), whom, strict=True):
        if one is not None:
            say(code, bank=banks.name(one.bank, lang), name=one.name, pan=one.pan)


def _terminal(config: Config, book: Any, say: Any) -> None:
    """How to open a self-service terminal, and how to hold something to its devices."""
    kiosks = {path.name for path in (config.home / "wallet" / "terminals").glob("K-*")}
    for name, program in book.programs().items():
        code = f"K-{program.organisation}"
        if program.role == "terminal" and program.area == "990100" and code in kiosks:
            say("terminal", url=f"{config.portal_url}/terminal/", program=name, secret=program.secret, terminal=code)
            new = [holder for holder in book.holders() if holder.startswith(NEW)]
            if new:
                say("devices", url=config.portal_url, wallet=config.home / "wallet", terminal=code, who=new[-1],
                    authority=config.home / "tls" / "authority.pem")  # fmt: skip
            return


NEW = "newcomer"
"""Holders of the story whose card is in their hand with nothing switched on."""
SHOWN = ("clerk", "reviewer", "stock", "teller", "manager", "auditor", "employer", "bankreview")


def found() -> None:
    """(demo) 设立演示地区的机构、人员和程序。 Found the demo areas' offices, and link their banks."""
    config = _ready()
    from sscard.sim import bank_clients, city

    for _ in range(KEYS_TRIES):
        if socket_answers(config.key_service_socket):
            break
        time.sleep(KEYS_PAUSE_S)

    city.found(config.home)
    sites = {bank: config.bank_url(bank) for bank in config.banks.values()}
    bank_clients.register(sites, config.portal_url)


def rosters(
    rows: Annotated[int, typer.Option(min=100, max=200_000)] = 10_000,
    seed: Annotated[int, typer.Option()] = 7,
) -> None:
    """(demo) 写出演示城市的名册。 Write the demo city's rosters."""
    from sscard.sim.story import fill as filling

    filling.rosters(load().home, rows, seed)


def fill(
    rows: Annotated[int, typer.Option(min=100, max=200_000)] = 10_000,
    seed: Annotated[int, typer.Option()] = 7,
) -> None:
    """(demo) 从外面往演示城市里填数据。 Fill the demo city through the outside."""
    config = load()
    from sscard.sim.story.fill import Filling
    from sscard.sim.story.world import saying

    authority = config.home / "tls" / "authority.pem"
    with saying(config.language):
        Filling.at(config.home, config.portal_url, authority, config.language).run(rows, seed)


def _ready() -> Config:
    """Django on this installation's configuration."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sscard.app.settings")
    import django

    django.setup()
    return load()


def register(root: typer.Typer) -> None:
    root.command()(demo)
    root.command(hidden=True)(found)
    root.command(hidden=True)(rosters)
    root.command(hidden=True)(fill)

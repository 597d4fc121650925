"""`sscard keys …`: the key service from its own machine: what it holds, the root ceremony, opening a sealed store, the records.

Ceremonies of card keys are held at the pages, where everybody signs in for himself. Before a sealed store is open nobody
can sign in: its root key is made and opened here, by the custodians together at one console.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import typer

CLEAR: Final = "\x1b[2J\x1b[3J\x1b[H"
"""Empties a terminal, its lines above the screen too."""
app = typer.Typer(help="密钥保管 · key custody", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """密钥保管 · key custody"""


@app.command()
def status() -> None:
    """Store, sealed or open, sets of card keys with state and check value; no secrets."""
    from rich.console import Console
    from rich.table import Table

    told = _client().status()
    out = Console(highlight=False)
    out.print(f"{told['store']} · {'已封存 sealed' if told['sealed'] else '已开启 open'}")
    table = Table("密钥 key", "版本 version", "状态 state", "校验值 KCV", "产生 made")
    for one in told["keys"]:
        table.add_row(one["name"], str(one["version"]), one["state"], one["kcv"].upper(), one["made_at"])
    out.print(table)


@app.command()
def root(need: int = typer.Option(2), of: int = typer.Option(3)) -> None:
    """Make the root key of the sealed store: once, two custodians and an auditor at this console."""
    client, name = _client(), secrets.token_hex(8)
    people = [_person(f"保管人 custodian {n}") for n in range(1, of + 1)]
    auditor = _person("审计员 auditor")
    client.ceremony_begin(name, "root", "root", [_mark(one) for one in people[:2]], need, of)
    for person in people:
        _wait(f"\n{person}：请其他人回避，按回车。 Others look away; press Enter")
        typer.echo(client.ceremony_share(name, _mark(person)))
        _wait("抄好封存后按回车。 Press Enter when it is written down and sealed")
        typer.echo(CLEAR, nl=False)
        _repeated(lambda who=person: client.ceremony_confirm(name, _mark(who), _words(who)))
    made = client.ceremony_finish(name, _mark(auditor))
    typer.echo(f"根密钥已产生，校验值 {made['kcv'].upper()}。 The root key is made.")


@app.command(name="open")
def open_() -> None:
    """Open the sealed store with the custodians' shares, after each start."""
    client, name = _client(), secrets.token_hex(8)
    people = [_person(f"保管人 custodian {n}") for n in (1, 2)]
    state = client.ceremony_begin(name, "open", "root", [_mark(one) for one in people])
    while state["done"] < state["wanted"]:
        person = people[state["done"]] if state["done"] < len(people) else _person("保管人 custodian")
        state = _repeated(lambda who=person: client.ceremony_give(name, _mark(who), _words(who)))
    typer.echo("密钥库已开启。 The key store is open.")


@app.command()
def records(area: str = typer.Argument(..., help="地区代码 area code")) -> None:
    """Ceremonies, carriers and losses of an area, as the auditor's page shows them. The reading is written down."""
    from rich.console import Console
    from rich.table import Table

    from sscard.cli.setup import configured

    configured()
    from sscard.control import caller, door
    from sscard.keys import reads

    out, me = Console(highlight=False), caller.system(area, channel="cli")
    with door.reading(me, right="keys.view", purpose="keys") as inside:
        inside.detail["what"] = "key_records"
        ceremonies, carriers, losses = reads.ceremonies(inside), reads.carriers(inside), reads.losses(inside)
    held = Table("仪式 ceremony", "密钥 keys", "状态 state", "保管人 custodians", "审计 auditor", "KCV")
    for one in ceremonies:
        names = f"{one.opened_name}, {one.with_name}"
        held.add_row(one.kind, one.key_set or one.subject, one.state, names, one.auditor_name, one.kcv.upper())
    out.print(held)
    kept = Table("载体 carrier", "编号 number", "状态 state", "保管 keeper")
    for item in carriers:
        kept.add_row(item.kind, item.number, item.state, item.holder)
    out.print(kept)
    for loss in losses:
        closed = "已结束 closed" if loss.closed_at else "处理中 under way"
        out.print(f"丢失 loss {loss.carrier.number}: {loss.cards} 张卡 cards, {loss.people} 人 people, {closed}")


def _client() -> Any:
    from sscard.cli.setup import configuration
    from sscard.kernel.keyclient import KeyClient

    return KeyClient(configuration().key_service_socket, patience=0.0)


def _wait(text: str) -> None:
    typer.prompt(text, default="", show_default=False)


def _person(label: str) -> str:
    return str(typer.prompt(f"{label}，姓名 name")).strip()


def _mark(person: str) -> bytes:
    """One name is one person at this console."""
    from sscard.keys.recipes import sm3

    return sm3(" ".join(person.casefold().split()).encode())


def _words(person: str) -> str:
    return str(typer.prompt(f"{person}，分片的词 the words", hide_input=True))


def _repeated(step: Any) -> Any:
    """Asks again after a slip of the pen, a few times."""
    from sscard.kernel.refusals import Refusal

    for left in (2, 1, 0):
        try:
            return step()
        except Refusal as refusal:
            if not left or not refusal.code.startswith("keys.share_"):
                raise
            typer.echo(f"{refusal.sentence('zh')} {refusal.sentence('en')}")
    return None

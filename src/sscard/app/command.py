"""The root of the `sscard` command. It joins the commands of `app.commands` and of the room `cli`.

A module of either package adds its commands by `register(root)`, or by an `app` (Typer) that becomes a group of the
module's name. Commands of `cli` that need the database call `sscard.cli.setup.configured()` first.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from types import ModuleType

import typer
from rich.console import Console

import sscard.app.commands
import sscard.cli
from sscard.app.faults import OperatorFault
from sscard.kernel.refusals import Refusal

WHERE = {
    **dict.fromkeys(("up", "down", "status", "migrate"), "sscard.app.commands.service"),
    **dict.fromkeys(("demo", "found", "rosters", "fill"), "sscard.app.commands.demo"),
    "doctor": "sscard.app.commands.examine",
    "area": "sscard.cli.area",
    "audit": "sscard.cli.audit",
    "bank": "sscard.cli.bank",
    "clearing": "sscard.cli.clearing",
    "bank-files": "sscard.cli.bankfiles",
    "card": "sscard.cli.card",
    "device": "sscard.cli.device",
    "ecard": "sscard.cli.ecard",
    "producer": "sscard.cli.producer",
    "reader": "sscard.cli.reader",
    "sms": "sscard.cli.sms",
    "hooks": "sscard.cli.hooks",
    "keys": "sscard.cli.keys",
    "ministry": "sscard.cli.ministry",
    "otp": "sscard.cli.otp",
    "psam": "sscard.cli.psam",
    "walk": "sscard.cli.walk",
}
"""Which module has a command: only that one is loaded, which is most of the time that a small command takes. What does not
stand here is looked for in all of them."""


def build(only: str = "") -> typer.Typer:
    """The tree of commands; with `only`, the name of one command, no more of it than that needs."""
    root = typer.Typer(
        name="sscard",
        help="社会保障卡服务：在一台机器上运行发卡、银行柜台和查询。 Runs a whole Social Security Card service.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    root.callback()(_group)  # one command alone would else lose its name
    if only in WHERE:
        _add(root, importlib.import_module(WHERE[only]))
        return root
    for package in (sscard.app.commands, sscard.cli):
        for module in _modules(package):
            _add(root, module)
    return root


def _group() -> None:
    """社会保障卡服务：在一台机器上运行发卡、银行柜台和查询。 Runs a whole Social Security Card service."""


def _add(root: typer.Typer, module: ModuleType) -> None:
    if hasattr(module, "register"):
        module.register(root)
    elif isinstance(group := getattr(module, "app", None), typer.Typer):
        root.add_typer(group, name=module.__name__.rpartition(".")[2].replace("_", "-"))


def _modules(package: ModuleType) -> list[ModuleType]:
    names = sorted(one.name for one in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names if not name.startswith("_")]


def language() -> str:
    """The language to speak, even when the configuration is broken."""
    return "en" if os.environ.get("SSCARD_LANGUAGE", "zh").lower() == "en" else "zh"


def main() -> None:
    """Entry point of `sscard`. Faults and refusals are sentences on standard error: exit code 1."""
    if sys.flags.optimize:
        sys.exit("sscard relies on its assertions: run Python without -O.")
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else "")(prog_name="sscard")
    except OperatorFault as fault:
        _say(fault.sentence(language()))
        sys.exit(1)
    except Refusal as refusal:
        _say(refusal.sentence(language()))
        for one in refusal.faults:
            _say(f"  - {one.sentence(language())}")
        if step := refusal.next_step(language()):
            _say(step)
        sys.exit(1)


def _say(sentence: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(sentence)


if __name__ == "__main__":
    main()

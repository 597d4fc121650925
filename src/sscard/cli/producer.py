"""`sscard producer …`: starts the program of the virtual producer, as a company elsewhere would run it.

It has its own folder and keys and gets nothing of this installation: no database, no key service, no configuration.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

import typer

PROGRAM: Final = "sscard.sim.producer"
PASSED_ON: Final = ("SSCARD_LANGUAGE", "SSCARD_PRODUCER_HOME")


def register(root: typer.Typer) -> None:
    """Everything after `producer` is the program's own affair, its help too."""
    as_it_comes = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    root.command("producer", context_settings=as_it_comes, add_help_option=False)(producer)


def producer(context: typer.Context) -> None:
    """虚拟制卡单位：开数据包、做卡、签回盘。 The virtual producer: opens packages, makes cards, signs returns."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SSCARD_")}
    environment |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    ended = subprocess.run([sys.executable, "-m", PROGRAM, *context.args], env=environment, check=False)
    raise typer.Exit(ended.returncode)

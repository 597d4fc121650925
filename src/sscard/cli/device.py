"""`sscard device …`: starts the program of the virtual devices, on this installation unless told otherwise.

The devices are a program of their own, as real ones would be; nothing of them runs inside the house.
"""

from __future__ import annotations

import os
import subprocess
import sys

import typer

PROGRAM = "sscard.sim.devices"


def register(root: typer.Typer) -> None:
    """Everything after `device` is the program's own affair, its help too."""
    as_it_comes = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    root.command("device", context_settings=as_it_comes, add_help_option=False)(device)


def device(context: typer.Context) -> None:
    """虚拟读卡器、卡槽、密码键盘和摄像头。 Virtual ID reader, card slot, PIN pad and camera."""
    ended = subprocess.run([sys.executable, "-m", PROGRAM, *context.args], env=_environment(), check=False)
    raise typer.Exit(ended.returncode)


def _environment() -> dict[str, str]:
    """Where this installation's service and wallet are; what the environment says already, wins."""
    from sscard.cli.setup import configured

    config = configured()
    places = {"SSCARD_DEVICE_SERVER": config.portal_url, "SSCARD_DEVICE_WALLET": str(config.home / "wallet")}
    authority = config.home / "tls" / "authority.pem"
    if authority.is_file() and "SSCARD_DEVICE_SERVER" not in os.environ:
        places["SSCARD_DEVICE_TRUST"] = str(authority)
    return {**places, **os.environ}

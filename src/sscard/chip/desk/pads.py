"""Where the holder types a password: a window of the service's own (pinentry) or the terminal it runs in."""

from __future__ import annotations

import getpass
import shlex
import subprocess
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

from sscard.kernel.refusals import Refusal

Pad = Callable[[str], bytearray]
"""Shows a prompt in two languages and answers what was typed, ASCII digits; whoever asked wipes it. Raises
reader.pad_left when the holder leaves without typing."""
_SECONDS: Final = 120


def console(prompt: str) -> bytearray:
    """The terminal in which the service runs, without echo."""
    try:
        return bytearray(getpass.getpass(f"{prompt}: ").encode())
    except (EOFError, KeyboardInterrupt):
        raise Refusal("reader.pad_left") from None


def pinentry(program: str) -> Pad:
    """A program that speaks pinentry's protocol (Assuan), such as pinentry-gtk-2: one window a prompt, input unseen."""

    def ask(prompt: str) -> bytearray:
        said = [f"SETTIMEOUT {_SECONDS}", f"SETDESC {quote(prompt, safe=' ')}", "SETPROMPT PIN:", "GETPIN", "BYE"]
        try:
            done = subprocess.run(
                shlex.split(program), input="\n".join([*said, ""]).encode(), capture_output=True,
                timeout=_SECONDS + 10, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            raise Refusal("reader.pad_missing") from None
        for line in done.stdout.splitlines():
            if line.startswith(b"D "):
                return bytearray(unquote(line[2:].decode()).encode())
        raise Refusal("reader.pad_left")

    return ask


def pad_named(name: str) -> Pad:
    """ "console", or the command of a pinentry program."""
    return console if name == "console" else pinentry(name)

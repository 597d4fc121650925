"""`sscard otp <user>`: the current one-time code of somebody of the demo, as his authenticator would show it."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from sscard.cli.setup import configuration


def otp(
    username: Annotated[str, typer.Argument(help="用户名 user name, e.g. clerk.990100")] = "",
    code_only: Annotated[bool, typer.Option("--code-only", help="只打印动态码 print nothing but the code")] = False,
    secret: Annotated[
        str, typer.Option(help="身份验证器的密钥，代替用户名 an authenticator's secret, instead of a user's")
    ] = "",
) -> None:
    """演示用户当前的动态码。 The current one-time code of a user of the demo, or of a secret that a page shows you."""
    config = configuration()
    from sscard.control import totp
    from sscard.kernel import clock, words
    from sscard.sim.story.book import STEP_S, Book

    plain = "".join(secret.split()).upper()
    member = Book(config.home).member(username) if username else None
    if member is None and not totp.usable(plain):
        said = words.text("notice", "sim.otp.unknown", config.language, username=username)
        typer.echo(f"{said} {words.next_step('notice', 'sim.otp.unknown', config.language)}", err=True)
        raise typer.Exit(1)
    left = STEP_S - int(time.time()) % STEP_S
    code = member.code() if member is not None else totp.code(plain, clock.real_now())
    typer.echo(code if code_only else words.text("notice", "sim.otp.left", config.language, code=code, seconds=left))


def register(root: typer.Typer) -> None:
    root.command()(otp)

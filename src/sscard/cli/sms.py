"""`sscard sms`: the sandbox's telephone on the command line, and how its virtual operator behaves."""

from __future__ import annotations

from typing import Annotated

import typer

from sscard.cli.setup import configured
from sscard.kernel import ids, words


def sms(
    area: Annotated[str, typer.Argument(help="沙箱地区 sandbox area, e.g. 990100")],
    code_only: Annotated[
        bool, typer.Option("--code-only", help="只打印最新的验证码 nothing but the newest code")
    ] = False,
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="多少条 how many")] = 5,
    mode: Annotated[str, typer.Option("--mode", help="normal | slow | lose | down")] = "",
    face: Annotated[bool, typer.Option("--face", help="改人脸服务 set the face check instead")] = False,
    seconds: Annotated[int, typer.Option("--seconds", help="慢多少秒 how slow, with slow")] = 0,
) -> None:
    """沙箱手机收到的短信。 Text messages that arrived in a sandbox area; or set how the operator behaves."""
    config = configured()
    from sscard.verification import virtual_sms

    if mode:
        _set(area, "face" if face else "sms", mode, seconds)
        typer.echo(words.text("notice", "verification.mode_set", config.language, mode=mode, area=area))
        return
    found = virtual_sms.messages(area, most=1 if code_only else count)
    if not found:
        typer.echo(words.text("notice", "verification.no_message", config.language), err=True)
        raise typer.Exit(1)
    for one in found:
        typer.echo(one.code if code_only else f"{one.at:%H:%M:%S}  {one.phone_masked}  {one.text}")


def _set(area: str, kind: str, mode: str, seconds: int) -> None:
    from sscard.control.caller import system
    from sscard.control.door import perform
    from sscard.verification.sandbox import SetProvider

    who = system(area, name="sscard sms", channel="cli")
    perform(who, "verification.set_provider", SetProvider(kind, mode, seconds), key=str(ids.new_id()))


def register(root: typer.Typer) -> None:
    root.command()(sms)

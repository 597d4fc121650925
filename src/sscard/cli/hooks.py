"""`sscard hooks listen`: messages of a sandbox arrive on a developer's own machine, without an address of his in the net.

It fetches what waits for a local listener, hands each message to a program at a local address, and tells the answer back.
It knows the service from outside only: address, the sandbox's key, nothing of its database.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from sscard.cli.setup import configuration
from sscard.kernel import words

app = typer.Typer(help="事件推送 / web hooks", no_args_is_help=True)
EVERY_S = 1.0


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="hooks")


@app.callback()
def _group() -> None:
    """事件推送 / web hooks"""


@app.command()
def listen(
    name: Annotated[str, typer.Option("--name", help="沙盒密钥的名称 / name of the sandbox's key")],
    key: Annotated[str, typer.Option("--key", envvar="SSCARD_PROGRAM_KEY", help="沙盒密钥 / the sandbox's key")],
    to: Annotated[str, typer.Option("--to", help="本机程序的地址，不填只打印 / local address; empty: print only")] = "",
    events: Annotated[str, typer.Option("--events", help="要哪些事件 / which events")] = "*",
    base: Annotated[str, typer.Option("--base", help="服务地址 / address of the service")] = "",
    trust: Annotated[str, typer.Option("--trust", help="服务证书的根证书 / authority of its certificate")] = "",
    most: Annotated[int, typer.Option("--most", help="收到几条就结束，0 不结束 / end after so many")] = 0,
) -> None:
    """在本机接收沙盒的事件，Ctrl-C 结束。 Receive a sandbox's events here until Ctrl-C."""
    import ssl
    import uuid

    import httpx

    config = configuration()
    context = ssl.create_default_context(cafile=trust or str(config.home / "tls" / "authority.pem"))
    with (
        httpx.Client(base_url=base or config.portal_url, auth=(name, key), verify=context) as house,
        httpx.Client() as here,
    ):
        asked = {"url": "", "events": events.split()}
        made = _json(house.post("/api/acts/partners.register_endpoint", json=asked,
                                headers={"Idempotency-Key": str(uuid.uuid4())}))  # fmt: skip
        typer.echo(words.text("notice", "cli.hooks.listening", config.language, secret=made["secret"]))
        try:
            _round(house, here, made["endpoint"], to, most)
        except KeyboardInterrupt:
            pass
        finally:
            house.post("/api/acts/partners.remove_endpoint", json={"endpoint": made["endpoint"]},
                       headers={"Idempotency-Key": str(uuid.uuid4())})  # fmt: skip


def _round(house: Any, here: Any, endpoint: str, to: str, most: int) -> None:
    """Until Ctrl-C, or until `most` messages were told."""
    got = 0
    while True:
        for one in _json(house.get(f"/api/hooks/endpoints/{endpoint}/waiting")):
            status = _hand_over(here, to, one) if to else 200
            typer.echo(f"{status} {one['headers']['webhook-id']} {one['body']}")
            _json(house.post(f"/api/hooks/deliveries/{one['delivery']}/answer", json={"status": status}))
            got += 1
            if most and got >= most:
                return
        time.sleep(EVERY_S)


def _hand_over(here: Any, to: str, one: dict[str, Any]) -> int:
    import httpx

    try:
        sent = {**one["headers"], "content-type": "application/json"}
        return int(here.post(to, content=one["body"].encode(), headers=sent).status_code)
    except httpx.HTTPError:
        return 503


def _json(answer: Any) -> Any:
    if answer.status_code >= 400:
        typer.echo(answer.json().get("title_zh", answer.status_code), err=True)
        typer.echo(answer.json().get("title", ""), err=True)
        raise typer.Exit(1)
    return answer.json()

"""`sscard ecard`: prove a code of an electronic card without asking anybody, by the platform's published keys and list.

sscard ecard fetch --into DIR         now and then, while there is a line
sscard ecard verify CODE --held DIR   at the scanner, without one
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

app = typer.Typer(help="离线验证电子社保卡二维码。 Verify codes of electronic cards off line.", no_args_is_help=True)
Held = Annotated[Path, typer.Option("--held", help="公钥和停用名单所在的文件夹 folder with the keys and lists")]
KEYS, LONGEST, WAIT_S = "keys.json", 1 << 22, 10


@app.command("fetch")
def fetch(
    into: Annotated[Path, typer.Option("--into", help="放到哪个文件夹 folder to put them in")],
    area: Annotated[list[str], typer.Option("--area", help="发卡地区，可多次 issuing areas")],
    url: Annotated[str, typer.Option("--url", help="全国平台地址 address of the platform")] = "https://localhost:8443",
    host: Annotated[str, typer.Option("--host", help="平台的主机名 its host name")] = "national.localhost",
    trust: Annotated[Path | None, typer.Option("--trust", help="证书颁发者 authority of its certificate")] = None,
) -> None:
    """取回平台公布的公钥和停用名单。 Fetch the published keys and lists of stopped cards."""
    into.mkdir(parents=True, exist_ok=True)
    (into / KEYS).write_text(json.dumps(_get(url, host, trust, "/v1/keys")), encoding="utf-8")
    for one in area:
        told = _get(url, host, trust, f"/v1/stopped?area={one}")
        (into / f"stopped-{one}.json").write_text(json.dumps(told), encoding="utf-8")
    typer.echo(f"{into}: {KEYS}, {', '.join(f'stopped-{one}.json' for one in area)}")


@app.command("verify")
def verify(
    code: Annotated[str, typer.Argument(help="扫到的内容，- 从标准输入读 the scanned text, - reads standard input")],
    held: Held,
    at: Annotated[str, typer.Option(help="在哪个时刻（ISO），默认现在 at which moment, now if not given")] = "",
    lang: Annotated[str, typer.Option(help="zh | en")] = "zh",
) -> None:
    """按签名、时间和名单验证，不联网。 By signature, time and list; asks nobody. Ends with 0 or 1."""
    from sscard.cards.electronic import offline
    from sscard.kernel import words

    text = sys.stdin.read().strip() if code == "-" else code.strip()
    moment = datetime.fromisoformat(at) if at else datetime.now(UTC)
    proof = offline.verify(text, read_held(held), moment)
    told: dict[str, Any] = {"good": proof.good, "reason": proof.reason, "area": proof.area, "level": proof.level}
    told["listed_at"] = proof.listed_at.isoformat() if proof.listed_at else None
    told["sentence"] = words.text("state", f"ecard.{proof.reason or 'good'}", lang)
    typer.echo(json.dumps(told, ensure_ascii=False))
    raise typer.Exit(0 if proof.good else 1)


def read_held(folder: Path) -> Any:
    """What was fetched: keys, and lists by area."""
    from sscard.cards.electronic.offline import Published, key_of

    keys = json.loads((folder / KEYS).read_text(encoding="utf-8"))["keys"]
    lists = {
        path.stem.removeprefix("stopped-"): json.loads(path.read_text(encoding="utf-8"))["list"]
        for path in sorted(folder.glob("stopped-*.json"))
    }
    return Published(tuple(key_of(one) for one in keys), lists)


def _get(url: str, host: str, trust: Path | None, path: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise typer.BadParameter("https only")
    tls = ssl.create_default_context(cafile=str(trust) if trust else None)
    line = http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=WAIT_S, context=tls)
    try:
        line.request("GET", path, headers={"Host": host})
        answer = line.getresponse()
        body = answer.read(LONGEST)
    finally:
        line.close()
    if answer.status != http.client.OK:
        raise typer.BadParameter(f"{path}: {answer.status}")
    return json.loads(body)

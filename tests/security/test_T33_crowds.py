"""T33: how many requests are in hand at a time has a most, at the portal's front and at the gateway: who comes on top is told to
come again, at once and having done nothing; as soon as one is done, the next is taken."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from sscard.app import front
from sscard.gateway import http

MOST = 3


def test_the_portals_front_takes_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MOST_AT_A_TIME", MOST)
    never: list[asyncio.Event] = []

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"served"]

    async def asked(ours: front.Front, *, waits: bool) -> int:
        """The status of the answer. `waits`: the client has begun a body and keeps everybody waiting."""
        told: list[int] = []
        length = [(b"content-length", b"1")] if waits else []
        scope = {
            "type": "http", "method": "POST" if waits else "GET", "path": "/", "query_string": b"", "headers": length,
            "http_version": "1.1", "scheme": "https", "server": ("localhost", 443), "client": ("127.0.0.1", 9), "root_path": "",
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            if waits:
                never.append(asyncio.Event())
                await never[-1].wait()
            return {"type": "http.request", "body": b"x" if waits else b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])

        await ours(scope, receive, send)
        return told[0]

    async def crowd() -> list[int]:
        ours = front.Front(application, 2)
        slow = [asyncio.create_task(asked(ours, waits=True)) for _ in range(MOST)]
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(never) == MOST
        found = [await asked(ours, waits=False)]
        for one in never:
            one.set()
        return [*found, *await asyncio.gather(*slow), await asked(ours, waits=False)]

    assert asyncio.run(crowd()) == [503, *[200] * MOST, 200]


def test_the_gateway_takes_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_AT_A_TIME", MOST)
    ours = http.Gateway(SimpleNamespace(fresh=True), SimpleNamespace())  # type: ignore[arg-type]
    told: list[tuple[int, bytes]] = []
    proto = SimpleNamespace(response_bytes=lambda status, headers, body: told.append((status, body)))
    scope = SimpleNamespace(path="/none", method="GET", headers={}, client="127.0.0.1:9")

    async def crowd() -> None:
        busy = [http.Turn(None, 0.0) for _ in range(MOST)]
        ours._running.update(busy)
        await ours.__rsgi__(scope, proto)
        ours._running.discard(busy[0])
        await ours.__rsgi__(scope, proto)

    asyncio.run(crowd())
    assert [status for status, _ in told] == [503, 404]
    assert b"gateway.not_now" in told[0][1]


CROWDED = """
import asyncio, signal
from sscard.gateway.serve import _stops_when_told

async def main():
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    _stops_when_told(stop)
    try:
        for _ in range(100_000):
            loop._csock.send(bytes(4096))
    except BlockingIOError:
        pass
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(stop.wait(), 20)

asyncio.run(main())
"""

AS_SERVED = """
import asyncio, os, signal, threading, uvloop
from sscard.gateway.serve import _stops_when_told

async def main():
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    _stops_when_told(stop)

    def crowd():
        for _ in range(50_000):
            loop.call_soon_threadsafe(int)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=crowd, daemon=True).start()
    await asyncio.wait_for(stop.wait(), 20)

uvloop.run(main())
"""
"""The same on the loop that the gateway runs on, whose threads wake it by other means."""


@pytest.mark.parametrize("crowd", [CROWDED, AS_SERVED], ids=["pipe", "as-served"])
def test_the_gateway_hears_that_it_shall_stop_while_a_crowd_wakes_it(crowd: str) -> None:
    """The pipe by which the server's threads wake the loop is full, as it is when hundreds of lines end at once."""
    done = subprocess.run([sys.executable, "-c", crowd], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr

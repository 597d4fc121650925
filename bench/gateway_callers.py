"""Clients of the gateway for the benchmark: so many connections over TLS, each asking again as soon as it is answered.

    python bench/gateway_callers.py deposit|look PORT AUTHORITY HEADER FIRST ACCOUNTS CONNECTIONS SECONDS

Prints how many were answered with 200, and how long they waited. It writes and reads HTTP by hand: a client library would
take more of the two processors than the gateway does.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import sys
import time
import uuid


class Client(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, and so on until the end."""

    def __init__(self, what: str, header: str, first: int, accounts: int, dice: random.Random, load: Load) -> None:
        self._what, self._header, self._accounts, self._dice, self._load = what, header, accounts, dice, load
        self._first = first
        self._transport: asyncio.Transport | None = None
        self._begin, self._buffer = 0.0, b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        self._buffer = b""
        self._load.count(self._begin, good=head.startswith(b"HTTP/1.1 200"))
        if time.perf_counter() < self._load.end:
            self._ask()
        else:
            assert self._transport is not None
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        account = uuid.UUID(int=self._first + self._dice.randrange(self._accounts))
        if self._what == "look":
            request = f"GET /v1/accounts/{account}/balance HTTP/1.1\r\nHost: localhost\r\n{self._header}\r\n\r\n"
        else:
            body = f'{{"account":"{account}","amount_fen":{self._dice.randrange(1, 101)}}}'
            request = (
                f"POST /v1/deposits HTTP/1.1\r\nHost: localhost\r\n{self._header}\r\nIdempotency-Key: {uuid.uuid4().hex}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            )
        self._begin = time.perf_counter()
        assert self._transport is not None
        self._transport.write(request.encode())


class Load:
    def __init__(self, seconds: float) -> None:
        self.warm = time.perf_counter() + 2.0
        self.end = self.warm + seconds
        self.waits: list[float] = []
        self.refused = 0

    def count(self, begin: float, *, good: bool) -> None:
        if not good:
            self.refused += 1
        elif begin >= self.warm:
            self.waits.append(time.perf_counter() - begin)


async def run(
    what: str, port: int, authority: str, header: str, first: int, accounts: int, connections: int, seconds: float
) -> None:
    context, loop, load = ssl.create_default_context(cafile=authority), asyncio.get_running_loop(), Load(seconds)
    clients = []
    for number in range(connections):
        dice = random.Random(number)  # noqa: S311 - which accounts, no secret
        made = await loop.create_connection(
            lambda dice=dice: Client(what, header, first, accounts, dice, load), "localhost", port, ssl=context  # type: ignore[misc]
        )  # fmt: skip
        clients.append(made[1])
    await asyncio.gather(*[client.done for client in clients])
    waits = sorted(load.waits) or [0.0]
    found = {
        "rate": len(load.waits) / seconds,
        "p50_ms": waits[len(waits) // 2] * 1_000,
        "p99_ms": waits[len(waits) * 99 // 100] * 1_000,
        "refused": load.refused,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    what, port, authority, header, first, accounts, connections, seconds = sys.argv[1:]
    asyncio.run(run(what, int(port), authority, header, int(first), int(accounts), int(connections), float(seconds)))

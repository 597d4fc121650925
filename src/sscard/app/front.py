"""What stands before the portal's threads: a request is taken in whole before one of them works on it (T33).

Pages and API are served by a few threads. Did each read its request's body itself, as many slow clients as there are threads
would hold them all. Here one event loop takes bodies in, with a most and a deadline, and hands out answers; a thread has
neither to wait for.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from a2wsgi import WSGIMiddleware

from sscard.kernel.refusals import Refusal
from sscard.law import problems

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BYTES, MOST_BYTES_OF_FORM_WITH_FILE = 8 << 20, 256 << 20
"""Of a body; what a page or an act takes of it is for them to say."""
IN_MEMORY_BYTES, PIECE_BYTES = 1 << 20, 64 << 10
GRACE_S, SLOWEST_BYTES_A_S = 10.0, 16 << 10
"""A body has so long, and as much longer as it needs at the slowest line that a service can wait for."""
MOST_AT_A_TIME = 1_000


class Front:
    """ASGI before a WSGI application."""

    def __init__(self, application: Any, threads: int) -> None:
        # No bound on what waits to be sent: a thread is free when it has made its answer, however slowly that is fetched.
        self._inside: Any = WSGIMiddleware(application, workers=threads, send_queue_size=0)
        self._under_way = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._under_way += 1
        try:
            with SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
                try:
                    size = await self._take_in(scope, receive, body)
                except Refusal as refusal:
                    await _refuse(scope, send, refusal)
                    return
                if size is None:
                    return
                body.seek(0)
                await self._inside(_with_length(scope, size), _handing(body, size), send)
        finally:
            self._under_way -= 1

    async def _take_in(self, scope: Message, receive: Receive, body: IO[bytes]) -> int | None:
        """How much there is; None when the client went away. Raises api.not_now, api.body_too_large, api.too_slow."""
        if self._under_way > MOST_AT_A_TIME:
            raise Refusal("api.not_now")
        headers = dict(scope["headers"])
        with_file = headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        most = MOST_BYTES_OF_FORM_WITH_FILE if with_file else MOST_BYTES
        told = headers.get(b"content-length", b"")
        if told == b"0" or (not told and b"transfer-encoding" not in headers):
            return 0
        if told.isdigit() and int(told) > most:
            raise Refusal("api.body_too_large", megabytes=most >> 20)
        began, size, more = time.monotonic(), 0, True
        while more:
            left = began + GRACE_S + size / SLOWEST_BYTES_A_S - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.0))
            except TimeoutError:
                raise Refusal("api.too_slow") from None
            if message["type"] == "http.disconnect":
                return None
            size += len(piece := message.get("body", b""))
            if size > most:
                raise Refusal("api.body_too_large", megabytes=most >> 20)
            body.write(piece)
            more = message.get("more_body", False)
        return size


def _with_length(scope: Message, size: int) -> Message:
    """A body that came in chunks has a length now."""
    if not size:
        return scope
    others = [
        (name, value) for name, value in scope["headers"] if name not in (b"content-length", b"transfer-encoding")
    ]
    return {**scope, "headers": [*others, (b"content-length", str(size).encode())]}


def _handing(body: IO[bytes], size: int) -> Receive:
    left = size

    async def receive() -> Message:
        nonlocal left
        piece = body.read(PIECE_BYTES)
        left -= len(piece)
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    return receive


async def _refuse(scope: Message, send: Send, refusal: Refusal) -> None:
    told = json.dumps(problems.body_of(refusal, uuid.uuid4().hex), ensure_ascii=False).encode()
    headers = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"content-length", str(len(told)).encode())]
    headers += [(b"cache-control", b"no-store"), (b"connection", b"close")]
    if refusal.status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else told})

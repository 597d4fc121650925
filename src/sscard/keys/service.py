"""The key service process: a Unix socket, checked peers, framed msgpack, verbs.

A frame is a 4-byte length (big endian) and msgpack: request `[verb, arguments]`, answer `[code, value]`, where code
"" means done and any other is a code of words.toml with its facts as value. Faults that nobody foresaw are answered
without detail.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import msgspec

import sscard.keys.ceremony_verbs
import sscard.keys.pin_verbs  # offers its verbs
import sscard.keys.platform_verbs
import sscard.keys.tree.chip_verbs
import sscard.keys.tree.verbs  # noqa: F401 - offers its verbs
from sscard.kernel.keyclient import MOST_FRAME, MOST_ITEMS
from sscard.keys.errors import KeyFault
from sscard.keys.verbs import VERBS, House

GOODBYE_S: Final = 3.0  # how long an answer under way is waited for at the end
LENGTH: Final = struct.Struct(">I")
log = logging.getLogger("sscard.keys")


class _Request(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    verb: str
    arguments: msgspec.Raw


_requests = msgspec.msgpack.Decoder(_Request)
_encode = msgspec.msgpack.Encoder().encode


async def answer(house: House, frame: bytes) -> bytes:
    """The answer to one frame; never raises for what a caller sent."""
    try:
        return _encode(("", await _perform(house, frame)))
    except KeyFault as fault:
        return _encode((fault.code, fault.facts))
    except (msgspec.MsgspecError, RecursionError):  # its text quotes what came in: leave it out
        return _encode(("keys.request_wrong", {}))
    except Exception as unforeseen:
        log.error("verb failed: %s", type(unforeseen).__name__)  # noqa: TRY400 - no traceback with values
        return _encode(("keys.failed", {}))


async def _perform(house: House, frame: bytes) -> Any:
    request = _requests.decode(frame)
    verb = VERBS.get(request.verb)
    if verb is None:
        raise KeyFault("keys.unknown_verb")
    arguments = verb.arguments.decode(request.arguments)
    if not verb.by_item:
        return verb.function(house, *arguments)
    *fixed, items = arguments
    if len(items) > MOST_ITEMS:
        raise KeyFault("keys.too_many", most=str(MOST_ITEMS))
    size = verb.slice_of
    done = verb.function(house, *fixed, items[:size])
    for start in range(size, len(items), size):
        await asyncio.sleep(0)
        done += verb.function(house, *fixed, items[start : start + size])
    return done


class Service:
    """Serves one house on one socket until told to stop."""

    def __init__(self, house: House, path: Path, allowed_uids: Collection[int] = ()) -> None:
        self.house, self.path = house, path
        self.allowed = {os.getuid(), *allowed_uids}
        self._open: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`. The socket file is ours: the home's lock was taken before."""
        self.path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._caller, str(self.path), limit=1 << 20)
        self.path.chmod(0o600)
        held = self.house.held
        log.info("serving %s keys on %s", len(held.names()) if held else "sealed", self.path)
        await stop.wait()
        server.close()
        for writer in self._open.values():
            writer.close()
        if self._open:  # each sees the end of its stream and leaves by itself
            await asyncio.wait(tuple(self._open), timeout=GOODBYE_S)
        self.path.unlink(missing_ok=True)

    async def _caller(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peer_uid(writer.get_extra_info("socket")) not in self.allowed:
            log.warning("a caller of another user was turned away")
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None, "a caller is served by a task"
        self._open[task] = writer
        try:
            await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller went away
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            del self._open[task]

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
            if length > MOST_FRAME:
                log.warning("a frame of %s bytes was turned away", length)
                return
            reply = await answer(self.house, await reader.readexactly(length))
            writer.write(LENGTH.pack(len(reply)) + reply)
            await writer.drain()


def peer_uid(connection: Any) -> int:
    """User id of the process at the other end, by the kernel's word."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", found)[1])

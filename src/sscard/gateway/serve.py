"""The gateway as a process: it waits for its database, serves, and ends in order.

On SIGTERM nothing new is taken, what was taken is answered after its commit, then the port is closed. Killed at any
moment it loses nothing that it has answered: an answer is sent after the commit.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import uvloop
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from sscard.bank.rights import RIGHTS as OF_BANK
from sscard.control import rights
from sscard.gateway.books import Books
from sscard.gateway.http import Gateway
from sscard.gateway.register import Register
from sscard.gateway.rights import RIGHTS
from sscard.kernel import keyclient

log = logging.getLogger("sscard.gateway")
FIRST_READING_TRIES, FIRST_READING_PAUSE_S = 240, 0.25
MOST_CONNECTIONS = 1_024
SWITCH_S = 0.0005
"""Granian's threads hand requests over under the interpreter's lock, and wait so long for it while Python computes; the usual
five milliseconds cost a third of what is answered."""
HEADER_WITHIN_MS = 10_000
MOST_HEADER_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Place:
    """Where it listens, and what it stands on."""

    bind: str
    port: int
    certificate: Path
    key: Path
    key_service: Path
    url: str = field(repr=False)


def run(place: Place) -> None:
    keyclient.configure(place.key_service)
    rights.declare(OF_BANK)
    rights.declare(RIGHTS)
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)  # a batch makes thousands of objects that live for milliseconds
    uvloop.run(serve(place))
    logging.shutdown()
    os._exit(0)  # a thread of Granian's that wakes while the interpreter is being taken down would abort the process


async def serve(place: Place) -> None:
    stop = asyncio.Event()
    register, books = Register(place.url), Books(place.url)
    await _first_reading(register)  # until then a signal ends it at once: nothing was taken yet
    _stops_when_told(stop)
    gateway = Gateway(register, books)
    going_on = [asyncio.create_task(register.keep_reading()), asyncio.create_task(gateway.keep_time())]
    server = _server(gateway, place)
    serving, stopping = asyncio.create_task(server.serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await gateway.drain()
    server.stop()  # type: ignore[no-untyped-call]
    await serving
    for task in going_on:
        task.cancel()
    await books.close()
    await register.close()


def _stops_when_told(stop: asyncio.Event) -> None:
    """Not by the loop's own `add_signal_handler`: that hears of a signal by a byte in the pipe by which the server's threads wake
    the loop, too, and in a crowd the pipe is full and the signal is lost."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


async def _first_reading(register: Register) -> None:
    for tries in range(FIRST_READING_TRIES):
        try:
            await register.refresh()
        except (psycopg.OperationalError, OSError):
            if tries == FIRST_READING_TRIES - 1:
                raise
            await asyncio.sleep(FIRST_READING_PAUSE_S)
        else:
            return


def _server(gateway: Gateway, place: Place) -> Server:
    return Server(
        gateway,
        address=place.bind,
        port=place.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=MOST_CONNECTIONS,
        backpressure=MOST_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_WITHIN_MS, max_buffer_size=MOST_HEADER_BYTES),
        log_level=LogLevels.error,
        ssl_cert=place.certificate,
        ssl_key=place.key,
        ssl_protocol_min=SSLProtocols.tls12,
    )

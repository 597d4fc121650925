"""A receiver of web hooks that stands at the other end of a socket pair: nothing ever goes to a network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from sscard.partners.hooks import guard, sending

OPEN = "93.184.216.34"


class _Tls:
    """In the place of TLS: the pair needs none, and what name was asked for is seen."""

    def __init__(self, seen: Receiver) -> None:
        self.seen = seen

    def wrap_socket(self, raw: socket.socket, *, server_hostname: str) -> socket.socket:
        self.seen.names.append(server_hostname)
        return raw


@dataclass
class Receiver:
    """Answers each message with the next status of `answers`, then with 204. `got` holds (headers, body)."""

    answers: list[int] = field(default_factory=list)
    addresses: Sequence[str] = (OPEN,)
    more: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def net(self) -> guard.Net:
        return guard.Net(self.resolve, self.connect, lambda: _Tls(self))  # type: ignore[arg-type, return-value]

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.addresses

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        self.connected.append((address, port))
        ours, theirs = socket.socketpair()
        ours.settimeout(timeout)
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        return ours

    def _serve(self, link: socket.socket) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                for name, value in receiver.more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: Any) -> None:
                return

        try:
            Handler(link, ("receiver", 0), None)  # type: ignore[arg-type]
        except OSError:
            pass
        finally:
            link.close()


HOST = "hooks.partner.example"
URL = f"https://{HOST}/sscard"


@contextmanager
def listening(receiver: Receiver, *, hosts: tuple[str, ...] = (HOST,), loopback: bool = False) -> Iterator[Receiver]:
    """The house sends to this receiver, and its jobs are queued in a list (`queued`) instead of the worker's."""
    before = sending.net, sending.policy
    sending.net = receiver.net()
    sending.policy = lambda sandbox: guard.Policy(hosts, loopback=loopback and sandbox)
    try:
        yield receiver
    finally:
        sending.net, sending.policy = before

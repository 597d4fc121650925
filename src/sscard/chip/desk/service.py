"""The loopback service: POST /order {session, ticket, order} from a page of the house, and nothing else.

Who may order: a page whose origin is on the list (CORS, with Private Network Access), addressed to this very host (a name
that somebody points at 127.0.0.1 is refused), with a ticket that only the house can make: it is a MAC under the card
slot's own key over session and origin. Another program on the machine has no ticket, another page no origin, an old
ticket no session. Orders wait in line; a card has one reader.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from sscard.chip.desk.orders import Orders
from sscard.chip.desk.plain import plain
from sscard.kernel.refusals import Refusal
from sscard.terminals.chips import ticket_message
from sscard.terminals.client import DeviceRefused

HOST, PORT = "127.0.0.1", 17650
MOST_BYTES: Final = 4096


class ReaderService(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, orders: Orders, origins: frozenset[str], port: int = PORT) -> None:
        super().__init__((HOST, port), _Asked)
        self.orders, self.origins = orders, origins
        self.hosts = frozenset({f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"})
        self.one_at_a_time = threading.Lock()

    def order(self, origin: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Raises reader.ticket without a ticket for this origin and the session that is open at this terminal."""
        session, ticket, order = (str(body.get(name, "")) for name in ("session", "ticket", "order"))
        slot = self.orders.slot
        key, message = bytes.fromhex(slot.keys.key), ticket_message(slot.keys.device, session, origin)
        wanted = hmac.new(key, message, lambda: hashlib.new("sm3")).hexdigest()
        if not hmac.compare_digest(wanted.encode(), ticket.encode()):
            raise Refusal("reader.ticket")
        with self.one_at_a_time:
            now = slot.session()
            if now["session"] != session:
                raise Refusal("reader.ticket")
            return self.orders.run(order, now)


class _Asked(BaseHTTPRequestHandler):
    server: ReaderService
    server_version, sys_version = "sscard-reader", ""

    def do_OPTIONS(self) -> None:
        if self._stranger():
            return
        self._answer(204, None)

    def do_POST(self) -> None:
        if self._stranger():
            return
        size = self.headers.get("Content-Length", "")
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        if self.path != "/order" or kind != "application/json" or not size.isdigit() or int(size) > MOST_BYTES:
            self._refused(404 if self.path != "/order" else 400, Refusal("reader.order", order=""))
            return
        try:
            body = dict(json.loads(self.rfile.read(int(size))))
        except (ValueError, TypeError, RecursionError):
            self._refused(400, Refusal("reader.order", order=""))
        else:
            self._order(body)

    def _order(self, body: Mapping[str, Any]) -> None:
        """Whatever happens at reader, card or house: the page gets a sentence and a next step."""
        try:
            told = self.server.order(self.headers["Origin"], body)
        except Refusal as no:
            self._refused(403 if no.code == "reader.ticket" else 409, plain(no))
        except DeviceRefused as no:
            self._answer(409, {"state": "refused", "code": no.code, "sentence": no.sentence, "next": no.next_step})
        except OSError:  # the network between here and the house
            self._refused(409, Refusal("reader.house_silent"))
        except (IndexError, KeyError, ValueError):  # the card's answers have not even the shape to look at
            self._refused(409, Refusal("reader.not_this_card"))
        else:
            self._answer(200, told)

    def _stranger(self) -> bool:
        """Another page, another host name, or no page at all: 403 and not a word more."""
        known = self.headers.get("Origin", "") in self.server.origins and self.headers.get("Host") in self.server.hosts
        if not known:
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()
        return not known

    def _refused(self, status: int, no: Refusal) -> None:
        sentence = {lang: no.sentence(lang) for lang in ("zh", "en")}
        following = {lang: no.next_step(lang) for lang in ("zh", "en")}
        self._answer(status, {"state": "refused", "code": no.code, "sentence": sentence, "next": following})

    def _answer(self, status: int, body: Mapping[str, Any] | None) -> None:
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", self.headers["Origin"])
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if body is None:
            self.send_header("Access-Control-Allow-Methods", "POST")
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
            if self.headers.get("Access-Control-Request-Private-Network") == "true":
                self.send_header("Access-Control-Allow-Private-Network", "true")
        else:
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what goes on is in the house's audit."""

"""The clearing house on HTTP: signed questions, signed answers."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sscard.keys import recipes
from sscard.keys.parties import PartyKeys
from sscard.sim.clearing.book import FIELDS, KINDS, Book, Conflict
from sscard.sim.clearing.folder import BOOK, KEYS, TRUST

log = logging.getLogger("sscard.clearing")
SIGNATURE = "Sscard-Signature"
WINDOW = timedelta(minutes=5)
MOST_BYTES = 64 * 1024


class NotTrusted(Exception):
    """The signature, the time or the form of a question is wrong."""


class House:
    """The program on its own folder."""

    def __init__(self, home: Path) -> None:
        self.keys, self.home = PartyKeys.load(home / KEYS), home
        self.read_trust()
        self.book = Book(home / BOOK)

    def read_trust(self) -> None:
        """The banks' key and who takes part, as they stand in the folder now."""
        trust = json.loads((self.home / TRUST).read_text(encoding="utf-8"))
        self.core, self.banks = bytes.fromhex(trust["public"]), frozenset(trust["banks"])

    def ask(self, path: str, body: bytes, signature: str) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer. A question that is not the core's is answered with nothing but that."""
        try:
            asked = self._trusted(body, signature)
            return 200, self._answer(path, asked)
        except NotTrusted as error:
            return 403, {"error": str(error)}
        except Conflict:
            return 409, {"error": "changed"}
        except (KeyError, TypeError, ValueError):
            return 400, {"error": "form"}

    def _trusted(self, body: bytes, signature: str) -> dict[str, Any]:
        try:
            good = recipes.sm2_verify(self.core, body, bytes.fromhex(signature))
        except ValueError:
            good = False
        if not good:
            raise NotTrusted("signature")
        asked = json.loads(body)
        if abs(datetime.now(UTC) - datetime.fromisoformat(asked["at"])) > WINDOW:
            raise NotTrusted("time")
        return dict(asked)

    def _answer(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        match path:
            case "/payments":
                payment = asked["payment"]
                amount = payment["amount_fen"]
                if set(payment) != FIELDS or payment["kind"] not in KINDS or not isinstance(amount, int) or amount <= 0:
                    raise ValueError(path)
                if payment["from_bank"] not in self.banks:
                    raise NotTrusted("bank")
                return dict(self.book.submit(payment, self.banks))
            case "/inbox":
                return {"payments": self.book.inbox(str(asked["bank"]))}
            case "/answers":
                return dict(self.book.answer(asked["bank"], asked["payment"], asked["result"], asked["reason"]))
            case _:
                raise ValueError(path)

    def sign(self, body: bytes) -> str:
        return self.keys.signing.sign(body).hex()


def server(house: House, port: int, bind: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Ready to serve; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if not 0 < size <= MOST_BYTES:
                self.send_error(413)
                return
            status, answer = house.ask(self.path, self.rfile.read(size), self.headers.get(SIGNATURE, ""))
            body = json.dumps({**answer, "at": datetime.now(UTC).isoformat()}, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header(SIGNATURE, house.sign(body))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            log.debug(format, *args)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    return Server((bind, port), Handler)

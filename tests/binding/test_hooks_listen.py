"""`sscard hooks listen` from end to end: the command as a program of its own, messages over loopback TLS from a served portal,
handed to a local program that verifies them with `standardwebhooks`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx
from standardwebhooks import Webhook

from partners_kit import tenant
from sscard.partners.hooks import sending
from tests_support import free_port

if TYPE_CHECKING:
    from tests_support import House

MOST = 2


class Program(HTTPServer):
    """The developer's own: keeps what it is sent and says thank you."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), _Handler)
        self.got: list[tuple[dict[str, str], str]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def test_messages_reach_a_developers_own_machine(house: House, bureau: str) -> None:
    one, program = tenant(), Program()
    threading.Thread(target=program.serve_forever, daemon=True).start()
    key = one.keys["sandbox"]
    line = [
        sys.executable, "-m", "sscard.app.command", "hooks", "listen", "--name", key["name"], "--base", bureau,
        "--to", f"http://127.0.0.1:{program.server_port}/hook", "--most", str(MOST), "--events", "card.*",
    ]  # fmt: skip
    environ = {**os.environ, "SSCARD_PROGRAM_KEY": key["key"]}
    listening = subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert listening.stdout is not None
        said = listening.stdout.readline()  # the secret, once it is registered
        secret = next(word for word in said.replace("：", " ").split() if word.startswith("whsec_"))
        with httpx.Client(base_url=bureau, auth=(key["name"], key["key"]), verify=False) as http:
            for _ in range(MOST):
                answer = http.post(
                    "/api/acts/partners.trigger_event", json={"name": "card.enabled", "ids": {}},
                    headers={"Idempotency-Key": uuid.uuid4().hex},
                )  # fmt: skip
                assert answer.status_code == 200, answer.text
        for _ in range(120):  # what the worker does: it reads the outbox again and again
            sending.told()
            if len(program.got) >= MOST:
                break
            time.sleep(0.5)
        out, err = listening.communicate(timeout=60)
    finally:
        listening.kill()
        program.shutdown()
    assert listening.returncode == 0, err
    assert out.count("204 ") == MOST
    assert len(program.got) == MOST
    for headers, body in program.got:
        assert Webhook(secret).verify(body, headers)["type"] == "card.enabled"
        assert json.loads(body)
    assert one.key.get("/api/hooks/endpoints").json() == [], "the command takes its endpoint away again"

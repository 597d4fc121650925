"""The gateway as its own process on a test's database, and a client that speaks HTTP over TLS with it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sscard.app import tls
from sscard.app.children import dies_with_us
from tests_support import START_WAIT_S, House, free_port


@dataclass(frozen=True, slots=True)
class Program:
    """Registered, with its key in clear."""

    name: str
    key: str
    program_id: uuid.UUID

    @classmethod
    def registered(cls, role: str = "bank_program", bank: str = "CCB", area: str = "990100") -> Program:
        import bank_kit as kit

        from sscard.control import models
        from sscard.control.sessions import token_hash

        organisation = f"{area}-{bank or 'BUREAU'}-HQ"
        kit.organisation(organisation, "bank" if bank else "bureau", area, bank)
        name, key = f"host.{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        row = models.Program.objects.create(
            name=name, organisation_id=organisation, area_code=area, role=role, secret_hash=token_hash(key)
        )
        return cls(name, key, row.program_id)

    def stop(self) -> None:
        from sscard.control import models

        models.Program.objects.filter(program_id=self.program_id).update(active=False)

    @property
    def header(self) -> str:
        return "Basic " + base64.b64encode(f"{self.name}:{self.key}".encode()).decode()

    @property
    def caller(self) -> Any:
        """The same program at the office's door."""
        from sscard.control import models
        from sscard.control.caller import Caller

        row = models.Program.objects.select_related("organisation").get(program_id=self.program_id)
        return Caller.of_program(row, channel="api")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def replayed(self) -> bool:
        return self.headers.get("idempotent-replayed") == "true"


@dataclass(slots=True)
class Gateway:
    house: House
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        return {**self.house.environ, "SSCARD_GATEWAY_PORT": str(self.port)}

    def start(self) -> None:
        config = self.house.config
        tls.ensure_certificate(config)
        config.logs.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (config.logs / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sscard.app.gateway"], env=self.environ, stdout=log, stderr=log,
                preexec_fn=dies_with_us(),
            )  # fmt: skip
        end = time.monotonic() + START_WAIT_S
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > end:
                said = (config.logs / "gateway.log").read_text(errors="replace")[-3000:]
                raise RuntimeError(f"the gateway does not start:\n{said}")
            time.sleep(0.05)

    def healthy(self) -> bool:
        try:
            return self.send("GET", "/health").status == 200
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=os.fspath(self.house.config.home / "tls" / "authority.pem"))

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.tls())

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        link: http.client.HTTPSConnection | None = None,
        **headers: str,
    ) -> Answer:
        used = link or self.connect()
        try:
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            given = {"Content-Type": "application/json"} if data is not None else {}
            used.request(method, path, data, given | {name.replace("_", "-"): text for name, text in headers.items()})
            answer = used.getresponse()
            content = answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, json.loads(content) if content else {})
        finally:
            if link is None:
                used.close()

    def post(self, program: Program, path: str, body: Any, *, key: str = "", **more: Any) -> Answer:
        key = key or uuid.uuid4().hex
        return self.send("POST", path, body, Authorization=program.header, Idempotency_Key=key, **more)

    def deposit(self, program: Program, account: uuid.UUID, fen: int, *, key: str = "", **more: Any) -> Answer:
        return self.post(program, "/v1/deposits", {"account": str(account), "amount_fen": fen}, key=key, **more)

    def balance(self, program: Program, account: uuid.UUID) -> Answer:
        return self.send("GET", f"/v1/accounts/{account}/balance", Authorization=program.header)


@contextmanager
def running(house: House) -> Iterator[Gateway]:
    gateway = Gateway(house)
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()

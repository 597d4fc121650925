"""What the fixtures of conftest.py are made of."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import ready_cluster
from homes import new_home
from ready_cluster import TEMPLATE
from sscard.app import config, state
from sscard.app.children import dies_with_us
from sscard.app.config import Config
from sscard.app.database import Urls, create_database, drop_database, point_django_at
from sscard.app.postgres import Postgres
from sscard.app.processes import ALL, socket_answers

START_WAIT_S = 180
POLL_S = 0.05
_numbers = count(1)


def fresh_name(about: str) -> str:
    """A database name that is new in this run; at most 63 bytes."""
    return f"t{next(_numbers)}_{re.sub(r'[^a-z0-9_]', '_', about.lower())[-40:]}"


_entered: list[str] = []
"""The database that was last entered."""


@dataclass(slots=True)
class KeyService:
    """The key service as its own process, as `sscard up` starts it."""

    config: Config
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.config.key_service_socket

    def start(self) -> None:
        self.config.runtime.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.config.logs.mkdir(mode=0o755, parents=True, exist_ok=True)
        log = self.config.logs / "keys.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                ALL[0].command(self.config),
                stdout=out,
                stderr=out,
                preexec_fn=dies_with_us(),
            )
        end = time.monotonic() + START_WAIT_S
        while not socket_answers(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the key service does not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated database without sessions, ready to be cloned."""

    postgres: Postgres


@dataclass(frozen=True, slots=True)
class House:
    """One migrated database; entered, this process and the programs it starts with `environ` use it."""

    postgres: Postgres
    database: str
    urls: Urls
    key_service: KeyService

    @classmethod
    def clone(cls, template: Template, name: str, key_service: KeyService, *, of: str = TEMPLATE) -> House:
        create_database(template.postgres.admin_url(), name, template=of)
        return cls(template.postgres, name, template.postgres.urls(name), key_service)

    @property
    def config(self) -> Config:
        return replace(config.load(), database_name=self.database)

    @property
    def environ(self) -> dict[str, str]:
        """The environment for a program that shall work on this database."""
        return {**os.environ, "SSCARD_DATABASE_NAME": self.database}

    @contextmanager
    def entered(self) -> Iterator[None]:
        from django.contrib.contenttypes.models import ContentType

        from sscard.law import areas

        before = os.environ.get("SSCARD_DATABASE_NAME")
        os.environ["SSCARD_DATABASE_NAME"] = self.database
        point_django_at(self.urls.app)
        ContentType.objects.clear_cache()
        if _entered != [self.database]:  # areas of sandboxes are another database's
            areas.forget()
            _entered[:] = [self.database]
        try:
            yield
        finally:
            self._close()
            os.environ.pop("SSCARD_DATABASE_NAME")
            if before:
                os.environ["SSCARD_DATABASE_NAME"] = before

    def leave(self) -> None:
        """Nothing of this process stays connected: now it can be cloned, or dropped."""
        self._close()
        _entered.clear()

    def drop(self) -> None:
        self.leave()
        drop_database(self.postgres.admin_url(), self.database)

    @staticmethod
    def _close() -> None:
        from django.db import connections

        connections.close_all()


READER_PORTS = frozenset({*range(35963, 35967), 17650})
"""The virtual readers' and the reader service's: fixed, and the readers' lie where the system takes free ports from."""


def free_port() -> int:
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            found = int(probe.getsockname()[1])
        if found not in READER_PORTS:
            return found
    raise OSError("no free port")


@dataclass(slots=True)
class RunningHouse:
    """The whole house by its own command, seen from outside: processes, ports, output."""

    home: Path
    port: int
    gateway_port: int
    process: subprocess.Popen[str] | None = None

    @classmethod
    def make(cls) -> RunningHouse:
        return cls(new_home("sscard-house-"), free_port(), free_port())

    @classmethod
    def ready(cls) -> RunningHouse:
        """One whose database is made and migrated already."""
        house = cls.make()
        ready_cluster.lay_into(house.config)
        return house

    @property
    def environ(self) -> dict[str, str]:
        ours = {
            "SSCARD_HOME": str(self.home),
            "SSCARD_PORTAL_PORT": str(self.port),
            "SSCARD_GATEWAY_PORT": str(self.gateway_port),
            "SSCARD_LANGUAGE": "en",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SSCARD_")}
        return {**kept, **ours}

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def config(self) -> Config:
        return config.load(self.environ)

    @property
    def state(self) -> state.State | None:
        return state.read(self.home)

    @property
    def out(self) -> str:
        return (self.home / "up.out").read_text(encoding="utf-8")

    def tls(self) -> ssl.SSLContext:
        """Trusts this house's own authority, and nothing else."""
        return ssl.create_default_context(cafile=str(self.home / "tls" / "authority.pem"))

    def command(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `sscard …` for this house and return when it ends."""
        line = [sys.executable, "-m", "sscard.app.command", *words]
        return subprocess.run(
            line, env={**self.environ, **environ}, capture_output=True, text=True, check=False, timeout=900
        )

    def begin(self) -> None:
        """Start `sscard up` without waiting."""
        with (self.home / "up.out").open("w", encoding="utf-8") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sscard.app.command", "up"],
                env=self.environ,
                stdout=out,
                stderr=out,
                text=True,
                preexec_fn=dies_with_us(),
            )

    def up(self) -> None:
        """Start it and wait until all answers."""
        self.begin()
        assert self.process is not None
        self.wait_for(lambda: self.process.poll() is not None or (self.state and self.state.ready))  # type: ignore[union-attr]
        if self.process.poll() is not None:
            raise RuntimeError(f"sscard up ended:\n{self.out}")

    def pids(self) -> dict[str, int]:
        found = self.state
        return {child.name: child.pid for child in found.children} if found else {}

    def restarts(self) -> dict[str, int]:
        found = self.state
        return {child.name: child.restarts for child in found.children} if found else {}

    def down(self) -> int:
        """As Ctrl-C does; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)

    def end(self) -> None:
        """Stop it and remove what it left."""
        if self.process is not None:
            self.down()
        shutil.rmtree(config.default_runtime(self.home), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    @staticmethod
    def wait_for(is_so: Callable[[], object], seconds: float = 300) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain")
            time.sleep(POLL_S)

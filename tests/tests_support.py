"""What the fixtures of conftest.py are made of."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from sscard.app import config
from sscard.app.children import dies_with_us
from sscard.app.config import Config
from sscard.app.database import Urls, create_database, drop_database, point_django_at
from sscard.app.postgres import Postgres

START_WAIT_S = 60
POLL_S = 0.05
TEMPLATE = "sscard_template"
_numbers = count(1)


def fresh_name(about: str) -> str:
    """A database name that is new in this run; at most 63 bytes."""
    return f"t{next(_numbers)}_{re.sub(r'[^a-z0-9_]', '_', about.lower())[-40:]}"


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
                [sys.executable, "-m", "sscard.keys", "--home", str(self.config.home), "--socket", str(self.socket)],
                stdout=out,
                stderr=out,
                env={**os.environ, "SSCARD_KEY_SERVICE_SOCKET": str(self.socket)},
                preexec_fn=dies_with_us(),
            )
        end = time.monotonic() + START_WAIT_S
        while not answers(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the key service does not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated database without sessions, ready to be cloned."""

    postgres: Postgres

    @classmethod
    def make(cls, postgres: Postgres) -> Template:
        from django.db import connections

        from sscard.app.migrate import migrate

        create_database(postgres.admin_url(), TEMPLATE)
        migrate(replace(config.load(), database_name=TEMPLATE))
        connections.close_all()
        return cls(postgres)


@dataclass(frozen=True, slots=True)
class House:
    """One migrated database; entered, this process and the programs it starts with `environ` use it."""

    postgres: Postgres
    database: str
    urls: Urls
    key_service: KeyService

    @classmethod
    def clone(cls, template: Template, name: str, key_service: KeyService) -> House:
        create_database(template.postgres.admin_url(), name, template=TEMPLATE)
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

        os.environ["SSCARD_DATABASE_NAME"] = self.database
        point_django_at(self.urls.app)
        ContentType.objects.clear_cache()
        try:
            yield
        finally:
            self._close()
            del os.environ["SSCARD_DATABASE_NAME"]

    def drop(self) -> None:
        self._close()
        drop_database(self.postgres.admin_url(), self.database)

    @staticmethod
    def _close() -> None:
        from django.db import connections

        connections.close_all()

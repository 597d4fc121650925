"""A PostgreSQL cluster with migrated databases, made once a run and copied for every worker and every served house.

Making a cluster and migrating it takes seconds of a processor, a copy of its files almost nothing. All copies have the same
passwords and the same data, and none of them outlives the run.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from homes import new_home
from sscard.app import config
from sscard.app.config import Config
from sscard.app.database import LOGIN_ROLES, create_database
from sscard.app.postgres import ADMIN, Postgres

TEMPLATE = "sscard_template"
PLACE = "TESTS_READY_CLUSTER"
"""Environment variable by which workers find the folder of their run."""


def begin() -> None:
    """In the first process of a run, before there are workers: the place, still empty."""
    if PLACE not in os.environ:
        place = os.environ[PLACE] = str(new_home("sscard-ready-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)


def lay_into(target: Config) -> None:
    """Give this home the cluster, before its server starts for the first time."""
    source = _made()
    server = Postgres(target)
    server.folder.mkdir(mode=0o700, parents=True)
    server.who.own(server.folder, 0o700)
    subprocess.run(["cp", "-a", str(source.folder / "data"), str(server.folder / "data")], check=True)
    secrets = target.home / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for role in (*LOGIN_ROLES, ADMIN):
        shutil.copy(source.config.home / "secrets" / role, secrets / role)


def _made() -> Postgres:
    place = Path(os.environ[PLACE])
    home = place / "home"
    server = Postgres(config.load({"SSCARD_HOME": str(home), "SSCARD_PROFILE": "test"}))
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").exists():
            _make(server)
            (place / "made").touch()
    return server


def _make(server: Postgres) -> None:
    server.config.home.chmod(0o711)  # made with its first secret; the server's own user walks through it
    server.start()
    try:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SSCARD_")}
        command = [sys.executable, "-m", "sscard.app.command", "migrate"]
        subprocess.run(command, env={**environ, "SSCARD_HOME": str(server.config.home)}, check=True)
        create_database(server.admin_url(), TEMPLATE, template=server.config.database_name)
    finally:
        server.stop()
        shutil.rmtree(server.config.runtime, ignore_errors=True)

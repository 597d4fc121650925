"""The launcher of the embedded PostgreSQL.

`Postgres(config).start()` makes the cluster at the first start, starts the server as our own child, waits until it
answers (recovery after a crash takes as long as it takes), and leaves the URLs of all roles in the home folder.
Passwords only (SCRAM), a socket in a short folder and TCP on the loopback, checksums on, safe against power loss: those
settings are given on the command line and asserted after the start.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from sscard.app.children import dies_with_us
from sscard.app.config import SOCKET_PATH_MAX_BYTES, Config
from sscard.app.database import (
    DatabaseFault,
    Unsafe,
    Urls,
    create_database,
    ensure_roles,
    has_database,
    keep_urls,
    role_urls,
    unsafe_settings,
)
from sscard.app.pg_programs import STATE_OF_ROOT, Runner, can_reach, programs, runner, version_of
from sscard.app.secrets_kept import kept_secret

ADMIN = "sscard_admin"
POLL_S = 0.05
STALE_LOCK_TRIES = 100  # times STALE_LOCK_WAIT_S: old backends need a moment to notice that their server is gone
STALE_LOCK_WAIT_S = 0.3
STOP_WAIT_S = 60
SLOW_AFTER_S = 5


@dataclass(slots=True)
class Postgres:
    """One embedded server. `tell` hears what a start waits for: a code of `notice.app.database.wait.*`, seconds."""

    config: Config
    tell: Callable[[str, int], None] = lambda _code, _seconds: None
    process: subprocess.Popen[bytes] | None = None
    who: Runner = field(default_factory=runner)
    port: int = 0

    # -- places
    @property
    def folder(self) -> Path:
        """Home's own folder where its user can walk; else below /var/lib (root's home is closed to it)."""
        inside = self.config.home / "postgres"
        outside = STATE_OF_ROOT / f"data-{self.config.runtime.name}"
        stays_outside = (outside / "data").exists() and not (inside / "data").exists()
        return outside if stays_outside or not can_reach(self.config.home, self.who) else inside

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        return self.config.runtime / "pg"

    @property
    def log(self) -> Path:
        return self.config.logs / "postgres.log"

    # -- start and stop
    def start(self) -> Urls:
        """Start the server and return one URL a role. Raises DatabaseFault with a sentence."""
        self._folders()
        made = (self.data / "PG_VERSION").is_file()
        major = int((self.data / "PG_VERSION").read_text(encoding="ascii")) if made else None
        tools = programs(self.config.postgres_bin, self.who, major=major)
        if not made:
            self._make_cluster(tools["initdb"], tools.major)
        self.port = self._choose_port()
        self._start_over_stale_lock(tools["postgres"])
        return self._prepare()

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything is written. Kills only when that does not come about."""
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait()
        self.process = None

    def running(self) -> bool:
        """True while the server that we started lives; a killed one is seen at once."""
        return self.process is not None and self.process.poll() is None

    def urls(self, database: str = "") -> Urls:
        return role_urls(
            self.config.home, dbname=database or self.config.database_name, host=str(self.sockets), port=self.port
        )

    def admin_url(self) -> str:
        return self.urls("postgres").admin

    # -- first start
    def _folders(self) -> None:
        runtime = self.config.runtime
        for folder in (self.config.home, self.config.logs):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        runtime.mkdir(mode=0o711, parents=True, exist_ok=True)
        if runtime.stat().st_uid != os.geteuid() or runtime.is_symlink():
            raise DatabaseFault("database.runtime_not_ours", folder=runtime)
        longest = len(os.fsencode(self.sockets / ".s.PGSQL.65535"))
        if longest >= SOCKET_PATH_MAX_BYTES:
            raise DatabaseFault("database.runtime_too_long", folder=runtime)
        if not can_reach(runtime, self.who):
            raise DatabaseFault("database.runtime_closed", folder=runtime, user=self.who.name)
        for folder, mode in ((self.folder, 0o700), (self.sockets, 0o711)):
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
            self.who.own(folder, mode)

    def _make_cluster(self, initdb: str, major: int) -> None:
        self.tell("making", 0)
        part = self.folder / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix=".pw-", encoding="ascii") as file:
            self.who.own(Path(file.name), 0o600)
            file.write(kept_secret(self.config.home, ADMIN) + "\n")
            file.flush()
            command = [initdb, "--pgdata", str(part), "--username", ADMIN, "--pwfile", file.name]
            command += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"]
            command += locale if major >= 17 else ["--locale=C.UTF-8"]
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env=_plain_environment(),
                **self.who.popen(),  # type: ignore[call-overload]
            )
        if done.returncode != 0:
            raise DatabaseFault("database.not_made", said=done.stderr.strip()[-800:])
        part.rename(self.data)  # a start that was cut short leaves no half-made cluster under the real name

    # -- every start
    def _choose_port(self) -> int:
        """The configured port, or one that this home keeps; when that one is taken by somebody, a new one."""
        kept = self.folder / "port"
        wanted = self.config.postgres_port or (int(kept.read_text(encoding="ascii")) if kept.is_file() else 0)
        if wanted and _is_free(wanted):
            return wanted
        if self.config.postgres_port and not self._ours_still_answers():
            raise DatabaseFault("database.port_taken", port=wanted)
        if wanted and self._ours_still_answers():
            return wanted  # old backends hold it for a moment; starting waits for them
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        kept.write_text(str(port), encoding="ascii")
        return port

    def _ours_still_answers(self) -> bool:
        return self._living_server() is not None

    def _living_server(self) -> int | None:
        """Pid of a server that really runs on our data folder; a lock file alone proves nothing."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
            where = Path(f"/proc/{pid}/cwd").resolve(strict=True)
            name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return None
        return pid if name == "postgres" and where == self.data.resolve() else None

    def _start_over_stale_lock(self, postgres: str) -> None:
        for _ in range(STALE_LOCK_TRIES):
            if (pid := self._living_server()) is not None:
                raise DatabaseFault("database.already_runs", folder=self.data, pid=pid)
            with suppress(FileNotFoundError):  # nobody runs on it: the file is left over, its number may be reused
                (self.data / "postmaster.pid").unlink()
            begin = self.log.stat().st_size if self.log.exists() else 0
            self._spawn(postgres)
            if self._wait_until_it_answers():
                return
            said = self.log.read_bytes()[begin:].decode(errors="replace")
            if not re.search(r"pre-existing shared memory|lock file .* already exists|still in use", said):
                raise DatabaseFault("database.does_not_start", said=said.strip()[-1500:])
            self.tell("leftovers", 0)
            time.sleep(STALE_LOCK_WAIT_S)
        raise DatabaseFault("database.still_held", folder=self.data, log=self.log)

    def _spawn(self, postgres: str) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.sockets,
            "password_encryption": "scram-sha-256",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "shared_buffers": f"{self.config.postgres_shared_buffers_mb}MB",
            "max_wal_size": f"{self.config.postgres_max_wal_size_mb}MB",
            "max_connections": self.config.postgres_max_connections,
            "wal_compression": "on",
            "jit": "off",  # short statements: compiling them costs more than it saves
            "timezone": "UTC",
            "log_timezone": "UTC",
            "idle_in_transaction_session_timeout": "60s",
            # Statements and their values hold personal data; they never reach the log.
            "log_min_error_statement": "panic",
            "log_parameter_max_length": 0,
            "log_parameter_max_length_on_error": 0,
            "log_error_verbosity": "terse",
        }
        command = [postgres, "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_plain_environment(),
                start_new_session=True,
                preexec_fn=dies_with_us(signal.SIGINT),
                **self.who.popen(),
            )

    def _wait_until_it_answers(self) -> bool:
        """True when it answers, False when it ended. Recovery is waited for however long it takes."""
        assert self.process is not None
        begin, told = time.monotonic(), 0
        while self.process.poll() is None:
            try:
                psycopg.connect(self.admin_url(), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise DatabaseFault(
                        "database.password_does_not_fit", file=self.config.home / "secrets" / ADMIN
                    ) from error
            else:
                return True
            if (passed := int(time.monotonic() - begin)) >= told + SLOW_AFTER_S:
                told = passed
                self.tell("recovering", passed)
            time.sleep(POLL_S)
        return False

    def _prepare(self) -> Urls:
        urls, admin = self.urls(), self.admin_url()
        ensure_roles(admin, urls, owner_too=True)
        if not has_database(admin, self.config.database_name):
            create_database(admin, self.config.database_name)
        faults = [one for one in check_server(urls, self.config) if one.fatal]
        if faults:
            self.stop()
            raise _unsafe(faults)
        keep_urls(self.config.home, urls)
        return urls


def external(config: Config) -> Urls:
    """Your own server: roles that are missing are created, its safety is asserted. Raises DatabaseFault."""
    urls = config.urls()
    try:
        ensure_roles(urls.owner, urls, owner_too=False)
        faults = [one for one in check_server(urls, config) if one.fatal]
    except psycopg.OperationalError as error:
        raise DatabaseFault("database.not_let_in", said=str(error).strip()) from error
    if faults:
        raise _unsafe(faults)
    return urls


def check_server(urls: Urls, config: Config) -> list[Unsafe]:
    return unsafe_settings(urls.app, production=config.profile == "production")


def _unsafe(faults: list[Unsafe]) -> DatabaseFault:
    return DatabaseFault("database.unsafe", settings=", ".join(f"{one.code}={one.value}" for one in faults))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _plain_environment() -> dict[str, str]:
    """PostgreSQL gets no secret and no PG… variable of ours."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


__all__ = ["Postgres", "check_server", "external", "version_of"]

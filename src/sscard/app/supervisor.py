"""`sscard up`: PostgreSQL and every process of the house in the foreground, started, kept alive and stopped in order.

A child that falls is started again, at once the first time, then with a growing pause. Ctrl-C or SIGTERM stops all,
last started first. Were the supervisor itself killed, the kernel ends its children (`app.children`): no orphan is left.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sscard.app import state, tls
from sscard.app.children import dies_with_us
from sscard.app.config import Config
from sscard.app.database import DatabaseFault
from sscard.app.faults import OperatorFault, sentence
from sscard.app.memory import started_at
from sscard.app.ports import taken
from sscard.app.postgres import Postgres, external
from sscard.app.processes import Process, port_answers, present
from sscard.app.sealed_keys import missing_step
from sscard.documents import authority

POLL_S = 0.2
READY_WAIT_S = 120
LONG_LIFE_S = 60  # a child that lived this long starts its pauses from the beginning again
PAUSES_S = (0.0, 0.5, 1, 2, 5, 10, 30)
_PR_SET_CHILD_SUBREAPER = 36

Tell = Callable[[str, dict[str, Any]], None]
"""Hears what happens: a code of `notice.app.up.*` and its facts."""


class UpFault(OperatorFault):
    """The house can't be started."""


class StopAskedError(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal; not an error of the program, so nothing may swallow it."""


@dataclass(slots=True)
class Keeper:
    """Keeps one process running."""

    process: Process
    config: Config
    child: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    restarts: int = 0
    falls: int = 0
    not_before: float = 0.0

    @property
    def log(self) -> Path:
        return self.config.logs / f"{self.process.name}.log"

    def start(self) -> None:
        environ = {**os.environ, "SSCARD_HOME": str(self.config.home), "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.process.command(self.config),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environ,
                start_new_session=True,  # the terminal's Ctrl-C is for the supervisor, which stops all in order
                preexec_fn=dies_with_us(self.process.orphan_signal),
            )
        self.since = time.time()

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ready(self) -> bool:
        return self.process.ready is None or self.process.ready(self.config)

    def fell(self) -> float:
        """Clear up after a fall; returns the pause until the next start in seconds."""
        self._end_group()
        self.child = None
        self.falls = 0 if time.time() - self.since > LONG_LIFE_S else self.falls
        pause = PAUSES_S[min(self.falls, len(PAUSES_S) - 1)]
        self.falls += 1
        self.not_before = time.monotonic() + pause
        return pause

    def stop(self) -> None:
        if self.child is None:
            return
        if self.child.poll() is None:
            self.child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.child.wait(self.process.stop_wait_s)
        self._end_group()
        self.child.wait()
        self.child = None

    def _end_group(self) -> None:
        """Whatever is left of its session: a killed web server leaves a worker that would hold the port."""
        if self.child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)


@dataclass(slots=True)
class Supervisor:
    """One house. `after_start` runs when all is up, e.g. the demo's story; it may ask for the end by returning True."""

    config: Config
    tell: Tell = lambda _code, _facts: None
    prepare: Callable[[], None] = lambda: None
    after_start: Callable[[], bool] | None = None
    postgres: Postgres | None = None
    postgres_since: float = 0.0
    postgres_restarts: int = 0
    keepers: list[Keeper] = field(default_factory=list)
    is_ready: bool = False
    since: float = field(default_factory=time.time)

    def run(self) -> None:
        """Start all, keep all alive until asked to stop. Raises UpFault or DatabaseFault when it can't start."""
        self.config.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        with self._only_one(), _signals():
            try:
                self._start()
                if self.after_start is not None and self.after_start():
                    return
                while True:
                    self._look_after()
                    time.sleep(POLL_S)
            except StopAskedError:
                self.tell("stopping", {})
            finally:
                _ignore_signals()
                self._stop()

    # -- start
    def _start(self) -> None:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for folder, mode in ((self.config.logs, 0o755), (self.config.runtime, 0o711)):
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
        places = [(self.config.portal_bind, self.config.portal_port)]
        if self.config.gateway:
            places.append((self.config.gateway_bind, self.config.gateway_port))
        for bind, port in places:
            if port_answers(bind, port):
                code, facts = taken(port)
                raise UpFault(code, **facts)
        tls.ensure_certificate(self.config)
        if self.config.profile != "production":
            authority.ensure(self.config.home / "documents")
        if self.config.embedded:
            self.tell("database", {})
            self.postgres = Postgres(self.config, tell=self._tell_wait)
            self.postgres.start()
            self.postgres_since = time.time()
        else:
            external(self.config)
        self._keep_state()
        self.prepare()
        self.keepers = [Keeper(process, self.config) for process in present(self.config)]
        for keeper in self.keepers:
            self.tell("starting", {"name": keeper.process.name})
            keeper.start()
        for keeper in self.keepers:
            self._wait_ready(keeper)
        self.is_ready = True
        self._keep_state()
        self.tell("ready", {"url": self.config.portal_url})
        if step := missing_step(self.config):
            self.tell(f"sealed_{step}", {})

    def _tell_wait(self, code: str, seconds: int) -> None:
        self.tell("waiting", {"what": sentence(f"database.wait.{code}", self.config.language, seconds=seconds)})

    def _wait_ready(self, keeper: Keeper) -> None:
        end = time.monotonic() + READY_WAIT_S
        while not (keeper.alive() and keeper.ready()):
            if not keeper.alive() or time.monotonic() > end:
                last = keeper.log.read_text(encoding="utf-8", errors="replace").strip()[-1200:]
                raise UpFault("up.does_not_start", name=keeper.process.name, log=str(keeper.log), said=last)
            time.sleep(POLL_S / 4)

    # -- while it runs
    def _look_after(self) -> None:
        changed = self._look_after_postgres()
        for keeper in self.keepers:
            if keeper.child is not None and not keeper.alive():
                code, pause = keeper.child.returncode, keeper.fell()
                self.tell("fell", {"name": keeper.process.name, "code": code, "pause": pause})
                changed = True
            if keeper.child is None and time.monotonic() >= keeper.not_before:
                keeper.start()
                keeper.restarts += 1
                changed = True
        _reap_strangers({keeper.child.pid for keeper in self.keepers if keeper.child} | self._postgres_pid())
        if changed:
            self._keep_state()

    def _postgres_pid(self) -> set[int]:
        return {self.postgres.process.pid} if self.postgres and self.postgres.process else set()

    def _look_after_postgres(self) -> bool:
        if self.postgres is None or self.postgres.running():
            return False
        self.tell("fell", {"name": "postgres", "code": getattr(self.postgres.process, "returncode", None), "pause": 0})
        for pause in (*PAUSES_S, *[PAUSES_S[-1]] * 1000):
            time.sleep(pause)
            try:
                self.postgres.start()
                break
            except DatabaseFault as fault:
                self.tell("waiting", {"what": fault.sentence(self.config.language)})
        self.postgres_since = time.time()
        self.postgres_restarts += 1
        return True

    def _keep_state(self) -> None:
        children = []
        if self.postgres and self.postgres.process:
            place = f"127.0.0.1:{self.postgres.port}"
            pid, since = self.postgres.process.pid, self.postgres_since
            children.append(state.Child("postgres", pid, since, self.postgres_restarts, place))
        for keeper in self.keepers:
            pid = keeper.child.pid if keeper.child else 0
            address = keeper.process.address(self.config)
            children.append(state.Child(keeper.process.name, pid, keeper.since, keeper.restarts, address))
        ours = started_at(os.getpid())
        assert ours is not None
        about = state.State(os.getpid(), ours, self.since, tuple(children), self.is_ready)
        state.keep(self.config.home, about)

    # -- the end
    def _stop(self) -> None:
        for keeper in reversed(self.keepers):
            keeper.stop()
        if self.postgres is not None:
            self.postgres.stop()
        for folder in (self.config.runtime / "pg", self.config.runtime):
            with suppress(OSError):  # not empty: somebody else's, or of a child that was killed
                folder.rmdir()
        state.forget(self.config.home)
        self.tell("stopped", {})

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """One supervisor a home; the kernel lets go of the lock however the process ends."""
        folder = self.config.home / "run"
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UpFault("up.already_up", home=str(self.config.home)) from None
            yield


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _signals() -> Iterator[None]:
    def ask(_number: int, _frame: object) -> None:
        _ignore_signals()  # once is enough: all are stopped in order, nothing is cut short
        raise StopAskedError

    before = {number: signal.signal(number, ask) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _reap_strangers(ours: set[int]) -> None:
    """Orphans of fallen children come to us (subreaper) and are buried here; our own are their keepers' business."""
    for entry in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split():
        if int(entry) not in ours:
            with suppress(ChildProcessError):
                os.waitpid(int(entry), os.WNOHANG)

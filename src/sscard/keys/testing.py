"""A real key service for tests and tools: `with running(home) as socket: …`."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sscard.kernel.keyclient import KeyClient, KeyServiceDown


class Process:
    """The service as a child process that can be stopped, killed and started again on the same home."""

    def __init__(self, home: Path, socket: Path, profile: str = "test", store: str = "demo") -> None:
        self.home, self.socket, self.profile, self.store = home, socket, profile, store
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None, "the service was not started"
        return self._child.pid

    def start(self, within: float = 30.0) -> None:
        """Start and wait until it answers, or raise with its log."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "keys.log").open("ab") as log:
            program = [sys.executable, "-m", "sscard.keys", "--profile", self.profile, "--store", self.store]
            program += ["--home", str(self.home), "--socket", str(self.socket)]
            self._child = subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + within
        client = KeyClient(self.socket, patience=0.0)
        while True:
            if self._child.poll() is not None:
                raise RuntimeError(f"key service ended at start: {self.log()}")
            try:
                client.ping()
            except KeyServiceDown:
                if time.monotonic() > end:
                    self.kill()
                    raise RuntimeError(f"key service does not answer: {self.log()}") from None
                time.sleep(0.02)
            else:
                client.close()
                return

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        assert self._child is not None, "the service was not started"
        self._child.terminate()
        try:
            return self._child.wait(10)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        assert self._child is not None, "the service was not started"
        self._child.kill()
        return self._child.wait(10)

    def log(self) -> str:
        return (self.home / "keys.log").read_text(errors="replace")


@contextlib.contextmanager
def running(
    home: Path | str, socket: Path | str | None = None, profile: str = "test", store: str = "demo"
) -> Iterator[str]:
    """Start a service on `home`, yield the path of its socket, stop it at the end."""
    with contextlib.ExitStack() as stack:
        if socket is None:  # a path of its own: a test's folder is often too long for a socket
            socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sk"))) / "k"
        process = Process(Path(home), Path(socket), profile, store)
        process.start()
        stack.callback(process.stop)
        yield str(socket)

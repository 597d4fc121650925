from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sscard.kernel.keyclient import KeyClient
from sscard.keys.testing import Process, running


@pytest.fixture(scope="session")
def key_service_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Socket of a real key service that all tests of this folder share."""
    with running(tmp_path_factory.mktemp("keys")) as socket:
        yield socket


@pytest.fixture(scope="session")
def client(key_service_here: str) -> Iterator[KeyClient]:
    client = KeyClient(key_service_here)
    yield client
    client.close()


@pytest.fixture
def process(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A key service of one's own, started, that a test may kill."""
    with tempfile.TemporaryDirectory(prefix="sk") as short:
        service = Process(tmp_path / "home", Path(short) / "k")
        service.start()
        yield service
        service.kill()


@pytest.fixture(scope="session")
def openssl() -> Callable[..., bytes]:
    """Runs the system's openssl, an implementation that shares no code with the product's SM2."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl on this machine")

    def run(*arguments: str, given: bytes = b"", fails: bool = False) -> bytes:
        done = subprocess.run([program, *arguments], input=given, capture_output=True, check=False)
        if not fails:
            assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sscard.kernel.keyclient import KeyClient
from sscard.keys.testing import Process, running

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")


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


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A token of its own for this test; its PIN file."""
    library = next((one for one in LIBRARIES if Path(one).is_file()), None)
    if library is None or shutil.which("softhsm2-util") is None:
        pytest.skip("no SoftHSM on this machine: apt-get install softhsm2")
    folder = tmp_path / "tokens"
    folder.mkdir()
    (tmp_path / "softhsm.conf").write_text(f"directories.tokendir = {folder}\nlog.level = ERROR\n")
    pin = tmp_path / "pin"
    pin.write_text("48161516\n")
    settings = {"SOFTHSM2_CONF": str(tmp_path / "softhsm.conf"), "SSCARD_HSM_MODULE": library}
    settings |= {"SSCARD_HSM_TOKEN": tmp_path.name[:32], "SSCARD_HSM_PIN_FILE": str(pin)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    command = ["softhsm2-util", "--init-token", "--free", "--label", tmp_path.name[:32]]
    subprocess.run([*command, "--so-pin", "23420815", "--pin", "48161516"], check=True, capture_output=True)
    import pkcs11

    pkcs11.lib(library).reinitialize()  # a process loads the library once, with the first test's folder
    return pin

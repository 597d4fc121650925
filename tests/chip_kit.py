"""Cards, terminals and a reader service for tests of the chip."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sscard.chip.card import FileStore, Image, MemoryStore, VirtualCard
from sscard.chip.card.transport import Contacts, Profile
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.faults import ChipFault
from sscard.chip.personal import demo
from sscard.chip.psam.card import Psam
from sscard.chip.psam.client import PsamClient
from sscard.chip.reader.pcsc import PcscCard, readers
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import InProcess
from sscard.chip.reader.vpcd import InReader

KINDS = [(version, algorithm) for version in ("1.0", "2.0", "3.0") for algorithm in ("3des", "sm4")]
LOCK = Path("/tmp/sscard-tests.pcscd.lock")  # one machine has one pcscd, whoever runs tests on it
PORTS = (35963, 35964)


def psam(algorithm: str = "sm4", area: str = demo.AREA) -> PsamClient:
    return PsamClient(InProcess(Psam(TestKeys(), area, algorithm)))


def contacts(image: Image, profile: Profile = "apdu", engine: type[VirtualCard] = VirtualCard) -> Contacts:
    return Contacts(engine(MemoryStore(image)), profile)


def terminal(profile: Profile = "apdu", **kind: Any) -> Terminal:
    """A terminal with a card before it that has begun."""
    image = demo.card(**kind)
    found = Terminal(
        InProcess(contacts(image, profile)), psam(kind.get("algorithm", "sm4"), kind.get("area", demo.AREA))
    )
    found.begin()
    return found


def missing() -> str:
    """What the tests with a real reader service lack here, named as it is installed; "" when all is there."""
    programs = {"pcscd": "pcscd", "opensc-tool": "opensc", "scriptor": "pcsc-tools", "pcsc_scan": "pcsc-tools"}
    lacks = {package for program, package in programs.items() if not shutil.which(program)}
    if not list(Path("/usr/lib").glob("**/libifdvpcd*")):
        lacks.add("vsmartcard-vpcd")
    if importlib.util.find_spec("smartcard") is None:
        lacks.add("pyscard (requirements/readers.txt)")
    if not lacks and os.geteuid() != 0 and not serving():
        lacks.add("root, to start pcscd")
    return ", ".join(sorted(lacks))


def serving() -> bool:
    """A reader service runs here and has vpcd's two readers."""
    try:
        return sum(name.startswith("Virtual PCD") for name in readers()) >= 2
    except ChipFault:
        return False


def reader_service() -> Iterator[None]:
    """pcscd with vpcd's two readers, started here and stopped by its own process id; one test file at a time has it."""
    if lacks := missing():
        pytest.skip(f"not installed: {lacks}")
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if serving():  # somebody's own service: its readers are as good
            yield
            return
        Path("/run/pcscd").mkdir(exist_ok=True)
        service = subprocess.Popen(["pcscd", "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(serving, "the readers are there")
            yield
        finally:
            service.terminate()
            service.wait(timeout=60)


def wait_for(ready: Any, what: str, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.05)
    raise AssertionError(f"not reached: {what}")


def present() -> bool:
    try:
        PcscCard(0).close()
    except ChipFault:
        return False
    return True


@contextmanager
def inserted(path: str) -> Iterator[None]:
    """The card file in the first reader."""
    with InReader(Contacts(VirtualCard(FileStore(path)))):
        wait_for(present, "the reader sees the card")
        yield
    wait_for(lambda: not present(), "the reader is empty")

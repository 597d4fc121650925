"""A stranger's file is opened in a process of its own, with bounds on size, time and memory: a PDF that is a bomb ends that
process and nothing else (T25), and no more than a few are open at a time (T33).

`python -m sscard.documents.apart ROOT.pem` reads the file from its input and prints what `checking.examine` found.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sscard.documents.checking import Signed, examine
from sscard.kernel.refusals import Refusal

MOST_BYTES = 3 * 2**20
MOST_SIGNATURES = 20
MOST_SECONDS = 20
"""Of processor time; by the clock it may be three times that."""
MOST_MEMORY = 768 * 2**20
MOST_AT_ONCE = 2
_room = threading.BoundedSemaphore(MOST_AT_ONCE)


def examine_apart(file: bytes, root: x509.Certificate) -> list[Signed]:
    """As `checking.examine`. Refuses documents.upload_too_large, documents.busy, and documents.no_pdf for whatever cannot be read
    within the bounds."""
    if len(file) > MOST_BYTES:
        raise Refusal("documents.upload_too_large", megabytes=MOST_BYTES // 2**20)
    if not file.startswith(b"%PDF-"):
        raise Refusal("documents.no_pdf")
    if not _room.acquire(blocking=False):
        raise Refusal("documents.busy")
    try:
        return _asked(file, root)
    finally:
        _room.release()


def _asked(file: bytes, root: x509.Certificate) -> list[Signed]:
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(root.public_bytes(serialization.Encoding.PEM))
        pem.flush()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "sscard.documents.apart", pem.name], input=file, capture_output=True, check=True,
                timeout=3 * MOST_SECONDS,
            )  # fmt: skip
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            raise Refusal("documents.no_pdf") from None
    found = json.loads(done.stdout)
    return [Signed(**{**one, "at": datetime.fromisoformat(one["at"]) if one["at"] else None}) for one in found]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    root = x509.load_pem_x509_certificate(Path(sys.argv[1]).read_bytes())
    try:
        found = examine(sys.stdin.buffer.read(MOST_BYTES + 1), roots=[root], most=MOST_SIGNATURES)
    except Refusal:
        sys.exit(1)
    told = [{**asdict(one), "at": one.at.isoformat() if one.at else ""} for one in found]
    print(json.dumps(told))


if __name__ == "__main__":
    main()

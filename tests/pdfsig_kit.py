"""What a program of others, poppler's pdfsig, says of the signatures in a PDF."""

from __future__ import annotations

import subprocess
from pathlib import Path


def pdfsig(file: bytes, root: bytes, folder: Path) -> str:
    """With nothing in its store but the authority `root` (PEM), in a folder that is made for it."""
    store = folder / "nss"
    store.mkdir(parents=True)
    (folder / "root.pem").write_bytes(root)
    (folder / "signed.pdf").write_bytes(file)
    database = f"sql:{store}"
    for words in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,C,C", "-i", str(folder / "root.pem")]):
        subprocess.run(["certutil", "-d", database, *words], check=True, capture_output=True)
    done = subprocess.run(["pdfsig", "-nssdir", database, str(folder / "signed.pdf")], capture_output=True, check=False)
    return done.stdout.decode()


def changed(file: bytes) -> bytes:
    """One byte of the page's content, far from any signature."""
    at = file.index(b"stream") + 20
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]

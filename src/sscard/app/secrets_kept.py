"""Secrets that this installation makes for itself and keeps in its home folder, mode 600."""

from __future__ import annotations

import os
import secrets
import string
from pathlib import Path

ALPHABET = string.ascii_letters + string.digits


def kept_secret(home: Path, name: str, *, characters: int = 32) -> str:
    """The secret of this name; made at the first call. Two processes that ask at once get the same one."""
    path = home / "secrets" / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        write_private(path, "".join(secrets.choice(ALPHABET) for _ in range(characters)), keep=True)
    return path.read_text(encoding="ascii").strip()


def write_private(path: Path, text: str, *, keep: bool = False) -> None:
    """Write a file that only its owner reads, whole or not at all. With `keep`, whoever was first wins."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if not keep:
        part.replace(path)
        return
    try:
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()

"""A seal key in a file of its own, mode 600, beside what it seals: a copy of the sealed files alone tells nothing."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sscard.keys.store import write_durably


def seal_key(path: Path, size: int) -> bytes:
    """The key's bytes; made where there is none yet. Of two programs that make it at one moment both get the same."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        write_durably(fresh, secrets.token_bytes(size))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another program made it meanwhile: that one holds
        finally:
            fresh.unlink()
    return path.read_bytes()

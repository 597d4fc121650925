"""Where a test run keeps its databases."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
ROOM_NEEDED = 6 << 30


def new_home(prefix: str) -> Path:
    """A folder of its own, in memory where there is room: a run makes some hundred databases, and a process that is killed
    loses nothing there either. PostgreSQL's own user walks through it to its data."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir=SHARED_MEMORY if _roomy() else None))
    home.chmod(0o711)
    return home


def _roomy() -> bool:
    return os.access(SHARED_MEMORY, os.W_OK) and shutil.disk_usage(SHARED_MEMORY).free > ROOM_NEEDED

"""Makes the process keep its memory to itself: no core dumps, no debugger of the same user, no swap where allowed."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import Final

PR_SET_DUMPABLE: Final = 4  # linux/prctl.h
MCL_CURRENT_FUTURE_ONFAULT: Final = 1 | 2 | 4  # sys/mman.h


def harden() -> None:
    """Call before any key is in memory. `/proc/<pid>/smaps_rollup` stays readable for root; others ask `status`."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    # With a small limit a locked future would make later allocations fail, so lock only where there is none.
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        libc.mlockall(MCL_CURRENT_FUTURE_ONFAULT)


def quiet_library() -> None:
    """The SM2 library writes a line to standard error for every signature that does not verify, so that anyone could
    fill the log with forged ones. Python keeps the real standard error, the library gets none."""
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
    sys.stderr = os.fdopen(kept, "w", buffering=1, errors="backslashreplace")

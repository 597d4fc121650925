"""Starting programs of ours so that none outlives us."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def dies_with_us(how: signal.Signals = signal.SIGTERM, *, parent: int = 0) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child this signal when the thread that started it ends, however it ends.

    So children are started from the main thread. The child keeps its own session, away from the terminal's Ctrl-C:
    the supervisor stops its children in order.
    """
    expected = parent or os.getpid()

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != expected:  # we died between fork and prctl
            os._exit(1)

    return prepare

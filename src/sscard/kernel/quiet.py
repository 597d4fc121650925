"""What a C library says on standard error is not ours to say: GmSSL names a line of its own source for every signature that does
not fit and every file that does not open, before we have told anybody what that means."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST: Final = 1 << 20
_NOISE: Final = re.compile(rb"\S*GmSSL/\S+\.c:\d+:\w+\(\):\s*")
_guard = threading.Lock()


@contextmanager
def gmssl_quiet() -> Iterator[None]:
    """Around a call that tells its failure by its answer. Only GmSSL's own lines are left out: what else is written meanwhile, by
    another thread for instance, comes through."""
    with _guard:
        try:
            real = os.dup(2)
        except OSError:  # no standard error to keep clean
            yield
            return
        caught = os.memfd_create("stderr", os.MFD_CLOEXEC)
        os.dup2(caught, 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            os.close(real)
            said = os.pread(caught, MOST, 0)
            os.close(caught)
            if said:
                _pass_on(said)


def _pass_on(said: bytes) -> None:
    others = b"".join(line for line in said.splitlines(keepends=True) if not _NOISE.fullmatch(line))
    while others:
        others = others[os.write(2, others) :]

"""Types that msgspec decodes into, known to it before two threads can ask for one at the same moment.

msgspec looks at a dataclass when it first meets it, and keeps what it found on the class already while it is looking: a second
thread that decodes into the same class in that moment reads fields that are not there yet, and the process dies.
"""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
_lock = threading.Lock()
_known: set[object] = set()


def ready(kind: type[T]) -> type[T]:
    """The same type, looked at to its end: `msgspec.json.decode(text, type=ready(Image))`."""
    if kind not in _known:
        with _lock:
            msgspec.msgpack.Decoder(kind)
            _known.add(kind)
    return kind

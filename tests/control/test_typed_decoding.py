"""Two threads that decode into the same new type at the same moment; without `ready` the process dies of it (signal 11)."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading
from dataclasses import make_dataclass
import msgspec
from sscard.kernel.typed import ready

sys.setswitchinterval(1e-6)
for n in range(60):
    parts = [make_dataclass(f"Part{n}_{i}", [(f"x{n}_{i}_{j}", int) for j in range(5)]) for i in range(12)]
    kind = make_dataclass(f"Kind{n}", [(f"f{n}_{i}", part) for i, part in enumerate(parts)])
    text = msgspec.json.encode({f"f{n}_{i}": {f"x{n}_{i}_{j}": j for j in range(5)} for i in range(12)})
    begin, right = threading.Barrier(6), []
    def one():
        begin.wait()
        made = msgspec.json.decode(text, type=ready(kind))
        right.append(msgspec.json.encode(made) == text)
    threads = [threading.Thread(target=one) for _ in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert right == [True] * 6
"""


def test_a_new_type_may_be_met_by_several_threads_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])

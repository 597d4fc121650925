"""Two threads that decode into the same new type at the same moment."""

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
    names = [f"field_{n}_{at}" for at in range(40)]
    kind = make_dataclass(f"Kind{n}", [(name, list[dict[str, int]]) for name in names])
    text = msgspec.json.encode({name: [{"a": 1}] for name in names})
    begin, wrong = threading.Barrier(6), []
    def one():
        begin.wait()
        made = msgspec.json.decode(text, type=ready(kind))
        if getattr(made, names[-1]) != [{"a": 1}]:
            wrong.append(n)
    threads = [threading.Thread(target=one) for _ in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong
"""


def test_a_new_type_may_be_met_by_several_threads_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])

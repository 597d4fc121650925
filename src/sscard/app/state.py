"""What the supervisor leaves on disk about its processes, for `status`, `down` and `doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sscard.app.memory import started_at


@dataclass(frozen=True, slots=True)
class Child:
    """One process of the house. `since` is Unix time in seconds; pid 0 while it waits to be started again."""

    name: str
    pid: int
    since: float
    restarts: int
    address: str


@dataclass(frozen=True, slots=True)
class State:
    """The supervisor and its children. `ticks` guards against a pid that was given to another program."""

    pid: int
    ticks: int
    since: float
    children: tuple[Child, ...]
    ready: bool

    def alive(self) -> bool:
        return started_at(self.pid) == self.ticks


def _path(home: Path) -> Path:
    return home / "run" / "state.json"


def keep(home: Path, state: State) -> None:
    path = _path(home)
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    part.replace(path)


def forget(home: Path) -> None:
    _path(home).unlink(missing_ok=True)


def read(home: Path) -> State | None:
    """The living house, or None: a file left over from a killed supervisor tells nothing."""
    try:
        raw = json.loads(_path(home).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    state = State(**{**raw, "children": tuple(Child(**one) for one in raw["children"])})
    return state if state.alive() else None

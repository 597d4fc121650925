"""What the house really takes: the sum of PSS of a process tree, from /proc."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Share:
    """One process and its proportional share of memory in KiB; -1 where the system does not let us read it."""

    pid: int
    parent: int
    name: str
    pss_kib: int


def tree(root: int) -> list[Share]:
    """The process and all below it, parents first."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (parent := parent_of(int(entry.name))) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found, open_ = [], [root]
    while open_:
        pid = open_.pop(0)
        if (share := share_of(pid)) is not None:
            found.append(share)
        open_ += sorted(children.get(pid, []))
    return found


def share_of(pid: int) -> Share | None:
    """None once the process is gone."""
    parent = parent_of(pid)
    if parent is None:
        return None
    pss = -1
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                pss = int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
    except PermissionError:
        pass
    return Share(pid, parent, command_of(pid), pss)


def parent_of(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def started_at(pid: int) -> int | None:
    """Start time in clock ticks since boot: with the pid it names one process for ever. None for a dead one."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else None


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/pid/stat after the name, which may itself hold spaces and brackets."""
    try:
        return (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def command_of(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return words or (PROC / str(pid) / "comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""

"""Who holds a TCP port, from /proc: so that "port taken" can name the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sscard.app.memory import PROC, command_of

LISTEN = "0A"  # state of a listening socket in /proc/net/tcp
SAID_CHARACTERS = 80


def holder(port: int) -> int | None:
    """Pid of the process that listens on the port; None if nobody does or we may not see it."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        path = PROC / "net" / table
        if path.is_file():
            for line in path.read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    if not inodes:
        return None
    for process in PROC.iterdir():
        if process.name.isdigit() and inodes & _sockets(process):
            return int(process.name)
    return None


def _sockets(process: Path) -> set[str]:
    found = set()
    try:
        for descriptor in (process / "fd").iterdir():
            try:
                found.add(str(descriptor.readlink()))
            except OSError:  # closed in the meantime
                continue
    except OSError:  # gone, or somebody else's
        pass
    return found


def taken(port: int) -> tuple[str, dict[str, Any]]:
    """Code below `notice.app.` and facts of "the port is taken", naming the program where we may see it."""
    if (pid := holder(port)) is None:
        return "up.port_taken", {"port": port}
    return "up.port_taken_by", {"port": port, "program": command_of(pid)[:SAID_CHARACTERS], "pid": pid}

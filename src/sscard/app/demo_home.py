"""The demo's home folder: whether its filling was broken off, and throwing it away to begin anew."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sscard.app import state
from sscard.app.config import Config
from sscard.app.supervisor import UpFault

KEPT: Final = "sscard.toml"
"""The operator's own file: all else in the folder was made by the house."""
FRESH: Final = frozenset({KEPT, "secrets"})
"""What stands in a home before anything was started."""


def _mark(home: Path) -> Path:
    return home / "demo" / "filled"


def begin_filling(config: Config) -> None:
    """From here on the mark stands there empty, however the process ends."""
    mark = _mark(config.home)
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()


def end_filling(config: Config) -> None:
    _mark(config.home).write_text("yes\n", encoding="ascii")


def is_filled(config: Config) -> bool:
    """Is the city there already? Half a city would tell half a story: raises UpFault with what to do."""
    mark = _mark(config.home)
    if not mark.exists():
        return False
    if not mark.stat().st_size and state.read(config.home) is None:
        raise UpFault("demo.half_filled", home=config.home)
    return True


def throw_away(config: Config) -> None:
    """Everything that the house made in its home. Raises UpFault where it is running, or where no demo was ever filled."""
    home = config.home
    if state.read(home) is not None:
        raise UpFault("demo.still_up", home=home)
    if {one.name for one in home.iterdir()} <= FRESH:
        return
    if config.profile not in ("demo", "test") or not _mark(home).parent.is_dir():
        raise UpFault("demo.not_ours", home=home)
    for one in home.iterdir():
        if one.name == KEPT:
            continue
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()

"""How a command gets the database: a port that the root command fills, since this floor can't see `app`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def _nobody() -> Any:
    raise RuntimeError("commands run under the root command `sscard`")


opener: Callable[[], Any] = _nobody


def open_house() -> Any:
    """Set up Django and give back the configuration (fields as in docs/configuration.md)."""
    return opener()

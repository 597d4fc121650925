"""Joining the rooms: their rights and acts are gathered, and the ports that lower floors declare are filled."""

from __future__ import annotations

import importlib
import time
from datetime import timedelta

from django.conf import settings

from sscard.app.rooms import load, rooms_with


def join() -> None:
    """Called once by Django at start."""
    from sscard.control import rights
    from sscard.kernel import keyclient

    keyclient.configure(settings.CONFIG.key_service_socket)
    for room in rooms_with("rights"):
        rights.declare(importlib.import_module(f"sscard.{room}.rights").RIGHTS)
    load("acts")
    _clock()
    _documents()
    _verification()
    _clearing()
    _card_keys()
    for room in rooms_with("ports"):  # a room's ports.py says which lower slots it fills: `fill()`
        importlib.import_module(f"sscard.{room}.ports").fill()


def _documents() -> None:
    """The demonstration authority signs everywhere but in production, where a licensed provider does or nobody."""
    from sscard.documents import authority

    config = settings.CONFIG
    authority.folder = None if config.profile == "production" else config.home / "documents"
    authority.pinned = config.home / "documents" / "trusted"


def _verification() -> None:
    """Codes go to the telephone that room people knows; in production there is no virtual operator."""
    from sscard.people import beside
    from sscard.verification import record, sandbox

    def phone_of(cursor: object, person_id: int) -> record.Phone | None:
        found = beside.phone_of(cursor, person_id)
        return record.Phone(*found) if found else None

    record.phone_of = phone_of
    sandbox.production = settings.CONFIG.profile == "production"


def _clearing() -> None:
    """A demo or sandbox has a clearing house of its own; it begins with the worker's first round."""
    from sscard.app.sandbox_clearing import SandboxClearing
    from sscard.bank.savings import jobs

    jobs.before_round = SandboxClearing(settings.CONFIG.home, settings.CONFIG.profile).ready


def _card_keys() -> None:
    """Cards of areas that are no sandbox get their keys from the key service, and are proved by the set they have."""
    from sscard.cards import key_sets
    from sscard.chip import proof
    from sscard.chip.personal import loading
    from sscard.chip.personal.service_loading import ServiceLoading

    loading.offered = ServiceLoading
    proof.key_set_of = lambda chip: key_sets.of_code(chip.card_id_code)


def _clock() -> None:
    """Sandbox areas' clocks, read at most once a second."""
    from sscard.control.models import ClockOffset
    from sscard.kernel import clock

    seen: dict[str, tuple[float, timedelta]] = {}

    def offset_of(area: str) -> timedelta:
        at, offset = seen.get(area, (0.0, timedelta(0)))
        if time.monotonic() - at > 1 or not at:
            row = ClockOffset.objects.filter(area_code=area).values_list("seconds", flat=True).first()
            offset = timedelta(seconds=row or 0)
            seen[area] = (time.monotonic(), offset)
        return offset

    def forget(area: str) -> None:
        seen.pop(area, None)

    clock.offset_of, clock.forget = offset_of, forget

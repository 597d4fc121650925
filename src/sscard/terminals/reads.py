"""Queries for pages: which terminals somebody may use. The state of a session is `evidence.peek`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from sscard.control.caller import Caller
from sscard.terminals.models import Device, Terminal


@dataclass(frozen=True, slots=True)
class TerminalView:
    """A terminal as a page offers it; `devices` are the kinds that stand there."""

    code: str
    kind: str
    organisation: str
    area: str
    outlet: str
    district: str
    devices: tuple[str, ...]


def terminals_for(caller: Caller) -> list[TerminalView]:
    """The terminals of the caller's organisation and of those below it, in order of their codes."""
    mine = Q(organisation_id=caller.organisation) | Q(organisation__parent_id=caller.organisation)
    found = Terminal.objects.filter(mine, active=True).order_by("code") if caller.organisation else []
    kinds: dict[str, list[str]] = {}
    for device in Device.objects.filter(terminal__in=[one.code for one in found], active=True).order_by("kind"):
        kinds.setdefault(device.terminal_id, []).append(device.kind)
    return [
        TerminalView(
            one.code,
            one.kind,
            one.organisation_id,
            one.area_code,
            one.outlet,
            one.district,
            tuple(kinds.get(one.code, ())),
        )
        for one in found
    ]

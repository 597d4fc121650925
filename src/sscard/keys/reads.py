"""Queries for custodians and auditors. What the key service holds is asked of it: the house keeps no copy."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import acts
from sscard.control.inside import Inside
from sscard.control.models import Approval, Staff
from sscard.kernel import clock
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.keys.models import Carrier, Ceremony, KeyLoss

MOST = 300


@dataclass(frozen=True, slots=True)
class SetLine:
    """A set as the key service tells of it: one line for both algorithms."""

    name: str
    state: str
    kcv: str
    made_at: str


def sets(area: str) -> list[SetLine]:
    """Sets that may serve an area, newest first; none where test keys stand for them."""
    levels = ("ministry", f"province:{area[:2]}", f"city:{area}") if area else ("ministry",)
    found: dict[str, SetLine] = {}
    for one in keys().status()["keys"]:
        purpose, _, rest = one["name"].partition(".")
        level = rest.rpartition(".")[0]
        if purpose == "tree" and level in levels:
            name = f"{level}#{one['version']}"
            found[name] = SetLine(name, one["state"], one["kcv"], one["made_at"])
    return sorted(found.values(), key=lambda line: line.made_at, reverse=True)


def ceremonies(inside: Inside) -> list[Ceremony]:
    return list(Ceremony.objects.filter(area_code=inside.area_code).order_by("-opened_at")[:MOST])


def ceremony(inside: Inside, which: uuid.UUID) -> Ceremony:
    found = Ceremony.objects.filter(ceremony_id=which, area_code=inside.area_code).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def carriers(inside: Inside) -> list[Carrier]:
    return list(Carrier.objects.filter(area_code=inside.area_code).order_by("kind", "number")[:MOST])


def carrier(inside: Inside, which: uuid.UUID) -> Carrier:
    found = Carrier.objects.filter(carrier_id=which, area_code=inside.area_code).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def losses(inside: Inside) -> list[KeyLoss]:
    found = KeyLoss.objects.filter(area_code=inside.area_code).select_related("carrier")
    return list(found.order_by("-raised_at")[:MOST])


def loss(inside: Inside, which: uuid.UUID) -> KeyLoss:
    found = KeyLoss.objects.filter(loss_id=which, area_code=inside.area_code).select_related("carrier").first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def waiting(inside: Inside) -> list[Approval]:
    """Requests about keys that wait for a second custodian, those that this caller did not make himself."""
    ours = [name for name, one in acts().items() if name.startswith("keys.") and one.four_eyes]
    rows = Approval.objects.filter(
        area_code=inside.area_code, act__in=ours, state="waiting", expires_at__gt=clock.real_now()
    )
    mine = inside.caller.person_index
    return [one for one in rows.order_by("expires_at")[:MOST] if bytes(one.maker_person) != mine]


def names(ids: set[Any]) -> dict[Any, str]:
    """Staff ids → names."""
    return dict(Staff.objects.filter(staff_id__in=ids).values_list("staff_id", "display_name"))

"""The virtual providers' common ground: only in sandbox areas, never in a production installation; how they behave now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.aside import aside, one
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.verification import magic
from sscard.verification.models import SandboxProvider
from sscard.verification.providers import ProviderDown

KINDS = ("sms", "face")
MODES = ("normal", "slow", "lose", "down")
MOST_SECONDS = 300

production = False
"""Set by the app: then there are no virtual providers at all."""


def is_open(area: str) -> bool:
    """A sandbox area, partners' own among them. Nowhere in production."""
    if production:
        return False
    try:
        return areas.get(area).sandbox
    except Refusal:
        return False


def forced(area: str, code: str) -> str | None:
    """In a developer's own tenant: the refusal that this typed code orders, "" for right; None everywhere else and for
    every other code."""
    if code not in magic.CODES or not is_open(area) or areas.copied(area) is None:
        return None
    return magic.CODES[code]


def refuse_unless_open(area: str) -> None:
    """Outside a sandbox there is nothing here: the answer of a missing page."""
    if not is_open(area):
        raise Refusal("control.not_found")


def behaviour(area: str, kind: str) -> tuple[str, int]:
    """(mode, seconds). Raises ProviderDown outside a sandbox, and in mode down."""
    if not is_open(area):
        raise ProviderDown
    with aside(area) as cursor:
        row = one(
            cursor, "select mode, seconds from verification_sandboxprovider where area_code = %s and kind = %s",
            [area, kind],
        )  # fmt: skip
    mode, seconds = row or ("normal", 0)
    if mode == "down":
        raise ProviderDown
    return mode, seconds


@dataclass(frozen=True, slots=True)
class SetProvider:
    """`kind`: sms or face. `mode`: normal; slow (by `seconds`); lose (taken over, never arrives); down."""

    kind: str
    mode: str
    seconds: int = 0


@act("verification.set_provider", right="verification.sandbox")
def set_provider(inside: Inside, request: SetProvider) -> dict[str, Any]:
    """How the virtual operator or the virtual face check of this sandbox area behaves from now on."""
    refuse_unless_open(inside.area_code)
    if request.kind not in KINDS or request.mode not in MODES or not 0 <= request.seconds <= MOST_SECONDS:
        raise Refusal("verification.mode_unknown", modes=", ".join(MODES), most=MOST_SECONDS)
    SandboxProvider.objects.update_or_create(
        area_code=inside.area_code, kind=request.kind, defaults={"mode": request.mode, "seconds": request.seconds}
    )
    inside.object = f"provider:{request.kind}"
    inside.detail["mode"] = request.mode
    return {"kind": request.kind, "mode": request.mode, "seconds": request.seconds}

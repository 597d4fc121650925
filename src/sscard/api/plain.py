"""What all reading routes need: values as JSON has them, and the caller's purpose."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest

from sscard.control.caller import Caller
from sscard.control.purposes import PURPOSES
from sscard.control.rights import decide
from sscard.kernel.refusals import Refusal

PURPOSE = "API"
"""Of programs and of people who look at their own."""


def plain(value: object) -> object:  # type: ignore[explicit-any]
    """Times, dates and ids as text, dataclasses and tuples as objects and lists."""
    return msgspec.to_builtins(value, enc_hook=str)


def purpose(request: HttpRequest, who: Caller | None = None, right: str = "") -> str:
    """Why a record is opened: one of the pages' purposes. A member of staff who has the right must have said it; who has
    not is refused for that, by the door.

    Raises api.purpose_unknown and api.purpose_missing.
    """
    said = request.headers.get("Sscard-Purpose", "")
    if said and said not in PURPOSES:
        raise Refusal("api.purpose_unknown", purposes=", ".join(PURPOSES))
    if not said and who is not None and who.kind == "staff" and decide(who, right):
        raise Refusal("api.purpose_missing", purposes=", ".join(PURPOSES))
    return said or PURPOSE


def language(request: HttpRequest) -> str:
    """zh or en, as the caller's Accept-Language begins; zh when it says neither."""
    return "en" if request.headers.get("Accept-Language", "").strip().lower().startswith("en") else "zh"

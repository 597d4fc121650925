"""Somebody at a public page: not signed in, told apart from others by a mark in his own session only."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest

from sscard.control.caller import Caller
from sscard.portal import looks
from sscard.portal.signed import AtPage
from sscard.portal.trace import trace_of

MARK = "visitor"
FRAME: dict[str, Any] = {"nav": [], "who": None, "home_url": "/"}
"""A public page shows no navigation and no name, also to those who have signed in elsewhere on this site."""


def at_page(request: HttpRequest, area: str) -> AtPage:
    """The visitor turning to an area. His mark is kept from the first form on, so that a repeat is known as one."""
    mark = request.session.get(MARK, "")
    if not mark:
        mark = uuid.uuid4().hex
        if request.method == "POST":
            request.session[MARK] = mark
    caller = Caller.of_visitor(
        uuid.UUID(mark), area=area, address=str(request.META.get("REMOTE_ADDR", ""))[:45], request_id=trace_of(request)
    )
    return AtPage(request, caller, looks.language(request))

"""Why records are opened: chosen once, kept in the session, written into the audit row of every look.

`@asked` sends whoever has not said it yet to the page that asks, and back. What is stored is the code; faces word it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control.purposes import PURPOSES
from sscard.kernel import words
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.signed import own_path

PAGE = "/desk/purpose/"
View = Callable[..., HttpResponse]


def of(request: HttpRequest) -> str:
    """The purpose of this session, or an empty text while none is chosen."""
    found = request.session.get("purpose", "")
    return found if found in PURPOSES else ""


def choose(request: HttpRequest) -> bool:
    """Keep the purpose that a form has sent; False when it sent none of the table."""
    chosen = request.POST.get("purpose", "")
    if chosen in PURPOSES:
        request.session["purpose"] = chosen
    return chosen in PURPOSES


def said(purpose: str, lang: str) -> str:
    """A stored purpose in words: of the pages' table, of a code or face check the act it was for, else what an area's pack calls
    it. Nobody reads a code; one that nobody knows any more is another purpose."""
    if not purpose:
        return ""
    if words.has("page", f"purpose.{purpose}"):
        return looks.word(f"purpose.{purpose}", lang)
    if words.has(("act", "notice"), act := purpose.partition(":")[0]):
        return words.text(("act", "notice"), act, lang)
    return _in_packs(purpose, lang) or looks.word("purpose.other", lang)


def _in_packs(purpose: str, lang: str) -> str:
    """For what an organisation checked a card (`credential.toml`)."""
    named = (
        one.name.of(lang) for area in areas.all_areas() for one in area.credential_file.purpose if one.code == purpose
    )
    return next(named, "")


def asked(view: View) -> View:
    """A view that opens records: the purpose comes first."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if of(request):
            return view(request, *args, **kwargs)
        here = own_path(request.path, "/desk/") if request.method == "GET" else "/desk/"
        return HttpResponseRedirect(f"{PAGE}?{urlencode({'next': here})}")

    return inner

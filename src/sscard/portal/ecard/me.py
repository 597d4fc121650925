"""The signed-in holder, his electronic card, and this phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse

from sscard.control.inside import Inside
from sscard.people import lookup
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.portal.signed import AtPage

PHONE = "__Host-ecard-phone"
YEAR_S = 365 * 24 * 3600
PHOTO_KINDS = "image/png,image/jpeg"


@contextmanager
def looking(at: AtPage, what: str = "ecard") -> Iterator[tuple[Inside, Person]]:
    """A reading of one's own record."""
    with at.reading("cards.ecard", "my") as inside:
        person_id = people.true_person(lookup.require("holder", at.caller.id, area=inside.area_code).person_id)
        yield inside, people.by_id(inside, person_id, what=what)


def phone_of(request: HttpRequest) -> str:
    """The token that this phone was given, or ""."""
    return str(request.COOKIES.get(PHONE, ""))[:100]


def remember(response: HttpResponse, token: str) -> HttpResponse:
    """This phone has been verified: it is not asked again."""
    response.set_cookie(PHONE, token, max_age=YEAR_S, secure=True, httponly=True, samesite="Strict")
    return response

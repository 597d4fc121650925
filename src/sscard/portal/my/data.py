"""Own data, masked until a recorded look; how one signs in; the size of type."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse

from sscard.control import throttle
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import passkeys
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.people.passkeys import ChangeOwnPassword
from sscard.portal.forms import data_uri
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_holder, fresh_key

SHOWN = ("name", "id_number", "phone", "live_address", "household_address")
"""Facts that may be shown in full, one at a time."""
HIDDEN = "＊＊＊＊＊＊"


@for_holder
def data(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _page(request, at)


def _page(request: HttpRequest, at: AtPage, field: str = "", value: str = "") -> HttpResponse:
    with looking(at, "data") as (inside, whose):
        keys = passkeys.known(inside) if whose.own else []
        found = people.photo(inside, whose.person)
    lines = [
        (name, at.word(f"my.data.{name}"), _mask(whose.person, name), value if name == field else "") for name in SHOWN
    ]
    return at.render(
        "portal/my/data.html",
        title=at.word("my.data.title" if whose.own else "my.data.title_ward", name=whose.person.name_mask),
        lead=at.word("my.data.lead"),
        whose=whose,
        lines=lines,
        born=whose.person.birth_date,
        category=at.word(f"category.{whose.person.category}"),
        keys=keys,
        here="/my/data/",
        photo=data_uri(*found) if found else "",
        photo_text=at.word("my.data.photo_alt"),
    )


def _mask(person: Person, name: str) -> str:
    masks = {"name": person.name_mask, "id_number": person.id_mask, "phone": person.phone_mask}
    return masks.get(name, HIDDEN) or "—"


@for_holder
def reveal(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The eye: one field in full, written down as a look of the holder himself."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    field = request.POST.get("field", "")
    if field not in SHOWN:
        raise Refusal("control.not_found")
    with looking(at, "unmask") as (inside, whose):
        inside.detail["field"] = field
        value = str(people.facts(inside, whose.person).get(field) or at.word("my.data.nothing"))
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": value, "said": at.word("masked.was_recorded")})
    return _page(request, at, field, value)


@for_holder
def password(request: HttpRequest, at: AtPage) -> HttpResponse:
    """A new sign-in password; all sessions end and one signs in anew. Tries at the old one are slowed down (T11)."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        throttle.count(
            "own_password", throttle.SIGN_IN, target=str(at.caller.id), source=str(request.META.get("REMOTE_ADDR", ""))
        )
        try:
            at.perform(
                "people.change_own_password",
                ChangeOwnPassword(request.POST.get("old", ""), request.POST.get("new", "")),
            )
        except Refusal as refusal:
            place = "old" if refusal.code == "people.old_password_wrong" else "new"
            faults = refusal.faults or (Fault(place, refusal.code, refusal.facts),)
        else:
            request.session.flush()
            return HttpResponseRedirect("/my/sign-in/")
    fields = [
        Field("old", at.word("front.old_password"), kind="password", autocomplete="current-password"),
        Field(
            "new",
            at.word("front.new_password"),
            kind="password",
            hint=at.word("front.holder_password_hint"),
            autocomplete="new-password",
        ),
    ]
    return at.render(
        "portal/form.html",
        title=at.word("front.change_password"),
        lead=at.word("my.password.lead"),
        fields=fields,
        values={},
        faults=faults,
        action="/my/password/",
        submit_label=at.word("front.save"),
        hidden={"key": fresh_key()},
        cancel_url="/my/data/",
        here="/my/data/",
        crumbs=[Link(at.word("my.nav_data"), "/my/data/"), Link(at.word("front.change_password"))],
    )

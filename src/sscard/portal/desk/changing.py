"""Correcting a person's data and taking a photo. Name and number change only by two persons' decision (duplicates)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel.refusals import Fault, Refusal
from sscard.people import reads as people
from sscard.people.acts import AddPhoto, CorrectPerson
from sscard.people.models import Person
from sscard.portal import purposes
from sscard.portal.forms import faults_of, photo_of
from sscard.portal.person_form import PHOTO_PLACES, photo_faults
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

CHANGEABLE = ("phone", "live_address", "household_address", "category")


@for_staff("people.register")
@purposes.asked
def correct(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    """Empty fields stay as they are."""
    given = {name: request.POST.get(name, "").strip() for name in CHANGEABLE}
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        if not any(given.values()):
            faults = (Fault("phone", "portal.nothing_to_change"),)
        else:
            try:
                at.perform("people.correct", CorrectPerson(person, **given), purpose=purposes.of(request))
            except Refusal as refusal:
                faults = faults_of(refusal)
            else:
                return HttpResponseRedirect(f"/people/{person}/")
    name = head(at, person, purposes.of(request))
    options = (("", at.word("change.keep"), ""), *((one, at.word(f"category.{one}"), "") for one in Person.CATEGORIES))
    fields = [
        Field("phone", at.word("register.field.phone"), kind="phone", required=False, width="20"),
        Field("live_address", at.word("register.field.live_address"), required=False),
        Field("household_address", at.word("register.field.household_address"), required=False),
        Field("category", at.word("register.field.category"), kind="select", options=options, required=False),
    ]
    return at.render(
        "portal/form.html", title=at.word("change.title"), lead=at.word("change.lead"), fields=fields, values=given,
        faults=faults, action=f"/people/{person}/correct/", submit_label=at.word("change.save"), here="/desk/",
        hidden={"key": fresh_key()}, cancel_url=f"/people/{person}/", crumbs=crumbs(at, person, name, at.word("change.title")),
    )  # fmt: skip


@for_staff("people.register")
@purposes.asked
def photo(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        image = photo_of(request)
        faults = photo_faults(image) if image else (Fault("photo", "portal.photo_missing"),)
        if not faults:
            try:
                at.perform("people.add_photo", AddPhoto(person, image), purpose=purposes.of(request))
            except Refusal as refusal:
                faults = faults_of(refusal, PHOTO_PLACES)
            else:
                return HttpResponseRedirect(f"/people/{person}/")
    name = head(at, person, purposes.of(request))
    field = Field("photo", at.word("register.field.photo"), kind="file", hint=at.word("register.hint.photo"))
    return at.render(
        "portal/form.html", title=at.word("photo.title"), lead=at.word("photo.lead"), fields=[field], values={},
        faults=faults, action=f"/people/{person}/photo/", submit_label=at.word("photo.save"), upload=True,
        hidden={"key": fresh_key()}, cancel_url=f"/people/{person}/", here="/desk/",
        crumbs=crumbs(at, person, name, at.word("photo.title")),
    )  # fmt: skip


def head(at: AtPage, person: uuid.UUID, purpose: str) -> str:
    """The person's masked name for head and crumbs: a look at the record, like any other."""
    with at.reading("people.view", purpose) as inside:
        return people.require(inside, person).name_mask


def crumbs(at: AtPage, person: uuid.UUID, name: str, here: str) -> list[Link]:
    return [Link(at.word("desk.nav"), "/desk/"), Link(name, f"/people/{person}/"), Link(here)]

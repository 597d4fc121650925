"""Registering one person at the desk: the form with every fault at its field, check your answers, the act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.kernel.refusals import Refusal
from sscard.people.acts import PersonForm, RegisterPerson
from sscard.portal import person_form
from sscard.portal.forms import faults_of
from sscard.portal.person_form import PHOTO_PLACES, Place
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_staff

DESK = Place("/people/new/", "/desk/", "register", here="/people/new/")


@for_staff("people.register")
def register(request: HttpRequest, at: AtPage) -> HttpResponse:
    """GET the form; POST `step`: "check" (the form was filled), "edit" (change something), "send" (register)."""
    if request.method != "POST":
        return person_form.form(at, DESK, {}, {})
    typed, images = person_form.typed_of(request), person_form.images_of(request, DESK)
    step = request.POST.get("step", "check")
    if step == "edit":
        return person_form.form(at, DESK, typed, images)
    faults = person_form.faults(at, typed, images)
    if faults:
        return person_form.form(at, DESK, typed, images, faults)
    if step != "send":
        return person_form.check(at, DESK, typed, images)
    try:
        wanted = RegisterPerson(PersonForm(**typed), images["photo"])
        outcome = at.perform("people.register", wanted, purpose="registration")
    except Refusal as refusal:
        found = faults_of(refusal, {"people.registered_elsewhere": "id_number", **PHOTO_PLACES})
        return person_form.form(at, DESK, typed, images, found)
    return done(at, outcome.answer, Link(at.word("register.next"), "/people/new/"), "/people/new/")


def done(at: AtPage, answer: Mapping[str, Any], onward: Link, here: str) -> HttpResponse:
    """New, changed, the same as before, or waiting for two persons' decision."""
    outcome, person = answer["outcome"], answer.get("person", "")
    steps = [onward]
    if person:
        steps.insert(0, Link(at.word("register.open"), f"/people/{person}/"))
    elif "case" in answer:
        steps.insert(0, Link(at.word("register.open_doubt"), f"/doubts/{answer['case']}/"))
    return at.render(
        "portal/done.html", title=at.word(f"register.done.{outcome}"), sentence=at.word(f"register.done.{outcome}_text"),
        next_steps=steps, here=here,
    )  # fmt: skip

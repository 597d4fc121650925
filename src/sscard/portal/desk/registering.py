"""Registering one person: the form with every fault at its field, check your answers, the act.

What was typed goes along in the form's body until it is registered; nothing is kept before.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.codes import documents, nations, sex
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.people import photos
from sscard.people.acts import PersonForm, RegisterPerson
from sscard.people.models import Person
from sscard.people.roster import rules
from sscard.portal import looks
from sscard.portal.forms import data_uri, faults_of, photo_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

NAMES = tuple(field.name for field in fields(PersonForm))
PHOTO_PLACES = {"people.photo_kind": "photo", "people.photo_large": "photo"}


@for_staff("people.register")
def register(request: HttpRequest, at: AtPage) -> HttpResponse:
    """GET the form; POST `step`: "check" (the form was filled), "edit" (change something), "send" (register)."""
    if request.method != "POST":
        return _form(at, {}, b"")
    typed = {name: request.POST.get(name, "") for name in NAMES}
    photo, step = photo_of(request), request.POST.get("step", "check")
    if step == "edit":
        return _form(at, typed, photo)
    faults = _faults(at, typed, photo)
    if faults:
        return _form(at, typed, photo, faults)
    if step != "send":
        return _check(at, typed, photo)
    try:
        outcome = at.perform("people.register", RegisterPerson(PersonForm(**typed), photo), purpose="registration")
    except Refusal as refusal:
        return _form(at, typed, photo, faults_of(refusal, {"people.registered_elsewhere": "id_number", **PHOTO_PLACES}))
    return _done(at, outcome.answer)


def _faults(at: AtPage, typed: Mapping[str, str], photo: bytes) -> tuple[Fault, ...]:
    """The same rules as the act's and the import's, so that check-your-answers is only seen when all is right."""
    on = clock.today(at.caller.area)
    found = rules.check(typed, on=on, values=rules.RosterValues.of(areas.get(at.caller.area), on)).faults
    return (*found, *photo_faults(photo))


def photo_faults(photo: bytes) -> tuple[Fault, ...]:
    """What is wrong with a picture, read from its own bytes."""
    if not photo:
        return ()
    try:
        _, width, height = photos.measure(photo)
    except Refusal as refusal:
        return (Fault("photo", refusal.code, refusal.facts),)
    if len(photo) > photos.MOST_BYTES or width * height > photos.MOST_PIXELS:
        return (Fault("photo", "people.photo_large", {"kilobytes": photos.MOST_BYTES // 1024}),)
    return ()


def _form(at: AtPage, typed: Mapping[str, str], photo: bytes, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    kept = photo if photo and not photo_faults(photo) else b""
    hidden = {"step": "check", **({"photo_data": base64.b64encode(kept).decode()} if kept else {})}
    return at.render(
        "portal/desk/register.html", title=at.word("register.title"), lead=at.word("register.lead"),
        groups=_groups(at, has_photo=bool(kept)), values=typed, faults=faults, hidden=hidden,
        photo=data_uri("image/png" if kept[:4] == b"\x89PNG" else "image/jpeg", kept) if kept else "",
        submit_label=at.word("register.to_check"), here="/people/new/",
    )  # fmt: skip


def _groups(at: AtPage, *, has_photo: bool) -> list[dict[str, Any]]:
    """The questions, in groups that a clerk reads off the documents in this order."""
    lang, word = at.lang, at.word
    kinds = tuple((code, documents.name(code, lang), "") for code in documents.SHOWS)
    sexes = tuple((one.value, one.name_in(lang), "") for one in (sex.Sex.MALE, sex.Sex.FEMALE))
    nation = tuple((f"{n:02d}", nations.name(f"{n:02d}", lang), "") for n in range(1, 57))
    categories = tuple((one, word(f"category.{one}"), "") for one in Person.CATEGORIES)

    def ask(name: str, **more: Any) -> Field:
        hint = word(f"register.hint.{name}") if name in HINTED else ""
        return Field(name, word(f"register.field.{name}"), hint=hint, **more)

    return [
        {"title": word("register.group.who"), "fields": [
            ask("id_type", kind="select", options=kinds, required=False), ask("id_number", width="20"), ask("name", width="20"),
            ask("sex", kind="radio", options=sexes), ask("birth_date", width="10"),
            ask("nation", kind="select", options=(("", word("register.choose"), ""), *nation)),
        ]},
        {"title": word("register.group.reach"), "fields": [
            ask("phone", kind="phone", width="20"), ask("household_address"), ask("live_address", required=False),
        ]},
        {"title": word("register.group.work"), "fields": [
            ask("category", kind="select", options=(("", word("register.choose"), ""), *categories)),
            ask("employer_code", required=False, width="20"), ask("employer_name", required=False),
        ]},
        {"title": word("register.group.guardian"), "note": word("register.group.guardian_note"), "fields": [
            ask("guardian_name", required=False, width="20"), ask("guardian_id", required=False, width="20"),
            ask("guardian_relation", required=False, width="10"),
        ]},
        {"title": word("register.group.photo"), "note": word("register.photo_kept") if has_photo else "", "fields": [
            ask("photo", kind="file", required=False), ask("remark", kind="textarea", required=False, maxlength=500),
        ]},
    ]  # fmt: skip


HINTED = ("id_number", "name", "birth_date", "phone", "employer_code", "photo")


def _check(at: AtPage, typed: Mapping[str, str], photo: bytes) -> HttpResponse:
    shown = []
    for name in NAMES:
        if typed[name]:
            shown.append(Answer(at.word(f"register.field.{name}"), _said(at, name, typed[name])))
    hidden = {**typed, "key": fresh_key(), "photo_data": base64.b64encode(photo).decode() if photo else ""}
    return at.render(
        "portal/desk/register_check.html", title=at.word("register.check_title"), lines=shown, hidden=hidden,
        photo=data_uri(photos.measure(photo)[0], photo) if photo else "", submit_label=at.word("register.send"),
        here="/people/new/", warning=at.word("register.check_warning"),
    )  # fmt: skip


def _said(at: AtPage, name: str, value: str) -> str:
    """A code in words, a number in groups; the rest as it was typed."""
    if name == "category":
        return at.word(f"category.{rules.normal_row({'category': value})['category']}")
    if name == "nation":
        return nations.name(nations.validate(value), at.lang)
    if name == "sex":
        return sex.parse(value).name_in(at.lang)
    if name == "id_type":
        return documents.name(documents.validate(value), at.lang)
    if name == "birth_date":
        normal = rules.normal_row({"birth_date": value})["birth_date"] or ""
        return looks.show_day(f"{normal[:4]}-{normal[4:6]}-{normal[6:]}", at.lang)
    return value


def _done(at: AtPage, answer: Mapping[str, Any]) -> HttpResponse:
    """New, changed, the same as before, or waiting for two persons' decision."""
    outcome, person = answer["outcome"], answer.get("person", "")
    steps = [Link(at.word("register.next"), "/people/new/")]
    if person:
        steps.insert(0, Link(at.word("register.open"), f"/people/{person}/"))
    elif "case" in answer:
        steps.insert(0, Link(at.word("register.open_doubt"), f"/doubts/{answer['case']}/"))
    return at.render(
        "portal/done.html", title=at.word(f"register.done.{outcome}"), sentence=at.word(f"register.done.{outcome}_text"),
        next_steps=steps, here="/people/new/",
    )  # fmt: skip



"""One person's form on pages, and check-your-answers: a desk and the person himself fill in the same one.

What was typed goes along in the form's body until it is sent; nothing is kept before.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.codes import documents, nations, sex
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.people import photos
from sscard.people.models import Person
from sscard.people.registering import PersonForm
from sscard.people.roster import rules
from sscard.portal import looks
from sscard.portal.forms import data_uri, photo_of
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import AtPage, fresh_key

NAMES = tuple(field.name for field in fields(PersonForm))
PHOTO_PLACES = dict.fromkeys(("people.photo_kind", "people.photo_large", "people.photo_broken"), "photo")
HINTED = ("id_number", "name", "birth_date", "phone", "employer_code", "photo", "evidence")
Images = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the form stands: its address, the way out, the entry of the navigation, the pictures it asks for, and the words
    `<words>.title`, `.lead`, `.check_title`, `.check_warning` and `.send`."""

    action: str
    cancel_url: str
    words: str
    here: str = ""
    images: tuple[str, ...] = ("photo",)
    frame: Mapping[str, Any] | None = None


def typed_of(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in NAMES}


def images_of(request: HttpRequest, place: Place) -> dict[str, bytes]:
    """Pictures just chosen, or carried along from the page before."""
    return {name: photo_of(request, name) for name in place.images}


def faults(at: AtPage, typed: Mapping[str, str], images: Images) -> tuple[Fault, ...]:
    """The same rules as the act's and the import's, so that check-your-answers is only seen when all is right."""
    on = clock.today(at.caller.area)
    found = rules.check(typed, on=on, values=rules.RosterValues.of(areas.get(at.caller.area), on)).faults
    return (*found, *(fault for name, image in images.items() for fault in photo_faults(image, name)))


def photo_faults(photo: bytes, place: str = "photo") -> tuple[Fault, ...]:
    """What is wrong with a picture, read from its own bytes."""
    try:
        if photo:
            photos.check(photo)
    except Refusal as refusal:
        return (Fault(place, refusal.code, refusal.facts),)
    return ()


def form(
    at: AtPage, place: Place, typed: Mapping[str, str], images: Images, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    kept = {name: image for name, image in images.items() if image and not photo_faults(image)}
    return at.render(
        "portal/person_form.html", title=at.word(f"{place.words}.title"), lead=at.word(f"{place.words}.lead"),
        groups=_groups(at, place, kept), values=typed, faults=faults, hidden={"step": "check", **_carried(kept)},
        pictures=_pictures(at, kept), submit_label=at.word("register.to_check"), action=place.action,
        cancel_url=place.cancel_url, **_frame(place),
    )  # fmt: skip


def check(at: AtPage, place: Place, typed: Mapping[str, str], images: Images) -> HttpResponse:
    """Everything that was typed, in words; "send" carries the key that makes a double click one act."""
    shown = [Answer(at.word(f"register.field.{name}"), said(at, name, typed[name])) for name in NAMES if typed[name]]
    return at.render(
        "portal/person_check.html", title=at.word(f"{place.words}.check_title"), lines=shown,
        hidden={**typed, "key": fresh_key(), **_carried(images)}, pictures=_pictures(at, images),
        submit_label=at.word(f"{place.words}.send"), warning=at.word(f"{place.words}.check_warning"),
        action=place.action, **_frame(place),
    )  # fmt: skip


def said(at: AtPage, name: str, value: str) -> str:
    """A code in words, a date as people read it; the rest as it was typed."""
    if not value:
        return ""
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


def _frame(place: Place) -> dict[str, Any]:
    return {**({"here": place.here} if place.here else {}), **(place.frame or {})}


def _carried(images: Images) -> dict[str, str]:
    return {f"{name}_data": base64.b64encode(image).decode() for name, image in images.items() if image}


def _pictures(at: AtPage, images: Images) -> list[tuple[str, str]]:
    return [
        (data_uri(photos.measure(image)[0], image), at.word(f"register.{name}_alt"))
        for name, image in images.items()
        if image
    ]


def _groups(at: AtPage, place: Place, kept: Images) -> list[dict[str, Any]]:
    """The questions, in groups that one reads off the documents in this order."""
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
        {"title": word("register.group.photo"), "note": word("register.photo_kept") if kept else "", "fields": [
            *(ask(name, kind="file", required=False) for name in place.images),
            ask("remark", kind="textarea", required=False, maxlength=500),
        ]},
    ]  # fmt: skip

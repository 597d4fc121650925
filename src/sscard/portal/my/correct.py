"""The holder's own corrections: phone, addresses, photo; his own or those of a child in his care."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.kernel.refusals import Fault, Refusal
from sscard.people.acts import OWN, CorrectOwn
from sscard.portal.forms import faults_of, photo_of
from sscard.portal.my.whose import looking
from sscard.portal.person_form import PHOTO_PLACES
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_holder, fresh_key

PLACES = {"people.nothing_corrected": "phone", **PHOTO_PLACES}


@for_holder
def correct(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Empty fields stay as they are; name and number change at a counter only."""
    given = {name: request.POST.get(name, "").strip() for name in OWN}
    with looking(at, "own correction") as (_, whose):
        person = whose.person
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            at.perform(
                "people.own_correction",
                CorrectOwn(person.public_id, **given, photo=photo_of(request)),
                purpose="own_correction",
            )
        except Refusal as refusal:
            faults = faults_of(refusal, PLACES)
        else:
            return at.render(
                "portal/done.html", title=at.word("my.correct.done"), sentence=at.word("my.correct.done_text"),
                next_steps=[Link(at.word("my.correct.back"), "/my/data/")], here="/my/data/",
            )  # fmt: skip
    word = at.word
    title = word("my.correct.title") if whose.own else word("my.correct.title_ward", name=person.name_mask)
    fields = [
        Field("phone", word("register.field.phone"), kind="phone", required=False, width="20"),
        Field("live_address", word("register.field.live_address"), required=False),
        Field("household_address", word("register.field.household_address"), required=False),
        Field("photo", word("register.field.photo"), kind="file", hint=word("register.hint.photo"), required=False),
    ]
    return at.render(
        "portal/form.html", title=title, lead=word("my.correct.lead"), fields=fields, values=given, faults=faults,
        action="/my/data/correct/", submit_label=word("my.correct.save"), hidden={"key": fresh_key()}, upload=True,
        cancel_url="/my/data/", here="/my/data/", crumbs=[Link(word("my.nav_data"), "/my/data/"), Link(title)],
    )  # fmt: skip

"""Registering a member of staff (Social Insurance Law Art. 58). The employer is the handler's own, whatever is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.codes import nations, sex
from sscard.kernel.refusals import Fault, Refusal
from sscard.people.acts import PersonForm, RegisterPerson
from sscard.portal.forms import faults_of, photo_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

RIGHT = "people.register_staff"
ASKED = ("name", "id_number", "sex", "birth_date", "nation", "phone", "household_address", "live_address")
PLACES = {
    "people.registered_elsewhere": "id_number",
    "people.photo_kind": "photo",
    "people.photo_large": "photo",
    "people.photo_broken": "photo",
}


@for_staff(RIGHT)
def register(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return _form(at, {}, ())
    post = request.POST
    form = PersonForm(**{name: post.get(name, "").strip() for name in ASKED}, category="employee")
    try:
        outcome = at.perform(RIGHT, RegisterPerson(form, photo_of(request)))
    except Refusal as refusal:
        return _form(at, post, faults_of(refusal, PLACES))
    told = str(outcome.answer["outcome"])
    steps = [
        Link(at.word("employer.another"), "/employer/new/"),
        Link(at.word("employer.nav"), "/employer/"),
    ]
    return at.render(
        "portal/done.html",
        title=at.word(f"employer.done.{told}"),
        sentence=at.word(f"employer.done_text.{told}"),
        lines=[Answer(at.word("employer.reference"), _reference(outcome.answer))],
        next_steps=steps,
        here="/employer/new/",
    )


def _reference(answer: dict[str, object]) -> str:
    return str(answer.get("person") or answer.get("case") or "")[:8].upper()


def _form(at: AtPage, values: object, faults: tuple[Fault, ...]) -> HttpResponse:
    fields = [
        Field("name", at.word("employer.full_name"), hint=at.word("employer.full_name_hint"), maxlength=60),
        Field("id_number", at.word("employer.id_number"), width="20", maxlength=20),
        Field("sex", at.word("register.field.sex"), kind="radio", options=_sexes(at)),
        Field("birth_date", at.word("register.field.birth_date"), hint=at.word("register.hint.birth_date"), width="10"),
        Field("nation", at.word("register.field.nation"), kind="select", options=_nations(at)),
        Field("phone", at.word("employer.phone"), kind="phone", width="10", required=False),
        Field("household_address", at.word("employer.household_address"), maxlength=120),
        Field("live_address", at.word("employer.live_address"), required=False, maxlength=120),
        Field(
            "photo", at.word("employer.photo_field"), kind="file", hint=at.word("employer.photo_hint"), required=False
        ),
    ]
    known = {field.name for field in fields}
    placed = tuple(one if one.place in known else Fault("id_number", one.code, one.facts) for one in faults)
    return at.render(
        "portal/form.html",
        title=at.word("employer.nav_new"),
        lead=at.word("employer.new_lead"),
        fields=fields,
        values=values,
        faults=placed,
        action="/employer/new/",
        submit_label=at.word("employer.submit"),
        hidden={"key": fresh_key()},
        upload=True,
        cancel_url="/employer/",
        crumbs=[Link(at.word("employer.nav"), "/employer/"), Link(at.word("employer.nav_new"))],
        here="/employer/new/",
    )


def _sexes(at: AtPage) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.value, one.name_in(at.lang), "") for one in (sex.Sex.MALE, sex.Sex.FEMALE))


def _nations(at: AtPage) -> tuple[tuple[str, str, str], ...]:
    named = ((f"{code:02d}", nations.name(f"{code:02d}", at.lang), "") for code in range(1, 57))
    return (("", at.word("register.choose"), ""), *named)

"""Signing up: consent, how one is seen, an own password. A guardian does it for a child, with a photo."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.cards.electronic import reads, verifying
from sscard.cards.electronic.signing import SignElectronicCard
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Refusal
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.portal.ecard.me import looking
from sscard.portal.forms import faults_of, photo_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_holder, fresh_key

FACE = "ecard_face"
HERE = "/my/ecard/"
PLACES = {
    "cards.ecard_proof_kind": "proof",
    "cards.ecard_face_first": "proof",
    "cards.ecard_no_counter_proof": "proof",
    "verification.face_failed": "proof",
    "verification.face_pending": "proof",
    "verification.face_none": "proof",
    "verification.face_needs_consent": "face_consent",
    "people.photo_kind": "photo",
    "people.photo_large": "photo",
    "people.photo_broken": "photo",
}


@for_holder
def sign(request: HttpRequest, at: AtPage) -> HttpResponse:
    """`?child=` names a child under guardianship; without it one signs for oneself."""
    child = request.POST.get("child", "") or request.GET.get("child", "")
    with looking(at) as (inside, me):
        wards = list(Person.objects.filter(person_id__in=people.wards_of(me.person_id)))
        person = next((one for one in wards if str(one.public_id) == child), me)
        inside.about(person.person_id)
        card, why = reads.card_to_sign(inside, person.person_id)
        young = age_on(person.birth_date, inside.today) < inside.area.value("guardian_age", inside.today)
    if card is None or why:
        return HttpResponseRedirect(HERE)
    if request.method != "POST":
        return _form(request, at, person, young)
    face = request.session.get(FACE)
    wanted = SignElectronicCard(
        card=card.card_id,
        consent=bool(request.POST.get("consent")),
        password=request.POST.get("password", ""),
        proof="photo" if young else request.POST.get("proof", ""),
        challenge=uuid.UUID(face) if face else None,
        photo=photo_of(request),
    )
    try:
        at.perform("cards.ecard_sign", wanted)
    except Refusal as refusal:
        return _form(request, at, person, young, faults_of(refusal, PLACES))
    request.session.pop(FACE, None)
    return HttpResponseRedirect("/my/ecard/open/" if person is me else "/my/ecard/family/")


@for_holder
def face(request: HttpRequest, at: AtPage) -> HttpResponse:
    """To the provider's camera and back; it has a consent of its own."""
    if request.method != "POST":
        return HttpResponseRedirect("/my/ecard/sign/")
    wanted = request.POST.get("action", "")
    back = "/my/ecard/password/" if wanted == "cards.ecard_password" else "/my/ecard/sign/"
    with looking(at, "face") as (inside, me):
        person_id = me.person_id
    try:
        begun = verifying.by_face(
            inside, person_id, wanted, consent=bool(request.POST.get("face_consent")), back=back
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.code != "verification.face_needs_consent" or back != "/my/ecard/sign/":
            raise
        return _form(request, at, me, False, faults_of(refusal, PLACES))
    request.session[FACE] = str(begun.challenge)
    return HttpResponseRedirect(begun.url)


def face_field(at: AtPage) -> Field:
    """The consent of its own that a face check asks for."""
    options = (("yes", at.word("ecard.face_consent"), ""),)
    return Field("face_consent", at.word("ecard.consent_asked"), kind="checkbox", options=options)


def _form(request: HttpRequest, at: AtPage, person: Person, young: bool, faults: tuple = ()) -> HttpResponse:  # type: ignore[type-arg]
    done = bool(request.session.get(FACE))
    fields = [Field("password", at.word("ecard.password_new"), kind="password", hint=at.word("ecard.password_rules"))]
    if young:
        fields.append(Field("photo", at.word("ecard.photo"), kind="file", hint=at.word("ecard.photo_hint")))
    else:
        hint = at.word("ecard.face_done" if done else "ecard.face_not_done")
        ways = (
            ("face", at.word("ecard.face"), hint),
            ("counter", at.word("ecard.counter"), at.word("ecard.counter_hint")),
        )
        fields.append(Field("proof", at.word("ecard.proof"), kind="radio", options=ways))
    agree = at.word("ecard.consent_child" if young else "ecard.consent", name=person.name_mask)
    fields.append(Field("consent", at.word("ecard.consent_asked"), kind="checkbox", options=(("yes", agree, ""),)))
    values = {name: request.POST[name] for name in ("proof", "consent") if name in request.POST}
    return at.render(
        "portal/ecard/sign.html",
        title=at.word("ecard.sign_title_child" if young else "ecard.sign_title", name=person.name_mask),
        lead=at.word("ecard.sign_lead"),
        fields=fields,
        values=values or ({"proof": "face"} if done else {}),
        faults=faults,
        action="/my/ecard/sign/",
        submit_label=at.word("ecard.sign"),
        hidden={"key": fresh_key(), "child": str(person.public_id) if young else ""},
        upload=young,
        young=young,
        face_done=done,
        face_field=face_field(at),
        cancel_url=HERE,
        crumbs=[Link(at.word("ecard.title"), HERE), Link(at.word("ecard.sign"))],
        here=HERE,
    )

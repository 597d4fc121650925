"""The public pages: choose the area, fill in, check, get the reference; later, see what became of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.kernel import dates
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.people import self_entry, self_reads
from sscard.people.registering import PersonForm
from sscard.people.self_entry import SubmitSelf
from sscard.portal import looks, person_form
from sscard.portal.entry.visitor import FRAME, at_page
from sscard.portal.forms import faults_of
from sscard.portal.front.banks import approved
from sscard.portal.person_form import PHOTO_PLACES, Place
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage

IMAGES = ("photo", "evidence")
PLACES = {"control.too_many_tries": "id_number", **PHOTO_PLACES}


def choose_area(request: HttpRequest) -> HttpResponse:
    lang = looks.language(request)
    return looks.render(
        request, "portal/front/areas.html", title=looks.word("entry.choose_title", lang), areas=approved(lang),
        lead=looks.word("entry.choose_lead", lang), base="/register/", after_url="/register/state/",
        after=looks.word("entry.ask_state", lang),
    )  # fmt: skip


def register(request: HttpRequest, area: str) -> HttpResponse:
    """GET the form; POST `step`: "check" (the form was filled), "edit" (change something), "send"."""
    at = at_page(request, areas.get(area).code)
    place = Place(f"/register/{area}/", "/register/", "entry", images=IMAGES, frame=FRAME)
    if request.method != "POST":
        return person_form.form(at, place, {}, {})
    typed, images = person_form.typed_of(request), person_form.images_of(request, place)
    step = request.POST.get("step", "check")
    if step == "edit":
        return person_form.form(at, place, typed, images)
    if faults := person_form.faults(at, typed, images):
        return person_form.form(at, place, typed, images, faults)
    if step != "send":
        return person_form.check(at, place, typed, images)
    try:
        wanted = SubmitSelf(PersonForm(**typed), images["photo"], images["evidence"])
        answer = at.perform("people.submit_self", wanted, purpose="registration").answer
    except Refusal as refusal:
        return person_form.form(at, place, typed, images, faults_of(refusal, PLACES))
    return _sent(at, answer["expires_at"], bool(images["evidence"]))


def _sent(at: AtPage, expires: str, evidence: bool) -> HttpResponse:
    """The reference, what to bring, and which counter. A second press of the button shows the same."""
    area = areas.get(at.caller.area)
    reference = self_entry.reference_of(at.caller, at.request.POST.get("key", ""))
    halls = [
        {
            "name": one.name.of(at.lang),
            "address": one.address.of(at.lang),
            "hours": one.hours.of(at.lang),
            "phone": one.phone,
        }
        for one in area.outlets(kind="bureau")
    ]
    return at.render(
        "portal/entry/sent.html", title=at.word("entry.sent"), reference=f"{reference[:5]} {reference[5:]}",
        until=at.word("entry.until", day=looks.show_day(expires, at.lang)), evidence=evidence, halls=halls,
        child=bool(at.request.POST.get("guardian_id")), hotline=area.hotline, **FRAME,
    )  # fmt: skip


def state(request: HttpRequest) -> HttpResponse:
    """Reference and number in the body, never in an address; unknown and wrong look the same (T11)."""
    lang = looks.language(request)
    known = approved(lang)
    asked = request.POST.get("area", "")
    chosen = asked if asked in {one["code"] for one in known} else known[0]["code"] if known else ""
    at = at_page(request, chosen)
    found: self_reads.OwnState | None = None
    faults: tuple[Fault, ...] = ()
    status = 200
    if request.method == "POST":
        try:
            found = self_reads.state_of(
                at.caller, chosen, request.POST.get("reference", ""), request.POST.get("id_number", "")
            )
        except Refusal as refusal:
            faults, status = faults_of(refusal, STATE_PLACES), refusal.status
    fields = [
        Field(
            "area", at.word("entry.state_area"), kind="select", options=tuple((a["code"], a["name"], "") for a in known)
        ),
        Field("reference", at.word("entry.reference"), width="20", maxlength=20),
        Field("id_number", at.word("register.field.id_number"), width="20", maxlength=30),
    ]
    values = {"area": chosen, **({} if found else {n: request.POST.get(n, "") for n in ("reference", "id_number")})}
    more = _in_words(at, found) if found else {}
    return at.render(
        "portal/entry/state.html", title=at.word("entry.state_title"), lead=at.word("entry.state_lead"), fields=fields,
        values=values, faults=faults, status=status, found=found, submit_label=at.word("entry.state_button"), **more, **FRAME,
    )  # fmt: skip


STATE_PLACES = {"people.self_unknown": "reference", "control.too_many_tries": "reference"}


def _in_words(at: AtPage, found: self_reads.OwnState) -> dict[str, str]:
    return {
        "state": f"self_entry.{found.state}",
        "sentence": at.word(f"entry.said.{found.state}", reason=found.reason),
        "onward": at.word(f"entry.next.{found.state}", day=dates.show(found.expires_at, at.lang)),
        "made": at.word("entry.made", moment=looks.show_moment(found.made_at, at.lang)),
    }

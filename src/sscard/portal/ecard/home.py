"""The phone page: the card, its code of the minute, and how it is opened."""

from __future__ import annotations

import uuid
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils.safestring import mark_safe

from sscard.cards.electronic import holding, reads, using, verifying
from sscard.cards.electronic.using import MakeCode, OpenElectronicCard
from sscard.kernel.refusals import Refusal
from sscard.people import reads as people
from sscard.portal import looks
from sscard.portal.ecard.me import looking, phone_of, remember
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Field, Notice
from sscard.portal.signed import AtPage, for_holder, fresh_key

HERE = "/my/ecard/"
CHALLENGE, SENT_TO = "ecard_message", "ecard_message_to"
SHOWN = ("name", "card_number")
PLACES = {
    "cards.ecard_password_wrong": "password",
    "cards.ecard_password_locked": "password",
    "cards.ecard_new_phone": "code",
}
PHONE_REFUSALS = "verification."


@for_holder
def home(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _page(request, at)


def _page(request: HttpRequest, at: AtPage, code: dict[str, Any] | None = None, **shown: str) -> HttpResponse:
    with looking(at) as (inside, person):
        view = reads.of(inside, person)
        card, why = reads.card_to_sign(inside, person.person_id)
        family = reads.relatives(inside, person.person_id)
        opened = view is not None and using.is_open(view.row, phone_of(request), at.caller.session)
        bank = holding.bank_side(inside, card) if view is not None and card is not None and view.level == 1 else None
    if view is not None and not view.why and not opened:
        return HttpResponseRedirect("/my/ecard/open/")
    reason = looks.state_word(f"ecard.{view.why if view else why}", at.lang) if (view.why if view else why) else ""
    relatives = [one for one in family if not one.mine and one.state == "active"]
    chosen = request.POST.get("person", "") or request.GET.get("person", "")
    return at.render(
        "portal/ecard/home.html",
        title=at.word("ecard.title"),
        lead="" if view else at.word("ecard.lead"),
        view=view,
        signable=card is not None and not why,
        reason=reason,
        bank_ready=bool(bank and bank.active and bank.phone),
        relatives=relatives,
        chosen=next((one for one in relatives if str(one.person) == chosen), None),
        asked=[one for one in family if one.mine and one.state == "asked"],
        code=code,
        key=fresh_key(),
        shown=shown,
        here=HERE,
    )


@for_holder
def code(request: HttpRequest, at: AtPage) -> HttpResponse:
    """A fresh code: as a part of the page for the script, or the whole page."""
    if request.method != "POST":
        return HttpResponseRedirect(HERE)
    person = request.POST.get("person", "")
    outcome = at.perform("cards.ecard_code", MakeCode(phone_of(request), uuid_of(person) if person else None))
    made = {**outcome.answer, **outcome.once}
    if "code" not in made:  # the form was sent twice: what was shown once is not shown again
        return HttpResponseRedirect(HERE)
    made["picture"] = picture(made["code"])
    if request.headers.get("X-Fragment") == "1":
        return looks.render(request, "portal/ecard/code.html", title="", code=made)
    return _page(request, at, made)


def picture(text: str) -> str:
    """The code as SVG without any style of its own."""
    drawn = segno.make(text, error="m", micro=False, boost_error=False)
    return mark_safe(drawn.svg_inline(scale=4, border=3, svgclass="qr", lineclass=None, omitsize=True))  # noqa: S308 - made of modules only


@for_holder
def reveal(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The eye: name or card number in full, written down."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    name = request.POST.get("field", "")
    if name not in SHOWN:
        raise Refusal("control.not_found")
    with looking(at, "unmask") as (inside, person):
        inside.detail["field"] = name
        if name == "name":
            value = str(people.facts(inside, person).get("name") or "")
        else:
            value = str(holding.number_of(inside, holding.card_of(holding.require(person.person_id))))
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": value, "said": at.word("masked.was_recorded")})
    return _page(request, at, **{name: value})


@for_holder
def open_(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The password; on a new phone the code of a message as well."""
    with looking(at) as (inside, person):
        view = reads.of(inside, person)
        known = view is not None and using.is_known(view.row, phone_of(request))
    if view is None or view.why:
        return HttpResponseRedirect(HERE)
    if request.method == "POST":
        try:
            return _opened(request, at)
        except Refusal as refusal:
            place = PLACES.get(refusal.code, "code" if refusal.code.startswith(PHONE_REFUSALS) else "")
            if not place:
                raise
            return _open_form(request, at, known, refusal, place)
    return _open_form(request, at, known)


def _opened(request: HttpRequest, at: AtPage) -> HttpResponse:
    asked = request.session.get(CHALLENGE)
    wanted = OpenElectronicCard(
        password=request.POST.get("password", ""),
        phone=phone_of(request),
        challenge=uuid.UUID(asked) if asked else None,
        code=request.POST.get("code", "").strip(),
    )
    outcome = at.perform("cards.ecard_open", wanted)
    request.session.pop(CHALLENGE, None)
    response = HttpResponseRedirect(HERE)
    return remember(response, outcome.once["phone"]) if "phone" in outcome.once else response


def _open_form(
    request: HttpRequest, at: AtPage, known: bool, refusal: Refusal | None = None, place: str = ""
) -> HttpResponse:
    from sscard.kernel.refusals import Fault

    fields = [Field("password", at.word("ecard.password"), kind="password", hint=at.word("ecard.password_hint"))]
    notices = []
    if not known:
        fields.append(Field("code", at.word("ecard.message_code"), kind="digits", maxlength=6))
        if request.session.get(CHALLENGE):
            sent = at.word("ecard.message_sent", phone=request.session.get(SENT_TO, ""))
            notices.append(Notice(sent, "", "good"))
    return at.render(
        "portal/ecard/open.html",
        title=at.word("ecard.open_title"),
        lead=at.word("ecard.open_lead" if known else "ecard.open_lead_new"),
        fields=fields,
        values={},
        faults=(Fault(place, refusal.code, refusal.facts),) if refusal else (),
        action="/my/ecard/open/",
        submit_label=at.word("ecard.open"),
        hidden={"key": fresh_key()},
        known=known,
        notices=notices,
        here=HERE,
    )


@for_holder
def message(request: HttpRequest, at: AtPage) -> HttpResponse:
    """A code by message to the telephone of record."""
    if request.method == "POST":
        with looking(at, "ecard_message") as (inside, person):
            person_id = person.person_id
        sent = verifying.by_phone(inside, person_id, "cards.ecard_open")
        request.session[CHALLENGE], request.session[SENT_TO] = str(sent.challenge), sent.phone_masked
    return HttpResponseRedirect("/my/ecard/open/")


def manifest(request: HttpRequest) -> JsonResponse:
    """The page on the phone's screen, as an app."""
    lang = looks.language(request)
    answer = JsonResponse({
        "id": HERE,
        "name": looks.word("ecard.title", lang),
        "short_name": looks.word("ecard.nav", lang),
        "lang": looks.HTML_LANG[lang],
        "start_url": HERE,
        "scope": HERE,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#00525c",
        "icons": [{"src": static("portal/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }, json_dumps_params={"ensure_ascii": False})  # fmt: skip
    answer["Content-Type"] = "application/manifest+json"
    return answer

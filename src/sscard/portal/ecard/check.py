"""The third party's page: scan or read, and see valid or not with the reason and what its purpose allows. And the open page
that proves a code by its signature alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.cards.electronic import checking, offline
from sscard.cards.electronic.checking import CheckCredential
from sscard.control import throttle
from sscard.control.throttle import Limit
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import AtPage, for_staff, fresh_key

RIGHT = "cards.credential_check"
VERIFYING = {"target": Limit(60, 60), "source": Limit(60, 60), "all": Limit(3000, 60)}
PLACES = {"cards.credential_purpose": "purpose"}


@for_staff(RIGHT)
def check(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "credential") as inside:
        purposes = checking.purposes(inside)
    if request.method != "POST":
        return _form(request, at, purposes)
    post = request.POST
    wanted = CheckCredential(
        purpose=post.get("purpose", ""),
        **{name: post.get(name, "").strip() for name in ("code", "card_number", "card_id_code", "id_number")},
    )
    try:
        area = checking.area_of_request(wanted, at.caller.area)
        outcome = at.perform("cards.credential_check", wanted, area=area)
    except Refusal as refusal:
        return _form(request, at, purposes, faults_of(refusal, PLACES))
    told = {**outcome.answer, **outcome.once}
    lines = checking.worded(told.get("facts", {}), areas.get(area).name(at.lang), at.lang)
    purpose = next((one for one in purposes if one.code == told["purpose"]), None)
    return _form(
        request, at, purposes, told=told, reason=told[f"reason_{at.lang}"],
        lines=[Answer(label, value) for label, value in lines],
        purpose_name=purpose.name.of(at.lang) if purpose else "",
    )  # fmt: skip


def _form(request: HttpRequest, at: AtPage, purposes: Any, faults: Any = (), **more: Any) -> HttpResponse:
    chosen = request.POST.get("purpose", "") or (purposes[0].code if purposes else "")
    comma = "、" if at.lang == "zh" else ", "
    facts = {one.code: comma.join(at.word(f"ecard.told.{fact}") for fact in one.facts) for one in purposes}
    options = tuple(
        (one.code, one.name.of(at.lang), at.word("ecard.check.tells", facts=facts[one.code])) for one in purposes
    )
    with_id = any("id_match" in one.facts for one in purposes)
    fields = [
        Field("purpose", at.word("ecard.check.purpose"), kind="radio", options=options),
        Field("code", at.word("ecard.check.code"), hint=at.word("ecard.check.code_hint")),
    ]
    if with_id:
        hint = at.word("ecard.check.id_hint")
        fields.append(Field("id_number", at.word("ecard.check.id_number"), hint=hint, required=False, maxlength=18))
    plastic = [
        Field("card_number", at.word("ecard.check.card_number"), required=False, maxlength=9),
        Field("card_id_code", at.word("ecard.check.card_id_code"), required=False, maxlength=40),
    ]
    values = {"purpose": chosen} if not faults else {**request.POST.dict(), "purpose": chosen}
    return at.render(
        "portal/ecard/check.html",
        title=at.word("ecard.check.title"),
        lead=at.word("ecard.check.lead"),
        fields=fields,
        plastic=plastic,
        values=values,
        faults=faults,
        action="/check-card/",
        submit_label=at.word("ecard.check.do"),
        hidden={"key": fresh_key()},
        here="/check-card/",
        **more,
    )


def verify(request: HttpRequest) -> HttpResponse:
    """Open to everybody, as the published keys are. It proves that the platform signed the code of this minute and that the
    card is not on the list of stopped ones, and tells nothing of anybody. It does not use the code up."""
    lang = looks.language(request)
    faults: tuple[Fault, ...] = ()
    told = None
    if request.method == "POST":
        source = str(request.META.get("REMOTE_ADDR", ""))[:45]
        throttle.count("ecard_verify", VERIFYING, target=source, source=source)
        text = request.POST.get("code", "").strip()
        if text:
            told = offline.verify(text, offline.published(text), clock.real_now())
        else:
            faults = (Fault("code", "cards.credential_nothing", {}),)
    return looks.render(
        request,
        "portal/ecard/verify.html",
        title=looks.word("ecard.verify.title", lang),
        lead=looks.word("ecard.verify.lead", lang),
        fields=[Field("code", looks.word("ecard.check.code", lang), kind="textarea")],
        values={},
        faults=faults,
        action="/ecard/verify/",
        submit_label=looks.word("ecard.verify.do", lang),
        hidden={},
        told=told,
        reason=looks.state_word(f"ecard.{told.reason}", lang) if told and told.reason else "",
        area=areas.get(told.area).name(lang) if told and told.area else "",
    )

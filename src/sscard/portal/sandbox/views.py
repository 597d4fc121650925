"""The telephone and the camera of a sandbox."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sscard.kernel import words
from sscard.kernel.refusals import Fault, Refusal
from sscard.partners.sandbox import telephone, tenants
from sscard.portal import looks
from sscard.portal.shapes import Field, Notice
from sscard.portal.signed import caller_of, own_path, to_sign_in
from sscard.verification import virtual_face, virtual_sms


def phone(request: HttpRequest, area: str) -> HttpResponse:
    """The text messages that arrived, newest first. A partner's sandbox shows them to its developers, and by its signed link."""
    lang = looks.language(request)
    if tenants.is_sandbox_code(area) and not telephone.opens(area, request.GET.get("pass", "")):
        who = caller_of(request)
        if who is None:
            return to_sign_in(request, "/sign-in/")
        if "partner" not in who.roles or not telephone.is_of(area, who.organisation):
            raise Refusal("control.not_found")
    return looks.render(
        request,
        "portal/sandbox/phone.html",
        title=looks.word("sandbox.phone", lang),
        lead=looks.word("sandbox.phone_lead", lang),
        messages=virtual_sms.messages(area),
    )


def face(request: HttpRequest, challenge: uuid.UUID) -> HttpResponse:
    """The tester chooses what the camera saw."""
    lang = looks.language(request)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            virtual_face.choose(challenge, request.POST.get("outcome", ""))
        except Refusal as refusal:
            if refusal.code != "verification.outcome_unknown":
                raise
            faults = (Fault("outcome", refusal.code, refusal.facts),)
    asked = virtual_face.asked(challenge)
    what = words.text(("act", "notice"), asked.purpose, lang)
    if asked.outcome and not faults:
        chosen = looks.word(f"sandbox.face_{asked.outcome}", lang)
        return looks.render(
            request,
            "portal/sandbox/chosen.html",
            title=looks.word("sandbox.face_chosen", lang),
            notices=[Notice(chosen, looks.word("sandbox.face_go_back", lang), "plain")],
            back=own_path(asked.back, ""),
        )
    options = tuple((one, looks.word(f"sandbox.face_{one}", lang), "") for one in virtual_face.OUTCOMES)
    return looks.render(
        request,
        "portal/form.html",
        title=looks.word("sandbox.face", lang),
        lead=looks.word("sandbox.face_lead", lang, what=what),
        fields=[Field("outcome", looks.word("sandbox.face_outcome", lang), kind="radio", options=options)],
        values={"outcome": "pass"},
        faults=faults,
        action=request.path,
        submit_label=looks.word("sandbox.face_submit", lang),
    )

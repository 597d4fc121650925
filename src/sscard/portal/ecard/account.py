"""Things that one does seldom: allow it during a loss, level 2, another password, give it back."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.cards.electronic.signing import EndElectronicCard, LinkBankAccount
from sscard.cards.electronic.using import AllowDuringLoss, ChangeEcardPassword
from sscard.kernel.refusals import Refusal
from sscard.portal.ecard.sign import FACE, HERE, face_field
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_holder, fresh_key

PLACES = {
    "cards.ecard_password_wrong": "password",
    "cards.ecard_password_locked": "password",
    "cards.ecard_face_first": "proof",
    "cards.ecard_no_counter_proof": "proof",
    "verification.face_failed": "proof",
    "verification.face_pending": "proof",
    "verification.face_none": "proof",
}


@for_holder
def allow(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _by_password(request, at, "allow", "cards.ecard_allow_loss", AllowDuringLoss)


@for_holder
def link(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _by_password(request, at, "account", "cards.ecard_link_account", LinkBankAccount)


@for_holder
def end(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _by_password(request, at, "end", "cards.ecard_end", EndElectronicCard)


def _by_password(request: HttpRequest, at: AtPage, name: str, act: str, wanted: Any) -> HttpResponse:
    """A page with one question, the electronic card's password, and one act."""
    faults: Any = ()
    if request.method == "POST":
        try:
            at.perform(act, wanted(password=request.POST.get("password", "")))
        except Refusal as refusal:
            faults = faults_of(refusal, PLACES)
        else:
            return HttpResponseRedirect(HERE)
    field = Field("password", at.word("ecard.password"), kind="password", hint=at.word("ecard.password_hint"))
    return _form(at, name, [field], faults)


@for_holder
def password(request: HttpRequest, at: AtPage) -> HttpResponse:
    """By the old one, or when that is forgotten by face or counter, as at signing."""
    faults: Any = ()
    if request.method == "POST":
        proof, face = request.POST.get("proof", ""), request.session.get(FACE)
        wanted = ChangeEcardPassword(
            new=request.POST.get("new", ""),
            old=request.POST.get("password", ""),
            proof="" if proof == "old" else proof,
            challenge=uuid.UUID(face) if face else None,
        )
        try:
            at.perform("cards.ecard_password", wanted)
        except Refusal as refusal:
            new = faults_of(refusal, PLACES)
            faults = tuple(
                type(one)("new", one.code, one.facts) if refusal.faults and one.place == "password" else one
                for one in new
            )
        else:
            request.session.pop(FACE, None)
            return HttpResponseRedirect("/my/ecard/open/")
    ways = tuple((one, at.word(f"ecard.by_{one}"), "") for one in ("old", "face", "counter"))
    fields = [
        Field("new", at.word("ecard.password_new"), kind="password", hint=at.word("ecard.password_rules")),
        Field("proof", at.word("ecard.proof"), kind="radio", options=ways),
        Field("password", at.word("ecard.password_old"), kind="password", required=False),
    ]
    chosen = "face" if request.session.get(FACE) else "old"
    return _form(
        at, "password", fields, faults, values={"proof": request.POST.get("proof", chosen)}, face_field=face_field(at)
    )


def _form(at: AtPage, name: str, fields: list[Field], faults: Any, **more: Any) -> HttpResponse:
    title = at.word(f"ecard.{name}_title")
    more.setdefault("values", {})
    return at.render(
        "portal/ecard/act.html",
        title=title,
        lead=at.word(f"ecard.{name}_lead"),
        fields=fields,
        faults=faults,
        action=f"/my/ecard/{name}/",
        submit_label=at.word(f"ecard.{name}_do"),
        hidden={"key": fresh_key()},
        cancel_url=HERE,
        crumbs=[Link(at.word("ecard.title"), HERE), Link(title)],
        here=HERE,
        **more,
    )

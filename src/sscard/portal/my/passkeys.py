"""Passkeys: adding and removing one's own, and signing in with one. The browser is asked by `passkey.js`; the question
stays in the session on our side and serves once."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control import sessions
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import passkeys
from sscard.people.passkey_proof import Site
from sscard.people.passkeys import AddPasskey, RemovePasskey
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_holder, fresh_key

NEW, ENTER = "passkey_new", "passkey_enter"
PLACES = ("people.passkey_label", "people.passkey_wrong", "people.passkey_late", "people.passkey_most")


def site_of(request: HttpRequest) -> Site:
    """As the browser names us; Django has checked the host against the allowed ones."""
    return Site.named(request.get_host(), str(request.scheme))


@for_holder
def keys(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The list, and a new one."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            token = request.session.pop(NEW, "")
            at.perform(
                "people.add_passkey", AddPasskey(token, request.POST.get("answer", ""), request.POST.get("label", ""))
            )
        except Refusal as refusal:
            if refusal.code not in PLACES:
                raise
            faults = (Fault("label", refusal.code, refusal.facts),)
        else:
            return HttpResponseRedirect("/my/passkeys/")
    with at.reading("people.view_self", "my") as inside:
        found = passkeys.known(inside)
        question = passkeys.ask_new(inside, site_of(request))
    request.session[NEW] = question.token
    label = Field("label", at.word("my.passkeys.label"), hint=at.word("my.passkeys.label_hint"), maxlength=60)
    return at.render(
        "portal/my/passkeys.html",
        title=at.word("my.passkeys.title"),
        lead=at.word("my.passkeys.lead"),
        keys=found,
        options=question.options,
        label=label,
        values=request.POST,
        faults=faults,
        fresh=fresh_key(),
        here="/my/data/",
        crumbs=[Link(at.word("my.nav_data"), "/my/data/"), Link(at.word("my.passkeys.title"))],
    )


@for_holder
def remove(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    chosen: uuid.UUID = uuid_of(request.POST.get("passkey", ""))
    at.perform("people.remove_passkey", RemovePasskey(chosen))
    return HttpResponseRedirect("/my/passkeys/")


def sign_in(request: HttpRequest) -> HttpResponse:
    """Beside number, password and one-time code: a passkey that has verified its user."""
    lang = looks.language(request)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            account = passkeys.sign_in(
                request.session.pop(ENTER, ""),
                request.POST.get("answer", ""),
                address=str(request.META.get("REMOTE_ADDR", "")),
            )
        except Refusal as one:
            refusal = one
        else:
            sessions.begin(request.session, kind="holder", subject=account.holder_id)
            return HttpResponseRedirect("/my/")
    question = passkeys.ask_sign_in(site_of(request))
    request.session[ENTER] = question.token
    return looks.render(
        request,
        "portal/my/passkey_sign_in.html",
        title=looks.word("my.passkeys.enter_title", lang),
        lead=looks.word("my.passkeys.enter_lead", lang),
        options=question.options,
        refusal_text=refusal.sentence(lang) if refusal else "",
        refusal_next=refusal.next_step(lang) if refusal else "",
        status=refusal.status if refusal else 200,
    )

"""Passkeys at the bank's site: adding with a fresh code, removing, and signing in. `passkey.js` asks the browser; the
question stays in the session on our side and serves once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank import customers_passkeys
from sscard.bank.customers_passkeys import AddOnlinePasskey, RemoveOnlinePasskey
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import passkeys
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.my.passkeys import site_of
from sscard.portal.netbank import brand, front
from sscard.portal.netbank.hosts import bank_of
from sscard.portal.netbank.signed import AtBank, address, for_customer, page
from sscard.portal.shapes import Field
from sscard.portal.signed import fresh_key

NEW, ENTER, HERE = "netbank_passkey_new", "netbank_passkey_enter", "/settings/passkeys/"
PLACES = {
    "people.passkey_label": "label",
    "people.passkey_wrong": "label",
    "people.passkey_late": "label",
    "people.passkey_most": "label",
    "bank.code_wrong": "code",
}


@for_customer
def keys(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The list, and a new one."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        post = request.POST
        wanted = AddOnlinePasskey(
            request.session.pop(NEW, ""), post.get("answer", ""), post.get("label", ""), post.get("code", "")
        )
        try:
            at.perform("bank.add_passkey", wanted)
        except Refusal as refusal:
            if refusal.code not in PLACES:
                raise
            faults = (Fault(PLACES[refusal.code], refusal.code, refusal.facts),)
        else:
            return HttpResponseRedirect(HERE)
    with at.reading() as inside:
        found = customers_passkeys.known(inside)
        question = customers_passkeys.ask_new(inside, site_of(request), brand.of(at.bank).name(at.lang))
    request.session[NEW] = question.token
    word = at.word
    fields = [
        Field("label", word("passkey.label"), hint=word("passkey.label_hint"), maxlength=60, width="20"),
        Field(
            "code",
            word("code"),
            kind="digits",
            hint=word("transfer.code_hint"),
            width="10",
            autocomplete="one-time-code",
        ),
    ]
    return at.render(
        "netbank/passkeys.html", title=word("passkey.title"), lead=word("passkey.lead"), keys=found,
        options=question.options, fields=fields, values=request.POST, faults=faults, fresh=fresh_key(), here="/settings/",
        crumbs=at.crumbs(("settings.title", "/settings/"), ("passkey.title", "")),
    )  # fmt: skip


@for_customer
def remove(request: HttpRequest, at: AtBank) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("bank.remove_passkey", RemoveOnlinePasskey(uuid_of(request.POST.get("passkey", ""))))
    return HttpResponseRedirect(HERE)


def sign_in(request: HttpRequest) -> HttpResponse:
    """Beside user name, password and one-time code: a passkey that has verified its user."""
    lang = looks.language(request)
    refusal: Refusal | None = None
    if request.method == "POST":
        token = request.session.pop(ENTER, "")
        try:
            found = customers_passkeys.sign_in(
                bank_of(request), token, request.POST.get("answer", ""), address=address(request)
            )
        except Refusal as one:
            refusal = one
        else:
            front.enter(request, found)
            return HttpResponseRedirect("/")
    question = passkeys.ask_sign_in(site_of(request))
    request.session[ENTER] = question.token
    return page(
        request, "netbank/passkey_sign_in.html", title=looks.word("netbank.passkey.enter", lang),
        lead=looks.word("netbank.passkey.enter_lead", lang), options=question.options,
        refusal_text=refusal.sentence(lang) if refusal else "", refusal_next=refusal.next_step(lang) if refusal else "",
        status=refusal.status if refusal else 200,
    )  # fmt: skip

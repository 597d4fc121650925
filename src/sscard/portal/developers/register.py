"""A partner registers itself: name, user name, a password of its own and an authenticator. No default of anything."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control import door, sessions, totp
from sscard.control.caller import Caller
from sscard.kernel.refusals import Fault, Refusal
from sscard.partners.sandbox import tenants
from sscard.partners.sandbox.acts import RegisterPartner
from sscard.portal import looks
from sscard.portal.forms import faults_of
from sscard.portal.front.holder_setup import qr
from sscard.portal.shapes import Field
from sscard.portal.signed import fresh_key

ASKED = ("organisation", "username")


def register(request: HttpRequest) -> HttpResponse:
    """The secret of the authenticator stays in the anonymous session until the account is made."""
    tenants.require_offered()
    secret = request.session.get("totp_secret")
    if not secret:
        secret = request.session["totp_secret"] = totp.new_secret()
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        post = request.POST
        asked = RegisterPartner(
            post.get("organisation", ""), post.get("username", ""), post.get("password", ""), secret,
            post.get("totp_code", ""),
        )  # fmt: skip
        who = Caller.of_visitor(uuid.uuid4(), area="", address=str(request.META.get("REMOTE_ADDR", "")))
        try:
            made = door.perform(who, "partners.register", asked, key=post.get("key", "") or fresh_key())
        except Refusal as refusal:
            faults = faults_of(refusal, {})
        else:
            sessions.begin(request.session, kind="staff", subject=uuid.UUID(made.answer["staff"]))
            return HttpResponseRedirect("/developers/")
    return _form(request, secret, faults)


def _form(request: HttpRequest, secret: str, faults: tuple[Fault, ...]) -> HttpResponse:
    lang = looks.language(request)
    word = lambda code: looks.word(code, lang)  # noqa: E731
    fields = [
        Field("organisation", word("developers.organisation"), hint=word("developers.organisation_hint"), maxlength=60),
        Field("username", word("front.username"), autocomplete="username", maxlength=60),
        Field("password", word("front.password"), kind="password", hint=word("front.new_password_hint"),
              autocomplete="new-password"),
        Field("totp_code", word("front.code"), kind="digits", hint=word("front.totp_hint"),
              autocomplete="one-time-code"),
    ]  # fmt: skip
    uri = totp.uri(secret, "sscard")
    return looks.render(
        request, "portal/developers/register.html", title=word("developers.register"),
        lead=word("developers.register_lead"), fields=fields,
        values={name: request.POST.get(name, "") for name in ASKED}, faults=faults,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), uri=uri, qr=qr(uri),
        submit_label=word("developers.register_button"), hidden={"key": fresh_key()},
    )  # fmt: skip

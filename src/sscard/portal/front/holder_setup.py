"""The holder's first sign-in: number, the code that the desk handed out, a password, an authenticator."""

from __future__ import annotations

import io

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control import sessions, totp
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import holders
from sscard.portal import known, looks
from sscard.portal.shapes import Field

PLACES = {
    "people.invite_wrong": "code",
    "people.totp_wrong": "totp",
    "control.password_short": "password",
    "control.password_long": "password",
    "control.password_common": "password",
}


def set_up(request: HttpRequest) -> HttpResponse:
    """The secret of the authenticator stays in the anonymous session until the account is made."""
    lang = looks.language(request)
    secret = request.session.get("totp_secret")
    if not secret:
        secret = request.session["totp_secret"] = totp.new_secret()
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        post = request.POST
        try:
            account = holders.set_up(
                post.get("id_number", ""), post.get("code", ""), post.get("password", ""), secret, post.get("totp", ""),
                address=str(request.META.get("REMOTE_ADDR", "")),
            )  # fmt: skip
        except Refusal as refusal:
            faults = (Fault(PLACES.get(refusal.code, "id_number"), refusal.code, refusal.facts),)
        else:
            sessions.begin(request.session, kind="holder", subject=account.holder_id)
            answer = HttpResponseRedirect("/my/")
            known.remember(request, answer, "holder", post.get("id_number", ""))
            return answer
    word = lambda code: looks.word(code, lang)  # noqa: E731
    fields = [
        Field("id_number", word("front.id_number")),
        Field("code", word("front.invite_code"), hint=word("front.invite_hint")),
        Field(
            "password",
            word("front.new_password"),
            kind="password",
            hint=word("front.holder_password_hint"),
            autocomplete="new-password",
        ),
        Field("totp", word("front.code"), kind="digits", hint=word("front.totp_hint")),
    ]
    values = {name: request.POST.get(name, "") for name in ("id_number", "code")}
    uri = totp.uri(secret, "sscard")
    return looks.render(
        request, "portal/front/set_up.html", title=word("front.set_up"), fields=fields, values=values, faults=faults,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), uri=uri, qr=qr(uri),
        submit_label=word("front.set_up_button"), hidden={},
    )  # fmt: skip


def qr(text: str) -> str:
    """The authenticator's address as a picture in the page; no other site sees it."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False, svgns=True)
    return "data:image/svg+xml;utf8," + _quoted(out.getvalue().decode())


def _quoted(svg: str) -> str:
    from urllib.parse import quote

    return quote(svg)

"""`/authorise`: the holder, sent by a client with a pushed request, decides, and is sent back with the answer.

Only an address that the client registered, and only for a request that was pushed and taken up by this browser, is ever
redirected to; everything else is a page of ours (no open redirect).
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.binding import access, clients, grants, reads
from sscard.binding.deciding import ACTION, Authorise, Decline
from sscard.binding.models import Pushed
from sscard.binding.reads import Asked
from sscard.control.caller import Caller
from sscard.control.door import perform, reading
from sscard.control.sessions import token_hash
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.portal import errors, looks
from sscard.portal.consent import proving
from sscard.portal.middleware import CSP
from sscard.portal.shapes import Link, Notice
from sscard.portal.signed import fresh_key
from sscard.portal.trace import trace_of

BROWSER, LINKS = "consent_browser", "links"
MOST_LINKS = 5


@dataclass(frozen=True, slots=True)
class AtRequest:
    """A browser with an open request. `asked`: what the page shows."""

    request: HttpRequest
    pushed: Pushed
    asked: Asked
    caller: Caller
    lang: str

    @property
    def path(self) -> str:
        return f"/authorise/{self.pushed.consent_id}/"

    def render(self, template: str, *, title: str, **more: Any) -> HttpResponse:
        area = areas.get(self.pushed.area_code).name(self.lang)
        answer = looks.render(self.request, template, title=title, area_name=area, path=self.path, **more)
        return _may_lead_to(answer, self.pushed.redirect_uri)

    def back(self, **parameters: str) -> HttpResponse:
        """To the client, with the answer, its state and our name (RFC 9207)."""
        told = {**parameters, "iss": access.issuer()}
        if self.pushed.state:
            told["state"] = self.pushed.state
        return _may_lead_to(HttpResponseRedirect(_address(self.pushed, told), status=303), self.pushed.redirect_uri)


def _address(pushed: Pushed, told: dict[str, str]) -> str:
    joint = "&" if urlsplit(pushed.redirect_uri).query else "?"
    return f"{pushed.redirect_uri}{joint}{urlencode(told)}"


def _may_lead_to(answer: HttpResponse, redirect_uri: str) -> HttpResponse:
    """A form of ours may end at this client, and nowhere else."""
    parts = urlsplit(redirect_uri)
    answer["Content-Security-Policy"] = CSP.replace(
        "form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return answer


def arrive(request: HttpRequest) -> HttpResponse:
    """GET with client_id and request_uri. The address bar keeps neither."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    given = {name: values for name, values in request.GET.lists() if name not in ("lang", "elder")}
    if set(given) != {"client_id", "request_uri"} or any(len(values) != 1 for values in given.values()):
        raise Refusal("binding.only_pushed")
    client = clients.find(given["client_id"][0])
    if client is None:
        raise Refusal("binding.request_unknown")
    mark = request.session.setdefault(BROWSER, secrets.token_urlsafe(24))
    request_uri = given["request_uri"][0]
    pushed = grants.taken_up(request_uri, str(client.client_id), mark)
    links = dict(list(request.session.get(LINKS, {}).items())[-MOST_LINKS + 1 :])
    request.session[LINKS] = {**links, str(pushed.consent_id): [request_uri, str(client.client_id)]}
    return HttpResponseRedirect(f"/authorise/{pushed.consent_id}/", status=303)


View = Callable[..., HttpResponse]


def _with_request(method: str) -> Callable[[View], View]:
    """The open request of this browser, read and shown masked; for any other browser there is none."""

    def around(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, consent: uuid.UUID) -> HttpResponse:
            if request.method not in method.split():
                return HttpResponseNotAllowed(method.split())
            kept = request.session.get(LINKS, {}).get(str(consent))
            if kept is None:
                raise Refusal("binding.request_unknown")
            pushed = grants.taken_up(kept[0], kept[1], request.session.get(BROWSER, ""))
            caller = clients.asked_caller(
                pushed.person_id,
                "",
                area=pushed.area_code,
                consent=consent,
                session=token_hash(request.session.session_key or "").hex()[:32],
                address=str(request.META.get("REMOTE_ADDR", ""))[:45],
                request_id=trace_of(request),
            )
            with reading(caller, right="binding.decide", purpose="consent", area=pushed.area_code) as inside:
                asked = reads.asked(inside, consent)
            at = AtRequest(request, pushed, asked, caller, looks.language(request))
            if asked.view.state != "AWAITING_AUTHORISATION":
                return over(at, Refusal("binding.request_over"))
            try:
                return view(at)
            except Refusal as refusal:
                return over(at, refusal)

        return inner

    return around


def over(at: AtRequest, refusal: Refusal) -> HttpResponse:
    """It cannot go on: why, and the way back to the client, which is told that nothing was agreed to."""
    told = {"error": "access_denied", "iss": access.issuer()}
    if at.pushed.state:
        told["state"] = at.pushed.state
    stays = refusal.code.startswith("verification.") or refusal.code in (
        "control.too_many_tries",
        "binding.verify_first",
    )
    way = Link(looks.word("consent.other_way", at.lang), at.path)
    if not stays:
        way = Link(
            looks.word("consent.back_to", at.lang, client=at.asked.view.client(at.lang)), _address(at.pushed, told)
        )
    return _may_lead_to(errors.refusal_page(at.request, refusal, way=way), at.pushed.redirect_uri)


@_with_request("GET")
def ask(at: AtRequest) -> HttpResponse:
    """Who asks for what, for how long, on which card; and how one proves that it is he."""
    view = at.asked.view
    title = looks.word("consent.title_pay" if view.payment else "consent.title", at.lang, client=view.client(at.lang))
    return at.render(
        "portal/consent/ask.html",
        title=title,
        lead=looks.word("consent.lead", at.lang, name=at.asked.name_mask),
        view=view,
        lines=proving.lines_of(view, at.lang),
        wants=proving.wants_of(view, at.lang),
        what_not=looks.word("consent.what_not_pay" if view.payment else "consent.what_not", at.lang),
        afterwards=looks.word("consent.after_paying" if view.payment else "consent.end_any_time", at.lang),
        phone=at.asked.phone_mask,
        key=fresh_key(),
    )


@_with_request("GET POST")
def code(at: AtRequest) -> HttpResponse:
    """POST sends a code; GET is the page where it is typed."""
    if at.request.method == "POST":
        proving.send_code(at.request, at.asked.view, ACTION)
        return HttpResponseRedirect(f"{at.path}code/", status=303)
    return _code_page(at)


def _code_page(at: AtRequest, faults: Any = ()) -> HttpResponse:
    begun = proving.begun(at.request, at.pushed.consent_id, "sms")
    return at.render(
        "portal/consent/code.html",
        title=looks.word("consent.code_title", at.lang),
        lead=_what_is_agreed(at, "consent.code_lead"),
        field=proving.code_field(at.lang, begun.shown),
        values={},
        faults=faults,
        key=fresh_key(),
        agree_label=_agree_label(at),
    )


def _what_is_agreed(at: AtRequest, sentence: str) -> str:
    """Of a payment its number and amount: nobody agrees to money that he does not see."""
    view = at.asked.view
    if (payment := view.payment) is None:
        return looks.word(sentence, at.lang, client=view.client(at.lang))
    amount = looks.show_money(payment.amount_fen)
    return looks.word(f"{sentence}_pay", at.lang, reference=payment.reference, amount=amount)


def _agree_label(at: AtRequest) -> str:
    if (payment := at.asked.view.payment) is None:
        return looks.word("consent.agree", at.lang)
    return looks.word("consent.agree_pay", at.lang, amount=looks.show_money(payment.amount_fen))


@_with_request("GET POST")
def face(at: AtRequest) -> HttpResponse:
    """POST begins a face check; GET is where he comes back from it."""
    if at.request.method == "POST":
        url = proving.start_face(at.request, at.asked.view, ACTION, f"{at.path}face/")
        return HttpResponseRedirect(url, status=303)
    proving.begun(at.request, at.pushed.consent_id, "face")
    return at.render(
        "portal/consent/face.html",
        title=looks.word("consent.face_title", at.lang),
        lead=_what_is_agreed(at, "consent.face_lead"),
        notices=[Notice(looks.word("consent.face_taken", at.lang), tone="plain")],
        key=fresh_key(),
        agree_label=_agree_label(at),
    )


@_with_request("POST")
def agree(at: AtRequest) -> HttpResponse:
    """The proof and the consent in one act; then back to the client with the code."""
    how = at.request.POST.get("how", "sms")
    begun = proving.begun(at.request, at.pushed.consent_id, how)
    typed = at.request.POST.get("code", "").strip()
    request = Authorise(at.pushed.consent_id, how, begun.challenge, typed)
    try:
        done = perform(
            at.caller, ACTION, request, key=at.request.POST.get("key", ""), purpose="consent", area=at.pushed.area_code
        )
    except Refusal as refusal:
        if how == "sms" and refusal.code in proving.STAY:
            return _code_page(at, proving.at_code(refusal))
        raise
    proving.forget(at.request, at.pushed.consent_id)
    if "code" not in done.once:  # the same form sent twice: the first answer is on its way to the client
        raise Refusal("binding.request_unknown")
    return at.back(code=done.once["code"])


@_with_request("POST")
def decline(at: AtRequest) -> HttpResponse:
    """Nothing is linked, and the client is told so."""
    request = Decline(at.pushed.consent_id)
    key = at.request.POST.get("key", "")
    perform(at.caller, "binding.decline", request, key=key, purpose="consent", area=at.pushed.area_code)
    grants.used_up(at.pushed)
    return at.back(error="access_denied")

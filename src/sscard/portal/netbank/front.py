"""Outside: the start page, sign-in, sign-out, and the first time with the counter's code. The same answer for unknown and
wrong; a new session after every sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank import customers
from sscard.bank.customers_models import Customer
from sscard.control import sessions, totp
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import known, looks
from sscard.portal.front.holder_setup import qr as qr_of
from sscard.portal.netbank import brand, refused
from sscard.portal.netbank.hosts import bank_of
from sscard.portal.netbank.signed import address, page
from sscard.portal.shapes import Field
from sscard.portal.signed import own_path

SECRET = "netbank_totp"  # noqa: S105 - the name of a place in the session
PLACES = {
    "bank.invite_wrong": "code",
    "bank.username_taken": "username",
    "bank.code_wrong": "totp",
    "control.password_short": "password",
    "control.password_long": "password",
    "control.password_common": "password",
}


def enter(request: HttpRequest, customer: Customer) -> None:
    """A new session of this bank's site; what device it is helps its owner to know it again in his list."""
    sessions.begin(
        request.session, kind="customer", subject=customer.customer_id, bank=customer.bank, device=device_of(request)
    )


def entered(request: HttpRequest, customer: Customer, going: str) -> HttpResponse:
    """Signed in by name and password: the browser is known for this name from now on."""
    enter(request, customer)
    answer = HttpResponseRedirect(going)
    known.remember(request, answer, customer.bank, request.POST.get("username", ""))
    return answer


def device_of(request: HttpRequest) -> str:
    """phone, tablet or computer, by what the browser says of itself; nothing else of it is kept."""
    said = request.headers.get("User-Agent", "")
    if "iPad" in said or ("Android" in said and "Mobile" not in said):
        return "tablet"
    return "phone" if "Mobile" in said else "computer"


def sign_in(request: HttpRequest) -> HttpResponse:
    lang = looks.language(request)
    going = own_path(request.POST.get("next") or request.GET.get("next") or "", "/")
    refusal: Refusal | None = None
    names = ("username", "password", "code") if request.method == "POST" else ()
    faults = tuple(Fault(name, "portal.sign_in_missing") for name in names if not request.POST.get(name, "").strip())
    if request.method == "POST" and not faults:
        try:
            found = customers.sign_in(
                bank_of(request), request.POST.get("username", ""), request.POST.get("password", ""),
                request.POST.get("code", ""), address=address(request),
                device=known.device(request, bank_of(request), request.POST.get("username", "")),
            )  # fmt: skip
        except Refusal as one:
            refusal = refused.for_customer(one, bank_of(request))
        else:
            return entered(request, found, going)
    word = lambda code: looks.word(f"netbank.{code}", lang)  # noqa: E731
    fields = [
        Field("username", word("username"), autocomplete="username"),
        Field("password", word("password"), kind="password", autocomplete="current-password"),
        Field("code", word("code"), kind="digits", hint=word("code_hint"), autocomplete="one-time-code", width="10"),
    ]
    return page(
        request, "netbank/sign_in.html", title=word("sign_in"), fields=fields, refusal=refusal, faults=faults,
        refusal_text=refusal.sentence(lang) if refusal else "", refusal_next=refusal.next_step(lang) if refusal else "",
        values={"username": request.POST.get("username", "")}, hidden={"next": going}, submit_label=word("enter"),
        status=refusal.status if refusal else 422 if faults else 200, hotline=brand.of(bank_of(request)).hotline,
    )  # fmt: skip


def sign_out(request: HttpRequest) -> HttpResponse:
    """The session ends; by POST only (T20)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    request.session.flush()
    return HttpResponseRedirect("/sign-in/")


def stopped(request: HttpRequest) -> HttpResponse:
    """After on-line access was stopped."""
    lang = looks.language(request)
    return page(
        request, "portal/done.html", title=looks.word("netbank.settings.stopped", lang),
        sentence=looks.word("netbank.settings.stopped_text", lang),
    )  # fmt: skip


def set_up(request: HttpRequest) -> HttpResponse:
    """The first time, or anew with a new code. The authenticator's secret stays in the anonymous session until then."""
    lang = looks.language(request)
    secret = request.session.get(SECRET)
    if not secret:
        secret = request.session[SECRET] = totp.new_secret()
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        post = request.POST
        try:
            made = customers.set_up(
                bank_of(request), post.get("id_number", ""), post.get("code", ""), post.get("username", ""),
                post.get("password", ""), secret, post.get("totp", ""), address=address(request),
            )  # fmt: skip
        except Refusal as refusal:
            told = refused.for_customer(refusal, bank_of(request))
            faults = told.faults or (Fault(PLACES.get(told.code, "id_number"), told.code, told.facts),)
        else:
            return entered(request, made, "/")
    word = lambda code: looks.word(f"netbank.{code}", lang)  # noqa: E731
    fields = [
        Field("id_number", word("id_number"), width="20"),
        Field("code", word("invite"), hint=word("invite_hint"), width="10"),
        Field("username", word("username"), hint=word("username_hint"), autocomplete="username", width="20"),
        Field("password", word("password"), kind="password", hint=word("password_hint"), autocomplete="new-password"),
        Field("totp", word("code"), kind="digits", hint=word("totp_hint"), autocomplete="one-time-code", width="10"),
    ]
    values = {name: request.POST.get(name, "") for name in ("id_number", "code", "username")}
    uri = totp.uri(secret, brand.of(bank_of(request)).short_en)
    return page(
        request, "netbank/set_up.html", title=word("set_up"), lead=word("set_up_lead"), fields=fields, values=values,
        faults=faults, secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        uri=uri, qr=qr_of(uri), submit_label=word("set_up_button"),
    )  # fmt: skip

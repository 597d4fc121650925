"""Start page, sign-in and sign-out. The same answer for unknown and wrong; a new session after every sign-in."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse

from sscard.control import sessions, signin
from sscard.control.models import Staff
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.partners.sandbox import tenants
from sscard.people import holders
from sscard.portal import known, looks
from sscard.portal.navigation import home_of
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, caller_of, for_staff, own_path


def start(request: HttpRequest) -> HttpResponse:
    """Who are you, and what do you want? One door each."""
    caller = caller_of(request)
    if caller is not None:
        return HttpResponseRedirect("/my/" if caller.kind == "holder" else home_of(caller))
    lang = looks.language(request)
    return looks.render(
        request, "portal/front/start.html", title=looks.word("front.title", lang), developers=tenants.offered
    )


def staff_sign_in(request: HttpRequest) -> HttpResponse:
    def enter() -> tuple[str, object, str]:
        staff = signin.staff(
            request.POST.get("username", ""), request.POST.get("password", ""), request.POST.get("code", ""),
            address=str(request.META.get("REMOTE_ADDR", "")), device=_device(request, "staff"),
        )  # fmt: skip
        return "staff", staff.staff_id, "/"

    return _sign_in(request, enter, "front.staff_sign_in", "front.username", "username")


def holder_sign_in(request: HttpRequest) -> HttpResponse:
    def enter() -> tuple[str, object, str]:
        account = holders.sign_in(
            request.POST.get("username", ""), request.POST.get("password", ""), request.POST.get("code", ""),
            address=str(request.META.get("REMOTE_ADDR", "")), device=_device(request, "holder"),
        )  # fmt: skip
        return "holder", account.holder_id, "/my/"

    return _sign_in(request, enter, "front.holder_sign_in", "front.id_number", "off", setup="/my/set-up/")


def _device(request: HttpRequest, way: str) -> str:
    return known.device(request, way, request.POST.get("username", ""))


def _sign_in(
    request: HttpRequest, enter: object, title: str, name_label: str, autocomplete: str, setup: str = ""
) -> HttpResponse:
    lang = looks.language(request)
    going = own_path(request.POST.get("next") or request.GET.get("next") or "", "")
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            kind, subject, home = enter()  # type: ignore[operator]
        except Refusal as one:
            refusal = one
        else:
            sessions.begin(request.session, kind=kind, subject=subject)
            answer = HttpResponseRedirect(going or home)
            known.remember(request, answer, kind, request.POST.get("username", ""))
            return answer
    fields = [
        Field("username", looks.word(name_label, lang), autocomplete=autocomplete),
        Field("password", looks.word("front.password", lang), kind="password", autocomplete="current-password"),
        Field(
            "code",
            looks.word("front.code", lang),
            kind="digits",
            hint=looks.word("front.code_hint", lang),
            autocomplete="one-time-code",
        ),
    ]
    return looks.render(
        request, "portal/front/sign_in.html", title=looks.word(title, lang), fields=fields, refusal=refusal,
        refusal_text=refusal.sentence(lang) if refusal else "", refusal_next=refusal.next_step(lang) if refusal else "",
        values={"username": request.POST.get("username", "")}, hidden={"next": going},
        submit_label=looks.word("front.enter", lang), setup_url=setup, status=refusal.status if refusal else 200,
    )  # fmt: skip


def sign_out(request: HttpRequest) -> HttpResponse:
    """The session ends; by POST only (T20)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    request.session.flush()
    return HttpResponseRedirect("/")


@for_staff()
def password(request: HttpRequest, at: AtPage) -> HttpResponse:
    """One's own new password; all sessions end and one signs in anew."""
    faults: tuple[object, ...] = ()
    if request.method == "POST":
        account = Staff.objects.get(staff_id=at.caller.id)
        try:
            signin.change_password(account, request.POST.get("old", ""), request.POST.get("new", ""))
        except Refusal as refusal:
            from sscard.kernel.refusals import Fault

            faults = (Fault("old" if refusal.code == "control.sign_in" else "new", refusal.code, refusal.facts),)
        else:
            request.session.flush()
            return HttpResponseRedirect("/sign-in/")
    fields = [
        Field("old", at.word("front.old_password"), kind="password", autocomplete="current-password"),
        Field(
            "new",
            at.word("front.new_password"),
            kind="password",
            hint=at.word("front.new_password_hint"),
            autocomplete="new-password",
        ),
    ]
    return at.render(
        "portal/form.html", title=at.word("front.change_password"), fields=fields, values={}, faults=faults,
        action="/password/", submit_label=at.word("front.save"), hidden={},
    )  # fmt: skip


def health(request: HttpRequest) -> JsonResponse:
    """Ready or not: database and key service answer. Nothing else is told."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        keys().ping()
    except Exception:
        return JsonResponse({"ready": False}, status=503)
    return JsonResponse({"ready": True})

"""My page: how I sign in, where I am signed in, and stopping on-line access at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank import customers_reads
from sscard.bank.acts import ChangeOnlinePassword, EndOnlineSession, StopOnline
from sscard.control.sessions import Marked
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.netbank import brand
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import fresh_key

PLACES = {
    "bank.old_password_wrong": "old",
    "bank.code_wrong": "code",
    "control.password_short": "new",
    "control.password_long": "new",
    "control.password_common": "new",
}
HERE = "/settings/"


@for_customer
def settings(request: HttpRequest, at: AtBank) -> HttpResponse:
    with at.reading() as inside:
        found = customers_reads.sign_in_of(inside)
        sessions = customers_reads.sessions_of(inside)
    return at.render(
        "netbank/settings.html",
        title=at.word("settings.title"),
        lines=[
            Answer(at.word("username"), found.username),
            Answer(at.word("password"), at.word("settings.set"), f"{HERE}password/"),
            Answer(at.word("settings.since"), looks.show_day(found.since, at.lang)),
        ],
        accounts=[Link(at.word("limits.title"), f"{HERE}limits/"), Link(at.word("orders.title"), "/orders/")],
        keys_url=f"{HERE}passkeys/",
        sessions=[_session(at, one) for one in sessions],
        others=sum(one.mark != at.caller.session for one in sessions),
        fresh=fresh_key(),
        here=HERE,
    )


def _session(at: AtBank, one: Marked) -> dict[str, object]:
    return {
        "mark": one.mark,
        "device": at.word(f"settings.device.{one.data.get('device') or 'computer'}"),
        "began": one.began,
        "seen": one.seen,
        "own": one.mark == at.caller.session,
    }


@for_customer
def password(request: HttpRequest, at: AtBank) -> HttpResponse:
    """A new password; all sessions end and one signs in anew."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        post = request.POST
        wanted = ChangeOnlinePassword(post.get("old", ""), post.get("new", ""), post.get("code", ""))
        try:
            at.perform("bank.change_online_password", wanted)
        except Refusal as refusal:
            if refusal.code not in PLACES and not refusal.faults:
                raise
            faults = refusal.faults or (Fault(PLACES[refusal.code], refusal.code, refusal.facts),)
        else:
            request.session.flush()
            return HttpResponseRedirect("/sign-in/")
    word = at.word
    fields = [
        Field("old", word("settings.old"), kind="password", autocomplete="current-password"),
        Field("new", word("settings.new"), kind="password", hint=word("password_hint"), autocomplete="new-password"),
        Field(
            "code",
            word("code"),
            kind="digits",
            hint=word("transfer.code_hint"),
            autocomplete="one-time-code",
            width="10",
        ),
    ]
    return at.render(
        "portal/form.html", title=word("settings.password"), lead=word("settings.password_lead"), fields=fields, values={},
        faults=faults, action=f"{HERE}password/", submit_label=word("settings.save"), hidden={"key": fresh_key()},
        cancel_url=HERE, here=HERE, crumbs=at.crumbs(("settings.title", HERE), ("settings.password", "")),
    )  # fmt: skip


@for_customer
def end_session(request: HttpRequest, at: AtBank) -> HttpResponse:
    """One sign-in elsewhere, or all of them."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("bank.end_online_session", EndOnlineSession(request.POST.get("session", "")[:64]))
    return HttpResponseRedirect(HERE)


@for_customer
def stop(request: HttpRequest, at: AtBank) -> HttpResponse:
    """Asked once more, then at once."""
    if request.method == "POST":
        at.perform("bank.stop_online", StopOnline())
        request.session.flush()
        return HttpResponseRedirect("/stopped/")
    return at.render(
        "portal/check.html", title=at.word("settings.stop"), lead=at.word("settings.stop_lead"),
        lines=[Answer(at.word("settings.stop_what"), at.word("settings.stop_effect"))],
        warning=at.word("settings.stop_warning", phone=brand.of(at.bank).hotline), action=f"{HERE}stop/",
        submit_label=at.word("settings.stop_do"), hidden={"key": fresh_key()}, here=HERE,
        crumbs=at.crumbs(("settings.title", HERE), ("settings.stop", "")),
    )  # fmt: skip

"""Requests that wait for a second person: what changes, who asks, why, and the digest of exactly this request."""

from __future__ import annotations

import io
import json
import uuid
from urllib.parse import quote

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control.acts import Approve, Reject, Withdraw, same_house
from sscard.control.acts_registry import find
from sscard.control.door import digest
from sscard.control.models import Approval
from sscard.control.rights import decide
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.portal import looks, purposes
from sscard.portal.desk.person import verb
from sscard.portal.review.contents import lines_of, record_of
from sscard.portal.second_person import may_decide
from sscard.portal.shapes import Answer, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, Table, table_of

MOST = 300


@for_staff("control.approve")
def waiting(request: HttpRequest, at: AtPage) -> HttpResponse:
    """What others have made and this person may decide, the one that ends first on top."""
    with at.reading("control.approve", "") as inside:
        rows = Approval.objects.filter(state="waiting", expires_at__gt=clock.real_now()).order_by("expires_at")[:MOST]
        found = [one for one in rows if may_decide(inside, at.caller, one)]
    table = _table(request, at, found, at.word("review.waiting"), "expires")
    return at.render(
        "portal/review/list.html",
        title=at.word("review.nav_approvals"),
        lead=at.word("review.waiting_lead"),
        table=table,
        here="/approvals/",
    )


@for_staff("people.view")
def mine(request: HttpRequest, at: AtPage) -> HttpResponse:
    """One's own requests and what became of them."""
    with at.reading("control.own_account", "") as inside:
        found = list(Approval.objects.filter(maker=inside.caller.id).order_by("-made_at")[:MOST])
    table = _table(request, at, found, at.word("review.nav_mine"), "-made")
    return at.render(
        "portal/review/list.html",
        title=at.word("review.nav_mine"),
        lead=at.word("review.mine_lead"),
        table=table,
        here="/approvals/mine/",
    )


def _table(request: HttpRequest, at: AtPage, found: list[Approval], caption: str, sort: str) -> Table:
    columns = [
        Column("act", at.word("review.act")),
        Column("who", at.word("review.maker")),
        Column("made", at.word("review.made"), "moment"),
        Column("expires", at.word("review.expires"), "moment"),
        Column("state", at.word("review.state"), "state"),
    ]
    rows = [
        Row(
            {
                "act": verb(one.act, at.lang),
                "who": one.maker_name,
                "made": one.made_at,
                "expires": one.expires_at,
                "state": f"approval.{_state(one)}",
            },
            url=f"/approvals/{one.approval_id}/",
        )
        for one in found
    ]
    return table_of(request, caption, columns, rows, sort=sort, empty_text=at.word("review.empty"))


def _state(one: Approval) -> str:
    return "expired" if one.state == "waiting" and one.expires_at <= clock.real_now() else one.state


@for_staff("control.own_account")
def detail(request: HttpRequest, at: AtPage, approval: uuid.UUID) -> HttpResponse:
    return _detail(at, approval)


def _detail(at: AtPage, approval: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    """The request is opened, compared with its digest, and laid out line by line; opening it is written down."""
    with at.reading("control.own_account", "approval") as inside:
        one = Approval.objects.filter(approval_id=approval).first()
        if one is None or not same_house(inside, one.organisation):
            raise Refusal("control.not_found")
        is_maker = one.maker == at.caller.id
        if not is_maker and not decide(at.caller, find(one.act).approve_right):
            raise Refusal("control.not_found")
        inside.object = f"approval:{approval}"
        body = open_one(one, "request", inside)
        sound = digest(body) == bytes(one.digest)
        asked = json.loads(body)["request"]
        lines = lines_of(at, asked)
    head = [
        Answer(at.word("review.act"), verb(one.act, at.lang)),
        Answer(at.word("review.maker"), one.maker_name),
        Answer(at.word("review.made"), looks.show_moment(one.made_at, at.lang)),
        Answer(at.word("review.expires"), looks.show_moment(one.expires_at, at.lang)),
    ]
    if one.purpose:
        head.append(Answer(at.word("review.purpose"), purposes.said(one.purpose, at.lang)))
    if one.checker_name:
        head.append(Answer(at.word("review.checker"), one.checker_name, note=one.reason))
    own = is_maker or bytes(one.maker_person) == at.caller.person_index
    state = _state(one)
    hexed = bytes(one.digest).hex()
    return at.render(
        "portal/review/approval.html",
        title=verb(one.act, at.lang),
        head=head,
        lines=lines,
        one=one,
        sound=sound,
        state=f"approval.{state}",
        open=state == "waiting",
        own=own,
        digest=hexed,
        key=fresh_key(),
        is_maker=is_maker,
        record=record_of(asked),
        groups=[hexed[n : n + 8] for n in range(0, 64, 8)],
        here="/approvals/mine/" if is_maker else "/approvals/",
        refusal=refusal,
        refusal_text=refusal.sentence(at.lang) if refusal else "",
        status=refusal.status if refusal else 200,
        crumbs=[
            Link(at.word("review.nav_approvals"), "/approvals/" if not is_maker else "/approvals/mine/"),
            Link(verb(one.act, at.lang)),
        ],
    )


@for_staff("control.own_account")  # the act itself asks for the right that its matter wants
def approve(request: HttpRequest, at: AtPage, approval: uuid.UUID) -> HttpResponse:
    """Signs the digest that stood on the page. What is shown once (a first password) is shown here and nowhere else."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    outcome = at.perform("control.approve", Approve(approval, request.POST.get("digest", "")))
    once = outcome.once
    lines = [Answer(at.word(f"review.once.{name}"), value) for name, value in once.items() if name == "first_password"]
    qr = _qr(once["totp_uri"]) if "totp_uri" in once else ""
    return at.render(
        "portal/review/approved.html",
        title=at.word("review.approved"),
        sentence=at.word("review.approved_text"),
        lines=lines,
        qr=qr,
        secret=once.get("totp_uri", "").partition("secret=")[2].partition("&")[0],
        next_steps=[Link(at.word("review.next"), _queue(at))],
        here=_queue(at),
    )


def _queue(at: AtPage) -> str:
    """Where the next request of this person waits: a custodian's are with the keys."""
    return "/approvals/" if decide(at.caller, "control.approve") else "/keys/"


def _qr(text: str) -> str:
    """An authenticator's address as a picture inside the page; no other site sees it."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False, svgns=True)
    return "data:image/svg+xml;utf8," + quote(out.getvalue().decode())


@for_staff("control.own_account")
def reject(request: HttpRequest, at: AtPage, approval: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        at.perform("control.reject", Reject(approval, request.POST.get("reason", "")))
    except Refusal as refusal:
        if refusal.code != "control.reason_missing":
            raise
        return _detail(at, approval, refusal)
    return HttpResponseRedirect(_queue(at))


@for_staff("control.own_account")
def withdraw(request: HttpRequest, at: AtPage, approval: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("control.withdraw", Withdraw(approval))
    return HttpResponseRedirect("/approvals/mine/")

"""One on-line registration beside what the register has: accept it after seeing who it is, or send it back with a reason."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from sscard.kernel.refusals import Fault, Refusal
from sscard.people import photos, self_reads
from sscard.people.self_entry import AcceptSelf, RefuseSelf
from sscard.portal import purposes
from sscard.portal.desk.registering import done
from sscard.portal.entry.queue import HERE, RIGHT
from sscard.portal.forms import data_uri, faults_of
from sscard.portal.person_form import NAMES
from sscard.portal.shapes import Field, Link
from sscard.portal.side_by_side import pairs
from sscard.portal.signed import AtPage, for_staff, fresh_key

PLACES = {
    "people.self_not_seen": "identity_seen", "people.self_no_evidence": "seen", "control.reason_missing": "reason",
    "people.registered_elsewhere": "reason",
}  # fmt: skip


@for_staff(RIGHT)
@purposes.asked
def show(request: HttpRequest, at: AtPage, entry: uuid.UUID) -> HttpResponse:
    """Masked; POST `full` opens what was typed, what the register has and the pictures, and is written down."""
    return _page(request, at, entry, full=request.method == "POST" and request.POST.get("full") == "yes")


def _page(
    request: HttpRequest, at: AtPage, entry: uuid.UUID, *, full: bool, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    with at.reading(RIGHT, purposes.of(request)) as inside:
        one = self_reads.beside(inside, entry, full=full)
        waiting = one.state == "waiting"
        following = self_reads.waiting(inside).exclude(entry_id=entry).order_by("made_at", "entry_id").first()
    word = at.word
    ways = [("original", word("entry.one.original"), "")]
    if one.entry.has_evidence:
        ways.append(("evidence", word("entry.one.evidence"), ""))
    box = (("yes", word("entry.one.seen_box"), ""),)
    pictures = [
        (data_uri(photos.measure(image)[0], image), word(alt))
        for image, alt in ((one.photo, "entry.one.photo_alt"), (one.evidence, "entry.one.evidence_alt"))
        if image
    ]
    return at.render(
        "portal/entry/one.html", title=word("entry.one.title"), one=one, state=f"self_entry.{one.state}", waiting=waiting,
        full=full, pairs=pairs(at, NAMES, one.typed, one.ours), pictures=pictures, following=following, key=fresh_key(),
        accept_fields=[
            Field("seen", word("entry.one.how"), kind="radio", options=tuple(ways)),
            Field("identity_seen", word("entry.one.seen"), kind="checkbox", options=box),
        ],
        refuse_field=Field(
            "reason", word("entry.one.reason"), kind="textarea", hint=word("entry.one.reason_hint"), maxlength=300
        ),
        values={name: request.POST.get(name, "") for name in ("seen", "identity_seen", "reason")}, faults=faults, here=HERE,
        crumbs=[Link(word("entry.queue.nav"), HERE), Link(one.entry.masks["name"])],
    )  # fmt: skip


@for_staff("people.accept_self")
def accept(request: HttpRequest, at: AtPage, entry: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wanted = AcceptSelf(entry, request.POST.get("identity_seen") == "yes", request.POST.get("seen", ""))
    try:
        answer = at.perform("people.accept_self", wanted, purpose=purposes.of(request) or "counter").answer
    except Refusal as refusal:
        return _again(request, at, entry, refusal, full=True)
    return done(at, answer, Link(at.word("entry.one.list"), HERE), HERE)


@for_staff("people.accept_self")
def refuse(request: HttpRequest, at: AtPage, entry: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        at.perform(
            "people.refuse_self", RefuseSelf(entry, request.POST.get("reason", "")),
            purpose=purposes.of(request) or "counter",
        )  # fmt: skip
    except Refusal as refusal:
        return _again(request, at, entry, refusal, full=False)
    return at.render(
        "portal/done.html", title=at.word("entry.one.refused"), sentence=at.word("entry.one.refused_text"),
        next_steps=[Link(at.word("entry.one.list"), HERE)], here=HERE,
    )  # fmt: skip


def _again(request: HttpRequest, at: AtPage, entry: uuid.UUID, refusal: Refusal, *, full: bool) -> HttpResponse:
    """The page with the fault at its field. Faults of the form itself (a child who has come of age since) are told where the
    clerk writes the reason for sending it back."""
    found = tuple(Fault("reason", one.code, one.facts) for one in refusal.faults) or faults_of(refusal, PLACES)
    return _page(request, at, entry, full=full, faults=found)

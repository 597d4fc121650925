"""What does not reach a holder's hand: a released batch called back, cards destroyed or not found at a count, missing ones found
again or written off. Where two persons decide, this page makes the request and says where it waits."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.cards.models import Card
from sscard.control.door import Outcome
from sscard.control.rights import decide
from sscard.issuing import custody
from sscard.issuing import reads as issuing
from sscard.issuing.acts import Destroy, FindCard, RecallBatch, ReportMissing, WriteOff
from sscard.issuing.models import CardPosition
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.whereabouts import names_of
from sscard.portal.tables import Column, Row, table_of

RIGHT, RECALL, MISSED = "issuing.destroy", "issuing.release_batch", "issuing.receive_at_outlet"
MOST_TICKED = 500
HERE = "/stock/"
PLACES = {"control.reason_missing": "reason", "issuing.card_elsewhere": "cards", "issuing.cards_list": "cards"}


@for_staff(RECALL)
def recall(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    """A batch whose package was never fetched, or can no longer be opened: its cards are ordered again."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            asked = RecallBatch(batch, request.POST.get("reason", ""))
            return waits(at, at.perform("issuing.recall_batch", asked, purpose="production"), f"/batches/{batch}/")
        except Refusal as refusal:
            faults = faults_of(refusal, PLACES)
    with at.reading("issuing.view", "batches") as inside:
        number = issuing.batch(inside, batch).number
    crumbs = [
        Link(at.word("batch.nav"), "/batches/"),
        Link(number, f"/batches/{batch}/"),
        Link(at.word("batch.act.recall")),
    ]
    return _form(
        at, "batch.act.recall", "batch.recall_lead", [_reason(at)], faults, cancel=f"/batches/{batch}/", crumbs=crumbs,
        here="/batches/",
    )  # fmt: skip


def waits(at: AtPage, outcome: Outcome, back: str) -> HttpResponse:
    """Nothing has happened yet: a second person has to sign."""
    steps = [Link(at.word("stock.ends.back"), back)]
    if outcome.waiting:
        steps.insert(0, Link(at.word("stock.ends.look"), f"/approvals/{outcome.waiting}/"))
    return at.render(
        "portal/done.html", title=at.word("stock.ends.asked"), sentence=at.word("stock.ends.asked_text"), next_steps=steps,
        here=HERE,
    )  # fmt: skip


@for_staff(MISSED)
def count(request: HttpRequest, at: AtPage, place: str) -> HttpResponse:
    """The cards that lie at a place, to be ticked one by one: not found, by whoever answers for the place; or destroyed before
    two persons, by those who may."""
    faults: tuple[Fault, ...] = ()
    ways = ("destroy", "missing") if decide(at.caller, RIGHT) else ("missing",)
    what = request.POST.get("what", "")
    if request.method == "POST":
        cards = tuple(uuid_of(one) for one in request.POST.getlist("cards")[:MOST_TICKED])
        reason = request.POST.get("reason", "")
        if not cards:
            faults += (Fault("cards", "portal.nothing_ticked"),)
        if what not in ways:
            faults += (Fault("what", "portal.nothing_ticked"),)
        if not faults:
            try:
                if what == "destroy":
                    asked = Destroy(cards, place, reason)
                    return waits(at, at.perform("issuing.destroy", asked, purpose="stock"), HERE)
                made = at.perform("issuing.report_missing", ReportMissing(cards, place, reason), purpose="stock")
                return _done(
                    at, "stock.ends.reported", at.word("stock.ends.reported_text", count=made.answer["missing"])
                )
            except Refusal as refusal:
                faults = faults_of(refusal, PLACES)
    options = tuple((one, at.word(f"stock.ends.{one}"), at.word(f"stock.ends.{one}_hint")) for one in ways)
    fields = [
        Field("cards", at.word("stock.ends.which"), kind="checkbox", options=_lying(at, place)),
        Field("what", at.word("stock.ends.what"), kind="radio", options=options),
        _reason(at),
    ]
    if not fields[0].options:
        raise Refusal("control.not_found")
    name = names_of([place], at.lang).get(place, place)
    return _form(at, "stock.ends.count", "stock.ends.count_lead", fields, faults, place=name)


def _lying(at: AtPage, place: str) -> tuple[tuple[str, str, str], ...]:
    """Masked numbers only; the bearer's name is nobody's business at a count. A bank's branch counts what is its own."""
    if at.caller.bank and place != at.caller.organisation:
        raise Refusal("control.not_found")
    with at.reading(MISSED, "stock") as inside:
        rows = CardPosition.objects.filter(area_code=inside.area_code, organisation=place, place__in=custody.HELD)
        ids = list(rows.values_list("card_id", flat=True)[:MOST_TICKED])
        cards = Card.objects.filter(card_id__in=ids).order_by("card_number_mask")
        return tuple((str(one.card_id), one.card_number_mask, "") for one in cards)


@for_staff(RIGHT)
def missing(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Cards of which nobody knows where they are, the longest on top."""
    with at.reading(RIGHT, "stock") as inside:
        rows = list(
            CardPosition.objects.filter(area_code=inside.area_code, place="missing").order_by("since")[:MOST_TICKED]
        )
        still = Card.objects.filter(card_id__in=[one.card_id for one in rows], production="missing")
        masks = dict(still.values_list("card_id", "card_number_mask"))
    rows = [one for one in rows if one.card_id in masks]  # what was written off stays where it was last
    names = names_of({one.hands for one in rows}, at.lang)
    columns = [
        Column("card", at.word("batch.card"), "code"), Column("hands", at.word("stock.ends.answers")),
        Column("since", at.word("stock.since_when"), "moment"),
    ]  # fmt: skip
    found = [
        Row(
            {"card": masks[one.card_id], "hands": names.get(one.hands, one.hands), "since": one.since},
            url=f"/stock/missing/{one.card_id}/",
        )
        for one in rows
    ]
    table = table_of(
        request, at.word("stock.ends.list"), columns, found, sort="since", empty_text=at.word("stock.ends.none")
    )
    crumbs = [Link(at.word("stock.nav"), HERE), Link(at.word("stock.ends.list"))]
    return at.render("portal/review/list.html", title=at.word("stock.ends.list"), lead=at.word("stock.ends.list_lead"),
                     table=table, here=HERE, crumbs=crumbs)  # fmt: skip


@for_staff(RIGHT)
def missing_card(request: HttpRequest, at: AtPage, card: uuid.UUID) -> HttpResponse:
    """It has turned up, or it is given up."""
    faults: tuple[Fault, ...] = ()
    what = request.POST.get("what", "")
    if request.method == "POST":
        try:
            if what == "found":
                made = at.perform("issuing.find_card", FindCard(card), purpose="stock")
                return _done(
                    at, "stock.ends.found_done", at.word("stock.ends.found_text"), number=made.answer["receipt"]
                )
            if what == "write_off":
                asked = WriteOff(card, request.POST.get("reason", ""))
                return waits(at, at.perform("issuing.write_off", asked, purpose="stock"), "/stock/missing/")
            faults = (Fault("what", "portal.nothing_ticked"),)
        except Refusal as refusal:
            faults = faults_of(refusal, PLACES)
    with at.reading(RIGHT, "stock") as inside:
        there = CardPosition.objects.filter(area_code=inside.area_code, card_id=card, place="missing").first()
        known = Card.objects.filter(card_id=card, production="missing").first()
    if there is None or known is None:
        raise Refusal("control.not_found")
    lines = [
        Answer(at.word("batch.card"), known.card_number_mask),
        Answer(at.word("stock.since_when"), looks.show_moment(there.since, at.lang)),
    ]
    options = tuple(
        (one, at.word(f"stock.ends.{one}"), at.word(f"stock.ends.{one}_hint")) for one in ("found", "write_off")
    )
    fields = [Field("what", at.word("stock.ends.what"), kind="radio", options=options), _reason(at, required=False)]
    return _form(at, "stock.ends.missing_card", "stock.ends.missing_lead", fields, faults, lines=lines)


def _reason(at: AtPage, *, required: bool = True) -> Field:
    hint = "" if required else at.word("stock.ends.why_hint")
    return Field("reason", at.word("stock.ends.why"), kind="textarea", maxlength=200, required=required, hint=hint)


def _done(at: AtPage, title: str, sentence: str, *, number: str = "") -> HttpResponse:
    steps = [Link(at.word("stock.nav"), HERE)]
    if decide(at.caller, RIGHT):
        steps.append(Link(at.word("stock.ends.list"), "/stock/missing/"))
    return at.render(
        "portal/done.html", title=at.word(title), sentence=sentence, number=number, next_steps=steps, here=HERE
    )


def _form(
    at: AtPage, title: str, lead: str, fields: list[Field], faults: tuple[Fault, ...], *, cancel: str = HERE,
    crumbs: list[Link] | None = None, here: str = HERE, lines: list[Answer] | None = None, **facts: Any,
) -> HttpResponse:  # fmt: skip
    post = at.request.POST
    values = {one.name: post.getlist(one.name) if one.kind == "checkbox" else post.get(one.name, "") for one in fields}
    told = at.word(lead, **facts)
    return at.render(
        "portal/stock/end.html", title=at.word(title), lead=told, fields=fields, faults=faults, values=values,
        lines=lines or [], action=at.request.path, submit_label=at.word("stock.ends.submit"),
        hidden={"key": fresh_key()}, cancel_url=cancel, here=here,
        crumbs=crumbs or [Link(at.word("stock.nav"), HERE), Link(at.word(title))],
    )  # fmt: skip

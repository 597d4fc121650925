"""Batches: all of them, and one with its counts, its way and what may be done now."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.control.models import Approval
from sscard.control.rights import decide
from sscard.issuing import reads as issuing
from sscard.issuing.models import Application
from sscard.issuing.reads import BatchView
from sscard.issuing.states import BATCH_COUNTED
from sscard.kernel import clock
from sscard.kernel.refusals import Fault
from sscard.portal import looks
from sscard.portal.review.applications import naming
from sscard.portal.shapes import Act, Answer, Link, Station
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.whereabouts import names_of
from sscard.portal.tables import Column, Row, table_of

VIEW = "issuing.view"
STEPS = ("gathered", "asked", "accounted", "released", "returned", "received")
OFF = ("recalled", "dissolved")


@for_staff(VIEW)
def batches(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(VIEW, "batches") as inside:
        found = issuing.batches(inside)
        ready = Application.objects.filter(area_code=inside.area_code, state="checked").count()
    banks, _ = naming(at)
    columns = [
        Column("number", at.word("batch.number"), "code"),
        Column("state", at.word("batch.state"), "state"),
        Column("bank", at.word("apply.bank")),
        Column("ordered", at.word("batch.ordered"), "number"),
        Column("good", at.word("batch.good"), "number"),
        Column("spoiled", at.word("batch.spoiled"), "number"),
        Column("missing", at.word("batch.missing"), "number"),
        Column("handed", at.word("batch.handed_over"), "number"),
        Column("due", at.word("batch.due"), "day"),
    ]
    rows = [
        Row(
            {
                "number": one.number,
                "state": f"issuing.batch.{one.state}",
                "bank": banks.get(one.bank, one.bank),
                "ordered": one.ordered,
                "good": one.good,
                "spoiled": one.spoiled,
                "missing": one.missing,
                "handed": one.handed_over,
                "due": one.due_on,
            },
            url=f"/batches/{one.batch}/",
            tone="bad" if one.missing or (_counted(one) and not one.adds_up) else "plain",
        )
        for one in found
    ]
    return at.render(
        "portal/stock/batches.html",
        title=at.word("batch.nav"),
        ready=ready,
        here="/batches/",
        may_make=decide(at.caller, "issuing.make_batch"),
        table=table_of(
            request, at.word("batch.caption"), columns, rows, sort="-number", empty_text=at.word("batch.empty")
        ),
    )


def _counted(one: BatchView) -> bool:
    """From the producer's return on, both sums have to hold."""
    return one.state in BATCH_COUNTED


@for_staff(VIEW)
def detail(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    return _detail(request, at, batch)


def _detail(request: HttpRequest, at: AtPage, batch: uuid.UUID, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    """Counts first, then what may be done now, then the cards."""
    with at.reading(VIEW, "batches") as inside:
        one = issuing.batch(inside, batch)
        cards = issuing.batch_cards(inside, batch)
        waiting = Approval.objects.filter(
            act__in=("issuing.release_batch", "issuing.recall_batch"),
            state="waiting",
            summary__batch=str(batch),
            expires_at__gt=clock.real_now(),
        ).first()
    banks, _ = naming(at)
    columns = [
        Column("serial", at.word("batch.serial"), "number"),
        Column("name", at.word("person.name")),
        Column("card", at.word("batch.card"), "code"),
        Column("production", at.word("batch.production"), "state"),
        Column("outcome", at.word("batch.outcome"), "state"),
        Column("reason", at.word("batch.reason")),
    ]
    rows = [
        Row(
            {
                "serial": c["serial"],
                "name": c["name"],
                "card": c["card_number"],
                "reason": c["reason"],
                "production": f"cards.production.{c['production']}",
                "outcome": f"batch_item.{c['outcome']}",
            },
            tone="bad" if c["outcome"] in ("spoiled", "missing") else "plain",
        )
        for c in cards
    ]
    names = names_of((one.producer,), at.lang)
    facts = [
        Answer(at.word("apply.bank"), banks.get(one.bank, one.bank)),
        Answer(at.word("batch.maker"), names.get(one.producer, one.producer), note=one.product),
        Answer(at.word("batch.due"), looks.show_day(one.due_on, at.lang)),
    ]
    if one.package_expires_at:
        facts.append(Answer(at.word("batch.package_until"), looks.show_moment(one.package_expires_at, at.lang)))
    return at.render(
        "portal/stock/batch.html",
        title=at.word("batch.title", number=one.number),
        one=one,
        facts=facts,
        key=fresh_key(),
        state=f"issuing.batch.{one.state}",
        acts=_acts(at, one, waiting),
        waiting=waiting,
        way=_way(at, one),
        faults=faults,
        sums=_sums(at, one),
        counted=_counted(one),
        here="/batches/",
        table=table_of(
            request, at.word("batch.cards"), columns, rows, sort="serial", empty_text=at.word("batch.no_cards")
        ),
        crumbs=[Link(at.word("batch.nav"), "/batches/"), Link(one.number)],
    )


def _way(at: AtPage, one: BatchView) -> list[Station]:
    """The states of a batch as stations; one that was called back or dissolved has left the way."""
    done = STEPS.index(one.state) if one.state in STEPS else -1
    way = []
    for number, step in enumerate(STEPS):
        state = "done" if number < done or one.state == "received" else "now" if number == done else "later"
        way.append(Station(looks.state_word(f"issuing.batch.{step}", at.lang), state))
    if one.state in OFF:
        way = [Station(looks.state_word(f"issuing.batch.{one.state}", at.lang), "wrong")]
    return way


def _sums(at: AtPage, one: BatchView) -> list[dict[str, Any]]:
    """Both equations with their figures: nothing may be left over."""
    word = at.word
    first = [(word("batch.good"), one.good), (word("batch.spoiled"), one.spoiled), (word("batch.missing"), one.missing)]
    second = [
        (word("batch.in_transit"), one.in_transit),
        (word("batch.in_stock"), one.in_stock),
        (word("batch.at_outlet"), one.at_outlet),
        (word("batch.handed_over"), one.handed_over),
        (word("batch.destroyed"), one.destroyed),
    ]
    open_ = one.ordered - one.good - one.spoiled - one.missing
    if open_:
        first.append((word("batch.open"), open_))
    return [
        {"label": word("batch.ordered"), "total": one.ordered, "parts": first},
        {"label": word("batch.good"), "total": one.good, "parts": second},
    ]


def _acts(at: AtPage, one: BatchView, waiting: Approval | None) -> list[Act]:
    """Of the table's next acts those that this person may do here; what waits for a second person says so."""
    urls = {
        "issuing.write_account_file": ("issuing.account_file", "account-file"),
        "issuing.read_account_answer": ("issuing.account_answer", "account-answer"),
        "issuing.release_batch": ("issuing.release_batch", "release"),
        "issuing.receive_return": ("issuing.receive_return", "return"),
        "issuing.dissolve_batch": ("issuing.make_batch", "dissolve"),
        "issuing.recall_batch": ("issuing.release_batch", "recall"),
    }
    found = []
    for act, (right, place) in urls.items():
        if act not in one.next_acts or not decide(at.caller, right):
            continue
        label = at.word(f"batch.act.{place.replace('-', '_')}")
        if waiting is not None and act in ("issuing.release_batch", "issuing.dissolve_batch", "issuing.recall_batch"):
            found.append(
                Act(
                    label,
                    allowed=False,
                    reason=at.word("batch.waits", who=waiting.maker_name),
                    next_label=at.word("doubts.waits_open"),
                    next_url=f"/approvals/{waiting.approval_id}/",
                )
            )
        else:
            found.append(Act(label, f"/batches/{one.batch}/{place}/", primary=not found))
    return found

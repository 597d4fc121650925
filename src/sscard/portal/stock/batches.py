"""Batches: gathered, the bank's file out and its answer in, released by two persons, the producer's return, all counts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control.models import Approval
from sscard.control.rights import decide
from sscard.issuing import reads as issuing
from sscard.issuing.acts import (
    DissolveBatch,
    MakeBatch,
    ReadAccountAnswer,
    ReceiveReturn,
    ReleaseBatch,
    WriteAccountFile,
)
from sscard.issuing.models import Application, ProducerKey
from sscard.issuing.reads import BatchView
from sscard.issuing.rules import MOST_CARDS
from sscard.issuing.states import BATCH_COUNTED
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.forms import faults_of
from sscard.portal.review.applications import naming
from sscard.portal.shapes import Act, Answer, Field, Link, Station
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.whereabouts import names_of
from sscard.portal.tables import Column, Row, table_of

VIEW = "issuing.view"
FILE_MOST = 32 << 20
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


@dataclass(frozen=True, slots=True)
class Maker:
    """A producer and a product that the area may order today."""

    producer: str
    product: str
    chip: str

    @property
    def code(self) -> str:
        return "|".join((self.producer, self.product, self.chip))


def _makers(area: str) -> list[Maker]:
    """Selected and qualified producers with a permit for a product, today."""
    on = clock.today(area)
    keys = list(ProducerKey.objects.filter(area_code=area, active=True, qualified_until__gte=on))
    return [
        Maker(key.organisation, permit.product, permit.chip)
        for permit in areas.get(area).production_permits(on)
        for key in keys
        if (key.supplier, key.plant) == (permit.supplier, permit.plant)
    ]


@for_staff("issuing.make_batch")
def make(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The oldest checked applications of one bank, for one producer."""
    faults: tuple[Fault, ...] = ()
    with at.reading("issuing.make_batch", "batches") as inside:
        makers = _makers(inside.area_code)
        ready = {
            bank: Application.objects.filter(area_code=inside.area_code, state="checked", bank=bank).count()
            for bank in {one.code for one in inside.area.banks(inside.today)}
        }
    if request.method == "POST":
        chosen = next((one for one in makers if one.code == request.POST.get("maker")), None)
        most = request.POST.get("most", "").strip() or str(MOST_CARDS)
        if chosen is None:
            faults += (Fault("maker", "portal.maker_missing"),)
        if request.POST.get("bank") not in ready:
            faults += (Fault("bank", "portal.bank_missing"),)
        if not most.isdecimal() or not 0 < int(most[:9]) <= MOST_CARDS:
            faults += (Fault("most", "portal.count_wrong", {"most": MOST_CARDS}),)
        if not faults and chosen:
            wanted = MakeBatch(request.POST["bank"], chosen.producer, chosen.product, chosen.chip, int(most))
            made = at.perform("issuing.make_batch", wanted, purpose="batch")
            return HttpResponseRedirect(f"/batches/{made.answer['batch']}/")
    banks, _ = naming(at)
    names = names_of((one.producer for one in makers), at.lang)
    bank_options = tuple(
        (code, banks.get(code, code), at.word("batch.ready_of", count=f"{ready[code]:,}")) for code in sorted(ready)
    )
    maker_options = tuple(
        (one.code, names.get(one.producer, one.producer), f"{one.product} · {one.chip}") for one in makers
    )
    fields = [
        Field("bank", at.word("apply.bank"), kind="radio", options=bank_options),
        Field("maker", at.word("batch.maker"), kind="radio", options=maker_options, hint=at.word("batch.maker_hint")),
        Field(
            "most",
            at.word("batch.most"),
            kind="digits",
            width="6",
            required=False,
            hint=at.word("batch.most_hint", most=MOST_CARDS),
        ),
    ]
    return at.render(
        "portal/form.html",
        title=at.word("batch.new"),
        lead=at.word("batch.new_lead"),
        fields=fields,
        faults=faults,
        values={name: request.POST.get(name, "") for name in ("bank", "maker", "most")},
        action="/batches/new/",
        submit_label=at.word("batch.make"),
        hidden={"key": fresh_key()},
        cancel_url="/batches/",
        here="/batches/",
        crumbs=[Link(at.word("batch.nav"), "/batches/"), Link(at.word("batch.new"))],
    )


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
    }
    found = []
    for act, (right, place) in urls.items():
        if act not in one.next_acts or not decide(at.caller, right):
            continue
        label = at.word(f"batch.act.{place.replace('-', '_')}")
        if waiting is not None and act in ("issuing.release_batch", "issuing.dissolve_batch"):
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


@for_staff("issuing.account_file")
def account_file(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    """The signed file as a download; it can be written again until the answer is in."""
    if request.method != "POST":
        number = _number(at, batch)
        return at.render(
            "portal/check.html",
            title=at.word("batch.act.account_file"),
            action=f"/batches/{batch}/account-file/",
            lines=[
                Answer(at.word("batch.number"), number),
                Answer(at.word("batch.holds"), at.word("batch.holds_text")),
            ],
            hidden={"key": fresh_key()},
            submit_label=at.word("batch.download"),
            here="/batches/",
            warning=at.word("batch.personal_file"),
            crumbs=_crumbs(at, batch, number, "account_file"),
        )
    outcome = at.perform("issuing.write_account_file", WriteAccountFile(batch), purpose="bank_accounts")
    if "file" not in outcome.once:
        raise Refusal("portal.file_shown")
    answer = HttpResponse(outcome.once["file"], content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{outcome.once["name"]}"'
    return answer


@for_staff("issuing.account_answer")
def account_answer(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    return _take_file(request, at, batch, "account_answer", "issuing.read_account_answer", ReadAccountAnswer)


@for_staff("issuing.receive_return")
def receive_return(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    return _take_file(request, at, batch, "return", "issuing.receive_return", ReceiveReturn)


def _take_file(request: HttpRequest, at: AtPage, batch: uuid.UUID, place: str, act: str, kind: Any) -> HttpResponse:
    """A file that is taken whole or not at all; every fault of it comes back with its line."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            faults = (Fault("file", "portal.file_missing"),)
        else:
            try:
                at.perform(act, kind(batch, bytes(sent.read(FILE_MOST))), purpose="batch_file")
            except Refusal as refusal:
                faults = _at_file(refusal)
            else:
                return HttpResponseRedirect(f"/batches/{batch}/")
    number = _number(at, batch)
    field = Field("file", at.word(f"batch.file.{place}"), kind="file", hint=at.word(f"batch.file.{place}_hint"))
    return at.render(
        "portal/form.html",
        title=at.word(f"batch.act.{place}"),
        fields=[field],
        values={},
        faults=faults,
        upload=True,
        action=f"/batches/{batch}/{place.replace('_', '-')}/",
        submit_label=at.word("batch.upload"),
        here="/batches/",
        hidden={"key": fresh_key()},
        cancel_url=f"/batches/{batch}/",
        crumbs=_crumbs(at, batch, number, place),
    )


def _at_file(refusal: Refusal) -> tuple[Fault, ...]:
    """A refused file is a fault of the file's field; its own faults keep their lines, as many as a reader can use."""
    if refusal.status in (403, 404):
        raise refusal
    return (Fault("file", refusal.code, refusal.facts), *refusal.faults[:50])


@for_staff("issuing.release_batch")
def release(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    """The first of two persons; the number of cards stands in what both sign."""
    with at.reading(VIEW, "batches") as inside:
        one = issuing.batch(inside, batch)
    if request.method == "POST":
        cards = request.POST.get("cards", "")
        count = int(cards) if cards.isdecimal() and len(cards) < 8 else 0
        at.perform("issuing.release_batch", ReleaseBatch(batch, count), purpose="production")
        return HttpResponseRedirect(f"/batches/{batch}/")
    banks, _ = naming(at)
    names = names_of((one.producer,), at.lang)
    lines = [
        Answer(at.word("batch.number"), one.number),
        Answer(at.word("batch.ordered"), f"{one.ordered:,}"),
        Answer(
            at.word("batch.left_out"), f"{one.left_out:,}", note=at.word("batch.left_out_note") if one.left_out else ""
        ),
        Answer(at.word("apply.bank"), banks.get(one.bank, one.bank)),
        Answer(at.word("batch.maker"), names.get(one.producer, one.producer), note=one.product),
    ]
    return at.render(
        "portal/check.html",
        title=at.word("batch.act.release"),
        lines=lines,
        action=f"/batches/{batch}/release/",
        hidden={"key": fresh_key(), "cards": one.ordered},
        submit_label=at.word("batch.submit_release"),
        here="/batches/",
        warning=at.word("batch.release_warning"),
        crumbs=_crumbs(at, batch, one.number, "release"),
    )


@for_staff("issuing.make_batch")
def dissolve(request: HttpRequest, at: AtPage, batch: uuid.UUID) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            at.perform("issuing.dissolve_batch", DissolveBatch(batch, request.POST.get("reason", "")), purpose="batch")
        except Refusal as refusal:
            faults = faults_of(refusal, {"control.reason_missing": "reason"})
        else:
            return HttpResponseRedirect(f"/batches/{batch}/")
    number = _number(at, batch)
    return at.render(
        "portal/form.html",
        title=at.word("batch.act.dissolve"),
        lead=at.word("batch.dissolve_lead"),
        faults=faults,
        fields=[Field("reason", at.word("batch.why"), kind="textarea", maxlength=200)],
        values={},
        here="/batches/",
        action=f"/batches/{batch}/dissolve/",
        submit_label=at.word("batch.act.dissolve"),
        hidden={"key": fresh_key()},
        cancel_url=f"/batches/{batch}/",
        crumbs=_crumbs(at, batch, number, "dissolve"),
    )


def _number(at: AtPage, batch: uuid.UUID) -> str:
    with at.reading(VIEW, "batches") as inside:
        return issuing.batch(inside, batch).number


def _crumbs(at: AtPage, batch: uuid.UUID, number: str, place: str) -> list[Link]:
    here = Link(at.word(f"batch.act.{place}"))
    return [Link(at.word("batch.nav"), "/batches/"), Link(number, f"/batches/{batch}/"), here]

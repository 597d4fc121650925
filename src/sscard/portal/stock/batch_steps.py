"""The steps of a batch: the bank's file out and its answer in, released by two persons, the producer's return, dissolved."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.issuing import reads as issuing
from sscard.issuing.acts import (
    DissolveBatch,
    ReadAccountAnswer,
    ReceiveReturn,
    ReleaseBatch,
    WriteAccountFile,
)
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.forms import faults_of
from sscard.portal.review.applications import naming
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.whereabouts import names_of

VIEW = "issuing.view"
FILE_MOST = 32 << 20


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

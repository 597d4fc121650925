"""Test cards (card measures Art. 12): the lock of each product, the examined cards with their reports, the ministry's
office's decisions; a report or a decision is laid in by two persons."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.chip.conformance import evidence, lists
from sscard.control.inside import Inside
from sscard.control.rights import decide
from sscard.issuing import examining, permitting, signed_files
from sscard.issuing.acts import ImportDecision, RegisterExamination
from sscard.issuing.models import ExaminedCard, OfficeDecision
from sscard.issuing.rules import AUDITS
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, Table, table_of

VIEW = "issuing.view"
HERE = "/test-cards/"
PRODUCT = ("supplier", "product", "chip", "cos", "version")
MOST = 300
FORMS = {
    "report.json": "application/json",
    "report.json.jws": "text/plain; charset=ascii",
    "report.pdf": "application/pdf",
}


@for_staff(VIEW)
def listing(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(VIEW, "batches") as inside:
        locks = [_lock(at, inside, permit) for permit in inside.area.production_permits(inside.today)]
        cards = list(ExaminedCard.objects.filter(area_code=inside.area_code).defer("report", "paper")[:MOST])
        decisions = list(OfficeDecision.objects.filter(area_code=inside.area_code).defer("file")[:MOST])
    return at.render(
        "portal/stock/test_cards.html",
        title=at.word("testcard.nav"),
        here=HERE,
        locks=locks,
        may_register=decide(at.caller, "issuing.examination"),
        may_decide=decide(at.caller, "issuing.office_decision"),
        cards=_cards(request, at, cards),
        decisions=_decisions(request, at, decisions),
    )


def _lock(at: AtPage, inside: Inside, permit: Any) -> dict[str, Any]:
    """A product that the area pack permits, and what each audit of its test cards says today."""
    product = permitting.of_permit(inside, permit)
    found = permitting.audits_of(inside, product)
    lines = [
        {
            "label": _audit(at, audit),
            "state": f"issuing.examination.{state}",
            "until": at.word("testcard.until", day=looks.show_day(until, at.lang)) if until else "",
        }
        for audit, (state, until) in found.items()
    ]
    is_open = all(state == "passed" for state, _ in found.values())
    return {
        "title": f"{getattr(permit.supplier_name, at.lang)} · {permit.product}",
        "note": f"{permit.chip} · {permit.cos or '?'} · {product.version}",
        "state": "testcard.open" if is_open else "testcard.closed",
        "lines": lines,
    }


def _cards(request: HttpRequest, at: AtPage, cards: Iterable[ExaminedCard]) -> Table:
    columns = [
        Column("examined", at.word("testcard.examined"), "moment"),
        Column("product", at.word("testcard.product")),
        Column("chip", at.word("testcard.chip")),
        Column("cos", at.word("testcard.cos")),
        Column("asked_by", at.word("testcard.asked_by")),
        *(Column(audit, _audit(at, audit), "state") for audit in (evidence.CONFORMANCE, evidence.CROSS_AREA)),
    ]
    rows = [
        Row(
            {
                "examined": one.examined_at,
                "product": one.product,
                "chip": one.chip,
                "cos": f"{one.cos} · {one.version}",
                "asked_by": one.asked_by,
                "conformance": f"issuing.examination.{one.conformance}",
                "cross_area": f"issuing.examination.{one.cross_area}",
            },
            url=f"{HERE}{one.test_card_id}/",
            tone="bad" if "failed" in (one.conformance, one.cross_area) else "plain",
        )
        for one in cards
    ]
    return table_of(
        request, at.word("testcard.cards"), columns, rows, sort="-examined", empty_text=at.word("testcard.no_cards")
    )


def _decisions(request: HttpRequest, at: AtPage, decisions: Iterable[OfficeDecision]) -> Table:
    columns = [
        Column("decided", at.word("testcard.decided"), "day"),
        Column("number", at.word("testcard.number"), "code"),
        Column("product", at.word("testcard.product")),
        Column("cos", at.word("testcard.cos")),
        *(Column(audit, _audit(at, audit), "state") for audit in AUDITS),
        Column("until", at.word("testcard.last_day"), "day"),
    ]
    rows = [
        Row(
            {
                "decided": one.decided_on,
                "number": one.number,
                "product": f"{one.product} · {one.chip}",
                "cos": f"{one.cos} · {one.version}",
                "until": one.until,
                **{audit: f"issuing.examination.{outcome}" for audit, outcome in one.outcomes.items()},
            },
            tone="bad" if "failed" in one.outcomes.values() else "plain",
        )
        for one in decisions
    ]
    return table_of(
        request, at.word("testcard.decisions"), columns, rows, sort="-decided", prefix="d",
        empty_text=at.word("testcard.no_decisions"),
    )  # fmt: skip


@for_staff(VIEW)
def detail(request: HttpRequest, at: AtPage, test_card: uuid.UUID) -> HttpResponse:
    """The report as people read it, and its files."""
    with at.reading(VIEW, "batches") as inside:
        one = examining.require(inside, test_card)
    told = json.loads(bytes(one.report))
    columns = [
        Column("code", at.word("testcard.item"), "code"),
        Column("outcome", at.word("testcard.outcome"), "state"),
        Column("what", at.word("testcard.what")),
        Column("detail", at.word("testcard.seen")),
        Column("clause", at.word("testcard.basis")),
    ]
    rows = [
        Row(
            {
                "code": item["code"],
                "what": item[at.lang],
                "outcome": f"issuing.examination.{item['outcome']}",
                "detail": item["detail"],
                "clause": item["clause"],
            },
            tone="bad" if item["outcome"] == "failed" else "plain",
        )
        for item in told["results"]
    ]
    facts = [
        *_product_lines(at, {name: getattr(one, name) for name in (*PRODUCT, "plant", "asked_by")}),
        Answer("ATR", looks.grouped(one.atr)),
        Answer(at.word("testcard.examined"), looks.show_moment(one.examined_at, at.lang)),
        Answer(at.word("testcard.list"), lists.in_force(one.examined_at).name, note=at.word("testcard.list_note")),
        Answer(at.word("testcard.signer"), one.signer),
        Answer("SHA-256", looks.grouped(bytes(one.sha256).hex())),
    ]
    audits = [(_audit(at, name), f"issuing.examination.{getattr(one, name)}") for name in permitting.SHOWN_BY_REPORT]
    choices = [Answer(name, str(found["value"])) for name, found in told["choices"].items()]
    return at.render(
        "portal/stock/test_card.html",
        title=at.word("testcard.title", product=one.product),
        one=one,
        facts=facts,
        audits=audits,
        choices=choices,
        forms=list(FORMS),
        here=HERE,
        table=table_of(request, at.word("testcard.items"), columns, rows, empty_text="", per_page=len(rows) or 1),
        crumbs=[Link(at.word("testcard.nav"), HERE), Link(one.product)],
    )


@for_staff(VIEW)
def download(request: HttpRequest, at: AtPage, test_card: uuid.UUID, form: str) -> HttpResponse:
    """The signed file, its signature, or the sealed PDF."""
    if form not in FORMS:
        raise Refusal("control.not_found")
    with at.reading(VIEW, "batches") as inside:
        one = examining.require(inside, test_card)
        if form == "report.pdf":
            content = examining.paper(inside, test_card)
        else:
            content = one.signature.encode() if form.endswith(".jws") else bytes(one.report)
    answer = HttpResponse(content, content_type=FORMS[form])
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{one.product}-{bytes(one.sha256).hex()[:12]}-{form}"'
    )
    return answer


@for_staff("issuing.examination")
def register(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _lay_in(request, at, "new", "issuing.register_examination", RegisterExamination, examining.MOST_BYTES)


@for_staff("issuing.office_decision")
def decision(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _lay_in(request, at, "decision", "issuing.import_decision", ImportDecision, permitting.MOST_BYTES)


def _lay_in(request: HttpRequest, at: AtPage, place: str, act: str, kind: Any, most: int) -> HttpResponse:
    """A signed file and its signature; the second person finds what it says among his approvals."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        file, signature = request.FILES.get("file"), request.FILES.get("signature")
        faults = tuple(
            Fault(name, "portal.file_missing") for name in ("file", "signature") if not request.FILES.get(name)
        )
        if file is not None and signature is not None:
            try:
                text = signature.read(examining.MOST_BYTES).decode("ascii", "replace")
                at.perform(act, kind(bytes(file.read(most + 1)), text), purpose="batch_file")
            except Refusal as refusal:
                if refusal.status in (403, 404):
                    raise
                faults = (Fault("file", refusal.code, refusal.facts), *refusal.faults)
            else:
                return at.render(
                    "portal/done.html",
                    title=at.word("testcard.waits"),
                    sentence=at.word("testcard.waits_text"),
                    next_steps=[Link(at.word("testcard.nav"), HERE)],
                    here=HERE,
                )
    fields = [
        Field("file", at.word(f"testcard.file.{place}"), kind="file", hint=at.word(f"testcard.file.{place}_hint")),
        Field("signature", at.word("testcard.signature"), kind="file", hint=at.word("testcard.signature_hint")),
    ]
    return at.render(
        "portal/form.html",
        title=at.word(f"testcard.act.{place}"),
        lead=at.word(f"testcard.lead.{place}"),
        fields=fields,
        values={},
        faults=faults,
        upload=True,
        action=f"{HERE}{place}/",
        submit_label=at.word("batch.upload"),
        hidden={"key": fresh_key()},
        cancel_url=HERE,
        here=HERE,
        crumbs=[Link(at.word("testcard.nav"), HERE), Link(at.word(f"testcard.act.{place}"))],
    )


def lines_of(at: AtPage, file: bytes) -> list[Answer]:
    """What a signed file says, for the second person: a report's or a decision's."""
    lines = [Answer("SHA-256", looks.grouped(evidence.digest(file)))]
    if json.loads(file).get("form") == evidence.FORM:
        told = signed_files.told(file)
        product = {
            name: getattr(told.subject, name) for name in ("supplier", "product", "chip", "cos", "plant", "asked_by")
        }
        judged_by = Answer(at.word("testcard.list"), told.judged_by.name)
        return [
            *_product_lines(at, {**product, "version": told.version}),
            *_outcomes(at, told.audits),
            judged_by,
            *lines,
        ]
    found = signed_files.read(file)
    until = looks.show_day(found.until, at.lang) if found.until else ""
    return [
        Answer(at.word("testcard.number"), found.number),
        Answer(at.word("testcard.decided"), looks.show_day(found.decided_on, at.lang)),
        *([Answer(at.word("testcard.last_day"), until)] if until else []),
        *_product_lines(at, {name: getattr(found.product, name) for name in PRODUCT}),
        *_outcomes(at, dict(found.outcomes)),
        *lines,
    ]


def _product_lines(at: AtPage, product: Mapping[str, str]) -> list[Answer]:
    return [Answer(at.word(f"testcard.{name}"), value) for name, value in product.items()]


def _outcomes(at: AtPage, outcomes: Mapping[str, str]) -> list[Answer]:
    said = {name: looks.state_word(f"issuing.examination.{one}", at.lang) for name, one in outcomes.items()}
    return [Answer(_audit(at, name), word) for name, word in said.items()]


def _audit(at: AtPage, audit: str) -> str:
    return looks.state_word(f"issuing.audit.{audit}", at.lang)

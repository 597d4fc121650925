"""The savings function and documents: banks compared, "does my card have it?", progress, papers, time stamps."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict, StringConstraints

from sscard.api import auth
from sscard.api.plain import language, purpose
from sscard.bank.models import AccountStatus
from sscard.bank.savings_opening import case as savings_case
from sscard.bank.savings_opening import function as savings
from sscard.bank.savings_opening import phone as savings_phone
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.documents import authority, kept, timestamps
from sscard.documents.models import KeptDocument
from sscard.kernel import clock, words
from sscard.kernel.refusals import Refusal
from sscard.people import lookup
from sscard.people import reads as people

Short = Annotated[str, StringConstraints(max_length=120)]


class Caller(Schema):
    """What somebody on the phone says of himself."""

    model_config = ConfigDict(extra="forbid")
    name: Short
    id_number: Short
    phone_last: Short


def mount(api: NinjaAPI) -> None:
    @api.get("/areas/{area}/savings", tags=["savings"], summary="banks' savings functions compared · 银行储蓄功能对比")
    def compare(request: HttpRequest, area: str) -> dict[str, Any]:
        """Open to everybody."""
        return savings.comparison(area, clock.today(area), language(request))

    @api.get(
        "/my/savings", tags=["holder"], summary="has my card the savings function, and how far is it? · 我的储蓄功能"
    )
    def mine(request: HttpRequest) -> list[dict[str, Any]]:
        lang = language(request)
        with reading(auth.caller(request), right="bank.own", purpose=purpose(request)) as inside:
            index = inside.caller.person_index
            found = lookup.find("id_number", index) if index and inside.caller.kind == "holder" else None
            if found is None:
                raise Refusal("control.not_found")
            person = people.true_person(found.person_id)
            inside.about(person, what="savings")
            rows = AccountStatus.objects.filter(person_id=person).order_by("-opened_at")
            return [_shown(inside, one, lang) for one in rows]

    @api.get(
        "/bank/accounts/{account}/savings", tags=["bank"], summary="the same at the bank's counter · 柜面查询储蓄功能"
    )
    def at_counter(request: HttpRequest, account: uuid.UUID) -> dict[str, Any]:
        who, right = auth.caller(request), "bank.savings_serve"
        with reading(who, right=right, purpose=purpose(request, who, right)) as inside:
            return _shown(inside, savings_case.account(inside, account), language(request))

    @api.post("/savings/ask", tags=["savings"], summary="the same for somebody on the phone · 电话查询储蓄功能")
    def ask(request: HttpRequest, body: Caller) -> dict[str, Any]:
        """The agent types what the caller says; the answer is the one sentence to read out."""
        asked = savings_phone.Asked(body.name, body.id_number, body.phone_last)
        told = savings_phone.ask(auth.caller_for(request, savings_phone.RIGHT), asked)
        return _told(told, language(request))

    @api.get("/documents/{document}", tags=["documents"], summary="a document that was handed out · 已出具的文件")
    def document(request: HttpRequest, document: uuid.UUID) -> HttpResponse:
        """For its person, and for the bank whose document it is."""
        who = auth.caller(request)
        right = "bank.own" if who.kind == "holder" else "bank.savings_serve"
        area = kept.area_of(document)
        with reading(who, right=right, purpose=purpose(request, who, right), area=area) as inside:
            row, file = kept.download(inside, document)
        answer = HttpResponse(file, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{row.kind}-{row.code}.pdf"'
        answer["Cache-Control"] = "no-store"
        return answer

    @api.get("/document-codes/{code}", tags=["documents"], summary="is this document genuine? · 文件查验")
    def genuine(request: HttpRequest, code: str) -> dict[str, Any]:
        """Open to everybody who has the code on the paper; nothing about the person."""
        found = kept.genuine(code)
        if found is None:
            raise Refusal("documents.code_unknown")
        lang = language(request)
        return {
            "kind": found.kind, "title": words.text("notice", f"{found.kind}.name", lang), "bank": found.bank,
            "area": found.area, "made_at": found.made_at.isoformat(), "state": found.state, "sha256": found.sha256,
            "signatures": list(found.signatures),
        }  # fmt: skip

    @api.get(
        "/document-authority", tags=["documents"], summary="what signatures are checked against · 签名验证用的根证书"
    )
    def root(request: HttpRequest) -> HttpResponse:
        """The demonstration authority's certificate (PEM)."""
        return HttpResponse(authority.root().public_bytes(Encoding.PEM), content_type="application/x-pem-file")


@csrf_exempt
def time_stamps(request: HttpRequest) -> HttpResponse:
    """RFC 3161 over HTTP: a query in, a reply out; any program may ask."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if request.content_type != "application/timestamp-query":
        return HttpResponse(status=415)
    query = request.read(timestamps.MOST_QUERY_BYTES + 1)
    if len(query) > timestamps.MOST_QUERY_BYTES:
        return HttpResponse(status=413)
    return HttpResponse(timestamps.answer(query, now=clock.real_now()), content_type="application/timestamp-reply")


def _shown(inside: Inside, mirror: AccountStatus, lang: str) -> dict[str, Any]:
    seen = savings.progress_of(inside, mirror)
    return {
        "account": str(mirror.account_id),
        "bank": mirror.bank,
        **_told(savings.tell(mirror, inside.today), lang),
        "opening": _progress(seen, lang) if seen else None,
    }


def _told(told: savings.Told, lang: str) -> dict[str, Any]:
    return {"code": told.code, "has": told.has, "sentence": told.sentence(lang), "next_step": told.next_step(lang)}


def _progress(seen: savings.Progress, lang: str) -> dict[str, Any]:
    return {
        "application": str(seen.application),
        "number": seen.number,
        "stage": str(seen.stage),
        "state": words.text("state", f"bank.savings.{seen.stage}", lang),
        "due": seen.due,
        "functions": list(seen.functions),
        "channel": seen.channel,
        "outlet": seen.outlet,
        "agreement_form": seen.agreement_form,
        "steps": [
            {"number": one.number, "name": words.text("notice", f"bank.savings.step.{one.number}", lang), "state": one.state,
             "at": one.at, "where": one.where}
            for one in seen.steps
        ],
        "documents": [_document(one, lang) for one in seen.documents],
    }  # fmt: skip


def _document(row: KeptDocument, lang: str) -> dict[str, str]:
    return {
        "document": str(row.document_id),
        "kind": row.kind,
        "title": words.text("notice", f"{row.kind}.name", lang),
        "code": kept.shown(row.code),
        "made_at": row.made_at.isoformat(),
    }

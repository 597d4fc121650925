"""Linking a card at the bank, for customers' programs; at the bank's host only. The answer's `url` is opened in a browser, in
which the holder proves himself at the bureau; what the browser brings back goes to `finish`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api import auth
from sscard.api.plain import plain
from sscard.bank.linked import authorisations, linking, looking, paying, receipts
from sscard.kernel.refusals import Refusal


class NewLink(Schema):
    """Card and ID number as printed; `account`: one of the customer's own at this bank."""

    model_config = ConfigDict(extra="forbid")
    card_number: str
    id_number: str
    account: uuid.UUID


class CameBack(Schema):
    """The parameters with which the browser came back."""

    model_config = ConfigDict(extra="forbid")
    state: str
    iss: str
    code: str = ""
    error: str = ""


class PayOne(Schema):
    model_config = ConfigDict(extra="forbid")
    charge: str


def mount(api: NinjaAPI) -> None:
    @api.post("/customer/links", tags=["linking"], summary="link a card · 绑定社保卡")
    def begin(request: HttpRequest, body: NewLink) -> Any:
        return plain(
            linking.begin(
                auth.caller(request), card_number=body.card_number, id_number=body.id_number, account=body.account
            )
        )

    @api.post("/customer/links/finish", tags=["linking"], summary="the browser is back · 完成绑定或缴费")
    def finish(request: HttpRequest, body: CameBack) -> Any:
        """`link` when a card was linked, `payment` when a charge was paid (look at its state)."""
        who = auth.caller(request)
        came = linking.back(who, state=body.state, issuer=body.iss)
        if not body.code:
            (paying if came.payment else linking).declined(who, came, body.error)
            raise Refusal("bank.link_declined")
        if came.payment is not None:
            return plain(paying.finish(who, came, body.code))
        return {"link": str(authorisations.finish(who, came, body.code))}

    @api.get("/customer/links", tags=["linking"], summary="own links · 我的绑定")
    def links(request: HttpRequest, ended: bool = False) -> Any:
        return plain(looking.links(auth.caller(request), ended=ended))

    @api.get("/customer/links/{link}/status", tags=["linking"], summary="card and insurance · 卡和参保状态")
    def status(request: HttpRequest, link: uuid.UUID) -> Any:
        return looking.status(auth.caller(request), link)

    @api.get("/customer/links/{link}/contributions", tags=["linking"], summary="the five records · 五险记录")
    def contributions(request: HttpRequest, link: uuid.UUID) -> Any:
        return looking.contributions(auth.caller(request), link)

    @api.get("/customer/links/{link}/totals", tags=["linking"], summary="the two totals · 两个账户")
    def totals(request: HttpRequest, link: uuid.UUID) -> Any:
        return looking.totals(auth.caller(request), link)

    @api.get("/customer/links/{link}/charges", tags=["linking"], summary="charges · 待缴费用")
    def charges(request: HttpRequest, link: uuid.UUID) -> Any:
        return looking.charges(auth.caller(request), link)

    @api.get("/customer/links/{link}/authorisation", tags=["linking"], summary="signed authorisation · 电子授权书")
    def authorisation(request: HttpRequest, link: uuid.UUID) -> HttpResponse:
        """Also of a link that has ended: `paper` of the link says whether it is there."""
        return _pdf(authorisations.authorisation(auth.caller(request), link))

    @api.delete("/customer/links/{link}", tags=["linking"], summary="un-link · 解除绑定")
    def unlink(request: HttpRequest, link: uuid.UUID) -> Any:
        receipts.unlink(auth.caller(request), link)
        return {"link": str(link), "ended": True}

    @api.post("/customer/links/{link}/payments", tags=["linking"], summary="pay a charge · 缴一笔费")
    def pay(request: HttpRequest, link: uuid.UUID, body: PayOne) -> Any:
        return plain(paying.begin(auth.caller(request), link, body.charge))

    @api.get("/customer/links/{link}/payments", tags=["linking"], summary="payments · 缴费记录")
    def payments(request: HttpRequest, link: uuid.UUID) -> Any:
        return plain(looking.payments(auth.caller(request), link))

    @api.get("/customer/payments", tags=["linking"], summary="all payments · 全部缴费记录")
    def all_payments(request: HttpRequest) -> Any:
        """Through all links, also those that have ended."""
        return plain(looking.all_payments(auth.caller(request)))

    @api.get("/customer/payments/{payment}", tags=["linking"], summary="one payment · 一笔缴费")
    def payment(request: HttpRequest, payment: uuid.UUID) -> Any:
        """One that is in doubt is asked about anew."""
        return plain(paying.look_again(auth.caller(request), payment))

    @api.get("/customer/payments/{payment}/receipt", tags=["linking"], summary="receipt · 缴费凭证")
    def receipt(request: HttpRequest, payment: uuid.UUID) -> HttpResponse:
        """Also of a payment through a link that has ended."""
        return _pdf(receipts.receipt(auth.caller(request), payment))


def _pdf(file: bytes) -> HttpResponse:
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Cache-Control"] = "no-store"
    return answer

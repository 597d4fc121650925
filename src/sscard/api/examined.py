"""Reading about test cards: examined cards with their signed reports, the ministry's office's decisions, the lock of each
product."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from sscard.api import auth
from sscard.api.plain import plain, purpose
from sscard.control.door import reading
from sscard.issuing import examined

RIGHT = "issuing.test_cards"


def mount(api: NinjaAPI) -> None:
    @api.get("/test-cards", tags=["test cards"], summary="examined test cards · 检验过的测试卡")
    def cards(request: HttpRequest) -> list[dict[str, Any]]:
        """Of the area (national callers name it in `Sscard-Area`); a producer's own."""
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return plain(examined.cards(inside))

    @api.get(
        "/test-cards/{test_card}", tags=["test cards"], summary="one with its signed report · 一张测试卡及其检验报告"
    )
    def card(request: HttpRequest, test_card: uuid.UUID) -> dict[str, Any]:
        """`report` as data; `file` (base64) the bytes that `signature` was made over."""
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return plain(examined.card(inside, test_card))

    @api.get("/test-cards/{test_card}/paper", tags=["test cards"], summary="the report as a sealed PDF · 检验报告 PDF")
    def paper(request: HttpRequest, test_card: uuid.UUID) -> HttpResponse:
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return HttpResponse(examined.paper(inside, test_card), content_type="application/pdf")

    @api.get("/test-decisions", tags=["test cards"], summary="decisions of the ministry's office · 审查决定")
    def decisions(request: HttpRequest) -> list[dict[str, Any]]:
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return plain(examined.decisions(inside))

    @api.get("/test-decisions/{decision}", tags=["test cards"], summary="one with its signed file · 一份审查决定")
    def decision(request: HttpRequest, decision: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return plain(examined.decision(inside, decision))

    @api.get("/test-products", tags=["test cards"], summary="may it be mass-produced today? · 产品能否批量制卡")
    def products(request: HttpRequest) -> list[dict[str, Any]]:
        """Each product of the area's permits with what its three audits say today."""
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return plain(examined.products(inside))

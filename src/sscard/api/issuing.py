"""Reading about issuing: batches with their counts, where a card is, queues, boxes, stock."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from sscard.api import auth
from sscard.api.plain import plain, purpose
from sscard.cards.models import Card
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.issuing import producers, reads
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.people import lookup


def require_of_bank(inside: Inside, card: uuid.UUID) -> None:
    """The card of another bank answers like one that does not exist."""
    found = lookup.require("card", card, area=inside.area_code)
    if not Card.objects.filter(person_id=found.person_id, card_id=card, bank=inside.caller.bank).exists():
        raise Refusal("control.not_found")


def mount(api: NinjaAPI) -> None:
    @api.get("/batches", tags=["issuing"], summary="batches with their counts · 批次")
    def batches(request: HttpRequest, state: str = "") -> list[dict[str, Any]]:
        with reading(auth.caller(request), right=_right(request), purpose=purpose(request)) as inside:
            return [_batch(one) for one in reads.batches(inside, state=state)]

    @api.get("/batches/{batch}", tags=["issuing"], summary="one batch · 一个批次")
    def batch(request: HttpRequest, batch: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right=_right(request), purpose=purpose(request)) as inside:
            return _batch(reads.batch(inside, batch))

    @api.get("/batches/{batch}/cards", tags=["issuing"], summary="the cards of a batch · 批次里的卡")
    def batch_cards(request: HttpRequest, batch: uuid.UUID) -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="issuing.view", purpose=purpose(request)) as inside:
            return plain(reads.batch_cards(inside, batch))

    @api.get("/cards/{card}/where", tags=["issuing"], summary="where a card is, in whose hands, since when · 卡在哪里")
    def where(request: HttpRequest, card: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right="issuing.where", purpose=purpose(request)) as inside:
            if inside.caller.bank:  # a bank's staff learn of their own bank's cards only
                require_of_bank(inside, card)
            found = reads.where(inside, card)
            told = {"text": found.sentence("en"), "text_zh": found.sentence("zh")}
            been = [plain(asdict(one)) for one in reads.custody_of(inside, card)]
            return {**plain(asdict(found)), **told, "been": been}

    @api.get(
        "/areas/{area}/issuer-keys", tags=["public"], summary="the issuer's public keys, for its producers · 发卡方公钥"
    )
    def issuer_keys(request: HttpRequest, area: str) -> dict[str, str]:
        """To be compared by fingerprint on another way before they are trusted."""
        return producers.trust(areas.get(area).code)

    @api.get("/stock", tags=["issuing"], summary="finished cards by place · 库存")
    def stock(request: HttpRequest) -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="issuing.view", purpose=purpose(request)) as inside:
            return plain(reads.stock(inside))

    @api.get("/boxes", tags=["issuing"], summary="sealed boxes · 封签箱")
    def boxes(request: HttpRequest, receiver: str = "", state: str = "sent") -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="issuing.where", purpose=purpose(request)) as inside:
            return plain(reads.boxes(inside, receiver=receiver, state=state))

    @api.get("/applications", tags=["issuing"], summary="the queue of applications · 申请队列")
    def applications(request: HttpRequest, state: str = "") -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="issuing.view", purpose=purpose(request)) as inside:
            return plain(reads.applications(inside, state=state))

    @api.get("/applications/{application}", tags=["issuing"], summary="one application with its papers · 一份申请")
    def application(request: HttpRequest, application: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right="issuing.view", purpose=purpose(request)) as inside:
            return plain(reads.application(inside, application))

    @api.get("/campaigns", tags=["issuing"], summary="campaigns that wait for review · 待审的批量申请")
    def campaigns(request: HttpRequest, state: str = "applied") -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="issuing.view", purpose=purpose(request)) as inside:
            return plain(reads.campaigns(inside, state=state))


def _right(request: HttpRequest) -> str:
    """A producer sees its own batches by its own right."""
    producer = auth.caller(request).organisation_kind == "producer"
    return "issuing.take_package" if producer else "issuing.view"


def _batch(view: reads.BatchView) -> dict[str, Any]:
    return {**plain(asdict(view)), "adds_up": view.adds_up}

"""Web hooks as their owner sees them: the list of events, endpoints, deliveries; and what a local listener fetches.

Registering, rotating, switching, removing, replaying and triggering are acts (`/api/acts/partners.…`).
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import NinjaAPI, Query, Schema
from pydantic import ConfigDict, Field

from sscard.api import auth
from sscard.api.plain import purpose
from sscard.control.door import reading
from sscard.kernel import words
from sscard.partners.hooks import reads
from sscard.partners.hooks.acts import RIGHT, known_events

Limit = Annotated[int, Query(ge=1, le=200)]


class Answered(Schema):
    """What the local program answered."""

    model_config = ConfigDict(extra="forbid")
    status: Annotated[int, Field(ge=100, le=599)]


def mount(api: NinjaAPI) -> None:
    @api.get("/hooks/events", tags=["hooks"], summary="events that can be asked for · 可以订阅的事件")
    def events(request: HttpRequest) -> list[dict[str, str]]:
        """Open to everybody."""
        said = [(name, words.text("event", name, "en"), words.text("event", name, "zh")) for name in known_events()]
        return [{"name": name, "text": en, "text_zh": zh} for name, en, zh in said]

    @api.get("/hooks/endpoints", tags=["hooks"], summary="own endpoints · 本机构的接收地址")
    def endpoints(request: HttpRequest) -> list[dict[str, Any]]:
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return reads.endpoints(inside)

    @api.get("/hooks/endpoints/{endpoint}/deliveries", tags=["hooks"], summary="log of deliveries · 发送记录")
    def deliveries(request: HttpRequest, endpoint: uuid.UUID, limit: Limit = 50) -> list[dict[str, Any]]:
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return reads.deliveries(inside, endpoint, limit)

    @api.get("/hooks/endpoints/{endpoint}/waiting", tags=["hooks"], summary="messages of a local listener · 本机监听")
    def waiting(request: HttpRequest, endpoint: uuid.UUID) -> list[dict[str, Any]]:
        """Signed as if they had been sent now. Tell the answer of your program at `/hooks/deliveries/{delivery}/answer`."""
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return reads.waiting(inside, endpoint)

    @api.post(
        "/hooks/deliveries/{delivery}/answer", tags=["hooks"], summary="a local program's answer · 本机程序的回答"
    )
    def answer(request: HttpRequest, delivery: uuid.UUID, body: Answered) -> dict[str, Any]:
        with reading(auth.caller(request), right=RIGHT, purpose=purpose(request)) as inside:
            return reads.answered(inside, delivery, body.status)

"""Where devices at registered terminals ask for their session and send what they see. Their MAC is their sign-in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api.auth import address
from sscard.terminals import devices


class Asks(Schema):
    model_config = ConfigDict(extra="forbid")
    device: str
    at: int
    mac: str


class Sends(Schema):
    model_config = ConfigDict(extra="forbid")
    device: str
    mac: str
    session: str
    kind: str
    payload: dict[str, str | bool]


def mount(api: NinjaAPI) -> None:
    @api.post("/devices/session", tags=["devices"], summary="what waits at this terminal · 本终端的当前业务")
    def session(request: HttpRequest, body: Asks) -> dict[str, Any]:
        return devices.current_session(body.device, body.at, body.mac, address=address(request))

    @api.post("/devices/evidence", tags=["devices"], summary="a device's reading · 设备读数")
    def evidence(request: HttpRequest, body: Sends) -> dict[str, Any]:
        return devices.accept(body.device, body.mac, body.session, body.kind, body.payload, address=address(request))

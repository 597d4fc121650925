"""Where devices at registered terminals ask for their session and send what they see. Their MAC is their sign-in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api.auth import address
from sscard.cards import new_password
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


class Opens(Schema):
    model_config = ConfigDict(extra="forbid")
    device: str
    mac: str
    session: str
    step: str
    challenge: str


class Judges(Schema):
    model_config = ConfigDict(extra="forbid")
    device: str
    mac: str
    session: str
    block: str


def mount(api: NinjaAPI) -> None:
    @api.post("/devices/session", tags=["devices"], summary="what waits at this terminal · 本终端的当前业务")
    def session(request: HttpRequest, body: Asks) -> dict[str, Any]:
        return devices.current_session(body.device, body.at, body.mac, address=address(request))

    @api.post("/devices/evidence", tags=["devices"], summary="a device's reading · 设备读数")
    def evidence(request: HttpRequest, body: Sends) -> dict[str, Any]:
        return devices.accept(body.device, body.mac, body.session, body.kind, body.payload, address=address(request))

    @api.post("/devices/chip", tags=["devices"], summary="open a chip's password · 打开芯片密码")
    def chip(request: HttpRequest, body: Opens) -> dict[str, Any]:
        return devices.open_chip(
            body.device, body.mac, body.session, body.step, body.challenge, address=address(request)
        )

    @api.post("/devices/password", tags=["devices"], summary="is a new password easy to guess · 新密码是否太容易猜")
    def password(request: HttpRequest, body: Judges) -> dict[str, Any]:
        return new_password.judge(body.device, body.mac, body.session, body.block, address=address(request))

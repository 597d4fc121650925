"""Sessions for programs that act for a person: staff sign in with both factors and get a bearer token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api import auth
from sscard.control import sessions, signin
from sscard.people import holders


class SignIn(Schema):
    """User name (staff) or ID number (holder), password, one-time code."""

    model_config = ConfigDict(extra="forbid")
    username: str
    password: str
    code: str


class Token(Schema):
    token: str
    kind: str


def mount(api: NinjaAPI) -> None:
    @api.post("/session", response=Token, tags=["sign-in"], summary="sign in as staff · 工作人员登录")
    def staff_session(request: HttpRequest, body: SignIn) -> dict[str, Any]:
        staff = signin.staff(body.username, body.password, body.code, address=auth.address(request), channel="api")
        store = sessions.SessionStore()
        sessions.begin(store, kind="staff", subject=staff.staff_id)
        return {"token": store.session_key, "kind": "staff"}

    @api.post("/holder-session", response=Token, tags=["sign-in"], summary="sign in as holder · 持卡人登录")
    def holder_session(request: HttpRequest, body: SignIn) -> dict[str, Any]:
        account = holders.sign_in(body.username, body.password, body.code, address=auth.address(request))
        store = sessions.SessionStore()
        sessions.begin(store, kind="holder", subject=account.holder_id)
        return {"token": store.session_key, "kind": "holder"}

    @api.delete("/session", tags=["sign-in"], summary="sign out · 退出")
    def sign_out(request: HttpRequest) -> dict[str, Any]:
        who = auth.caller(request)
        _, _, token = request.headers.get("Authorization", "").partition(" ")
        sessions.SessionStore(token).delete()
        return {"signed_out": who.kind}

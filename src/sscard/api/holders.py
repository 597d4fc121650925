"""The holder's first sign-in, and which bank is whose: what people without a session ask for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api import auth
from sscard.api.plain import language
from sscard.control import sessions
from sscard.kernel import clock, words
from sscard.law import areas
from sscard.law.areas import Branch, BureauOutlet
from sscard.law.papers import bring
from sscard.people import holders, self_reads


class FirstSignIn(Schema):
    """ID number, the code that the desk handed out, a password of one's own, the authenticator's secret and its code."""

    model_config = ConfigDict(extra="forbid")
    id_number: str
    code: str
    password: str
    totp_secret: str
    totp_code: str


class SelfEntryAsked(Schema):
    """The reference that was shown once, and the ID number it belongs to."""

    model_config = ConfigDict(extra="forbid")
    area: str
    reference: str
    id_number: str


def mount(api: NinjaAPI) -> None:
    @api.post(
        "/self-entry-state", tags=["public"], summary="what became of an on-line registration · 网上登记办得怎么样"
    )
    def self_entry_state(request: HttpRequest, body: SelfEntryAsked) -> dict[str, Any]:
        who = auth.visitor(request, body.area)
        found = self_reads.state_of(who, who.area, body.reference, body.id_number)
        return {
            "state": found.state,
            "state_text": words.text("state", f"self_entry.{found.state}", language(request)),
            "reason": found.reason,
            "made_at": found.made_at.isoformat(),
            "expires_at": found.expires_at.isoformat(),
        }

    @api.post("/holder-setup", tags=["sign-in"], summary="first sign-in with the desk's code · 首次登录")
    def set_up(request: HttpRequest, body: FirstSignIn) -> dict[str, Any]:
        account = holders.set_up(
            body.id_number, body.code, body.password, body.totp_secret, body.totp_code, address=auth.address(request)
        )
        store = sessions.SessionStore()
        sessions.begin(store, kind="holder", subject=account.holder_id)
        return {"token": store.session_key, "kind": "holder"}

    @api.get("/areas/{area}/banks", tags=["public"], summary="which bank, which outlet · 哪家银行、哪个网点")
    def banks(request: HttpRequest, area: str) -> dict[str, Any]:
        lang = language(request)
        found, on = areas.get(area), clock.today(area)
        face = found.card_face(on)
        return {
            "area": found.name(lang),
            "hotline": found.hotline,
            "bank_mark": face.bank_mark,
            "where_to_look": face.where_to_look.of(lang),
            "banks": [
                {
                    "code": bank.code,
                    "name": bank.name.of(lang),
                    "hotline": bank.hotline,
                    "activation_outlets": bank.activation_outlets,
                    "outlets": [_outlet(one, lang) for one in found.outlets(kind="bank", bank=bank.code)],
                }
                for bank in found.banks(on)
            ],
            "halls": [_outlet(one, lang) for one in found.outlets(kind="bureau")],
        }

    @api.get("/areas/{area}/papers/{matter}", tags=["public"], summary="what to bring, and why · 要带什么")
    def papers(request: HttpRequest, area: str, matter: str) -> list[dict[str, Any]]:
        lang = language(request)
        return [one.told() for one in bring(areas.get(area), matter, lang)]


def _outlet(outlet: BureauOutlet | Branch, lang: str) -> dict[str, Any]:
    return {
        "code": outlet.code,
        "name": outlet.name.of(lang),
        "address": outlet.address.of(lang),
        "hours": outlet.hours.of(lang),
        "phone": outlet.phone,
        "terminal": outlet.terminal,
    }

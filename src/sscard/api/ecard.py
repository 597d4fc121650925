"""The card as a credential, for programs: third parties check it, holders ask for their checks, the platform asks the area.

What changes something for a holder are the acts `cards.ecard_…` under /api/acts.
"""

from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api import auth
from sscard.api.plain import language, plain, purpose
from sscard.cards.electronic import area_side, checking, reads, using, verifying
from sscard.cards.electronic.checking import CheckCredential
from sscard.control import door
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.people import lookup
from sscard.people import reads as people
from sscard.people.models import Person


class CardCheck(Schema):
    """`purpose` and one of: `code` (scanned text, reader string or the number below the picture), or the two numbers of a
    plastic card. `id_number`: one that you already hold, to be compared."""

    model_config = ConfigDict(extra="forbid")
    purpose: str
    code: str = ""
    card_number: str = ""
    card_id_code: str = ""
    id_number: str = ""


class Checked(Schema):
    valid: bool
    reason: str
    reason_zh: str
    reason_en: str
    form: str
    purpose: str
    checked_at: str
    facts: dict[str, Any] = {}


class Ask(Schema):
    """Which act it is for: cards.ecard_open by phone; cards.ecard_sign and cards.ecard_password by face."""

    model_config = ConfigDict(extra="forbid")
    action: str
    by: Literal["phone", "face"]
    consent: bool = False


def mount(api: NinjaAPI) -> None:
    _third_parties(api)
    _holders(api)
    _platform(api)


def _third_parties(api: NinjaAPI) -> None:
    @api.get("/credential-purposes", tags=["credential"], summary="what you may check a card for · 可用的核验目的")
    def purposes(request: HttpRequest, area: str = "") -> Any:
        who, lang = auth.caller(request), language(request)
        where = areas.get(area).code if area else who.area
        with reading(who, right="cards.credential_check", purpose=purpose(request), area=where) as inside:
            return [
                {"purpose": one.code, "name": one.name.of(lang), "facts": list(one.facts), "since": str(one.from_)}
                for one in checking.purposes(inside)
            ]

    @api.post("/credential-checks", response=Checked, tags=["credential"], summary="check a card · 核验持卡凭证")
    def check(request: HttpRequest, response: HttpResponse, body: CardCheck) -> dict[str, Any]:
        """Valid or not valid with the reason, and the facts that the purpose allows. Facts are told once: the same
        Idempotency-Key again tells the outcome only."""
        who = auth.caller(request)
        asked = CheckCredential(**body.dict())
        if not (key := request.headers.get("Idempotency-Key", "")):
            raise Refusal("control.key_missing")
        outcome = door.perform(
            who, "cards.credential_check", asked, key=key, area=checking.area_of_request(asked, who.area)
        )
        response["Sscard-Trace"] = auth.trace_id(request)
        if outcome.replayed:
            response["Idempotent-Replayed"] = "true"
        return {**outcome.answer, **outcome.once}


def _holders(api: NinjaAPI) -> None:
    @api.get("/my/ecard", tags=["ecard"], summary="own electronic card and family · 我的电子社保卡")
    def mine(request: HttpRequest, phone: str = "") -> Any:
        """`phone`: the token that this phone was given; then also whether it is known and open."""
        who = auth.caller(request)
        with reading(who, right="cards.ecard", purpose=purpose(request)) as inside:
            person = _me(inside)
            shown = reads.of(inside, person)
            card, why = reads.card_to_sign(inside, person.person_id)
            return {
                "ecard": _shown(inside, shown, phone) if shown else None,
                "card": str(card.card_id) if card else None,
                "card_why": why,
                "family": [plain(one) for one in reads.relatives(inside, person.person_id)],
            }

    @api.post("/my/ecard/checks", tags=["ecard"], summary="ask for a check by message or face · 获取验证码或刷脸")
    def ask(request: HttpRequest, body: Ask) -> Any:
        who = auth.caller(request)
        with reading(who, right="cards.ecard", purpose=purpose(request)) as inside:
            person = _me(inside)
        if body.by == "phone":
            return plain(verifying.by_phone(inside, person.person_id, body.action))
        return plain(verifying.by_face(inside, person.person_id, body.action, consent=body.consent))


def _platform(api: NinjaAPI) -> None:
    """What the national platform asks an area over the net, signed in as a program of the role platform_program."""

    @api.get("/ecard-area/{area}/cards/{card}", tags=["platform"], summary="is this card there and well · 实体卡状态")
    def card(request: HttpRequest, area: str, card: uuid.UUID) -> Any:
        with reading(auth.caller(request), right="cards.ecard_platform", purpose="API", area=areas.get(area).code):
            return area_side.card(area, card)

    @api.get("/ecard-area/{area}/ecards/{ecard}", tags=["platform"], summary="may a code be signed · 电子卡状态")
    def ecard(request: HttpRequest, area: str, ecard: uuid.UUID) -> Any:
        with reading(auth.caller(request), right="cards.ecard_platform", purpose="API", area=areas.get(area).code):
            return area_side.ecard(area, ecard)

    @api.get("/ecard-area/{area}/stopped", tags=["platform"], summary="handles of stopped cards · 停用名单")
    def stopped(request: HttpRequest, area: str) -> Any:
        with reading(auth.caller(request), right="cards.ecard_platform", purpose="API", area=areas.get(area).code):
            return {"handles": area_side.stopped(area)}


def _me(inside: Inside) -> Person:
    person_id = people.true_person(lookup.require("holder", inside.caller.id, area=inside.area_code).person_id)
    return people.by_id(inside, person_id, what="ecard")


def _shown(inside: Inside, one: reads.EcardView, phone: str) -> dict[str, Any]:
    return {
        "ecard": str(one.ecard), "card": str(one.card), "level": one.level, "why": one.why, "may_allow": one.may_allow,
        "name": one.name_mask, "card_number": one.card_mask, "signed_at": one.signed_at.isoformat(),
        "locked_until": one.locked_until.isoformat() if one.locked_until else None,
        "phone_known": using.is_known(one.row, phone), "open": using.is_open(one.row, phone, inside.caller.session),
    }  # fmt: skip

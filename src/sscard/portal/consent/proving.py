"""The proof that it is he: a code to the telephone of record, or a face check. What was begun stays in the session."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from sscard.binding.reads import ConsentView
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.shapes import Answer, Field
from sscard.verification import codes
from sscard.verification import face as faces

KEPT = "proof"
STAY = ("verification.code_wrong", "verification.code_none", "verification.verify_first")
"""Refusals that leave the reader at the field; others lead back to the choice of a way."""


@dataclass(frozen=True, slots=True)
class Begun:
    """`how`: sms or face. `shown`: the masked telephone."""

    how: str
    challenge: uuid.UUID
    shown: str = ""


def send_code(request: HttpRequest, view: ConsentView, action: str) -> None:
    sent = codes.send(
        person_id=view.person_id,
        area=view.area,
        action=action,
        session=str(view.consent_id),
        facts=_facts(view),
        told_as=_told_as(view),
        address=str(request.META.get("REMOTE_ADDR", "")),
    )
    _keep(request, view, {"how": "sms", "challenge": str(sent.challenge), "shown": sent.phone_masked})


def _told_as(view: ConsentView) -> str:
    """The word for what he proves himself for, where the act's own name speaks of a link."""
    return "binding.sms_pay" if view.payment is not None else ""


def _facts(view: ConsentView) -> dict[str, str]:
    """What the message names: of a payment the charge and its amount, so that the code confirms these and no other."""
    if (payment := view.payment) is None:
        return {"申请方": view.client_zh, "社保卡": view.card_mask}
    paying = {"付款账户": view.paying_masked} if view.paying_masked else {}
    name = _premium(payment.insurance, "zh")
    amount = looks.show_money(payment.amount_fen)
    return {"费用": name, "编号": payment.reference, "金额": amount, **paying, "申请方": view.client_zh}


def start_face(request: HttpRequest, view: ConsentView, action: str, back: str) -> str:
    """The address where he shows his face; afterwards he comes `back`."""
    started = faces.start(
        person_id=view.person_id,
        area=view.area,
        action=action,
        session=str(view.consent_id),
        consent=request.POST.get("face_consent") == "yes",
        back=back,
        told_as=_told_as(view),
    )
    _keep(request, view, {"how": "face", "challenge": str(started.challenge), "shown": ""})
    return started.url


def begun(request: HttpRequest, consent: uuid.UUID, how: str) -> Begun:
    """What was begun in this browser for this consent, by this way; else binding.verify_first."""
    found = request.session.get(KEPT, {}).get(str(consent))
    if not found or found["how"] != how:
        raise Refusal("binding.verify_first")
    return Begun(found["how"], uuid.UUID(found["challenge"]), found["shown"])


def forget(request: HttpRequest, consent: uuid.UUID) -> None:
    kept = dict(request.session.get(KEPT, {}))
    kept.pop(str(consent), None)
    request.session[KEPT] = kept


def _keep(request: HttpRequest, view: ConsentView, value: dict[str, str]) -> None:
    request.session[KEPT] = {**request.session.get(KEPT, {}), str(view.consent_id): value}


def code_field(lang: str, shown: str) -> Field:
    return Field(
        "code",
        looks.word("consent.code", lang),
        kind="digits",
        hint=looks.word("consent.code_hint", lang, phone=shown),
        autocomplete="one-time-code",
        maxlength=6,
    )


def at_code(refusal: Refusal) -> tuple[Fault, ...]:
    return (Fault("code", refusal.code, refusal.facts),)


def lines_of(view: ConsentView, lang: str) -> list[Answer]:
    """Who asks for what, for how long, on which card."""

    def say(code: str, /, **facts: Any) -> str:
        return looks.word(f"consent.{code}", lang, **facts)

    lines = [
        Answer(say("who"), view.client(lang), note=view.organisation(lang)),
        Answer(say("card"), view.card_mask),
        Answer(say("long"), duration(view, lang)),
    ]
    payment = view.payment
    if view.paying_masked:
        lines.append(Answer(say("paying"), view.paying_masked, note="" if payment else say("paying_note")))
    if payment is not None:
        first, last = (looks.show_day(month, lang) for month in (payment.first_month, payment.last_month))
        note = say("pay_note", reference=payment.reference, first=first, last=last)
        lines[2:2] = [
            Answer(say("pay_what"), _premium(payment.insurance, lang), note=note),
            Answer(say("pay_amount"), looks.show_money(payment.amount_fen)),
        ]
    if view.message:
        lines.append(Answer(say("message"), view.message, note=say("message_note")))
    return lines


def wants_of(view: ConsentView, lang: str) -> list[str]:
    """What they may do once he agrees; of a payment this one alone."""
    if (payment := view.payment) is not None:
        name, amount = _premium(payment.insurance, lang), looks.show_money(payment.amount_fen)
        return [looks.word("consent.want_pay", lang, name=name, reference=payment.reference, amount=amount)]
    return [looks.word(f"consent.want.{want}", lang) for want in view.wants]


def _premium(insurance: str, lang: str) -> str:
    return looks.word("consent.premium", lang, name=looks.word(f"insurance.{insurance}", lang))


def duration(view: ConsentView, lang: str) -> str:
    if view.expires_at and view.live:
        return looks.word("consent.until", lang, day=looks.show_day(_day(view), lang))
    return looks.word(f"consent.duration.{view.duration}", lang, days=view.days)


def _day(view: ConsentView) -> Any:
    assert view.expires_at is not None
    return view.expires_at.astimezone(clock.CHINA).date()

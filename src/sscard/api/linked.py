"""What a client may do under a consent, with a DPoP-bound token: look at card, insurance, contributions and totals, see
charges, pay one, fetch its receipt. Each look is one audit row, which the holder sees. The link itself: `oauth_link`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict, StrictInt

from sscard.api.plain import plain
from sscard.binding import access, paying
from sscard.binding.paying import PayCharge
from sscard.cards.models import Card
from sscard.control.door import perform
from sscard.documents import kept
from sscard.insurance import charges, rules
from sscard.insurance import reads as insurance
from sscard.kernel import words
from sscard.kernel.dates import month_of
from sscard.kernel.refusals import Refusal

STILL_CURRENT = 3
"""A month paid so many months ago still counts as current: levies are booked with delay."""


class Pay(Schema):
    """`reference`: the client's own number of the payment, as it stood in the consent."""

    model_config = ConfigDict(extra="forbid")
    charge: uuid.UUID
    amount_fen: StrictInt
    reference: str


def mount(api: NinjaAPI) -> None:
    @api.get("/linked/status", tags=["linked"], summary="card and insurance status · 卡状态和参保状态")
    def status(request: HttpRequest) -> Any:
        with access.reading(request, "status") as (inside, found):
            card = Card.objects.get(person_id=found.person_id, card_id=found.card_id)
            record = insurance.record(inside, found.person_id)
            told = {
                "number_masked": card.card_number_mask, "state": card.social, "bank": card.bank,
                "expires_on": card.expires_on.isoformat() if card.expires_on else None,
            }  # fmt: skip
            month = month_of(inside.today)
            return {"card": told, "insurance": [_insured(one, month) for one in record.totals]}

    @api.get("/linked/contributions", tags=["linked"], summary="the five records by month · 五险缴费记录")
    def contributions(request: HttpRequest, year: int | None = None) -> Any:
        """Newest year first; `state`: paid, late or owed."""
        with access.reading(request, "contributions") as (inside, found):
            years = insurance.contribution_years(inside, found.person_id)
            return {str(one): plain(rows) for one, rows in years.items() if year in (None, one)}

    @api.get("/linked/totals", tags=["linked"], summary="the two totals · 养老、医疗个人账户")
    def totals(request: HttpRequest) -> Any:
        """Pension account and medical account, each by itself; there is no sum of the two."""
        with access.reading(request, "totals") as (inside, found):
            record = insurance.record(inside, found.person_id)
            return {
                "pension": plain(record.pension_account),
                "medical": plain(record.medical_account),
                "months": [plain(one) for one in record.totals],
            }

    @api.get("/linked/charges", tags=["linked"], summary="open charges · 待缴费用")
    def open_charges(request: HttpRequest) -> Any:
        with access.reading(request, "payments", what="charges") as (inside, found):
            return [_charge(one) for one in charges.of_person(inside, found.person_id)]

    @api.post("/linked/payments", tags=["linked"], summary="pay one charge · 缴一笔费")
    def pay(request: HttpRequest, body: Pay) -> HttpResponse:
        """Under a consent for this one payment; the client holds the money. A repeat under the same key has the same answer."""
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            raise Refusal("control.key_missing")
        found = access.authorised(request, "payments")
        asked = PayCharge(found.consent.consent_id, body.charge, body.amount_fen, body.reference)
        done = perform(found.caller, "binding.pay_charge", asked, key=key, purpose=access.PURPOSE, area=found.area)
        answer = api.create_response(request, done.answer, status=200)
        if done.replayed:
            answer["Idempotent-Replayed"] = "true"
        return answer

    @api.get("/linked/payments/{reference}", tags=["linked"], summary="what became of a payment · 缴费结果")
    def payment(request: HttpRequest, reference: str) -> Any:
        """By the client's own number. 404: nothing was booked for it, and the money is the customer's."""
        with access.reading(request, "payments", what="payment") as (_, found):
            return paying.told(paying.booked(found.consent, found.client, reference))

    @api.get("/linked/payments/{reference}/receipt", tags=["linked"], summary="receipt · 缴费凭证")
    def receipt(request: HttpRequest, reference: str) -> HttpResponse:
        with access.reading(request, "payments", what="receipt") as (inside, found):
            made = paying.booked(found.consent, found.client, reference)
            papers = [one for one in kept.of_subject(found.person_id, made.payment_id) if one.kind == charges.KIND]
            return _pdf(inside, found.person_id, papers[0].document_id if papers else None)


def _insured(total: rules.InsuranceTotal, month: int) -> dict[str, Any]:
    """current: paid until lately; interrupted: paid once; none: nothing is known."""
    state = "none"
    if total.last_month:
        behind = (month // 100 - total.last_month // 100) * 12 + month % 100 - total.last_month % 100
        state = "current" if behind <= STILL_CURRENT else "interrupted"
    return {
        "insurance": total.insurance, "name": _named(total.insurance, "zh"), "name_en": _named(total.insurance, "en"),
        "state": state, "last_month": total.last_month or None, "months": total.months, "years": total.years,
    }  # fmt: skip


def _charge(one: charges.ChargeView) -> dict[str, Any]:
    names = {"insurance_name": _named(one.insurance, "zh"), "insurance_name_en": _named(one.insurance, "en")}
    return {**plain(one), **names}  # type: ignore[dict-item]


def _named(insurance: str, lang: str) -> str:
    return words.text("state", f"insurance.kind.{insurance}", lang)


def _pdf(inside: Any, person_id: int, document: uuid.UUID | None) -> HttpResponse:
    if document is None:
        raise Refusal("control.not_found")
    _, file = kept.fetch(inside, person_id, document)
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Cache-Control"] = "no-store"
    return answer

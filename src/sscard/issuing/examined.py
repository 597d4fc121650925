"""Reading about test cards (card measures Art. 12): examined cards with their reports, decisions of the ministry's office, and
the lock of each permitted product.

The area's people and the ministry's office see everything of an area; a producer sees its own products, and others answer it
like ones that do not exist.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from django.db.models import Q, QuerySet

from sscard.chip.conformance import lists
from sscard.control.inside import Inside
from sscard.issuing import examining, permitting
from sscard.issuing.models import ExaminedCard, OfficeDecision, ProducerKey
from sscard.kernel.refusals import Refusal

MOST_ROWS = 300
PRODUCT = ("supplier", "product", "chip", "cos", "version")


def cards(inside: Inside) -> list[dict[str, Any]]:
    """Newest first."""
    found = _cards(inside).defer("report", "paper").order_by("-examined_at")
    return [_card(one) for one in found[:MOST_ROWS]]


def card(inside: Inside, test_card: uuid.UUID) -> dict[str, Any]:
    """One with its report: as data, and as the very bytes that were signed (`file`, base64) with their `signature`."""
    one = _one_card(inside, test_card)
    return {**_card(one), "report": json.loads(bytes(one.report)), **_signed(bytes(one.report), one.signature)}


def paper(inside: Inside, test_card: uuid.UUID) -> bytes:
    """The report's sealed PDF."""
    return examining.paper(inside, _one_card(inside, test_card).test_card_id)


def decisions(inside: Inside) -> list[dict[str, Any]]:
    """Newest first."""
    found = _decisions(inside).defer("file").order_by("-decided_on", "-recorded_at")
    return [_decision(one) for one in found[:MOST_ROWS]]


def decision(inside: Inside, decision_id: uuid.UUID) -> dict[str, Any]:
    """One with the office's file and signature."""
    one = _decisions(inside).filter(decision_id=decision_id).first()
    if one is None:
        raise Refusal("control.not_found")
    return {**_decision(one), "evidence": one.evidence, **_signed(bytes(one.file), one.signature)}


def products(inside: Inside) -> list[dict[str, Any]]:
    """Each product that the area pack permits today: what each audit says, and whether it may be mass-produced."""
    mine = None if inside.caller.organisation_kind != "producer" else _suppliers(inside)
    found = []
    for permit in inside.area.production_permits(inside.today):
        if mine is not None and permit.supplier not in mine:
            continue
        product = permitting.of_permit(inside, permit)
        audits = {
            audit: {"state": state, "until": until.isoformat() if until else None}
            for audit, (state, until) in permitting.audits_of(inside, product).items()
        }
        is_open = all(one["state"] == "passed" for one in audits.values())
        named = {name: getattr(product, name) for name in PRODUCT}
        found.append({**named, "plant": permit.plant, "audits": audits, "open": is_open})
    return found


def _cards(inside: Inside) -> QuerySet[ExaminedCard]:
    found = ExaminedCard.objects.filter(area_code=inside.area_code)
    if inside.caller.organisation_kind == "producer":
        found = found.filter(Q(supplier__in=_suppliers(inside)) | Q(asked_by=inside.caller.organisation))
    return found


def _one_card(inside: Inside, test_card: uuid.UUID) -> ExaminedCard:
    found = _cards(inside).filter(test_card_id=test_card).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def _decisions(inside: Inside) -> QuerySet[OfficeDecision]:
    found = OfficeDecision.objects.filter(area_code=inside.area_code)
    if inside.caller.organisation_kind == "producer":
        found = found.filter(supplier__in=_suppliers(inside))
    return found


def _suppliers(inside: Inside) -> set[str]:
    """Under which names the caller's organisation supplies cards: as it is registered here, or had a test card examined."""
    own = {"area_code": inside.area_code}
    registered = ProducerKey.objects.filter(**own, organisation=inside.caller.organisation)
    examined = ExaminedCard.objects.filter(**own, asked_by=inside.caller.organisation)
    return {*registered.values_list("supplier", flat=True), *examined.values_list("supplier", flat=True)}


def _card(one: ExaminedCard) -> dict[str, Any]:
    names = (*PRODUCT, "plant", "asked_by", "atr", "algorithm", "conformance", "cross_area", "examined_at", "signer")
    told = {name: getattr(one, name) for name in names}
    return {
        "test_card": one.test_card_id,
        **told,
        "items": lists.in_force(one.examined_at).name,
        "digest": bytes(one.sha256).hex(),
    }


def _decision(one: OfficeDecision) -> dict[str, Any]:
    names = ("number", *PRODUCT, "outcomes", "decided_on", "until", "signer")
    return {"decision": one.decision_id, **{name: getattr(one, name) for name in names}}


def _signed(file: bytes, signature: str) -> dict[str, str]:
    return {"file": base64.b64encode(file).decode(), "signature": signature}

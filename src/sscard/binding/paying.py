"""Paying a charge through a link: a consent for this one payment, and the act that books it.

A client asks with `authorization_details` of its own type; card, person and paying account are those of the link:

    {"type": "social_insurance_payment", "link": "<consent of the link>", "charge": "…", "amount_fen": 38000,
     "reference": "the client's number of the payment"}

The holder sees charge and amount at our page and proves himself for them (step-up); the consent serves for nothing else.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sscard.binding import access, consents, rules
from sscard.binding.models import Client, Consent, ConsentPayment
from sscard.control.acts_registry import act
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.insurance import charges
from sscard.insurance.models import Charge, ChargePayment
from sscard.kernel import clock, ids
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.people import lookup

TYPE: Final = "social_insurance_payment"
MEMBERS: Final = frozenset({"type", "link", "charge", "amount_fen", "reference"})
WANT: Final = "payments"
USED: Final = "USED"
"""What people and clients are told of a consent whose one payment was booked. In the table of states it lives on to its end, so
that the client can ask again what became of the payment."""


@dataclass(frozen=True, slots=True)
class AskPayment:
    """`link`: the consent of the link through which it is paid."""

    link: uuid.UUID
    charge: uuid.UUID
    amount_fen: int
    reference: str


def read(text: str) -> AskPayment | None:
    """The payment that `authorization_details` asks for; None when they are about something else. All faults at once:
    binding.details_form."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict) or given[0].get("type") != TYPE:
        return None
    one: dict[str, Any] = given[0]
    refuse_if_any(list(_faults(one)), "binding.details_form")
    return AskPayment(uuid.UUID(one["link"]), uuid.UUID(one["charge"]), one["amount_fen"], one["reference"])


def _faults(one: dict[str, Any]) -> Iterator[Fault]:
    for name in sorted(one.keys() - MEMBERS):
        yield Fault(name[:40], "binding.details_unknown")
    for name in ("link", "charge"):
        try:
            uuid.UUID(one.get(name, ""))
        except (ValueError, AttributeError, TypeError):
            yield Fault(name, "binding.details_text", {"most": 36})
    amount = one.get("amount_fen")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount < 10**12:
        yield Fault("amount_fen", "ledger.amount")
    reference = one.get("reference")
    if not isinstance(reference, str) or not 0 < len(reference) <= 64 or not reference.isprintable():
        yield Fault("reference", "binding.details_text", {"most": 64})


def ask(client: Client, request: AskPayment, *, caller_of: Any) -> tuple[uuid.UUID, int, str]:
    """A waiting consent for one payment: (its id, person, area)."""
    found = lookup.find("consent", request.link)
    area = found.area if found else ""
    outcome = perform(caller_of(area), "binding.ask_payment", request, key=str(ids.new_id()), purpose="link", area=area)
    assert found is not None  # the act refuses otherwise
    return uuid.UUID(outcome.answer["consent"]), found.person_id, area


@act("binding.ask_payment", right="binding.ask", clause="")
def ask_act(inside: Inside, request: AskPayment) -> dict[str, Any]:
    """A client asks its customer's holder to agree to one payment."""
    link = access.still(inside, request.link, WANT)
    charge = charges.require_open(link.person_id, request.charge, request.amount_fen)
    now = inside.now
    consent = Consent(
        person_id=link.person_id,
        consent_id=ids.new_id(),
        area_code=inside.area_code,
        client_id=link.client_id,
        card_id=link.card_id,
        way="redirect",
        wants=[WANT],
        duration="ONE_TIME",
        customer=link.customer,
        paying_reference=link.paying_reference,
        paying_masked=link.paying_masked,
        id_valid_until=link.id_valid_until,
        state="AWAITING_AUTHORISATION",
        asked_at=now,
        awaiting_until=now + rules.AWAITING,
        changed_at=now,
    )
    consents.begin(inside, consent)
    ConsentPayment(
        person_id=link.person_id, consent_id=consent.consent_id, area_code=inside.area_code,
        link_consent_id=link.consent_id, charge_id=charge.charge_id, amount_fen=request.amount_fen,
        reference=request.reference,
    ).save(force_insert=True)  # fmt: skip
    inside.object = f"consent:{consent.consent_id}"
    return {"consent": str(consent.consent_id), "state": consent.state}


@dataclass(frozen=True, slots=True)
class PayCharge:
    """What the client says of the money that it holds; it must be what the holder agreed to."""

    consent: uuid.UUID
    charge: uuid.UUID
    amount_fen: int
    reference: str


@act("binding.pay_charge", right="binding.read", about_person=True)
def pay(inside: Inside, request: PayCharge) -> dict[str, Any]:
    """The charge is booked as paid and receipted, once."""
    consent = access.still(inside, request.consent, WANT)
    agreed = of(consent)
    if agreed is None:
        raise Refusal("binding.payment_not_agreed")
    if (agreed.charge_id, agreed.amount_fen, agreed.reference) != (
        request.charge, request.amount_fen, request.reference,
    ):  # fmt: skip
        raise Refusal("binding.payment_differs", amount=yuan(agreed.amount_fen))
    inside.object = f"consent:{consent.consent_id}"
    if (before := _booked_under(consent)) is not None:
        return told(before)
    _require_link(agreed)
    client = Client.objects.select_related("organisation").get(client_id=consent.client_id)
    paid = charges.Payment(
        charge=request.charge, amount_fen=request.amount_fen, payer=client.organisation.bank,
        payer_name=client.name_zh, payer_reference=request.reference, paying_masked=consent.paying_masked,
        consent=consent.consent_id,
    )  # fmt: skip
    try:
        return told(charges.book(inside, consent.person_id, paid))
    except Refusal:
        if (before := _booked_under(consent)) is None:  # not by a call that came at the same moment either
            raise
        return told(before)


def _booked_under(consent: Consent) -> ChargePayment | None:
    """This consent's own payment: asked again under another key it is that booking, and no second payment refused. Who holds
    the money gives it back on a refusal."""
    return ChargePayment.objects.filter(person_id=consent.person_id, consent_id=consent.consent_id).first()


def state_told(consent: Consent, now: datetime) -> str:
    """The state as it is told: a consent for one payment that was paid is used up, though it would still hold for a while."""
    state = consents.state_now(consent, now)
    return USED if consent.duration == "ONE_TIME" and state != "REVOKED" and _booked_under(consent) else state


def told(made: ChargePayment) -> dict[str, Any]:
    return {
        "payment": str(made.payment_id), "charge": str(made.charge_id), "amount_fen": made.amount_fen,
        "reference": made.payer_reference, "receipt_code": made.receipt_code, "booked_at": made.booked_at.isoformat(),
    }  # fmt: skip


def of(consent: Consent) -> ConsentPayment | None:
    """What a consent for a payment is about; None for any other consent."""
    return ConsentPayment.objects.filter(person_id=consent.person_id, consent_id=consent.consent_id).first()


def details_of(consent: Consent) -> dict[str, Any]:
    """What the token's answer says beside the consent (RFC 9396 §7); nothing for a link."""
    row = of(consent) if consent.duration == "ONE_TIME" else None
    return {"type": TYPE, "charge": str(row.charge_id), "amount_fen": row.amount_fen} if row else {}


@dataclass(frozen=True, slots=True)
class Shown:
    """A payment as the holder reads it before he agrees."""

    reference: str
    insurance: str
    first_month: int
    last_month: int
    amount_fen: int
    booked_at: datetime | None
    """When it was paid: from then on the consent is used up."""


def shown(person_id: int, consent_id: uuid.UUID) -> Shown | None:
    row = ConsentPayment.objects.filter(person_id=person_id, consent_id=consent_id).first()
    if row is None:
        return None
    charge = Charge.objects.get(person_id=person_id, charge_id=row.charge_id)
    made = ChargePayment.objects.filter(person_id=person_id, consent_id=consent_id).first()
    return Shown(
        charge.reference, charge.insurance, charge.first_month, charge.last_month, row.amount_fen,
        made.booked_at if made else None,
    )  # fmt: skip


def still_open(consent: Consent) -> None:
    """Between asking and agreeing the charge may have been paid, or the link ended. Raises why."""
    row = of(consent)
    if row is None:
        return
    _require_link(row)
    charges.require_open(consent.person_id, row.charge_id, row.amount_fen)


def _require_link(row: ConsentPayment) -> None:
    """A payment that was agreed to and not booked ends with its link. Raises why the link does not hold."""
    link = Consent.objects.select_for_update().get(person_id=row.person_id, consent_id=row.link_consent_id)
    if (refusal := consents.why_not(link, clock.now(link.area_code))) is not None:
        raise refusal


def booked(consent: Consent, client: Client, reference: str) -> ChargePayment:
    """What became of the client's payment of this number; control.not_found when nothing was booked for it. Asked under a
    link, any of its payments of this person; under a consent for one payment that one only, also when the link has ended:
    whoever holds the money must learn whether it is owed back."""
    person_id = consent.person_id
    mine = Consent.objects.filter(person_id=person_id, client_id=client.client_id)
    if of(consent) is not None:
        mine = mine.filter(consent_id=consent.consent_id)
    found = ChargePayment.objects.filter(
        person_id=person_id, payer_reference=reference, consent_id__in=list(mine.values_list("consent_id", flat=True))
    ).first()
    if found is None:
        raise Refusal("control.not_found")
    return found

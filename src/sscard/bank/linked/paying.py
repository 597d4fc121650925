"""Paying a charge through a link: agreed to at the bureau for this one charge, money set aside here, booked there, then taken;
or returned. The order is what keeps both sides right: nothing is booked without money, nothing is taken unbooked.

When the bureau's answer is lost the payment is in doubt: the money stays set aside, and asking again by the same number
tells what became of it.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, Final

from sscard.bank.linked import charging, keeping, linking, looking, oauth, receipts
from sscard.bank.linked.linking import Asked, Back
from sscard.bank.linked.looking import PaymentView
from sscard.bank.linked.tables import LinkPayment
from sscard.bank.linked.wire import BureauRefused
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal

PATH: Final = "/api/linked/payments"
UNSURE: Final = (429, 503)
"""Nothing was booked for this answer, and the same number may be sent again."""
SENDS: Final = 2
SURE_AFTER = timedelta(minutes=7)
"""The token of a payment lives five minutes: what was sent before cannot be booked any more after this. Until then "not booked"
may mean "not yet", and the money stays set aside."""


def begin(caller: Caller, link: uuid.UUID, charge: str) -> Asked:
    """Choose one open charge. Amount and label are the bureau's own, read now. Raises bank.charge_not_open."""
    found = next((one for one in looking.charges(caller, link) if one["charge"] == charge), None)
    if found is None or found["state"] not in ("open", "overdue"):
        raise Refusal("bank.charge_not_open")
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside:
        row, bank = linking.mine(inside, link), linking.keys_of(inside)
    months = "–".join(f"{month // 100}.{month % 100:02d}" for month in (found["first_month"], found["last_month"]))
    label = f"{found['insurance_name']} {months}"
    asked = charging.AskChargePayment(link, charge, label, int(found["amount_fen"]))
    payment = uuid.UUID(keeping.perform(caller, "bank.ask_charge_payment", asked).answer["payment"])
    details = {
        "type": "social_insurance_payment", "link": row.consent, "charge": charge,
        "amount_fen": int(found["amount_fen"]), "reference": str(payment),
    }  # fmt: skip
    try:
        pushed = oauth.push(bank, details)
    except Refusal as refusal:
        _drop(caller, payment, refusal)
        raise
    return linking.ask(caller, pushed, account=row.account_id, card_mask=row.card_mask, payment=payment)


def declined(caller: Caller, came: Back, error: str) -> None:
    linking.declined(caller, came, error)
    assert came.payment is not None
    keeping.perform(caller, "bank.drop_charge", charging.ChargeStep(came.payment, error or "declined"))


def finish(caller: Caller, came: Back, code: str) -> PaymentView:
    """The holder has agreed: hold, book, take. Answers how the payment stands; a refusal before any money was touched is
    raised."""
    payment = came.payment
    assert payment is not None
    try:
        tokens = linking.redeem(caller, came, code)
        keeping.perform(caller, "bank.hold_charge", charging.ChargeStep(payment))
    except Refusal as refusal:
        _drop(caller, payment, refusal)
        raise
    row = one(caller, payment)
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside:
        bank = linking.keys_of(inside)
    body = {"charge": row.charge, "amount_fen": row.amount_fen, "reference": str(payment)}
    for _ in range(SENDS):  # under one key: the second waits for the first and gets its answer
        try:
            told = oauth.call(bank, tokens.access, "POST", PATH, body=body, key=str(payment))
        except BureauRefused as refusal:
            if refusal.http_status in UNSURE or refusal.bureau_code == "control.key_in_progress":
                continue
            return _returned(caller, payment, refusal.bureau_code)
        except Refusal:  # no answer, or too many calls under way here
            continue
        return _taken(caller, payment, told)
    return _doubt(caller, payment)


def look_again(caller: Caller, payment: uuid.UUID) -> PaymentView:
    """What became of a payment in doubt. Asked through the link, by our own number of it."""
    row = one(caller, payment)
    if row.state not in ("held", "doubt"):
        return row
    try:
        told = linking.call(caller, link_of(caller, payment), "GET", f"{PATH}/{payment}")
    except BureauRefused as refusal:
        if refusal.http_status != 404:
            raise
        if clock.real_now() - _row(caller, payment).sent_at < SURE_AFTER:
            return row
        return _returned(caller, payment, "bank.charge_not_booked")
    return _taken(caller, payment, told)


def one(caller: Caller, payment: uuid.UUID) -> PaymentView:
    return looking.view(_row(caller, payment))


def link_of(caller: Caller, payment: uuid.UUID) -> uuid.UUID:
    return _row(caller, payment).link_id


def _row(caller: Caller, payment: uuid.UUID) -> LinkPayment:
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside, inside.bank_role():
        (person,) = inside.caller.persons
        inside.about(person, what="charge_payment")
        row = LinkPayment.objects.filter(person_id=person, payment_id=payment).first()
    if row is None:
        raise Refusal("control.not_found")
    return row


def _taken(caller: Caller, payment: uuid.UUID, told: Any) -> PaymentView:
    step = charging.ChargeStep(payment, "", str(told.get("payment", "")), str(told.get("receipt_code", "")))
    keeping.perform(caller, "bank.capture_charge", step, key=f"{payment}-capture")
    receipts.keep(caller, payment)
    return one(caller, payment)


def _returned(caller: Caller, payment: uuid.UUID, because: str) -> PaymentView:
    keeping.perform(caller, "bank.return_charge", charging.ChargeStep(payment, because), key=f"{payment}-return")
    return one(caller, payment)


def _doubt(caller: Caller, payment: uuid.UUID) -> PaymentView:
    keeping.perform(caller, "bank.doubt_charge", charging.ChargeStep(payment))
    return one(caller, payment)


def _drop(caller: Caller, payment: uuid.UUID, refusal: Refusal) -> None:
    because = getattr(refusal, "bureau_code", "") or refusal.code
    keeping.perform(caller, "bank.drop_charge", charging.ChargeStep(payment, because))

"""The acts of one premium: chosen, its money set aside, taken when the bureau has booked it, free again when it has not."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sscard.bank import customers, limits, rules
from sscard.bank.linked import keeping
from sscard.bank.linked.tables import LinkPayment
from sscard.bank.savings import books, presence, settings
from sscard.bank.standing import find
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.ledger import follow_up, posting
from sscard.ledger.permits import INTERNAL

COLLECTION: Final = "insurance.collection"
"""The bank's account in which premiums are gathered for the social insurance fund (基金归集户)."""
HELD_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AskChargePayment:
    link: uuid.UUID
    charge: str
    label: str
    amount_fen: int


@act("bank.ask_charge_payment", right="bank.link_keep", about_person=True)
def ask_payment(inside: Inside, request: AskChargePayment) -> dict[str, Any]:
    """A charge was chosen; no money is touched yet."""
    with inside.bank_role():
        link = keeping.link_of(inside, request.link)
        if link.ended_at is not None:
            raise Refusal("bank.link_ended")
        made = LinkPayment(
            person_id=link.person_id, payment_id=ids.new_id(), book=link.book, link_id=link.link_id,
            account_id=link.account_id, charge=request.charge[:64], label=request.label[:120],
            amount_fen=request.amount_fen, hold_id=ids.new_id(), state="asked", made_at=inside.now,
            changed_at=inside.now, sent_at=clock.real_now(),
        )  # fmt: skip
        made.save(force_insert=True)
    inside.object = f"link_payment:{made.payment_id}"
    return {"payment": str(made.payment_id)}


@dataclass(frozen=True, slots=True)
class ChargeStep:
    """`because`: the bureau's code with a return. `receipt`: its document and code with a capture."""

    payment: uuid.UUID
    because: str = ""
    receipt: str = ""
    receipt_code: str = ""


@act("bank.hold_charge", right="bank.link_keep", about_person=True)
def hold_charge(inside: Inside, request: ChargeStep) -> dict[str, Any]:
    """The holder has agreed at the bureau: the money is set aside, within the bank's limits and the customer's own."""
    with inside.bank_role():
        row = _payment(inside, request.payment, "asked")
    mirror = find(inside, row.account_id)
    area = areas.get(mirror.area_code)
    here = presence.present(inside, mirror, None, matter="bank.hold_charge", business=rules.TRANSFER)
    with inside.bank_role():
        standing = presence.admitted(inside, here)
        account = standing.account
        own = settings.of_account(account.person_id, account.account_id)
        caps = settings.caps(area, here.bank, account, own, limits.TRANSFER, on=inside.today, counter=True)
        _move(row, "held", inside)
        item = posting.Item(
            caller=inside.caller.id, key=inside.key,
            fingerprint=books.fingerprint("charge", row.payment_id, row.amount_fen), kind="premium",
            debit=books.customer(account.person_id, account.account_id, here.need),
            credit=books.house(account.book, COLLECTION, account.account_id, now=here.now),
            amount_fen=row.amount_fen, business_date=books.business_day(area, account.book, here.now),
            limits=books.limits(caps), memo=row.label[:60], action=posting.Action.HOLD, hold=row.hold_id,
            expires_at=here.now + HELD_FOR,
        )  # fmt: skip
        books.post(item, now=here.now)
    return {"payment": str(row.payment_id), "state": "held"}


@act("bank.capture_charge", right="bank.link_keep", about_person=True)
def capture_charge(inside: Inside, request: ChargeStep) -> dict[str, Any]:
    """The bureau has booked it: what was set aside goes to the collection account."""
    return _settle(inside, request, "paid")


@act("bank.return_charge", right="bank.link_keep", about_person=True)
def return_charge(inside: Inside, request: ChargeStep) -> dict[str, Any]:
    """The bureau has not booked it and will not: what was set aside is free again."""
    return _settle(inside, request, "returned")


@act("bank.doubt_charge", right="bank.link_keep", about_person=True)
def doubt_charge(inside: Inside, request: ChargeStep) -> dict[str, Any]:
    """The bureau's answer is not known: the money stays set aside until it is."""
    with inside.bank_role():
        _move(_payment(inside, request.payment, "held", "doubt"), "doubt", inside)
    return {"payment": str(request.payment), "state": "doubt"}


@act("bank.drop_charge", right="bank.link_keep", about_person=True)
def drop_charge(inside: Inside, request: ChargeStep) -> dict[str, Any]:
    """It came to nothing before any money was set aside."""
    with inside.bank_role():
        row = _payment(inside, request.payment, "asked")
        row.because = request.because[:60]
        _move(row, "ended", inside)
    return {"payment": str(request.payment), "state": "ended"}


def _settle(inside: Inside, request: ChargeStep, became: str) -> dict[str, Any]:
    area = areas.get(inside.area_code)
    with inside.bank_role():
        row = _payment(inside, request.payment, "held", "doubt")
        row.because, row.receipt, row.receipt_code = (
            request.because[:60],
            request.receipt[:64],
            request.receipt_code[:20],
        )
        _move(row, became, inside)
        hold = follow_up.find_hold(row.person_id, row.hold_id)
        if hold is None:
            raise Refusal("bank.link_hold_gone")
        asked = follow_up.Asked(
            caller=inside.caller.id, key=inside.key,
            fingerprint=books.fingerprint(inside.act, row.payment_id, row.amount_fen),
            business_date=books.business_day(area, row.book, inside.now), memo=row.label[:60],
        )  # fmt: skip
        item = (
            follow_up.capture(hold, asked, kind="premium", need=INTERNAL)
            if became == "paid"
            else follow_up.void(hold, asked)
        )
        if became == "paid":
            books.note(
                inside, row.book, row.person_id, hold.account_id, item.transfer_id,
                other_name_mask=area.issuer_name("zh")[:60], memo=row.label[:60],
            ).save(force_insert=True)  # fmt: skip
        books.post(item, now=inside.now)
    inside.emit(f"bank.charge_{became}", {"payment": str(row.payment_id), "bank": inside.caller.bank})
    return {"payment": str(row.payment_id), "state": became}


def _move(row: LinkPayment, became: str, inside: Inside) -> None:
    row.state, row.changed_at = became, inside.now
    if became == "held":
        row.sent_at = clock.real_now()
    row.save(update_fields=["state", "because", "receipt", "receipt_code", "changed_at", "sent_at"])


def _payment(inside: Inside, payment: uuid.UUID, *states: str) -> LinkPayment:
    customer = customers.own(inside)
    row = (
        LinkPayment.objects.select_for_update(no_key=True)
        .filter(person_id=customer.person_id, payment_id=payment)
        .first()
    )
    if row is None:
        raise Refusal("control.not_found")
    if row.state not in states:
        raise Refusal("bank.link_payment_state", state=row.state)
    return row

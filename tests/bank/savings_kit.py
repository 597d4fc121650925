"""What tests of savings need beside the bank's kit: rich and awake customers, on-line and at terminals."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import bank_kit as kit


def customer(holder: kit.Holder, **extra: Any) -> Any:
    """Signed in at his bank's own site."""
    from sscard.control.caller import Caller

    return Caller.of_customer(
        customer_id=uuid.uuid4(), name="customer", area=holder.area, bank=holder.bank, person_index=b"c" * 32,
        person_id=holder.person_id, extra=extra,
    )  # fmt: skip


def proved(holder: kit.Holder, request: Any, at: Any = None) -> Any:
    """Signed in, with his second factor given for this request."""
    from sscard.bank.models import Customer
    from sscard.kernel import clock

    who = customer(holder, stepped_up_at=at or clock.real_now(), stepped_up_for=request.matter)
    now = clock.real_now()
    with kit.in_bank(holder):
        known = Customer.objects.filter(person_id=holder.person_id).first()
        if known is None:
            Customer(
                person_id=holder.person_id, customer_id=who.id, book=f"bank:{holder.bank}", area_code=holder.area,
                bank=holder.bank, name_mask="*", id_index=b"c" * 32, username_index=uuid.uuid4().bytes * 2, username="u",
                totp="t", password="", created_at=now, changed_at=now,
            ).save(force_insert=True)  # fmt: skip
            return who
    return replace(who, id=known.customer_id)


def rich(fen: int = 100_000, **more: Any) -> kit.Holder:
    """Account open and activated, with money."""
    holder = kit.activated(kit.opened(kit.person(**more)))
    if fen:
        kit.pay_in(holder, fen)
    return holder


def at(terminal: kit.Terminal, matter: str, holder: kit.Holder, pin: str = kit.PIN) -> uuid.UUID:
    """Card in the slot and PIN on the pad."""
    session = terminal.session(matter, "card_slot", "pin_pad")
    terminal.desk.insert_card(holder.virtual_card())
    terminal.desk.enter_pin(pin)
    return session


def request(payer: kit.Holder, payee: kit.Holder, fen: int, **more: Any) -> Any:
    from sscard.bank.acts import Transfer

    return Transfer(payer.account, fen, **{"to_number": payee.pan, "to_name": payee.name, **more})


def send(payer: kit.Holder, payee: kit.Holder, fen: int, *, who: Any = None, key: str = "", **more: Any) -> Any:
    return kit.perform(who or customer(payer), "bank.transfer", request(payer, payee, fen, **more), key=key)


def statement(holder: kit.Holder, **more: Any) -> Any:
    from sscard.bank.savings.statement import statement as read
    from sscard.control.door import reading

    with reading(customer(holder), right="bank.statement", purpose="test") as inside:
        return read(inside, holder.account, **more)

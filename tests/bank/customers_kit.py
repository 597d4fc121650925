"""Customers of a bank: enrolled at a counter, with a sign-in of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bank_kit as kit

PASSWORD = "海风-在码头-慢慢吹-19"


@dataclass(slots=True)
class Signed:
    """A holder with his on-line banking."""

    holder: kit.Holder
    customer: Any
    username: str
    secret: str

    @property
    def caller(self) -> Any:
        from sscard.bank import customers

        return customers.caller_of(self.customer)

    def code(self, ahead: int = 0) -> str:
        """The authenticator's code; `ahead` steps on, as each serves once."""
        from datetime import timedelta

        from sscard.control import totp
        from sscard.kernel import clock

        return totp.code(self.secret, clock.real_now() + timedelta(seconds=30 * ahead))

    def fresh_code(self) -> str:
        """A code that was not used: what was taken before is forgotten, as if half a minute had passed."""
        from sscard.bank.models import Customer

        with kit.in_bank(self.holder):
            Customer.objects.filter(customer_id=self.customer.customer_id).update(totp_last_step=0)
        return self.code()

    def reading(self, right: str = "bank.own_online") -> Any:
        from sscard.control.door import reading

        return reading(self.caller, right=right, purpose="test")


def enrolled(holder: kit.Holder, terminal: kit.Terminal | None = None, **more: Any) -> str:
    """The code that the counter tells him."""
    from sscard.bank.acts import EnrolOnline

    terminal = terminal or kit.counter_of(holder)
    session = terminal.present("bank.enrol_online", holder, **more)
    done = kit.perform(terminal.caller, "bank.enrol_online", EnrolOnline(holder.account, session), area=holder.area)
    assert "code" not in done.answer
    return str(done.once["code"])


def set_up(holder: kit.Holder, code: str, username: str, **more: Any) -> Signed:
    from sscard.bank import customers
    from sscard.control import totp
    from sscard.kernel import clock

    secret = more.pop("secret", totp.new_secret())
    customer = customers.set_up(
        more.pop("bank", holder.bank), more.pop("id_number", holder.id_number), code, username,
        more.pop("password", PASSWORD), secret, more.pop("totp_code", totp.code(secret, clock.real_now())),
        address=more.pop("address", f"10.1.{kit.next_number() // 250}.{kit.next_number() % 250}"),
    )  # fmt: skip
    return Signed(holder, customer, username, secret)


def customer(holder: kit.Holder | None = None, *, fen: int = 0, terminal: kit.Terminal | None = None) -> Signed:
    """Opened, activated, enrolled, signed up; `fen` on the account."""
    if holder is None:
        holder = kit.activated(kit.opened(kit.person()), terminal)
    if fen:
        kit.pay_in(holder, fen)
    return set_up(holder, enrolled(holder, terminal), f"user{kit.next_number()}")

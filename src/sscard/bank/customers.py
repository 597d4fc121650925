"""A customer's own sign-in at his bank's site: made with the counter's code, then user name, password, one-time code.

Unknown and wrong get the same answer and the same work (T11); names are counted in their normal form (T17); each time
step of the authenticator serves once (T16). A sign-in belongs to one bank: another bank's site does not know it.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from sscard.bank.customers_enrol import code_hash
from sscard.bank.customers_models import Customer, CustomerInvite
from sscard.bank.customers_rules import INVITE_TRIES, username_fault
from sscard.codes.text import normal
from sscard.control import audit, passwords, signin, throttle, totp
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.sessions import end_sessions
from sscard.kernel import clock, db, ids
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import blind_index, open_one
from sscard.people import lookup
from sscard.people.models import Person

NOBODY, NO_AREA = -1, "000000"
LOOKUP = "netbank"
"""Kind of the look-up of user names; `customer` is that of public ids."""


class SigningIn:
    """Opening the one-time secret is part of signing in; the sign-in itself is the audit row."""

    def opened(self, *_: object) -> None:
        return


@contextmanager
def within(bank: str, area: str) -> Iterator[None]:
    """A unit of work in the bank's role. For sign-in, which comes before the door."""
    with db.unit_of_work(area=area), db.bank_role(f"bank:{bank}"):
        yield


# --- the first time ---------------------------------------------------------------------------------------------------


def set_up(
    bank: str, id_number: str, code: str, username: str, password: str, secret: str, totp_code: str, *, address: str
) -> Customer:
    """The counter's code makes the sign-in, or makes it anew. Raises bank.invite_wrong for every mismatch of number and
    code, the form's faults beside it, bank.username_taken only to somebody whose code is right."""
    number, name = normal(id_number), passwords.normal_name(username)
    throttle.count("netbank_invite", throttle.SIGN_IN, target=f"{bank}|{number}", source=address)
    step = _check_form(number, name, password, secret, totp_code)
    found = lookup.find("id_number", blind_index("id_number", number))
    index, hashed = blind_index("username", f"{bank}|{name}"), passwords.hashed(password)
    person_id, area = (found.person_id, found.area) if found else (NOBODY, NO_AREA)
    taken_by = lookup.find(LOOKUP, index)
    customer: Customer | None = None
    with within(bank, area):
        live = _live_invite(person_id)
        given = code_hash(live.invite_id if live else ids.new_id(), code)
        right = live is not None and hmac.compare_digest(bytes(live.code_hash), given)
        if live is not None and not right:
            CustomerInvite.objects.filter(person_id=person_id, invite_id=live.invite_id).update(tries=live.tries + 1)
        taken = taken_by is not None and taken_by.person_id != person_id
        if right and live is not None and not taken:
            customer = _make(bank, area, live, name, index)
            customer.password, customer.totp, customer.totp_last_step = hashed, secret, step
            customer.id_valid_until = live.id_valid_until
            customer.stopped_at = customer.stopped_by = None
            customer.save()
    if customer is None:
        raise Refusal("bank.username_taken" if right else "bank.invite_wrong")
    end_sessions(customer.customer_id)
    throttle.forget("netbank_invite", target=f"{bank}|{number}", source=address)
    _note(customer, bank, "bank.online_set_up", ok=True, address=address)
    return customer


def _check_form(number: str, name: str, password: str, secret: str, totp_code: str) -> int:
    """All that is wrong with what was chosen, before the code is looked at; the accepted time step."""
    faults = [fault] if (fault := username_fault(name)) else []
    try:
        passwords.check_new(password, minimum=passwords.HOLDER_MINIMUM, own_words=(number, number[-6:], name))
    except Refusal as refusal:
        faults.append(Fault("password", refusal.code, refusal.facts))
    step = totp.matching_step(secret, totp_code, clock.real_now()) if totp.usable(secret) else None
    if step is None:
        faults.append(Fault("totp", "bank.code_wrong"))
    refuse_if_any(faults)
    assert step is not None
    return step


def _live_invite(person_id: int) -> CustomerInvite | None:
    return (
        CustomerInvite.objects.select_for_update()
        .filter(person_id=person_id, used_at=None, tries__lt=INVITE_TRIES, expires_at__gt=clock.real_now())
        .first()
    )


def _make(bank: str, area: str, live: CustomerInvite, name: str, index: bytes) -> Customer:
    """The customer of this person at this bank, new or known, under this user name. Runs in the bank's role."""
    now = clock.real_now()
    CustomerInvite.objects.filter(person_id=live.person_id, invite_id=live.invite_id).update(used_at=now)
    customer = Customer.objects.filter(person_id=live.person_id).select_for_update().first()
    if customer is None:
        with as_area():
            person = Person.objects.get(person_id=live.person_id)
        customer = Customer(
            person_id=live.person_id,
            customer_id=ids.new_id(),
            book=f"bank:{bank}",
            area_code=area,
            bank=bank,
            name_mask=person.name_mask,
            id_index=bytes(person.id_index),
            created_at=now,
        )
        lookup.put("customer", customer.customer_id, area=area, person_id=live.person_id)
    if not customer.username_index or bytes(customer.username_index) != index:
        lookup.put(LOOKUP, index, area=area, person_id=live.person_id, object_id=customer.customer_id)
    customer.username_index, customer.username, customer.changed_at = index, name, now
    return customer


@contextmanager
def as_area() -> Iterator[None]:
    """For a moment out of the bank's role, to see the area's rows; the book is kept and entered again."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('sscard.book', true)")
        book = cursor.fetchone()[0]
        cursor.execute("set local role none")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {db.BANK_ROLE}")
        cursor.execute("select set_config('sscard.book', %s, true)", [book])


# --- every time -------------------------------------------------------------------------------------------------------


def sign_in(
    bank: str, username: str, password: str, code: str, *, address: str, device: str = "", channel: str = "netbank"
) -> Customer:  # fmt: skip
    """The customer of this bank behind these two factors; `device`: see `throttle.count_sign_in`. Raises control.sign_in for
    every kind of mismatch."""
    name = passwords.normal_name(username)
    throttle.count_sign_in("netbank", target=f"{bank}|{name}", source=address, device=device)
    customer = _named(bank, name)
    right = passwords.matches(password, customer.password if customer else None)
    secret = open_one(customer, "totp", SigningIn()) if customer else signin.open_nothing("bank")
    step = totp.matching_step(secret, code, clock.real_now())
    ok = bool(customer and right and not customer.stopped_at and step is not None and take_step(customer, step))
    _note(customer, bank, "control.sign_in", ok=ok, address=address, channel=channel)
    if not ok or customer is None:
        raise Refusal("control.sign_in")
    throttle.forget_sign_in("netbank", target=f"{bank}|{name}", source=address, device=device)
    return customer


def _named(bank: str, name: str) -> Customer | None:
    """The same two queries for a name that nobody has; a name that he has given up leads nowhere."""
    index = blind_index("username", f"{bank}|{name}")
    found = lookup.find(LOOKUP, index)
    with within(bank, found.area if found else NO_AREA):
        return Customer.objects.filter(
            person_id=found.person_id if found else NOBODY, username_index=index, bank=bank
        ).first()


def take_step(customer: Customer, step: int) -> bool:
    """Each time step once, also under ten requests at the same moment."""
    with within(customer.bank, customer.area_code):
        return _take_step(customer, step)


def _take_step(customer: Customer, step: int) -> bool:
    mine = Customer.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id)
    return bool(mine.filter(totp_last_step__lt=step).update(totp_last_step=step))


def _note(customer: Customer | None, bank: str, verb: str, *, ok: bool, address: str, channel: str = "netbank") -> None:
    if customer is not None:
        caller = caller_of(customer, address=address, channel=channel)
    else:
        caller = Caller(kind="anonymous", id=ids.new_id(), name="", channel=channel, bank=bank, address=address)
    with db.unit_of_work(area=caller.area):
        row = audit.row_of(
            caller, verb, area=caller.area, now=clock.real_now(),
            result="ok" if ok else "refused", reason="" if ok else verb, object=f"bank:{bank}",
        )  # fmt: skip
        audit.write([row], [(row, customer.person_id, customer.area_code)] if customer else [])


note = _note


def customer_of(bank: str, customer_id: uuid.UUID) -> Customer | None:
    """Whom a session names, if he is a customer of this bank and his access was not stopped."""
    found = lookup.find("customer", customer_id)
    if found is None:
        return None
    with within(bank, found.area):
        return Customer.objects.filter(
            person_id=found.person_id, customer_id=customer_id, stopped_at__isnull=True
        ).first()


def caller_of(customer: Customer, **more: Any) -> Caller:
    return Caller.of_customer(
        customer_id=customer.customer_id,
        name=customer.name_mask,
        area=customer.area_code,
        bank=customer.bank,
        person_index=bytes(customer.id_index),
        person_id=customer.person_id,
        **more,
    )


def step_up(customer: Customer, code: str, *, address: str, channel: str = "netbank") -> datetime:
    """The second factor once more, before money leaves (security.md §6). The face keeps the moment in the session (`keep_proof`)
    with the order that it was given for, and tells the door; the act's rule says how long that holds. Raises bank.code_wrong,
    and bank.code_missing, which is no try."""
    if not code.strip():
        raise Refusal("bank.code_missing")
    throttle.count("netbank_code", throttle.SIGN_IN, target=str(customer.customer_id), source=address)
    secret = open_one(customer, "totp", SigningIn())
    now = clock.real_now()
    step = totp.matching_step(secret, code, now)
    ok = step is not None and take_step(customer, step)
    _note(customer, customer.bank, "bank.step_up", ok=ok, address=address, channel=channel)
    if not ok:
        raise Refusal("bank.code_wrong")
    throttle.forget("netbank_code", target=str(customer.customer_id), source=address)
    return now


STEPPED_UP, STEPPED_UP_FOR = "stepped_up_at", "stepped_up_for"


def keep_proof(session: Any, at: datetime, matter: str) -> None:
    """The session's last step-up: when, and for which order or setting (its `matter`). It counts for nothing else."""
    session[STEPPED_UP], session[STEPPED_UP_FOR] = at.isoformat(), matter


def stepped_up(session: Any) -> dict[str, Any]:
    """What the door is told of a session's last step-up (`Caller.extra`)."""
    at, matter = session.get(STEPPED_UP), session.get(STEPPED_UP_FOR)
    return {STEPPED_UP: datetime.fromisoformat(at), STEPPED_UP_FOR: matter} if at and matter else {}


# --- inside an act ----------------------------------------------------------------------------------------------------


def own(inside: Inside, *, lock: bool = False) -> Customer:
    """The signed-in customer's own row; in the bank's role. Names him in the audit row."""
    caller = inside.caller
    if caller.kind != "customer":
        raise Refusal("control.not_allowed", act=inside.act)
    (person_id,) = caller.persons
    inside.about(person_id, inside.area_code, what="sign_in")
    rows = Customer.objects.select_for_update() if lock else Customer.objects
    found = rows.filter(person_id=person_id, customer_id=caller.id, stopped_at__isnull=True).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def prove(inside: Inside, code: str) -> None:
    """The second factor once more, for what moves money or changes limits (step-up). Call it inside the act and
    outside the bank's role, before anything is locked; the try is counted beside the act, which may be refused.

    Raises bank.code_wrong and control.too_many_tries. A customer only: others prove themselves with card and PIN.
    """
    from sscard.cards.aside import aside

    with aside(inside.area_code) as cursor:
        throttle.count(
            "netbank_code", throttle.SIGN_IN, target=str(inside.caller.id), source=inside.caller.address, cursor=cursor
        )
    with inside.bank_role():
        customer = own(inside)
    secret = open_one(customer, "totp", inside)
    step = totp.matching_step(secret, code, clock.real_now())
    with inside.bank_role():
        if step is None or not _take_step(customer, step):
            raise Refusal("bank.code_wrong")

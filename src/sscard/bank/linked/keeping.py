"""The acts that write down what was asked, linked, held, taken and returned. A face never calls them by itself: they are
done in the customer's name by `linking`, `looking` and `paying`, which add the role that the rights name."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sscard.bank import customers, limits, rules
from sscard.bank.linked import keys
from sscard.bank.linked.tables import Link, LinkClient, LinkPayment, LinkRequest
from sscard.bank.savings import books, presence, settings
from sscard.bank.standing import find
from sscard.control import door
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.ledger import follow_up, posting
from sscard.ledger.permits import INTERNAL

ROLE: Final = "bank_link"
PURPOSE: Final = "netbank"
COLLECTION: Final = "insurance.collection"
"""The bank's account in which premiums are gathered for the social insurance fund (基金归集户)."""
HELD_FOR: Final = timedelta(days=1)


def keeper(caller: Caller) -> Caller:
    """The customer, when this package writes down in his name."""
    return replace(caller, roles=caller.roles | {ROLE})


def perform(caller: Caller, act_name: str, request: Any, key: str = "") -> door.Outcome:
    return door.perform(keeper(caller), act_name, request, key=key or str(ids.new_id()), purpose=PURPOSE)


# --- the bank as a client ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MakeLinkClient:
    """`issuer`: the bureau's address. `redirect_uri`: this bank's page to which browsers come back."""

    issuer: str
    redirect_uri: str
    renew: bool = False


@act("bank.make_link_client", right="bank.link_setup")
def make_client(inside: Inside, request: MakeLinkClient) -> dict[str, Any]:
    """New keys; the answer is what the bureau registers. With `renew` keys that are there are thrown away, and the links made
    with them; else bank.link_set_up_already."""
    bank = inside.caller.bank
    if not request.issuer.startswith("https://") or not request.redirect_uri.startswith("https://"):
        raise Refusal("bank.link_address")
    private, public = keys.made()
    with inside.bank_role():
        mine = LinkClient.objects.filter(book=f"bank:{bank}")
        if mine.exclude(client_id="").exists() and not request.renew:
            raise Refusal("bank.link_set_up_already")
        mine.delete()
        LinkClient(
            book=f"bank:{bank}", bank=bank, issuer=request.issuer.rstrip("/"), redirect_uri=request.redirect_uri,
            keys=private, public=public, made_at=inside.now,
        ).save(force_insert=True)  # fmt: skip
    inside.object = f"link_client:{bank}"
    return {"bank": bank, "redirect_uri": request.redirect_uri, "jwks": public}


@dataclass(frozen=True, slots=True)
class SetLinkClient:
    """`client`: the number that the bureau gave."""

    client: str


@act("bank.set_link_client", right="bank.link_setup")
def set_client(inside: Inside, request: SetLinkClient) -> dict[str, Any]:
    bank = inside.caller.bank
    with inside.bank_role():
        if not LinkClient.objects.filter(book=f"bank:{bank}").update(client_id=request.client[:64]):
            raise Refusal("bank.link_not_set_up")
    inside.object = f"link_client:{bank}"
    return {"bank": bank, "client": request.client[:64]}


# --- a request under way -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeepLinkRequest:
    """`state` and `verifier` as they were pushed; `payment`: what it is about, None for linking."""

    account: uuid.UUID
    card_mask: str
    state: str
    verifier: str
    seconds: int
    payment: uuid.UUID | None = None


@act("bank.keep_link_request", right="bank.link_keep", about_person=True)
def keep_request(inside: Inside, request: KeepLinkRequest) -> dict[str, Any]:
    """A customer goes to the bureau's page."""
    with inside.bank_role():
        customer = customers.own(inside)
    row = LinkRequest(
        person_id=customer.person_id, request_id=ids.new_id(), book=customer.book, customer_id=customer.customer_id,
        account_id=request.account, card_mask=request.card_mask[:20], payment_id=request.payment,
        state_hash=state_hash(request.state), secret=request.verifier, state="asked", made_at=clock.real_now(),
        expires_at=clock.real_now() + timedelta(seconds=max(request.seconds, 900)),
    )  # fmt: skip
    with inside.bank_role():
        row.save(force_insert=True)
    inside.object = f"link_request:{row.request_id}"
    return {"request": str(row.request_id)}


@dataclass(frozen=True, slots=True)
class EndLinkRequest:
    """`because`: why it came to nothing; "" when it was met."""

    request: uuid.UUID
    because: str = ""


@act("bank.end_link_request", right="bank.link_keep", about_person=True)
def end_request(inside: Inside, request: EndLinkRequest) -> dict[str, Any]:
    """The browser came back with this request: it serves once."""
    with inside.bank_role():
        customer = customers.own(inside)
        mine = LinkRequest.objects.filter(person_id=customer.person_id, request_id=request.request, state="asked")
        if not mine.update(state="failed" if request.because else "done"):
            raise Refusal("bank.link_request_over")
    inside.detail["because"] = request.because
    return {"request": str(request.request)}


# --- a link ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeepLink:
    account: uuid.UUID
    card_mask: str
    consent: str
    access: str
    refresh: str
    seconds: int


@act("bank.keep_link", right="bank.link_keep", about_person=True)
def keep_link(inside: Inside, request: KeepLink) -> dict[str, Any]:
    """The card is linked at this bank."""
    with inside.bank_role():
        customer = customers.own(inside)
    row = Link(
        person_id=customer.person_id, link_id=ids.new_id(), book=customer.book, customer_id=customer.customer_id,
        account_id=request.account, card_mask=request.card_mask, consent=request.consent[:64],
        tokens={"access": request.access, "refresh": request.refresh},
        token_until=clock.real_now() + timedelta(seconds=request.seconds), linked_at=inside.now,
    )  # fmt: skip
    with inside.bank_role():
        row.save(force_insert=True)
    inside.object = f"link:{row.link_id}"
    inside.emit("bank.card_linked", {"link": str(row.link_id), "bank": customer.bank})
    return {"link": str(row.link_id)}


@dataclass(frozen=True, slots=True)
class KeepLinkTokens:
    """New tokens in place of older ones (rotation)."""

    link: uuid.UUID
    access: str
    refresh: str
    seconds: int


@act("bank.keep_link_tokens", right="bank.link_keep", about_person=True)
def keep_tokens(inside: Inside, request: KeepLinkTokens) -> dict[str, Any]:
    with inside.bank_role():
        row = _link(inside, request.link)
    row.tokens = {"access": request.access, "refresh": request.refresh}
    row.token_until = clock.real_now() + timedelta(seconds=request.seconds)
    with inside.bank_role():
        row.save(update_fields=["tokens", "token_until"])
    return {"link": str(row.link_id)}


@dataclass(frozen=True, slots=True)
class EndLink:
    """`because`: "customer", or the code with which the bureau said that it is over."""

    link: uuid.UUID
    because: str


@act("bank.end_link", right="bank.link_keep", about_person=True)
def end_link(inside: Inside, request: EndLink) -> dict[str, Any]:
    """Nothing is seen or paid through it any more; its tokens are forgotten."""
    with inside.bank_role():
        row = _link(inside, request.link)
        row.tokens, row.ended_at, row.ended_because = None, inside.now, request.because[:60]
        row.save(update_fields=["tokens", "ended_at", "ended_because"])
    inside.emit("bank.card_unlinked", {"link": str(row.link_id), "bank": inside.caller.bank})
    return {"link": str(row.link_id)}


# --- a payment ---------------------------------------------------------------------------------------------------------


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
        link = _link(inside, request.link)
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


def _link(inside: Inside, link: uuid.UUID) -> Link:
    customer = customers.own(inside)
    row = Link.objects.select_for_update(no_key=True).filter(person_id=customer.person_id, link_id=link).first()
    if row is None or row.customer_id != customer.customer_id:
        raise Refusal("control.not_found")
    return row


def state_hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()

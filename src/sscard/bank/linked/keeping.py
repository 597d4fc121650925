"""The acts that write down what was asked, linked and ended; `charging` has those of a premium. A face never calls them by
itself: they are done in the customer's name by `linking`, `looking` and `paying`, which add the role that the rights name."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sscard.bank import customers
from sscard.bank.linked.tables import Link, LinkRequest
from sscard.control import door
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal

ROLE: Final = "bank_link"
PURPOSE: Final = "netbank"


def keeper(caller: Caller) -> Caller:
    """The customer, when this package writes down in his name."""
    return replace(caller, roles=caller.roles | {ROLE})


def perform(caller: Caller, act_name: str, request: Any, key: str = "") -> door.Outcome:
    return door.perform(keeper(caller), act_name, request, key=key or str(ids.new_id()), purpose=PURPOSE)


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
        row = link_of(inside, request.link)
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
        row = link_of(inside, request.link)
        row.tokens, row.ended_at, row.ended_because = None, inside.now, request.because[:60]
        row.save(update_fields=["tokens", "ended_at", "ended_because"])
    inside.emit("bank.card_unlinked", {"link": str(row.link_id), "bank": inside.caller.bank})
    return {"link": str(row.link_id)}


def link_of(inside: Inside, link: uuid.UUID) -> Link:
    """One of the customer's own, locked; another's is as if it did not exist."""
    customer = customers.own(inside)
    row = Link.objects.select_for_update(no_key=True).filter(person_id=customer.person_id, link_id=link).first()
    if row is None or row.customer_id != customer.customer_id:
        raise Refusal("control.not_found")
    return row


def state_hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()

"""What is done here. Each is one item of `ledger_post_batch`, or one look: who may, whose account, then the ledger decides.

A refusal that the ledger finds is kept under the key for ever, as at the door; one found before it (no such account,
another bank's) comes out the same whenever it is asked. Both leave their audit row.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from sscard.bank.cash import AUTHORISATION, CASH_OF, SHOPS
from sscard.control.caller import Caller
from sscard.control.rights import decide
from sscard.gateway.accounts import Facts, Wanted
from sscard.gateway.asked import Capture, Deposit, Reversal, Void
from sscard.gateway.books import Book
from sscard.kernel import clock
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Refusal
from sscard.ledger.items import (
    BUSINESS_DAY_CLOSED,
    DONE,
    Action,
    Item,
    Posted,
    Side,
    capture_id_of,
    fingerprint,
    transfer_id_of,
)
from sscard.ledger.lane_reads import NOT_PERMITTED, Look
from sscard.ledger.lane_trail import Above, Trail
from sscard.ledger.permits import INTERNAL, Permit
from sscard.ledger.refusing import refusal_of

DEPOSIT, CAPTURE, VOID = "bank.deposit", "gateway.capture", "gateway.void"
REVERSE, LOOK = "gateway.reverse", "gateway.look"
RIGHT_OF = {
    DEPOSIT: "gateway.deposit",
    CAPTURE: "gateway.capture",
    VOID: "gateway.capture",
    REVERSE: "gateway.reverse",
    LOOK: "gateway.look",
}
PLACED = "placed"
INCOMING = CASH_OF["bank_program"]
DAY_TRIES = 3
ItemOf = Callable[[Facts], Item]


class Doing(msgspec.Struct, frozen=True):
    """One request on its way through: whose, under which key, in which book, with which trace id."""

    caller: Caller
    book: Book
    act: str
    key: str = ""
    trace: str = ""
    purpose: str = ""

    def require_right(self) -> None:
        if not decide(self.caller, RIGHT_OF[self.act]):
            raise Refusal("control.not_allowed", act=self.act)

    async def facts(self, wanted: Wanted) -> Facts:
        """How the account stands. Whoever asks for another bank's leaves a row, too."""
        try:
            return await self.book.accounts.facts(wanted)
        except Refusal as refusal:
            await self._note_refused(wanted.account, refusal)
            raise

    async def refuse(self, account: uuid.UUID, refusal: Refusal) -> Refusal:
        await self._note_refused(account, refusal)
        return refusal

    async def _note_refused(self, account: uuid.UUID, refusal: Refusal) -> None:
        try:
            person, area = await self.book.accounts.person_of(account)
        except Refusal:
            person, area = None, self.caller.area
        lane = await self.book.looks()
        trail = self.trail(account, area, person)
        await lane.look(Look((person or 0, account), trail=trail, refused_for=refusal.code))

    def trail(self, account: uuid.UUID, area: str, person: int | None, now: datetime | None = None) -> Trail:
        return Trail(
            self.caller, self.act, area, now or clock.now(area), person_id=person, object=f"account:{account}",
            purpose=self.purpose, detail={"key": self.key} if self.key else {"read": True}, request_id=self.trace,
        )  # fmt: skip

    async def post(self, wanted: Wanted, item_of: ItemOf, need: Permit = Permit.NONE) -> Posted:
        """Decided and committed. Raises the refusal of what was not done."""
        for _ in range(DAY_TRIES):  # a day that closes in this very moment: the next one is open
            facts = await self.facts(wanted)
            why = await self.book.accounts.why_not(facts, need) if int(need) & ~facts.permits else None
            lane = await self.book.lane(facts.area)
            item = item_of(facts)
            trail = self.trail(wanted.account, facts.area, facts.person_id, facts.now)
            if facts.ceiling_fen is not None and item.action is Action.POST:
                told = {"account": str(wanted.account), "bank": self.book.bank}
                trail.above = Above(facts.ceiling_fen, ("bank.above_ceiling", told))
            posted = await lane.post(item, trail=trail)
            if posted.status != BUSINESS_DAY_CLOSED:
                break
        if posted.status in DONE:
            return posted
        refusal = refusal_of(posted, item)
        if posted.status == "not_permitted" and (why := why or await self.book.accounts.why_not(facts, need)):
            refusal = Refusal(why)
        refusal.replayed = posted.replayed  # type: ignore[attr-defined]
        raise refusal


async def deposit(doing: Doing, asked: Deposit) -> tuple[dict[str, Any], bool]:
    """Money comes in for an account, from the day it is opened. Who pays in learns no balance. It is never refused for the
    class's ceiling (`bank/ceiling.py`); what lies above it then is told to the bank."""
    doing.require_right()
    house = await doing.book.accounts.house(INCOMING, asked.account, clock.real_now())

    def item_of(facts: Facts) -> Item:
        return Item(
            caller=doing.caller.id,
            key=doing.key,
            fingerprint=fingerprint(DEPOSIT, asked.account, asked.amount_fen),
            kind="deposit",
            debit=Side(*house, INTERNAL),
            credit=Side(facts.person_id, asked.account, Permit.CREDIT),
            amount_fen=asked.amount_fen,
            business_date=facts.day,
            transfer_id=transfer_id_of(doing.caller.id, doing.key),
        )

    posted = await doing.post(Wanted(asked.account), item_of, Permit.CREDIT)
    return _told(asked, posted, seq=posted.credit_seq), posted.replayed


async def capture(doing: Doing, asked: Capture) -> tuple[dict[str, Any], bool]:
    """A shop takes at most what its till has authorised with card and PIN; once."""
    doing.require_right()
    shops = await doing.book.accounts.house(SHOPS, asked.account, clock.real_now())

    def item_of(facts: Facts) -> Item:
        return _of_hold(doing, facts, asked, Action.CAPTURE, asked.amount_fen, shops)

    posted = await doing.post(Wanted(asked.account, asked.hold), item_of)
    return _told(asked, posted, seq=posted.debit_seq), posted.replayed


async def void(doing: Doing, asked: Void) -> tuple[dict[str, Any], bool]:
    """The shop lets all of it go."""
    doing.require_right()
    shops = await doing.book.accounts.house(SHOPS, asked.account, clock.real_now())

    def item_of(facts: Facts) -> Item:
        return _of_hold(doing, facts, asked, Action.VOID, facts.hold.amount_fen if facts.hold else 1, shops)

    posted = await doing.post(Wanted(asked.account, asked.hold), item_of)
    return _told(asked, posted), posted.replayed


def _of_hold(
    doing: Doing, facts: Facts, asked: Capture | Void, action: Action, fen: int, shops: tuple[int, uuid.UUID]
) -> Item:
    """Of an authorisation only: money held for anything else, or for nobody, is no shop's to take. What is not there
    comes back from the ledger as "hold_gone", and is kept under the key."""
    hold = facts.hold if facts.hold and facts.hold.kind == AUTHORISATION else None
    if hold is not None:
        debit, credit = hold.account_id, (hold.credit_person, hold.credit_account)
    else:
        debit, credit = facts.account_id, shops
    return Item(
        caller=doing.caller.id,
        key=doing.key,
        fingerprint=fingerprint(doing.act, asked.account, asked.hold, getattr(asked, "amount_fen", "")),
        kind="purchase",
        debit=Side(facts.person_id, debit, Permit.NONE),
        credit=Side(*credit, Permit.NONE),
        amount_fen=fen,
        business_date=facts.day,
        action=action,
        hold=hold.hold_id if hold else new_id(),
        transfer_id=capture_id_of(asked.hold) if hold and hold.state == PLACED else new_id(),
    )


async def reverse(doing: Doing, asked: Reversal) -> tuple[dict[str, Any], bool]:
    """A deposit that the same caller sent under that key shall not stand: on its own business date, and only while agreed
    debits are open on the account. When it has not come, it is refused when it comes."""
    doing.require_right()
    house = await doing.book.accounts.house(INCOMING, asked.account, clock.real_now())
    original = transfer_id_of(doing.caller.id, asked.key)
    wanted = Wanted(asked.account, transfer=(house[0], original))
    facts = await doing.facts(wanted)
    if facts.booked_on is not None and facts.booked_on != facts.day:
        raise await doing.refuse(asked.account, Refusal("gateway.reversal_late"))

    def item_of(facts: Facts) -> Item:
        return Item(
            caller=doing.caller.id,
            key=doing.key,
            fingerprint=fingerprint(REVERSE, asked.account, asked.amount_fen, asked.key),
            kind="deposit_reversal",
            debit=Side(facts.person_id, asked.account, Permit.DIRECT_DEBIT),
            credit=Side(*house, INTERNAL),
            amount_fen=asked.amount_fen,
            business_date=facts.day,
            action=Action.REVERSE,
            reverses=original,
        )

    posted = await doing.post(wanted, item_of, Permit.DIRECT_DEBIT)
    return _told(asked, posted, seq=posted.debit_seq), posted.replayed


async def look(doing: Doing, account: uuid.UUID) -> dict[str, Any]:
    """An account's balance, for its own bank; it opens with the account's activation like every inquiry."""
    doing.require_right()
    person, area = await doing.book.accounts.person_of(account)
    lane = await doing.book.looks()
    looked = await lane.look(Look((person, account), Permit.INQUIRY, doing.trail(account, area, person)))
    if looked.balance is None:
        facts = await doing.book.accounts.facts(Wanted(account))  # names the bank whose account it is
        why = await doing.book.accounts.why_not(facts, Permit.INQUIRY)
        if why is None and looked.refused_for == NOT_PERMITTED:  # the mask was behind and is not any more
            looked = await lane.look(Look((person, account), Permit.INQUIRY, doing.trail(account, area, person)))
        if looked.balance is None:
            raise Refusal(why or "ledger.not_permitted")
    found = looked.balance
    return {
        "account": account, "balance_fen": found.balance_fen, "available_fen": found.available_fen,
        "held_fen": found.held_fen, "seq": found.seq,
    }  # fmt: skip


def _told(asked: Any, posted: Posted, seq: int | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"account": asked.account, "state": posted.status}
    if posted.transfer_id is not None:
        told |= {"transfer": posted.transfer_id, "seq": seq}
    if hasattr(asked, "amount_fen"):
        told["amount_fen"] = asked.amount_fen
    if hasattr(asked, "hold"):
        told["hold"] = asked.hold
    return told


__all__ = ["CAPTURE", "DEPOSIT", "LOOK", "REVERSE", "VOID", "Doing", "capture", "deposit", "look", "reverse", "void"]

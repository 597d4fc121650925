"""Closing an account (销户) at the counter: by the holder or a child's guardian, and by the heirs with two of the bank."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.bank import activation, closing, loss, settling, witness
from sscard.bank.models import AccountStatus
from sscard.bank.savings import books, interest
from sscard.bank.standing import Standing, bank_rule, find, in_area, load, reflect
from sscard.bank.states import Restriction
from sscard.cards.events import note_bank
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.ledger import posting
from sscard.people import lookup
from sscard.terminals.evidence import take

CLOSE, BY_HEIRS = "bank.close", "bank.close_by_heirs"
MOST_PAPER, MOST_NAME = 60, 40


@dataclass(frozen=True, slots=True)
class Close:
    """`session`: original ID, and the card unless it was reported lost. `payout`: cash, transfer to the holder's account
    `to_account` at the same bank, or nothing when there is nothing."""

    account: uuid.UUID
    session: uuid.UUID
    payout: str = closing.CASH
    to_account: uuid.UUID | None = None
    method: str = activation.SELF
    relation_proof: bool = False


@act(CLOSE, right=CLOSE, clause="M47-19", about_person=True)
def close(inside: Inside, request: Close) -> dict[str, Any]:
    """Interest to the day before closing, then everything is paid out: one group, and the account is closed for good."""
    mirror = find(inside, request.account)
    taken = take(inside, request.session, matter=CLOSE, wanted=frozenset({"id_reader"}))
    card, guardians = witness.card_of(inside, mirror), witness.guardians_of(inside, mirror)
    evidence = witness.evidence_facts(inside, mirror, taken, relation_proof=request.relation_proof)
    rule, bank, now, today = witness.rule_of(mirror, inside), bank_rule(mirror, inside), inside.now, inside.today
    day = books.day_of(inside, mirror)
    target = settling.target_of(mirror, request.payout, request.to_account)
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        facts = settling.facts_of(standing, card, bank, target)
    seen = witness.account_facts(standing, card, guardians)
    faults = closing.may_close(facts, request.payout)
    faults += loss.may_stand_for(seen, evidence, request.method, rule.guardian_age, today)
    if evidence.terminal_kind != activation.COUNTER:
        faults.append(Fault("terminal", "bank.counter_needed"))
    if Restriction.LOST not in standing.restrictions and not (evidence.card_is_this and evidence.card_answered):
        faults.append(Fault("card", "bank.card_differs"))
    witness.refuse(faults, mirror, inside)
    return _finish(inside, mirror, standing, facts, day, request.payout, target, taken.terminal.organisation)


@dataclass(frozen=True, slots=True)
class CloseByHeirs:
    """The papers that the clerk has before him: `inheritance` (notarised, a court's, or the bank's small-sum form) by its
    number, who is paid, and how. `to_account`: an account of the heir at the same bank."""

    account: uuid.UUID
    heir_name: str
    inheritance: str
    payout: str = closing.CASH
    to_account: uuid.UUID | None = None


def _check_heirs(inside: Inside, request: CloseByHeirs) -> AccountStatus:
    mirror = find(inside, request.account)
    faults = []
    if not 1 <= len(request.heir_name.strip()) <= MOST_NAME:
        faults.append(Fault("heir_name", "bank.heir_name", {"most": MOST_NAME}))
    if not 1 <= len(request.inheritance.strip()) <= MOST_PAPER:
        faults.append(Fault("inheritance", "bank.inheritance_paper", {"most": MOST_PAPER}))
    refuse_if_any(faults)
    return mirror


@act(
    BY_HEIRS, right=CLOSE, about_person=True, four_eyes=True, approve_right="bank.restrict_approve",
    check=_check_heirs, summary=lambda r: {"heir_name": r.heir_name, "inheritance": r.inheritance, "payout": r.payout},
)  # fmt: skip
def close_by_heirs(inside: Inside, request: CloseByHeirs) -> dict[str, Any]:
    """After a death was reported: the heirs are paid out at the counter, and a second person of the bank signs."""
    mirror = _check_heirs(inside, request)
    card = witness.card_of(inside, mirror)
    bank, now, day = bank_rule(mirror, inside), inside.now, books.day_of(inside, mirror)
    target = None
    if request.payout == closing.TRANSFER:
        target = lookup.find("account", request.to_account) if request.to_account else None
        if target is None or request.to_account == request.account:
            raise Refusal("bank.payout_not_own")
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        facts = settling.facts_of(standing, card, bank, target)
    witness.refuse(closing.may_close(facts, request.payout, by_heirs=True), mirror, inside)
    inside.detail["inheritance"] = request.inheritance.strip()
    return _finish(inside, mirror, standing, facts, day, request.payout, target, inside.caller.organisation)


def _finish(
    inside: Inside,
    mirror: AccountStatus,
    standing: Standing,
    facts: closing.ClosingFacts,
    day: date,
    payout: str,
    target: lookup.Found | None,
    place: str,
) -> dict[str, Any]:
    was, card, rate = standing.status, witness.card_of(inside, mirror), interest.rate_of(mirror, day)
    with inside.bank_role():
        items, fen, earned = settling.settle(inside, standing, facts, rate, payout, target, day)
    reflect(inside, standing, since=inside.now)
    if card is not None:
        with in_area(inside, mirror.area_code):
            note_bank(inside, card, was=was, became=standing.status, act="close", place=place)
    inside.emit("bank.closed", {"account": str(mirror.account_id), "card": str(mirror.card_id), "bank": mirror.bank})
    inside.once |= {"paid_fen": fen, "interest_fen": earned}
    if items:
        with inside.bank_role():
            posting.post(items, posted_at=standing.now)
    return {
        "account": str(mirror.account_id),
        "status": str(standing.status),
        "payout": payout,
        "at": standing.now.isoformat(),
    }

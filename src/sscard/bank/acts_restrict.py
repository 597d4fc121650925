"""Freezing an account and lifting a freeze: a teller asks, the bank's reviewer signs (banking.md §1, §7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.bank import freezes, restricting
from sscard.bank.models import AccountRestriction
from sscard.bank.standing import Standing, bank_rule, find, load, reflect, rows_in_force, store
from sscard.bank.states import FREEZES, Restriction
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any

RIGHT, APPROVE = "bank.restrict", "bank.restrict_approve"


@dataclass(frozen=True, slots=True)
class Restrict:
    """`kind`: DEBIT_FREEZE, CREDIT_FREEZE, FULL_FREEZE, or AMOUNT_FREEZE with `amount_fen`. `authority`: who orders it
    (`freezes.RANK`); an outside one has a name and a document number. `until`: the last day, or None."""

    account: uuid.UUID
    kind: str
    reason: str
    authority: str = freezes.BANK
    authority_name: str = ""
    document: str = ""
    amount_fen: int = 0
    until: date | None = None


def _check_restrict(inside: Inside, request: Restrict) -> Standing:
    mirror = find(inside, request.account)
    bank, now, today = bank_rule(mirror, inside), inside.now, inside.today
    order = freezes.Order(
        request.kind, request.reason, request.authority, request.authority_name, request.document,
        request.amount_fen, request.until,
    )  # fmt: skip
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
    refuse_if_any(freezes.may_freeze(order, standing.status, today))
    return standing


def _told(request: Restrict) -> dict[str, Any]:
    """For the second person: everything that he signs, without the number of the account."""
    told: dict[str, Any] = {"kind": request.kind, "authority": request.authority, "reason": request.reason}
    for name in ("authority_name", "document"):
        if value := getattr(request, name):
            told[name] = value
    if request.amount_fen:
        told["amount_fen"] = request.amount_fen
    if request.until:
        told["until"] = request.until.isoformat()
    return told | {"account": str(request.account)}


@act(
    "bank.restrict", right=RIGHT, clause="", four_eyes=True, about_person=True, approve_right=APPROVE,
    check=_check_restrict, summary=_told,
)  # fmt: skip
def restrict(inside: Inside, request: Restrict) -> dict[str, Any]:
    """One more freeze on the account, in force from now on; what stood there before stays."""
    standing = _check_restrict(inside, request)
    with inside.bank_role():
        made = restricting.add(
            standing,
            Restriction(request.kind),
            who=inside.maker or inside.caller.id,
            reason=request.reason.strip(),
            until=restricting.end_of(request.until),
            amount_fen=request.amount_fen or None,
            authority=request.authority,
            authority_name=request.authority_name,
            document=request.document,
        )
        store(standing)
    reflect(inside, standing, since=inside.now)
    inside.detail |= {"authority": request.authority, "document": request.document[:60]}
    inside.emit("bank.restricted", {"account": str(request.account), "kind": request.kind})
    return _answer(standing, made)


@dataclass(frozen=True, slots=True)
class Lift:
    """`restriction`: the freeze. The others are those of whoever lifts it, and of the paper by which he does."""

    account: uuid.UUID
    restriction: uuid.UUID
    reason: str
    authority: str = freezes.BANK
    authority_name: str = ""
    document: str = ""


def _check_lift(inside: Inside, request: Lift) -> tuple[Standing, AccountRestriction]:
    mirror = find(inside, request.account)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        row = rows_in_force(standing.account, now).filter(restriction_id=request.restriction).first()
    if row is None or Restriction(row.kind) not in FREEZES:
        raise Refusal("bank.freeze_gone")
    faults = freezes.may_lift(
        restricting.freeze_of(row), request.authority, request.authority_name, request.document
    )  # fmt: skip
    if not request.reason.strip() or len(request.reason) > freezes.MOST_REASON:
        faults.append(Fault("reason", "bank.freeze_reason", {"most": freezes.MOST_REASON}))
    if [fault.code for fault in faults] == ["bank.freeze_of_another"]:
        raise Refusal("bank.freeze_of_another")
    refuse_if_any(faults)
    return standing, row


def _told_lift(request: Lift) -> dict[str, Any]:
    told = {"authority": request.authority, "reason": request.reason}
    for name in ("authority_name", "document"):
        if value := getattr(request, name):
            told[name] = value
    return told | {"account": str(request.account)}


@act(
    "bank.lift", right=RIGHT, four_eyes=True, about_person=True, approve_right=APPROVE, check=_check_lift,
    summary=_told_lift,
)  # fmt: skip
def lift(inside: Inside, request: Lift) -> dict[str, Any]:
    """The freeze ends; every other one stays in force, and an amount freeze that waited is met now."""
    standing, row = _check_lift(inside, request)
    with inside.bank_role():
        restricting.end(
            standing,
            who=inside.maker or inside.caller.id,
            restriction=row.restriction_id,
            document=request.document.strip() or request.reason.strip(),
        )
        store(standing)
    reflect(inside, standing, since=inside.now)
    inside.detail |= {"authority": request.authority, "document": request.document[:60]}
    inside.emit("bank.lifted", {"account": str(request.account), "kind": row.kind})
    return _answer(standing, row.restriction_id)


def _answer(standing: Standing, restriction: uuid.UUID) -> dict[str, Any]:
    return {
        "account": str(standing.account.account_id),
        "restriction": str(restriction),
        "restrictions": sorted(str(one) for one in standing.restrictions),
        "at": standing.now.isoformat(),
    }

"""What the bank's timers do, slice by slice, and the holder's way back: identified anew at the counter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import activation, idle, restricting, witness
from sscard.bank.models import AccountRestriction, AccountStatus
from sscard.bank.standing import Standing, bank_rule, find, load, reflect, store
from sscard.bank.states import Restriction
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.terminals.evidence import take

UNUSED, EXPIRED, RUN_OUT = "unused", "expired_cards", "run_out"
REVERIFY = "bank.reverify"


@dataclass(frozen=True, slots=True)
class Sweep:
    """One slice of one bank's accounts in the area: `what` is unused, expired_cards or run_out."""

    bank: str
    what: str


@act("bank.sweep", right="bank.sweep")
def sweep(inside: Inside, request: Sweep) -> dict[str, Any]:
    """Done as often as it answers with a full slice; an account is never touched twice for the same cause."""
    bank, now, today = inside.area.bank(request.bank, inside.today), inside.now, inside.today
    with inside.bank_role(request.bank):
        if request.what == UNUSED:
            before = idle.began_before(today, bank.life.counter_only_after_months)
            keys = idle.unused(inside.area_code, before, tuple(bank.life.idle_ignores))
        elif request.what == RUN_OUT:
            keys = idle.run_out(inside.area_code, now)
        else:
            keys = []
    if request.what == EXPIRED:
        keys = idle.expired_cards(request.bank, today)
    for person_id, account_id in keys:
        inside.about(person_id)
        mirror = AccountStatus.objects.get(person_id=person_id, account_id=account_id)
        with inside.bank_role(request.bank):
            standing = load(mirror, bank, now=now, lock=True)
            _change(inside, standing, request.what)
            store(standing)
        reflect(inside, standing, since=now)
    inside.detail |= {"what": request.what, "accounts": len(keys)}
    return {"what": request.what, "accounts": len(keys), "more": len(keys) == idle.SLICE}


def _change(inside: Inside, standing: Standing, what: str) -> None:
    account = standing.account
    if what == RUN_OUT:
        AccountRestriction.objects.filter(
            person_id=account.person_id, account_id=account.account_id, lifted_at__isnull=True, until__lte=standing.now
        ).update(lifted_at=standing.now, lifted_by=inside.caller.id)
        restricting.refresh(standing)
        return
    kind, reason = (
        (Restriction.COUNTER_ONLY, "unused_since_opening") if what == UNUSED else (Restriction.CARD_EXPIRED, "expired")
    )
    restricting.add(standing, kind, who=inside.caller.id, reason=reason)
    inside.emit("bank.counter_only" if what == UNUSED else "bank.card_expired", {"account": str(account.account_id)})


@dataclass(frozen=True, slots=True)
class Reverify:
    """`session`: original ID and card at a counter of the bank."""

    account: uuid.UUID
    session: uuid.UUID
    method: str = activation.SELF
    relation_proof: bool = False


@act(REVERIFY, right=REVERIFY, about_person=True)
def reverify(inside: Inside, request: Reverify) -> dict[str, Any]:
    """COUNTER_ONLY ends; the months count anew from today."""
    mirror = find(inside, request.account)
    taken = take(inside, request.session, matter=REVERIFY, wanted=frozenset({"id_reader", "card_slot"}))
    card, guardians = witness.card_of(inside, mirror), witness.guardians_of(inside, mirror)
    evidence = witness.evidence_facts(inside, mirror, taken, relation_proof=request.relation_proof)
    rule, bank, now = witness.rule_of(mirror, inside), bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
    facts = witness.account_facts(standing, card, guardians)
    witness.refuse(activation.may_renew_pin(facts, evidence, rule, request.method, inside.today), mirror, inside)
    if Restriction.COUNTER_ONLY not in standing.restrictions:
        raise Refusal("bank.not_counter_only")
    with inside.bank_role():
        restricting.end(standing, who=inside.caller.id, kinds=(Restriction.COUNTER_ONLY,))
        standing.account.reverified_at = standing.account.changed_at = now
        standing.account.save(force_update=True, update_fields=["reverified_at", "changed_at"])
        store(standing)
    reflect(inside, standing, since=now)
    inside.emit("bank.reverified", {"account": str(mirror.account_id)})
    return {
        "account": str(mirror.account_id),
        "restrictions": sorted(str(one) for one in standing.restrictions),
        "at": now.isoformat(),
    }

"""The bank PIN at the counter: unlocked, or chosen anew when forgotten. Identity as at activation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import activation, witness
from sscard.bank.acts_activate import new_verifier
from sscard.bank.models import AccountRestriction, PinCount
from sscard.bank.standing import Standing, bank_rule, find, load, reflect, store
from sscard.bank.states import Restriction
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.terminals.evidence import take

UNLOCK, RESET = "bank.pin_unlock", "bank.pin_reset"


@dataclass(frozen=True, slots=True)
class PinUnlock:
    """The holder remembers his PIN. `session`: original ID and card."""

    account: uuid.UUID
    session: uuid.UUID
    method: str = activation.SELF
    relation_proof: bool = False


@dataclass(frozen=True, slots=True)
class PinReset:
    """The holder chooses a new PIN. `session`: original ID, card and the new PIN."""

    account: uuid.UUID
    session: uuid.UUID
    method: str = activation.SELF
    relation_proof: bool = False


@act(UNLOCK, right="bank.pin", about_person=True)
def pin_unlock(inside: Inside, request: PinUnlock) -> dict[str, Any]:
    return _renew(inside, request, UNLOCK, frozenset({"id_reader", "card_slot"}))


@act(RESET, right="bank.pin", about_person=True)
def pin_reset(inside: Inside, request: PinReset) -> dict[str, Any]:
    return _renew(inside, request, RESET, frozenset({"id_reader", "card_slot", "pin_pad"}))


def _renew(inside: Inside, request: PinUnlock | PinReset, matter: str, wanted: frozenset[str]) -> dict[str, Any]:
    mirror = find(inside, request.account)
    taken = take(inside, request.session, matter=matter, wanted=wanted)
    card, guardians = witness.card_of(inside, mirror), witness.guardians_of(inside, mirror)
    evidence = witness.evidence_facts(inside, mirror, taken, relation_proof=request.relation_proof)
    rule, bank, now = witness.rule_of(mirror, inside), bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
    facts = witness.account_facts(standing, card, guardians)
    witness.refuse(activation.may_renew_pin(facts, evidence, rule, request.method, inside.today), mirror, inside)
    if matter == RESET:
        standing.account.pin_verifier = new_verifier(inside, standing, witness.pin_of(mirror, taken), taken)
    with inside.bank_role():
        _open_again(inside, standing)
        store(standing)
    reflect(inside, standing, since=inside.now)
    return {"account": str(mirror.account_id), "status": str(standing.status), "at": inside.now.isoformat()}


def _open_again(inside: Inside, standing: Standing) -> None:
    account = standing.account
    whose = {"person_id": account.person_id, "account_id": account.account_id}
    account.changed_at = standing.now
    account.save(force_update=True, update_fields=["pin_verifier", "changed_at"])
    PinCount.objects.filter(**whose).update(tries=0)
    AccountRestriction.objects.filter(**whose, kind=str(Restriction.PIN_LOCKED), lifted_at__isnull=True).update(
        lifted_at=standing.now, lifted_by=inside.caller.id
    )
    standing.restrictions -= {Restriction.PIN_LOCKED}

"""A new card of the same bank: asked for, activated, and what stayed behind brought over (banking.md §1, replacement)."""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, replace
from typing import Any

from sscard.bank import activation, moving, restricting, witness
from sscard.bank.acts_activate import WANTED, new_verifier
from sscard.bank.models import AccountStatus, PinCount, Replacement
from sscard.bank.opening import OpeningLine, open_many
from sscard.bank.standing import Standing, bank_rule, find, in_area, load, reflect, store
from sscard.bank.states import Restriction, Status
from sscard.cards.events import left_behind, note_bank
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import open_one
from sscard.people import lookup
from sscard.people.models import Person
from sscard.terminals.evidence import take

MATTER = "bank.activate_replacement"
REASONS = ("lost", "damaged", "expired", "data_changed", "upgrade")
ENDED_BY_NEW_CARD = (
    Restriction.LOST, Restriction.CARD_EXPIRED, Restriction.COUNTER_ONLY, Restriction.PIN_LOCKED,
)  # fmt: skip
KEPT = "keep_number"
"""The bank's rule `life.replacement`; otherwise the new card has a new number."""


@dataclass(frozen=True, slots=True)
class ReplaceAccount:
    """`card`: the public id of the new card, which is the same person's. `reason`: one of `REASONS`."""

    account: uuid.UUID
    card: uuid.UUID
    reason: str


@act("bank.replace_account", right="bank.replace_account", about_person=True)
def replace_account(inside: Inside, request: ReplaceAccount) -> dict[str, Any]:
    """By the bank's rule the number is kept, or a new account is opened beside the old one. Nothing moves before the new
    card is activated; till then money still comes in. Asked again for another card, the earlier card's order ends."""
    mirror = find(inside, request.account)
    bank, now = bank_rule(mirror, inside), inside.now
    if request.reason not in REASONS:
        raise Refusal("kernel.form_faults", faults=[Fault("reason", "bank.replace_reason")], count=1)
    if mirror.area_code != inside.area_code:
        raise Refusal("bank.only_issuing_area", area=mirror.area_code, **_area_names(mirror))
    _card_is_his(mirror, request.card)
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        _may_be_replaced(standing)
    kept = bank.life.replacement == KEPT
    if kept:
        _claim(mirror, request.card)
        new_account, pan_mask = mirror.account_id, mirror.pan_mask
    else:
        new_account, pan_mask = _opened_beside(inside, standing, request.card)
    with inside.bank_role():
        _order(inside, standing, new_account, request)
        if kept and standing.status is Status.NOT_ACTIVATED:
            _tie(inside, standing, request.card)
    if kept and standing.status is Status.NOT_ACTIVATED:
        _mirror(inside, mirror, standing, request.card)
    inside.emit("bank.replacement_asked", {"account": str(mirror.account_id), "card": str(request.card)})
    return {
        "account": str(mirror.account_id),
        "new_account": str(new_account),
        "number_kept": kept,
        "pan_mask": pan_mask,
        "at": now.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class ActivateReplacement:
    """`session`: original ID, the new card, and the PIN for it, as at the first activation."""

    account: uuid.UUID
    session: uuid.UUID
    method: str = activation.SELF
    relation_proof: bool = False


@act(MATTER, right="bank.activate", clause="QAM-1", about_person=True)
def activate_replacement(inside: Inside, request: ActivateReplacement) -> dict[str, Any]:
    """The new plastic takes the old one's place at the same account: what the loss or the expiry had closed opens, what
    was frozen stays frozen."""
    mirror = find(inside, request.account)
    taken = take(inside, request.session, matter=MATTER, wanted=WANTED)
    rule, bank, now = witness.rule_of(mirror, inside), bank_rule(mirror, inside), inside.now
    guardians = witness.guardians_of(inside, mirror)
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        order = Replacement.objects.filter(
            person_id=mirror.person_id, account_id=mirror.account_id, new_account_id=mirror.account_id, state="waiting"
        ).first()
    if order is None:
        raise Refusal("bank.no_replacement")
    as_new = copy.copy(mirror)
    as_new.card_id = order.card_id
    card = witness.card_of(inside, as_new)
    evidence = witness.evidence_facts(inside, as_new, taken, relation_proof=request.relation_proof)
    facts = replace(
        witness.account_facts(standing, card, guardians),
        status=Status.NOT_ACTIVATED,
        restrictions=standing.restrictions & {Restriction.DECEASED},
    )
    witness.refuse(activation.may_activate(facts, evidence, rule, request.method, inside.today), mirror, inside)
    verifier = new_verifier(inside, standing, witness.pin_of(mirror, taken), taken)
    with inside.bank_role():
        standing.account.pin_verifier = verifier
        _tie(inside, standing, order.card_id)
        PinCount.objects.filter(person_id=mirror.person_id, account_id=mirror.account_id).update(tries=0)
        order.state, order.done_at = "done", now
        order.save(force_update=True, update_fields=["state", "done_at"])
    assert card is not None  # an unusable card is refused above
    place = taken.terminal.organisation
    _mirror(inside, mirror, standing, order.card_id)
    with in_area(inside, mirror.area_code):
        note_bank(inside, card, was="", became=standing.status, act="activate", place=place)
    inside.emit(
        "bank.card_replaced", {"account": str(mirror.account_id), "card": str(order.card_id), "bank": mirror.bank}
    )
    return {
        "account": str(mirror.account_id),
        "status": str(standing.status),
        "restrictions": sorted(str(one) for one in standing.restrictions),
        "at": now.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class CompleteReplacement:
    account: uuid.UUID
    """The new account, which is active."""


@act("bank.complete_replacement", right="bank.replace_account", about_person=True)
def complete_replacement(inside: Inside, request: CompleteReplacement) -> dict[str, Any]:
    """Money that had to stay on the old account because something was frozen there, once it is free."""
    mirror = find(inside, request.account)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        waiting = moving.waiting_for(standing)
    if standing.status is not Status.ACTIVE or not waiting:
        raise Refusal("bank.no_replacement")
    told = moving.move(inside, standing, waiting)
    if not any(one["moved"] for one in told):
        raise Refusal("bank.frozen")
    return {"account": str(mirror.account_id), "moved": told, "at": now.isoformat()}


def _may_be_replaced(standing: Standing) -> None:
    if standing.status not in (Status.NOT_ACTIVATED, Status.ACTIVE):
        raise Refusal("bank.closed" if standing.status is Status.CLOSED else "bank.not_open_yet")
    if Restriction.DECEASED in standing.restrictions:
        raise Refusal("bank.deceased")


def _card_is_his(mirror: AccountStatus, card: uuid.UUID) -> None:
    found = lookup.find("card", card)
    if card == mirror.card_id or (found is not None and found.person_id != mirror.person_id):
        raise Refusal("bank.replace_card")


def _claim(mirror: AccountStatus, card: uuid.UUID) -> None:
    """The new card is this account's: nobody opens another one for it."""
    put = lookup.put(
        "card_account", card, area=mirror.area_code, person_id=mirror.person_id, object_id=mirror.account_id
    )
    if not put and (there := lookup.find("card_account", card)) and there.object_id != mirror.account_id:
        raise Refusal("bank.replace_card")


def _opened_beside(inside: Inside, standing: Standing, card: uuid.UUID) -> tuple[uuid.UUID, str]:
    """A new account with new numbers for the same person, asleep; opened as from a file of one line."""
    account = standing.account
    facts = open_one(account, "facts", inside)
    public = Person.objects.values_list("public_id", flat=True).get(person_id=account.person_id)
    line = OpeningLine(
        1, public, card, facts["name"], facts["id_number"], birth_date=account.birth_date, branch=account.branch
    )
    bank = inside.area.bank(account.bank, inside.today)
    result = open_many(inside, bank, f"replacement:{account.account_id}", (line,))[0]
    if result["result"] != "opened":
        faults = [Fault(f["place"], f["code"], f["facts"]) for f in result.get("faults", ())]
        raise Refusal("bank.replace_card", faults=faults)
    return uuid.UUID(result["account"]), str(result["pan_mask"])


def _order(inside: Inside, standing: Standing, new_account: uuid.UUID, request: ReplaceAccount) -> None:
    """In the bank's role: the order, and an end to the one before. The account that was opened for the earlier card gives
    what came in to the newest one."""
    account = standing.account
    mine = Replacement.objects.filter(person_id=account.person_id, state="waiting")
    earlier = [one.new_account_id for one in mine.filter(account_id=account.account_id)]
    mine.filter(account_id=account.account_id).update(state="withdrawn", done_at=standing.now)
    for one in {account.account_id, *earlier} - {new_account}:
        _write_order(inside, standing, one, new_account, request)
    if new_account == account.account_id:
        _write_order(inside, standing, new_account, new_account, request)


def _write_order(inside: Inside, standing: Standing, old: uuid.UUID, new: uuid.UUID, request: ReplaceAccount) -> None:
    Replacement(
        person_id=standing.account.person_id,
        replacement_id=ids.new_id(),
        book=standing.account.book,
        account_id=old,
        new_account_id=new,
        card_id=request.card,
        reason=request.reason,
        asked_at=standing.now,
        asked_by=inside.caller.id,
        state="done" if old == new and standing.status is Status.NOT_ACTIVATED else "waiting",
        done_at=standing.now if old == new and standing.status is Status.NOT_ACTIVATED else None,
    ).save(force_insert=True)


def _tie(inside: Inside, standing: Standing, card: uuid.UUID) -> None:
    """In the bank's role: the account belongs to the new card; what hung on the old card or PIN ends."""
    account = standing.account
    account.card_id, account.changed_at = card, standing.now
    account.save(force_update=True, update_fields=["card_id", "pin_verifier", "changed_at"])
    restricting.end(standing, who=inside.caller.id, kinds=ENDED_BY_NEW_CARD)
    store(standing)


def _mirror(inside: Inside, mirror: AccountStatus, standing: Standing, card: uuid.UUID) -> None:
    reflect(inside, standing, since=standing.now)
    left = witness.card_of(inside, mirror)
    with in_area(inside, mirror.area_code):
        AccountStatus.objects.filter(person_id=mirror.person_id, account_id=mirror.account_id).update(card_id=card)
        if left is not None and left.card_id != card:
            left_behind(inside, left)


def _area_names(mirror: AccountStatus) -> dict[str, str]:
    from sscard.law import areas

    area = areas.get(mirror.area_code)
    return {"area_name": area.name("zh"), "area_name_en": area.name("en")}

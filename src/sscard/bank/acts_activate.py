"""Activation (激活): at the card's own bank, with the original ID, the card, the holder's phone and his own PIN."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sscard.bank import activation, moving, pins, witness
from sscard.bank.models import AccountStatus, PinCount
from sscard.bank.standing import Standing, find, in_area, load, reflect, store
from sscard.bank.standing import bank_rule as bank_rule_of
from sscard.bank.states import after
from sscard.cards.events import note_bank
from sscard.cards.models import Card
from sscard.codes import phone as phones
from sscard.codes.errors import NumberFault
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.keyclient import PinRefused, keys
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import open_one
from sscard.terminals.evidence import Pin, Taken, look, take
from sscard.terminals.intake import refuse_reading

MATTER, JUDGE = "bank.activate", "bank.judge_pin"
WANTED = frozenset({"id_reader", "card_slot", "pin_pad"})
MOST_MANDATE = 60


@dataclass(frozen=True, slots=True)
class Activate:
    """`session`: the device session with ID, card and PIN. `method`: self; guardian for a child, whose proof of relation
    the clerk has seen (`relation_proof`); agent with a `mandate` (notarised or witnessed) and its number; home_visit.
    `phone` is the holder's and is registered with the account."""

    account: uuid.UUID
    session: uuid.UUID
    phone: str
    method: str = activation.SELF
    relation_proof: bool = False
    mandate: str = ""
    mandate_number: str = ""


@act(MATTER, right="bank.activate", clause="QAM-1", about_person=True)
def activate(inside: Inside, request: Activate) -> dict[str, Any]:
    """NOT_ACTIVATED → ACTIVE: from then on withdrawal, transfer, purchase and inquiry succeed. The social side is not
    touched. Refused with every reason at once, or by the PIN's own rule."""
    return _activate(inside, request, two_staff=False)


def _check_two(inside: Inside, request: Activate) -> None:
    _form(request)
    if request.method not in (activation.AGENT, activation.HOME_VISIT):
        raise Refusal("bank.second_staff_not_needed")
    find(inside, request.account)


@act(
    "bank.activate_by_two", right="bank.activate_by_two", clause="QAM-1", about_person=True, four_eyes=True,
    approve_right="bank.activate_second", approval_hours=1, check=_check_two,
    summary=lambda r: {"method": r.method, "mandate": r.mandate, "account": str(r.account)},
)  # fmt: skip
def activate_by_two(inside: Inside, request: Activate) -> dict[str, Any]:
    """The same at the holder's home, or for an agent whose mandate was signed before the bank's staff: the second of the
    two signs while the evidence is fresh (ten minutes)."""
    return _activate(inside, request, two_staff=True)


def _activate(inside: Inside, request: Activate, *, two_staff: bool) -> dict[str, Any]:
    phone = _form(request)
    mirror = find(inside, request.account)
    taken = take(inside, request.session, matter=MATTER, wanted=WANTED)
    standing, card = _allowed(inside, request, mirror, taken, two_staff=two_staff, lock=True)
    with inside.bank_role():
        waiting = moving.waiting_for(standing)
    was = standing.status
    verifier = new_verifier(inside, standing, witness.pin_of(mirror, taken), taken, phone)
    with inside.bank_role():
        _write(standing, phone, verifier, request, taken)
        store(standing)
    reflect(inside, standing, since=inside.now)
    with in_area(inside, mirror.area_code):
        note_bank(inside, card, was=was, became=standing.status, act="activate", place=taken.terminal.organisation)
    inside.emit("bank.activated", {"account": str(mirror.account_id), "card": str(mirror.card_id), "bank": mirror.bank})
    moved = moving.move(inside, standing, waiting) if waiting else []
    return {
        "account": str(mirror.account_id),
        "status": str(standing.status),
        **({"moved": moved} if moved else {}),
        "phone_mask": standing.account.phone_mask,
        "where": taken.terminal.organisation,
        "at": inside.now.isoformat(),
    }


def _allowed(
    inside: Inside,
    request: Activate,
    mirror: AccountStatus,
    taken: Taken,
    *,
    two_staff: bool = False,
    lock: bool = False,
) -> tuple[Standing, Card]:
    """Account and card, when nothing but the PIN is left to be judged; else every reason against it."""
    card, guardians = witness.card_of(inside, mirror), witness.guardians_of(inside, mirror)
    seen = witness.evidence_facts(inside, mirror, taken, relation_proof=request.relation_proof)
    evidence = replace(seen, mandate=request.mandate, two_staff=two_staff)
    rule, bank, now = witness.rule_of(mirror, inside), bank_rule_of(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=lock)
    facts = witness.account_facts(standing, card, guardians)
    witness.refuse(activation.may_activate(facts, evidence, rule, request.method, inside.today), mirror, inside)
    assert card is not None  # an unusable card has been refused
    return standing, card


@act(JUDGE, right="bank.activate", about_person=True)
def judge_pin(inside: Inside, request: Activate) -> dict[str, Any]:
    """The activation so far, before the phone is asked for: refused as it would be. A PIN that does not do becomes a refused
    reading of the pad and the answer is `good` False; the session goes on. Nothing of the PIN is kept."""
    mirror = find(inside, request.account)
    taken = look(inside, request.session, matter=MATTER, wanted=WANTED)
    standing, _ = _allowed(inside, request, mirror, taken)
    try:
        new_verifier(inside, standing, witness.pin_of(mirror, taken), taken, request.phone)
    except PinRefused as weak:
        refuse_reading(request.session, "pin_pad", weak)
        return {"good": False}
    return {"good": True}


def _form(request: Activate) -> str:
    """The phone in normal form; refuses with all faults of the form."""
    faults, phone = [], ""
    if request.method not in activation.METHODS:
        faults.append(Fault("method", "bank.method_unknown"))
    if (
        request.method == activation.AGENT
        and request.mandate
        and not 1 <= len(request.mandate_number.strip()) <= MOST_MANDATE
    ):
        faults.append(Fault("mandate_number", "bank.mandate_number", {"most": MOST_MANDATE}))
    try:
        phone = phones.validate(request.phone)
    except NumberFault as fault:
        faults += fault.at("phone")
    refuse_if_any(faults)
    return phone


def new_verifier(inside: Inside, standing: Standing, pin: Pin, taken: Taken, phone: str = "") -> bytes:
    """The key service judges the new PIN: not a birthday, not part of the ID number or the phone, no easy pattern.
    Whoever stands for the holder takes neither the holder's numbers nor his own."""
    assert taken.identity is not None
    holders = str(open_one(standing.account, "facts", inside)["id_number"])
    verifier = b""
    for number in dict.fromkeys((taken.identity.id_number, holders)):
        hints = {"birthday": f"{standing.account.birth_date:%Y%m%d}", "id_number": number, "phone": phone}
        verifier = keys().pin_set(pins.KIND, pin.account, pin.block, pin.key_id, hints)
    return verifier


def _write(standing: Standing, phone: str, verifier: bytes, request: Activate, taken: Taken) -> None:
    account = standing.account
    account.status = str(after(standing.status, MATTER))
    account.phone, account.phone_mask = phone, phones.mask(phone)
    account.pin_verifier = verifier
    account.activated_at = account.changed_at = standing.now
    account.activated_how = f"{request.method}/{taken.terminal.kind}"
    account.activated_where = taken.terminal.organisation
    if request.mandate:
        account.activated_proof = f"{request.mandate} {request.mandate_number.strip()}"
    account.save(
        force_update=True,
        update_fields=[
            "status", "phone", "phone_mask", "pin_verifier", "activated_at", "changed_at", "activated_how",
            "activated_where", "activated_proof",
        ],
    )  # fmt: skip
    PinCount.objects.get_or_create(
        person_id=account.person_id, account_id=account.account_id, defaults={"book": account.book}
    )

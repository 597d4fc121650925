"""Step 5: whoever stands there is compared with his original ID card and the card, by devices, not by word."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import witness
from sscard.bank.models import AccountStatus, BankAccount
from sscard.bank.savings_opening import rules
from sscard.bank.savings_opening.case import Case, advance, answer, load, refuse
from sscard.bank.savings_opening.states import after
from sscard.bank.standing import bank_rule
from sscard.bank.states import Status
from sscard.cards.states import USABLE_BY_ITS_HOLDER
from sscard.codes import names
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.masked import mask_id
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many
from sscard.terminals.evidence import Taken, take

MATTER = "bank.savings_identify"
WANTED = frozenset({"id_reader", "card_slot"})
MOST_PAPERS = 20
_DEAD = ("cancelled", "formal_loss", "temp_loss")


@dataclass(frozen=True, slots=True)
class SavingsIdentify:
    """`session`: the device session with ID and card. `method`: self, or guardian for a child; then the clerk has seen the
    proof of relation. `papers_seen`: the other papers that the clerk has seen, by their codes."""

    application: uuid.UUID
    session: uuid.UUID
    method: str = rules.SELF
    relation_proof: bool = False
    papers_seen: tuple[str, ...] = ()


@act(MATTER, right="bank.savings_serve", about_person=True)
def savings_identify(inside: Inside, request: SavingsIdentify) -> dict[str, Any]:
    """A mismatch is refused with every reason; nothing of the opening is lost by it."""
    case = load(inside, request.application)
    after(case.stage, MATTER)
    taken = take(inside, request.session, matter=MATTER, wanted=WANTED)
    with inside.bank_role(case.mirror.bank):
        account = BankAccount.objects.get(person_id=case.mirror.person_id, account_id=case.mirror.account_id)
    faults = rules.identity_faults(
        _facts(inside, case.mirror, account),
        _seen(inside, case, account, taken, relation_proof=request.relation_proof),
        case.offer,
        request.method,
        inside.today,
    )
    refuse(faults, inside, case.mirror)
    if request.method == rules.SELF and case.row.outlet and taken.terminal.kind != case.row.channel:
        case.row.channel = taken.terminal.kind  # he came to the other one after all: where he really was is kept
    if request.papers_seen:
        inside.detail["papers_seen"] = sorted(set(request.papers_seen))[:MOST_PAPERS]
    identity = taken.identity
    assert identity is not None
    case.row.signer = {"name": names.compact(identity.name), "id_mask": mask_id(identity.id_number)}
    case.row.method, case.row.identified_at = request.method, inside.now
    case.row.identified_where = taken.terminal.organisation
    case.row.prepared, case.row.agreement_form = None, ""
    advance(inside, case.row, case.mirror, MATTER, where=taken.terminal.outlet or taken.terminal.organisation)
    return answer(case.row)


def require_here(inside: Inside, case: Case) -> None:
    """The agreement is signed where the ID was compared."""
    if case.row.identified_where != inside.caller.organisation:
        raise Refusal("bank.savings_elsewhere")


def _facts(inside: Inside, mirror: AccountStatus, account: BankAccount) -> rules.Account:
    card = witness.card_of(inside, mirror)
    return rules.Account(
        bank=account.bank,
        area=account.area_code,
        birth_date=account.birth_date,
        card_usable=card is not None and card.production == USABLE_BY_ITS_HOLDER and card.social not in _DEAD,
        closed=account.status == Status.CLOSED,
        anywhere=bank_rule(mirror, inside).activation_outlets == "nationwide",
    )


def _seen(inside: Inside, case: Case, account: BankAccount, taken: Taken, *, relation_proof: bool) -> rules.Seen:
    identity, place = taken.identity, taken.terminal
    assert identity is not None
    name = blind_many("name", [names.compact(identity.name)])[0]
    return rules.Seen(
        terminal_kind=place.kind,
        terminal_bank=place.bank,
        terminal_area=place.area,
        id_source=identity.source,
        id_valid_until=identity.valid_until,
        is_holder=identity.id_index == bytes(account.id_index),
        is_guardian=identity.id_index in witness.guardians_of(inside, case.mirror),
        name_same=name == bytes(account.name_index),
        card_is_this=witness.card_is_this(case.mirror, taken),
        card_answered=bool(taken.card and taken.card.answer_ok),
        face=taken.face,
        face_wanted=bank_rule(case.mirror, inside).terminal_live_face,
        relation_proof=relation_proof,
    )

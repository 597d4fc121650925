"""The card is lost: reported to its bank at the counter, at a terminal, by phone or on-line; found again, taken back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sscard.bank import activation, loss, restricting, witness
from sscard.bank.activation import EvidenceFacts
from sscard.bank.models import AccountStatus, Replacement
from sscard.bank.standing import Standing, bank_rule, find, in_area, load, reflect, rows_in_force, store
from sscard.bank.states import Restriction
from sscard.cards.events import note_bank
from sscard.codes import names, person_number
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many
from sscard.terminals.evidence import take

REPORT, RELEASE = "bank.report_loss", "bank.release_loss"


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """At counter and terminal `session` holds the original ID; by phone the caller says `id_number` and `name`; on-line
    the customer has signed in. `formal`: at the counter only. `holder_id_seen`: an agent brought the holder's ID."""

    account: uuid.UUID
    session: uuid.UUID | None = None
    formal: bool = False
    method: str = activation.SELF
    relation_proof: bool = False
    holder_id_seen: bool = False
    id_number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseLoss:
    """`session`: original ID, and after a formal report the card. On-line the customer takes back a temporary report."""

    account: uuid.UUID
    session: uuid.UUID | None = None
    method: str = activation.SELF
    relation_proof: bool = False


@act(REPORT, right=REPORT, clause="LOCAL-LOSS", about_person=True)
def report_loss(inside: Inside, request: ReportLoss) -> dict[str, Any]:
    """From now on nothing leaves the account, and money still comes in. A formal report takes the place of a temporary
    one."""
    mirror = find(inside, request.account)
    how = _how(inside, request.session)
    if request.formal and how != "counter":
        raise Refusal("bank.counter_needed")
    evidence, place = _evidence(inside, mirror, request) if request.session else (None, inside.caller.organisation)
    card, guardians = witness.card_of(inside, mirror), witness.guardians_of(inside, mirror)
    rule, bank, now = witness.rule_of(mirror, inside), bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        here = _reported(standing)
    facts = witness.account_facts(standing, card, guardians)
    faults = loss.may_report(facts, here, request.formal)
    if evidence is not None:
        agent = request.holder_id_seen
        faults += loss.may_stand_for(facts, evidence, request.method, rule.guardian_age, inside.today, agent=agent)
    elif how == "phone" and not _is_he(standing, request):
        raise Refusal("bank.phone_answers")
    witness.refuse(faults, mirror, inside)
    until = loss.holds_until(now, bank.bank_temp_loss_days, request.formal)
    with inside.bank_role():
        if loss.TEMPORARY in here:
            _end(inside, standing, {loss.TEMPORARY})
        kind = loss.FORMAL if request.formal else loss.TEMPORARY
        restricting.add(standing, Restriction.LOST, who=inside.caller.id, reason=f"{kind}/{how}", until=until)
        store(standing)
    _after(inside, mirror, standing, "report_loss", place)
    inside.emit("bank.loss_reported", {"account": str(mirror.account_id), "card": str(mirror.card_id)})
    return _answer(mirror, standing) | {"until": until.isoformat() if until else "", "formal": request.formal}


@act(RELEASE, right=RELEASE, clause="LOCAL-LOSS", about_person=True)
def release_loss(inside: Inside, request: ReleaseLoss) -> dict[str, Any]:
    """The card was found: the account is as it was before the report. A freeze that came meanwhile stays."""
    mirror = find(inside, request.account)
    how = _how(inside, request.session)
    if how == "phone":
        raise Refusal("bank.counter_needed")
    card, guardians = witness.card_of(inside, mirror), witness.guardians_of(inside, mirror)
    rule, bank, now = witness.rule_of(mirror, inside), bank_rule(mirror, inside), inside.now
    place = inside.caller.organisation
    with inside.bank_role():
        standing = load(mirror, bank, now=now, lock=True)
        here = _reported(standing)
        waits = Replacement.objects.filter(
            person_id=mirror.person_id, account_id=mirror.account_id, state="waiting"
        ).exists()
    if how == "online":
        faults = loss.release_faults(here, online=True)
    else:
        evidence, place = _evidence(inside, mirror, request)
        facts = witness.account_facts(standing, card, guardians)
        faults = loss.may_release(
            facts, evidence, request.method, here, rule.guardian_age, inside.today, replacement_waits=waits
        )
    witness.refuse(faults, mirror, inside)
    with inside.bank_role():
        _end(inside, standing, {loss.TEMPORARY, loss.FORMAL})
        store(standing)
    _after(inside, mirror, standing, "release_loss", place)
    inside.emit("bank.loss_released", {"account": str(mirror.account_id), "card": str(mirror.card_id)})
    return _answer(mirror, standing)


def _how(inside: Inside, session: uuid.UUID | None) -> str:
    """Where the report comes from: on-line, at a terminal, at the counter, or (a teller without a session) by phone."""
    if inside.caller.kind == "customer":
        return "online"
    if "terminal" in inside.caller.roles:
        if session is None:
            raise Refusal("terminals.session_unknown")
        return "terminal"
    return "counter" if session else "phone"


def _evidence(inside: Inside, mirror: AccountStatus, request: ReportLoss | ReleaseLoss) -> tuple[EvidenceFacts, str]:
    """What the devices saw, and where. The card is looked at only where it can be there."""
    assert request.session is not None  # asked for only then
    matter = REPORT if isinstance(request, ReportLoss) else RELEASE
    taken = take(inside, request.session, matter=matter, wanted=frozenset({"id_reader"}))
    if matter == REPORT:
        taken = replace(taken, card=None)
    facts = witness.evidence_facts(inside, mirror, taken, relation_proof=request.relation_proof)
    return facts, taken.terminal.organisation


def _is_he(standing: Standing, request: ReportLoss) -> bool:
    """The caller on the phone named the holder's number and name. Both are compared, whatever the first says."""
    try:
        number = person_number.parse(request.id_number).number
        name = names.compact(names.validate(request.name))
    except Refusal:
        return False
    same = blind_many("id_number", [number])[0] == bytes(standing.account.id_index)
    return (blind_many("name", [name])[0] == bytes(standing.account.name_index)) & same


def _reported(standing: Standing) -> frozenset[str]:
    """For what reasons the account is LOST now."""
    rows = rows_in_force(standing.account, standing.now).filter(kind=str(Restriction.LOST))
    return frozenset(reason.partition("/")[0] for reason in rows.values_list("reason", flat=True))


def _end(inside: Inside, standing: Standing, reasons: set[str]) -> None:
    """The bank's own reports of loss end; the bureau's does not."""
    for reason in reasons:
        rows = rows_in_force(standing.account, standing.now)
        rows.filter(kind=str(Restriction.LOST), reason__startswith=f"{reason}/").update(
            lifted_at=standing.now, lifted_by=inside.caller.id
        )
    restricting.refresh(standing)


def _after(inside: Inside, mirror: AccountStatus, standing: Standing, act_name: str, place: str) -> None:
    """The bureau's view, and the card's history."""
    reflect(inside, standing, since=inside.now)
    card = witness.card_of(inside, mirror)
    if card is not None:
        became = str(Restriction.LOST) if Restriction.LOST in standing.restrictions else str(standing.status)
        with in_area(inside, mirror.area_code):
            note_bank(inside, card, was=str(standing.status), became=became, act=act_name, place=place)


def _answer(mirror: AccountStatus, standing: Standing) -> dict[str, Any]:
    return {
        "account": str(mirror.account_id),
        "status": str(standing.status),
        "restrictions": sorted(str(one) for one in standing.restrictions),
        "at": standing.now.isoformat(),
    }

"""Who may report a card lost at its bank, for how long it holds, and who may take the report back: pure rules.

A temporary report needs no paper, holds for the bank's days and ends by itself; a formal one needs the original ID at
the counter and holds until the card is found or replaced (regulations.md §3.3). Money keeps coming in all the while.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sscard.bank.activation import AGENT, COUNTER, GUARDIAN, SELF, AccountFacts, EvidenceFacts
from sscard.bank.states import Status
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Fault

TEMPORARY, FORMAL, BY_BUREAU = "temporary", "formal", "bureau"
"""Reasons of the restriction LOST. What the bureau reported ends with the bureau's report."""


def may_report(account: AccountFacts, here: frozenset[str], formal: bool) -> list[Fault]:
    """`here`: reasons for which the account is LOST already."""
    if account.status in (Status.CLOSED, Status.PENDING_OPEN):
        return [Fault("account", "bank.closed" if account.status is Status.CLOSED else "bank.not_open_yet")]
    if FORMAL in here or (TEMPORARY in here and not formal):
        return [Fault("account", "bank.lost_already")]
    return []


def may_stand_for(
    account: AccountFacts, evidence: EvidenceFacts, method: str, guardian_age: int, on: date, *, agent: bool = False
) -> list[Fault]:
    """The original ID in the reader is the holder's, a child's guardian's, or (where `agent`) somebody's who brings
    the holder's ID as well."""
    faults = []
    if evidence.terminal_bank != account.bank:
        return [Fault("terminal", "bank.other_bank", {"bank": account.bank})]
    if evidence.id_source != "original":
        faults.append(Fault("identity", "bank.original_needed"))
    if evidence.id_valid_until is not None and evidence.id_valid_until < on:
        faults.append(Fault("identity", "bank.id_expired", {"until": evidence.id_valid_until.isoformat()}))
    child = age_on(account.birth_date, on) < guardian_age
    if method == SELF:
        if child:
            faults.append(Fault("method", "bank.guardian_needed", {"age": guardian_age}))
        elif evidence.id_index != account.id_index:
            faults.append(Fault("identity", "bank.not_the_holder"))
    elif method == GUARDIAN:
        if evidence.id_index not in account.guardians:
            faults.append(Fault("identity", "bank.not_the_guardian"))
        elif not evidence.relation_proof:
            faults.append(Fault("relation_proof", "bank.relation_proof_needed"))
    elif method != AGENT or not agent:
        faults.append(Fault("method", "bank.no_agent"))
    return faults


def may_release(
    account: AccountFacts,
    evidence: EvidenceFacts,
    method: str,
    here: frozenset[str],
    guardian_age: int,
    on: date,
    *,
    replacement_waits: bool,
) -> list[Fault]:
    """At the counter: who he is; after a formal report the card itself as well, and only until a new one was asked
    for."""
    faults = release_faults(here)
    if faults:
        return faults
    if evidence.terminal_kind != COUNTER:
        faults.append(Fault("terminal", "bank.counter_needed"))
    faults += may_stand_for(account, evidence, method, guardian_age, on)
    if FORMAL in here:
        if replacement_waits:
            faults.append(Fault("account", "bank.replacement_waits"))
        if not evidence.card_is_this:
            faults.append(Fault("card", "bank.card_differs"))
        elif not evidence.card_answered:
            faults.append(Fault("card", "bank.card_no_answer"))
    return faults


def release_faults(here: frozenset[str], *, online: bool = False) -> list[Fault]:
    """What the report itself says: the bureau's ends at the bureau, a formal one not on-line."""
    if not here & {TEMPORARY, FORMAL}:
        return [Fault("account", "bank.lost_at_bureau" if BY_BUREAU in here else "bank.not_lost")]
    if online and FORMAL in here:
        return [Fault("account", "bank.lost_formally")]
    return []


def holds_until(now: datetime, days: int, formal: bool) -> datetime | None:
    """When the report ends by itself."""
    return None if formal else now + timedelta(days=days)

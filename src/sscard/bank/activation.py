"""May this account be activated, here, now, by this person, on this evidence? All faults, never only the first.

Basis: banking.md §1 rows 4–6 (own bank, documents, phone, PIN), regulations.md §3.8 and §4 (holder in person,
guardian for a child, an agent at few banks, a home visit for whoever cannot come), area pack `activation_outlets`,
`terminal_live_face`, `terminal_activation_needs_staff`, `life.agent_activation`, `life.home_visit`. T03, T04, T10, T11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sscard.bank.states import Restriction, Status
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Fault

SELF, GUARDIAN, AGENT, HOME_VISIT = "self", "guardian", "agent", "home_visit"
METHODS = (SELF, GUARDIAN, AGENT, HOME_VISIT)
NOTARISED, WITNESSED = "notarised", "witnessed"
MANDATES = (NOTARISED, WITNESSED)
"""An agent's mandate: certified by a notary, or signed before two of the bank's staff."""
COUNTER, KIOSK = "counter", "kiosk"


@dataclass(frozen=True, slots=True)
class BankRule:
    """The bank's rule in the account's area, from the area pack; `guardian_age` is the area's."""

    activation_outlets: str
    needs_staff_at_terminal: bool
    live_face_at_terminal: bool
    guardian_age: int
    agent_allowed: bool = False
    home_visit_allowed: bool = False


@dataclass(frozen=True, slots=True)
class AccountFacts:
    bank: str
    status: Status
    restrictions: frozenset[Restriction]
    area: str
    branch: str
    """The bank's outlet at which the account was opened: the issuing outlet."""
    id_index: bytes
    name_index: bytes
    birth_date: date
    guardians: frozenset[bytes]
    """Blind indexes of the ID numbers of the child's registered guardians."""
    card_usable: bool
    """The card was made and neither scrapped nor cancelled."""


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What the devices of one terminal saw in one session."""

    terminal_kind: str
    terminal_bank: str
    terminal_area: str
    terminal_outlets: frozenset[str]
    """Codes under which the place is known: the organisation's and the area pack's."""
    by_staff: bool
    id_source: str
    id_valid_until: date | None
    id_index: bytes
    name_index: bytes
    card_is_this: bool
    card_answered: bool
    face: bool | None
    relation_proof: bool
    """The clerk has seen the proof of relation between guardian and child."""
    mandate: str = ""
    """notarised or witnessed, where the clerk has the agent's mandate before him."""
    two_staff: bool = False
    """A second person of the bank is there and signs."""


def may_activate(account: AccountFacts, evidence: EvidenceFacts, rule: BankRule, method: str, on: date) -> list[Fault]:
    """Every reason against it with its place; an empty list means yes."""
    place = list(_place(account, evidence, rule))
    if any(fault.code == "bank.other_bank" for fault in place):
        return place  # another bank's counter learns nothing more about the account
    return [*_account(account), *place, *_papers(evidence, rule, on), *_person(account, evidence, rule, method, on)]


def may_renew_pin(account: AccountFacts, evidence: EvidenceFacts, rule: BankRule, method: str, on: date) -> list[Fault]:
    """Every reason against unlocking the PIN or choosing a new one: only at a counter of the bank, any of its
    outlets, with original ID and card, by the holder or a child's guardian (regulations.md §3.5)."""
    if evidence.terminal_bank != account.bank:
        return [Fault("terminal", "bank.other_bank", {"bank": account.bank})]
    if method in (AGENT, HOME_VISIT):
        return [Fault("method", "bank.pin_no_agent")]
    faults = [] if account.status is Status.ACTIVE else [Fault("account", "bank.asleep")]
    if evidence.terminal_kind != COUNTER:
        faults.append(Fault("terminal", "bank.counter_needed"))
    return [*faults, *_papers(evidence, rule, on), *_person(account, evidence, rule, method, on)]


def _account(account: AccountFacts) -> Iterator[Fault]:
    if account.status is Status.ACTIVE:
        yield Fault("account", "bank.already_active")
    elif account.status is Status.CLOSED:
        yield Fault("account", "bank.closed")
    elif account.status is Status.PENDING_OPEN:
        yield Fault("account", "bank.not_open_yet")
    if account.restrictions & {Restriction.FULL_FREEZE, Restriction.DEBIT_FREEZE}:
        yield Fault("account", "bank.frozen")
    if Restriction.DECEASED in account.restrictions:
        yield Fault("account", "bank.deceased")
    if Restriction.LOST in account.restrictions:
        yield Fault("account", "bank.lost")
    if Restriction.CARD_EXPIRED in account.restrictions:
        yield Fault("card", "bank.card_expired")


def _place(account: AccountFacts, evidence: EvidenceFacts, rule: BankRule) -> Iterator[Fault]:
    if evidence.terminal_bank != account.bank:
        yield Fault("terminal", "bank.other_bank", {"bank": account.bank})
        return
    if evidence.terminal_kind not in (COUNTER, KIOSK):
        yield Fault("terminal", "bank.terminal_kind")
    if rule.activation_outlets == "issuing_outlet" and account.branch not in evidence.terminal_outlets:
        yield Fault("terminal", "bank.only_issuing_outlet", {"outlet": account.branch})
    if rule.activation_outlets in ("issuing_outlet", "issuing_area") and evidence.terminal_area != account.area:
        yield Fault("terminal", "bank.only_issuing_area", {"area": account.area})
    if evidence.terminal_kind == KIOSK and rule.needs_staff_at_terminal and not evidence.by_staff:
        yield Fault("terminal", "bank.staff_needed")


def _papers(evidence: EvidenceFacts, rule: BankRule, on: date) -> Iterator[Fault]:
    if evidence.id_source != "original":
        yield Fault("identity", "bank.original_needed")
    if evidence.id_valid_until is not None and evidence.id_valid_until < on:
        yield Fault("identity", "bank.id_expired", {"until": evidence.id_valid_until.isoformat()})
    if not evidence.card_is_this:
        yield Fault("card", "bank.card_differs")
    elif not evidence.card_answered:
        yield Fault("card", "bank.card_no_answer")
    if evidence.terminal_kind == KIOSK and rule.live_face_at_terminal and evidence.face is None:
        yield Fault("face", "bank.face_needed")
    elif evidence.face is False:  # a camera that looked and saw somebody else is never overlooked
        yield Fault("face", "bank.face_differs")


def _person(account: AccountFacts, evidence: EvidenceFacts, rule: BankRule, method: str, on: date) -> Iterator[Fault]:
    if not account.card_usable:
        yield Fault("card", "bank.card_unusable")
    child = age_on(account.birth_date, on) < rule.guardian_age
    is_holder = evidence.id_index == account.id_index
    if method == HOME_VISIT and not rule.home_visit_allowed:
        yield Fault("method", "bank.no_home_visit")
    elif method in (SELF, HOME_VISIT):
        if child:
            yield Fault("method", "bank.guardian_needed", {"age": rule.guardian_age})
        elif not is_holder:
            yield Fault("identity", "bank.not_the_holder")
        elif evidence.name_index != account.name_index:
            yield Fault("identity", "bank.name_differs")
        if method == HOME_VISIT:
            yield from _two_staff(evidence)
    elif method == GUARDIAN:
        if not child:
            yield Fault("method", "bank.holder_in_person", {"age": rule.guardian_age})
        elif evidence.id_index not in account.guardians:
            yield Fault("identity", "bank.not_the_guardian")
        if evidence.terminal_kind == KIOSK:
            yield Fault("terminal", "bank.guardian_at_counter")
        elif child and not evidence.relation_proof:
            yield Fault("relation_proof", "bank.relation_proof_needed")
    elif not rule.agent_allowed:
        yield Fault("method", "bank.no_agent")
    elif child:
        yield Fault("method", "bank.guardian_needed", {"age": rule.guardian_age})
    else:
        if is_holder:
            yield Fault("method", "bank.agent_is_holder")
        if evidence.mandate not in MANDATES:
            yield Fault("mandate", "bank.mandate_needed")
        if evidence.mandate == WITNESSED or evidence.terminal_kind == KIOSK:
            yield from _two_staff(evidence)


def _two_staff(evidence: EvidenceFacts) -> Iterator[Fault]:
    if evidence.terminal_kind == KIOSK:
        yield Fault("terminal", "bank.staff_place")
    elif not evidence.two_staff:
        yield Fault("method", "bank.second_staff_needed")

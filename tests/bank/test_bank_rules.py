"""Pure rules: what each status and restriction lets through, and who may activate where on which evidence (T10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations, product

import pytest

from sscard.bank import activation, rules
from sscard.bank.activation import AccountFacts, BankRule, EvidenceFacts, may_activate, may_renew_pin
from sscard.bank.states import STEPS, Restriction, Status, after
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.ledger.permits import EVERYTHING, Permit

DEBITS = EVERYTHING & ~Permit.CREDIT & ~Permit.INQUIRY & ~Permit.COUNTER_INQUIRY

TABLE = [
    (Status.PENDING_OPEN, (), Permit.NONE),
    (Status.NOT_ACTIVATED, (), Permit.CREDIT),
    (Status.CLOSED, (), Permit.NONE),
    (Status.ACTIVE, (), EVERYTHING),
    (Status.NOT_ACTIVATED, (Restriction.FULL_FREEZE,), Permit.NONE),
    (Status.NOT_ACTIVATED, (Restriction.CREDIT_FREEZE,), Permit.NONE),
    (Status.ACTIVE, (Restriction.DEBIT_FREEZE,), EVERYTHING & ~DEBITS),
    (Status.ACTIVE, (Restriction.CREDIT_FREEZE,), EVERYTHING & ~Permit.CREDIT),
    (Status.ACTIVE, (Restriction.FULL_FREEZE,), Permit.COUNTER_INQUIRY),
    (Status.ACTIVE, (Restriction.AMOUNT_FREEZE,), EVERYTHING),
    (Status.ACTIVE, (Restriction.LOST,), Permit.CREDIT | Permit.COUNTER_INQUIRY),
    (
        Status.ACTIVE,
        (Restriction.COUNTER_ONLY,),
        Permit.CREDIT | Permit.COUNTER_CASH_OUT | Permit.COUNTER_TRANSFER_OUT | Permit.COUNTER_INQUIRY,
    ),
    (Status.ACTIVE, (Restriction.PIN_LOCKED,), Permit.CREDIT | Permit.DIRECT_DEBIT | Permit.COUNTER_INQUIRY),
    (Status.ACTIVE, (Restriction.DEBIT_FREEZE, Restriction.CREDIT_FREEZE), Permit.INQUIRY | Permit.COUNTER_INQUIRY),
]


@pytest.mark.parametrize("status, restrictions, mask", TABLE)
def test_mask(status: Status, restrictions: tuple[Restriction, ...], mask: Permit) -> None:
    assert rules.permits(status, restrictions) == mask


def test_before_activation_every_kind_but_credit_is_closed_with_the_same_answer() -> None:
    for one in Permit:
        if one and one is not Permit.CREDIT:
            assert rules.why_not(Status.NOT_ACTIVATED, (), one) == "bank.asleep", one
    assert rules.why_not(Status.NOT_ACTIVATED, (), Permit.CREDIT) is None


def test_a_bank_may_refuse_credit_before_activation() -> None:
    refuse = {"credit_before_activation": "refuse"}
    assert rules.permits(Status.NOT_ACTIVATED, (), **refuse) == Permit.NONE
    assert rules.why_not(Status.NOT_ACTIVATED, (), Permit.CREDIT, **refuse) == "bank.no_credit_before_activation"
    assert rules.why_not(Status.ACTIVE, (), Permit.CREDIT, **refuse) is None


@pytest.mark.parametrize("status", Status)
def test_restrictions_only_take_away_and_the_reason_fits_the_mask(status: Status) -> None:
    for size in range(4):
        for chosen in combinations(Restriction, size):
            mask = rules.permits(status, chosen)
            assert mask & ~rules.permits(status, chosen[:-1]) == 0
            for one in Permit:
                if one:
                    code = rules.why_not(status, chosen, one)
                    assert (code is None) == bool(mask & one)
                    assert code is None or words.has("refusal", code), code


def test_steps_are_the_only_ways() -> None:
    known = {(step.status, step.act) for step in STEPS}
    for status, act in product([None, *Status], {step.act for step in STEPS}):
        if (status, act) in known:
            assert isinstance(after(status, act), Status)
        else:
            with pytest.raises(Refusal, match=r"bank\.wrong_status"):
                after(status, act)


def test_every_status_and_restriction_has_a_name_for_people() -> None:
    for one in [*Status, *Restriction]:
        assert words.text("state", f"bank.{one}", "zh")
        assert words.text("state", f"bank.{one}", "en")


# -- the matrix of activation (T10, T03, T04) --------------------------------------------------------------------------
ON = date(2026, 3, 2)
ME, OTHER, MOTHER = b"m" * 32, b"o" * 32, b"g" * 32
ADULT = AccountFacts(
    bank="CCB", status=Status.NOT_ACTIVATED, restrictions=frozenset(), area="990100", branch="990100-CCB-01",
    id_index=ME,
    name_index=b"n" * 32, birth_date=date(1990, 5, 20), guardians=frozenset(), card_usable=True,
)  # fmt: skip
CHILD = replace(ADULT, birth_date=date(2015, 5, 20), guardians=frozenset({MOTHER}))
COUNTER = EvidenceFacts(
    terminal_kind="counter", terminal_bank="CCB", terminal_area="990100", terminal_outlets=frozenset({"990100-CCB-01"}),
    by_staff=True, id_source="original", id_valid_until=date(2036, 1, 1), id_index=ME, name_index=b"n" * 32,
    card_is_this=True, card_answered=True, face=None, relation_proof=False,
)  # fmt: skip
KIOSK = replace(COUNTER, terminal_kind="kiosk", by_staff=False)
FRIEND = replace(COUNTER, id_index=OTHER, name_index=b"x" * 32)
WITH_CHILD = replace(COUNTER, id_index=MOTHER, name_index=b"x" * 32, relation_proof=True)
RULE = BankRule("issuing_area", needs_staff_at_terminal=False, live_face_at_terminal=False, guardian_age=16)
OUTLET, NATIONWIDE = replace(RULE, activation_outlets="issuing_outlet"), replace(RULE, activation_outlets="nationwide")
VISITS, AGENTS = replace(RULE, home_visit_allowed=True), replace(RULE, agent_allowed=True)
STRICT = replace(RULE, needs_staff_at_terminal=True, live_face_at_terminal=True)
SECOND = {"terminal_outlets": frozenset({"990100-CCB-02"})}
AWAY = {"terminal_outlets": frozenset({"990200-CCB-01"}), "terminal_area": "990200"}


def _frozen(kind: Restriction) -> AccountFacts:
    return replace(ADULT, restrictions=frozenset({kind}))


MATRIX: list[tuple[str, AccountFacts, EvidenceFacts, BankRule, str, set[str]]] = [
    ("counter", ADULT, COUNTER, RULE, "self", set()),
    ("kiosk", ADULT, KIOSK, RULE, "self", set()),
    ("child", CHILD, WITH_CHILD, RULE, "guardian", set()),
    # bank × outlet
    ("another bank", ADULT, replace(COUNTER, terminal_bank="ICBC", id_source="copy"), RULE, "self",
     {"bank.other_bank"}),
    ("bureau", ADULT, replace(COUNTER, terminal_bank=""), RULE, "self", {"bank.other_bank"}),
    ("another bank nationwide", ADULT, replace(COUNTER, terminal_bank="ABC"), NATIONWIDE, "self", {"bank.other_bank"}),
    ("outlet rule, own outlet", ADULT, COUNTER, OUTLET, "self", set()),
    ("outlet rule, second outlet", ADULT, replace(COUNTER, **SECOND), OUTLET, "self", {"bank.only_issuing_outlet"}),
    ("area rule, second outlet", ADULT, replace(COUNTER, **SECOND), RULE, "self", set()),
    ("area rule, away", ADULT, replace(COUNTER, **AWAY), RULE, "self", {"bank.only_issuing_area"}),
    (
        "outlet rule, away", ADULT, replace(COUNTER, **AWAY), OUTLET, "self",
        {"bank.only_issuing_outlet", "bank.only_issuing_area"},
    ),
    ("nationwide, away", ADULT, replace(COUNTER, **AWAY), NATIONWIDE, "self", set()),
    ("bureau's desk of a bank", ADULT, replace(COUNTER, terminal_kind="bureau"), RULE, "self", {"bank.terminal_kind"}),
    # evidence
    ("copy", ADULT, replace(COUNTER, id_source="copy"), RULE, "self", {"bank.original_needed"}),
    ("photo", ADULT, replace(KIOSK, id_source="photo"), RULE, "self", {"bank.original_needed"}),
    ("typed", ADULT, replace(COUNTER, id_source="manual"), RULE, "self", {"bank.original_needed"}),
    ("ID of yesterday", ADULT, replace(COUNTER, id_valid_until=date(2026, 3, 1)), RULE, "self", {"bank.id_expired"}),
    ("ID of today", ADULT, replace(COUNTER, id_valid_until=ON), RULE, "self", set()),
    ("ID without end", ADULT, replace(COUNTER, id_valid_until=None), RULE, "self", set()),
    ("another card", ADULT, replace(COUNTER, card_is_this=False), RULE, "self", {"bank.card_differs"}),
    ("copied card", ADULT, replace(COUNTER, card_answered=False), RULE, "self", {"bank.card_no_answer"}),
    ("kiosk wants face", ADULT, KIOSK, replace(RULE, live_face_at_terminal=True), "self", {"bank.face_needed"}),
    ("kiosk, face fits", ADULT, replace(KIOSK, face=True), replace(RULE, live_face_at_terminal=True), "self", set()),
    ("face of another", ADULT, replace(COUNTER, face=False), RULE, "self", {"bank.face_differs"}),
    ("counter needs no camera", ADULT, COUNTER, STRICT, "self", set()),
    ("kiosk without staff", ADULT, replace(KIOSK, face=True), STRICT, "self", {"bank.staff_needed"}),
    ("kiosk with staff", ADULT, replace(KIOSK, face=True, by_staff=True), STRICT, "self", set()),
    ("all at once", ADULT, replace(KIOSK, id_source="copy", card_is_this=False, id_index=OTHER), STRICT, "self",
     {"bank.staff_needed", "bank.original_needed", "bank.card_differs", "bank.face_needed", "bank.not_the_holder"}),
    # person
    ("another person", ADULT, replace(COUNTER, id_index=OTHER), RULE, "self", {"bank.not_the_holder"}),
    ("another name", ADULT, replace(COUNTER, name_index=OTHER), RULE, "self", {"bank.name_differs"}),
    ("agent", ADULT, replace(COUNTER, id_index=OTHER), RULE, "agent", {"bank.no_agent"}),
    ("home visit, not offered", ADULT, COUNTER, RULE, "home_visit", {"bank.no_home_visit"}),
    ("home visit by one", ADULT, COUNTER, VISITS, "home_visit", {"bank.second_staff_needed"}),
    ("home visit by two", ADULT, replace(COUNTER, two_staff=True), VISITS, "home_visit", set()),
    ("home visit to another", ADULT, replace(COUNTER, two_staff=True, id_index=OTHER), VISITS, "home_visit",
     {"bank.not_the_holder"}),
    ("home visit to a child", CHILD, replace(COUNTER, two_staff=True), VISITS, "home_visit", {"bank.guardian_needed"}),
    ("home visit at a kiosk", ADULT, replace(KIOSK, two_staff=True), VISITS, "home_visit", {"bank.staff_place"}),
    ("agent with a notary's mandate", ADULT, replace(FRIEND, mandate="notarised"), AGENTS, "agent", set()),
    ("agent without mandate", ADULT, FRIEND, AGENTS, "agent", {"bank.mandate_needed"}),
    ("agent, witnessed by one", ADULT, replace(FRIEND, mandate="witnessed"), AGENTS, "agent",
     {"bank.second_staff_needed"}),
    ("agent, witnessed by two", ADULT, replace(FRIEND, mandate="witnessed", two_staff=True), AGENTS, "agent", set()),
    ("agent with a copy of his ID", ADULT, replace(FRIEND, mandate="notarised", id_source="copy"), AGENTS, "agent",
     {"bank.original_needed"}),
    ("agent at a kiosk", ADULT, replace(FRIEND, mandate="notarised", terminal_kind="kiosk"), AGENTS, "agent",
     {"bank.staff_place"}),
    ("the holder as his own agent", ADULT, replace(COUNTER, mandate="notarised"), AGENTS, "agent",
     {"bank.agent_is_holder"}),
    ("agent of a child where agents are allowed", CHILD, replace(FRIEND, mandate="notarised"), AGENTS, "agent",
     {"bank.guardian_needed"}),
    ("guardian of an adult", ADULT, WITH_CHILD, RULE, "guardian", {"bank.holder_in_person"}),
    ("child alone", CHILD, COUNTER, RULE, "self", {"bank.guardian_needed"}),
    ("child with a stranger", CHILD, replace(WITH_CHILD, id_index=OTHER), RULE, "guardian", {"bank.not_the_guardian"}),
    ("no proof of relation", CHILD, replace(WITH_CHILD, relation_proof=False), RULE, "guardian",
     {"bank.relation_proof_needed"}),
    ("guardian at a kiosk", CHILD, replace(WITH_CHILD, terminal_kind="kiosk"), RULE, "guardian",
     {"bank.guardian_at_counter"}),
    ("agent of a child", CHILD, WITH_CHILD, RULE, "agent", {"bank.no_agent"}),
    ("sixteen today", replace(ADULT, birth_date=date(2010, 3, 2)), COUNTER, RULE, "self", set()),
    ("sixteen tomorrow", replace(ADULT, birth_date=date(2010, 3, 3)), COUNTER, RULE, "self", {"bank.guardian_needed"}),
    ("line at eighteen", replace(ADULT, birth_date=date(2010, 3, 2)), COUNTER, replace(RULE, guardian_age=18), "self",
     {"bank.guardian_needed"}),
    # account and card
    ("active already", replace(ADULT, status=Status.ACTIVE), COUNTER, RULE, "self", {"bank.already_active"}),
    ("closed", replace(ADULT, status=Status.CLOSED), COUNTER, RULE, "self", {"bank.closed"}),
    ("not open yet", replace(ADULT, status=Status.PENDING_OPEN), COUNTER, RULE, "self", {"bank.not_open_yet"}),
    ("frozen", _frozen(Restriction.FULL_FREEZE), COUNTER, RULE, "self", {"bank.frozen"}),
    ("debits frozen", _frozen(Restriction.DEBIT_FREEZE), COUNTER, RULE, "self", {"bank.frozen"}),
    ("lost", _frozen(Restriction.LOST), COUNTER, RULE, "self", {"bank.lost"}),
    ("card not handed out", replace(ADULT, card_usable=False), COUNTER, RULE, "self", {"bank.card_unusable"}),
]  # fmt: skip


@pytest.mark.parametrize("case", MATRIX, ids=[case[0] for case in MATRIX])
def test_activation_matrix(case: tuple[str, AccountFacts, EvidenceFacts, BankRule, str, set[str]]) -> None:
    _, account, evidence, rule, method, codes = case
    found = may_activate(account, evidence, rule, method, ON)
    assert {fault.code for fault in found} == codes
    assert all(words.next_step(("refusal", "fault"), fault.code) for fault in found)


def test_only_the_banks_own_place_original_and_person_ever_pass() -> None:
    """Every combination: whatever passes has the right bank, place, paper, card and person."""
    places = [
        replace(COUNTER, terminal_bank=bank, **where) for bank in ("CCB", "ICBC", "") for where in ({}, SECOND, AWAY)
    ]
    papers = [
        {"id_source": s, "id_index": i, "card_is_this": c}
        for s in ("original", "copy")
        for i in (ME, OTHER)
        for c in (True, False)
    ]
    passed = 0
    for place, kind, paper, rule, method in product(
        places, ("counter", "kiosk"), papers, (OUTLET, RULE, NATIONWIDE), activation.METHODS
    ):
        evidence = replace(place, terminal_kind=kind, **paper)
        if may_activate(ADULT, evidence, rule, method, ON):
            continue
        passed += 1
        assert (evidence.terminal_bank, evidence.id_source, evidence.id_index, evidence.card_is_this) == (
            "CCB",
            "original",
            ME,
            True,
        )
        assert method == "self"
        assert rule is NATIONWIDE or evidence.terminal_area == "990100"
        assert rule is not OUTLET or "990100-CCB-01" in evidence.terminal_outlets
    assert passed == 2 * (1 + 2 + 3)


def test_pin_is_renewed_at_the_banks_counter_only() -> None:
    active = replace(ADULT, status=Status.ACTIVE, restrictions=frozenset({Restriction.PIN_LOCKED}))
    assert may_renew_pin(active, COUNTER, RULE, "self", ON) == []
    assert may_renew_pin(active, replace(COUNTER, **AWAY), RULE, "self", ON) == [], "any outlet of the bank"
    assert [f.code for f in may_renew_pin(active, KIOSK, RULE, "self", ON)] == ["bank.counter_needed"]
    assert [f.code for f in may_renew_pin(active, replace(COUNTER, id_index=OTHER), AGENTS, "agent", ON)] == [
        "bank.pin_no_agent"
    ]
    assert [f.code for f in may_renew_pin(ADULT, COUNTER, RULE, "self", ON)] == ["bank.asleep"]

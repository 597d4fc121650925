"""The two life cycles: every pair of state and act has a next state or a refusal with its sentence and next step."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pytest

from sscard.cards.states import PRODUCTION, SOCIAL, StateTable, expired, next_state
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.law import clauses

PAIRS = [(table, state, act) for table in (PRODUCTION, SOCIAL) for state, act in product(table.states, table.acts)]
EVERYTHING = {row.guard: True for table in (PRODUCTION, SOCIAL) for row in table.rows if row.guard}


@pytest.mark.parametrize(("table", "state", "act"), PAIRS, ids=[f"{t.side}-{s}-{a}" for t, s, a in PAIRS])
def test_every_pair_has_a_next_state_or_a_named_refusal(table: StateTable, state: str, act: str) -> None:
    rows = [row for row in table.rows if (row.state, row.act) == (state, act)]
    with_all, with_none = next_state(table, state, act, EVERYTHING), next_state(table, state, act, {})
    assert isinstance(with_all, str) == bool(rows)
    if rows:
        assert with_all in table.states
        assert with_all != state
    assert isinstance(with_none, str) == any(not row.guard for row in rows)
    for outcome in (with_all, with_none):
        if isinstance(outcome, Refusal):
            for lang in words.LANGUAGES:
                assert outcome.sentence(lang)
                assert outcome.next_step(lang)


@pytest.mark.parametrize("table", [PRODUCTION, SOCIAL], ids=["production", "social"])
def test_a_table_is_well_made(table: StateTable) -> None:
    assert table.start in table.states
    reached, frontier = {table.start}, [table.start]
    while frontier:
        state = frontier.pop()
        fresh = {row.next for row in table.rows if row.state == state} - reached
        reached |= fresh
        frontier += fresh
    assert reached == set(table.states), "a state that nothing leads to"
    assert len({(row.state, row.act, row.guard) for row in table.rows}) == len(table.rows)
    for row in table.rows:
        assert {row.state, row.next} <= set(table.states)
        assert not row.clause or clauses.clause(row.clause)
    for state, act in {(row.state, row.act) for row in table.rows}:
        guards = [row.guard for row in table.rows if (row.state, row.act) == (state, act)]
        assert len(guards) == 1 or all(guards), "an alternative without guard hides the others"


def test_what_is_over_stays_over() -> None:
    assert SOCIAL.ends == {"cancelled"}
    assert PRODUCTION.ends == {"destroyed", "written_off", "withdrawn"}


def test_a_lost_card_comes_back_to_what_it_was() -> None:
    for was in ("sealed", "normal", "locked"):
        assert next_state(SOCIAL, was, "report_temp", {}) == "temp_loss"
        assert next_state(SOCIAL, "temp_loss", "release", {f"was_{was}": True}) == was
        assert next_state(SOCIAL, "formal_loss", "revoke", {f"revocable_to_{was}": True}) == was
    refusal = next_state(SOCIAL, "formal_loss", "revoke", {"was_normal": True})
    assert isinstance(refusal, Refusal)


def test_nothing_is_enabled_before_it_is_in_the_holders_hand() -> None:
    refusal = next_state(SOCIAL, "sealed", "enable", {"handed_out": False})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "cards.guard_handed_out"


def test_destruction_takes_two_persons() -> None:
    for row in PRODUCTION.rows:
        if row.next in ("destroyed", "written_off"):
            assert row.guard == "two_persons", row


def test_every_state_has_its_words() -> None:
    extra = {"social": ("expired", "not_in_hand")}
    for table in (PRODUCTION, SOCIAL):
        for state in (*table.states, *extra.get(table.side, ())):
            entry = words.entry("state", f"cards.{table.side}.{state}")
            assert entry["tone"] in ("good", "wait", "bad", "plain")
            for lang in words.LANGUAGES:
                assert entry[lang]
                assert entry[f"holder_{lang}"]
                assert entry[f"clerk_{lang}"]
            assert not re.search(r"[A-Za-z]", str(entry["holder_zh"]))


def test_unknown_names_are_a_programmers_error() -> None:
    with pytest.raises(KeyError):
        next_state(SOCIAL, "asleep", "enable", {})
    with pytest.raises(KeyError):
        next_state(SOCIAL, "sealed", "make", {})


@pytest.mark.parametrize(("on", "over"), [(date(2030, 5, 31), False), (date(2030, 6, 1), True)])
def test_the_day_on_the_card_is_its_last_good_day(on: date, over: bool) -> None:
    assert expired(date(2030, 5, 31), on) is over
    assert not expired(None, on)

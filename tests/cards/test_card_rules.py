"""Who may stand at the desk for a card's holder, and what an initial password is good for."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.cards.pin import initial_digits
from sscard.cards.rules import AGENT_PAPERS, initial_password_serves, who_acts
from sscard.kernel.refusals import Refusal

HOLDER, MOTHER, STRANGER = b"h" * 32, b"m" * 32, b"s" * 32
READER = {"holder": HOLDER, "guardian": MOTHER, "stranger": STRANGER}
#             adult                        minor
EXPECTED = {
    ("holder", False): "holder",
    ("holder", True): "cards.guardian_needed",
    ("guardian", False): "guardian",
    ("guardian", True): "guardian",
    ("stranger", True): "cards.not_the_guardian",
}


@pytest.mark.parametrize(
    ("reader", "minor", "agents", "papers"),
    list(product(READER, (False, True), ("guardian_only", "yes", "no"), ((), ("holder_id",), tuple(AGENT_PAPERS)))),
)
def test_who_acts_for_a_card(reader: str, minor: bool, agents: str, papers: tuple[str, ...]) -> None:
    try:
        outcome = who_acts(
            in_reader=READER[reader], holder=HOLDER, guardians={MOTHER}, minor=minor, agents=agents, papers=papers
        )
    except Refusal as refusal:
        outcome = refusal.code if refusal.next_step("zh") else "no next step"
    expected = EXPECTED.get((reader, minor))
    if expected is None:  # a stranger with an adult's card
        complete = set(papers) == AGENT_PAPERS
        expected = "cards.not_the_holder" if agents != "yes" else "agent" if complete else "cards.agent_papers"
    assert outcome == expected


@given(st.binary(min_size=32, max_size=32), st.booleans(), st.sampled_from(["guardian_only", "no"]))
def test_no_stranger_acts_where_agents_are_not_allowed(index: bytes, minor: bool, agents: str) -> None:
    if index in (HOLDER, MOTHER):
        return
    with pytest.raises(Refusal):
        who_acts(in_reader=index, holder=HOLDER, guardians={MOTHER}, minor=minor, agents=agents, papers=AGENT_PAPERS)


@pytest.mark.parametrize(
    ("rule", "use", "serves"),
    [
        ("forbid", "business", False),
        ("forbid", "inquiry", False),
        ("inquiry_only", "business", False),
        ("inquiry_only", "inquiry", True),
        ("treat_as_no_password", "business", True),
        ("treat_as_no_password", "inquiry", True),
    ],
)
def test_what_an_initial_password_is_good_for(rule: str, use: str, serves: bool) -> None:
    assert initial_password_serves(rule, use) is serves


@pytest.mark.parametrize(
    ("rule", "digits"),
    [("none", None), ("123456", "123456"), ("000000", "000000"), ("id_tail", "101001"), ("card_tail", "000001")],
)
def test_initial_password_by_the_areas_rule(rule: str, digits: str | None) -> None:
    assert initial_digits(rule, id_number="09010119900101001X", card_number="X9000001X") == digits

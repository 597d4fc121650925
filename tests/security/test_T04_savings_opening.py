"""T03, T04: the savings function is opened by the holder, with the original and his card, at his bank; each other combination
of bank, evidence and person is refused, and nothing of another session, terminal or opening can be used."""

from __future__ import annotations

import base64
import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))

from bank_kit import Terminal, opened, person, refused
from opening_kit import RELEASE, filled, identified

from sscard.bank import acts

pytestmark = pytest.mark.usefixtures("house")


def test_of_all_combinations_one_is_accepted() -> None:
    opening, other = filled(), opened(person())
    banks = {"own": opening.terminal, "other": Terminal("ICBC", "990100")}
    accepted = []
    for bank, source, who in itertools.product(banks, ("original", "copy", "photo", "manual"), ("holder", "other")):
        by = other if who == "other" else None
        if (bank, source, who) == ("own", "original", "holder"):
            continue
        refused(lambda at=banks[bank], source=source, by=by: opening.identify(at=at, source=source, by=by))
    accepted.append(opening.identify())
    assert accepted[0]["stage"] == "IDENTIFIED"


def test_another_card_in_the_slot_is_refused() -> None:
    opening, other = filled(), opened(person())
    at = opening.terminal
    session = at.session("bank.savings_identify", "id_reader", "card_slot")
    at.desk.present_id(opening.holder.virtual_person())
    at.desk.insert_card(other.virtual_card())
    request = acts.SavingsIdentify(opening.application, session)
    assert refused(lambda: opening.do("identify", request, who=at.caller)).code == "bank.card_differs"


def test_evidence_of_another_matter_or_used_before_is_refused() -> None:
    opening = filled()
    at = opening.terminal
    session = at.present("bank.activate", opening.holder)
    request = acts.SavingsIdentify(opening.application, session)
    assert refused(lambda: opening.do("identify", request, who=at.caller)).code == "terminals.wrong_matter"
    session = at.present("bank.savings_identify", opening.holder, "")
    opening.do("identify", acts.SavingsIdentify(opening.application, session), who=at.caller)
    again = acts.SavingsIdentify(opening.application, session)
    assert refused(lambda: opening.do("identify", again, who=at.caller)).code == "terminals.session_used"


def test_one_missing_piece_of_evidence_is_named() -> None:
    opening = filled()
    at = opening.terminal
    session = at.session("bank.savings_identify", "id_reader", "card_slot")
    at.desk.insert_card(opening.holder.virtual_card())
    request = acts.SavingsIdentify(opening.application, session)
    assert refused(lambda: opening.do("identify", request, who=at.caller)).code == "terminals.evidence_missing"


def test_a_teller_cannot_sign_for_the_customer() -> None:
    """Without the pad's signature there is none, whatever else is sent."""
    opening = identified()
    _pad, session = opening.agree()
    request = acts.SavingsSign(opening.application, session)
    assert (
        refused(lambda: opening.do("sign", request, who=opening.terminal.caller)).code == "terminals.evidence_missing"
    )
    assert not opening.has()


def test_a_signature_is_not_taken_to_another_agreement() -> None:
    """The agreement is made anew after he signed the first one: what he signed does not fit the second."""
    opening = identified()
    pad, first = opening.agree()
    pad.sign(RELEASE, base64.b64decode(opening.last["file"]))
    again = acts.SavingsAgree(opening.application, "electronic", True, first)
    opening.do("agree", again, who=opening.terminal.caller)
    request = acts.SavingsSign(opening.application, first)
    assert refused(lambda: opening.do("sign", request, who=opening.terminal.caller)).code == "documents.signature_wrong"


def test_a_clock_that_was_let_run_asks_for_the_id_again(monkeypatch: Any) -> None:
    from datetime import timedelta

    from sscard.kernel import clock

    opening = identified()
    before = clock.offset_of
    monkeypatch.setattr(clock, "offset_of", lambda area: before(area) + timedelta(minutes=31))
    assert refused(opening.paper).code == "bank.savings_identity_old"

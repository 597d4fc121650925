"""The life of a consent: the table against every pair, and generated histories against a real database."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from sscard.binding import rules, states
from sscard.kernel.refusals import Refusal
from tests_support import House

WHO = ("holder", "bank", "client", "card_event", "time")


def test_the_table_decides_every_pair() -> None:
    allowed = {(state, act): (who, became) for state, act, who, became in states.ROWS}
    for state, act, by in itertools.product(states.STATES, states.ACTS, WHO):
        who, became = allowed.get((state, act), (frozenset(), ""))
        outcome = states.next_state(state, act, by)
        if by in who:
            assert outcome == became
        else:
            assert isinstance(outcome, Refusal)
            assert outcome.code == "binding.state_conflict"
    assert {"REJECTED", "REVOKED", "EXPIRED"} == states.ENDS


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, ""),
        ({"social": "sealed"}, "card_not_enabled"),
        ({"production": "made"}, "card_not_enabled"),
        ({"social": "temp_loss"}, "card_lost"),
        ({"social": "formal_loss"}, "card_lost"),
        ({"social": "locked"}, "card_locked"),
        ({"social": "cancelled"}, "card_cancelled"),
        ({"card_expired": True}, "card_expired"),
        ({"id_valid_until": -1}, "id_expired"),
        ({"id_valid_until": 0}, ""),
        ({"account_own": False}, "account_not_own"),
        ({"paying": "NOT_ACTIVATED"}, "account_not_activated"),
        ({"paying": "PENDING_OPEN"}, "account_not_activated"),
        ({"paying": "ACTIVE"}, ""),
        ({"bound": True}, "already_bound"),
        ({"bound": True, "social": "temp_loss"}, "card_lost"),
    ],
    ids=str,
)
def test_what_stands_in_the_way(facts: dict[str, Any], code: str) -> None:
    from datetime import date

    today = date(2026, 11, 22)
    if "id_valid_until" in facts:
        facts = {**facts, "id_valid_until": today + timedelta(days=facts["id_valid_until"])}
    good: dict[str, Any] = {
        "production": "handed_out", "social": "normal", "card_expired": False, "id_valid_until": None,
        "account_own": True, "paying": "", "bound": False, "today": today,
    }  # fmt: skip
    refusal = rules.why_not(rules.Standing(**{**good, **facts}))
    assert (refusal.code if refusal else "") == (f"binding.{code}" if code else "")


class Consents(RuleBasedStateMachine):
    """One consent under acts of everybody in any order, beside a model of three lines."""

    def __init__(self) -> None:
        super().__init__()
        import binding_kit
        from sscard.binding import clients, consents
        from sscard.binding.models import Consent
        from sscard.kernel import clock, ids

        self.one = _one(binding_kit)
        self.state, self.over = "AWAITING_AUTHORISATION", False
        now = clock.now(binding_kit.AREA)
        self.id = ids.new_id()
        row = Consent(
            person_id=self.one.person_id, consent_id=self.id, area_code=binding_kit.AREA, client_id=uuid.uuid4(),
            card_id=self.one.holder.card, way="redirect", wants=["status"], duration="TIME_BOUND", days=90,
            customer="c", state=self.state, asked_at=now, awaiting_until=now + timedelta(minutes=15), changed_at=now,
        )  # fmt: skip
        self.consents, self.caller = consents, clients.asked_caller(
            self.one.person_id, "", area=binding_kit.AREA, consent=self.id
        )  # fmt: skip
        with self._inside() as inside:
            consents.begin(inside, row)

    def _inside(self) -> Any:
        from sscard.control.door import reading

        return reading(self.caller, right="binding.decide", purpose="test")

    def _row(self, inside: Any) -> Any:
        return self.consents.require(inside, self.id, lock=True)

    def _try(self, act: str, by: str, **changes: Any) -> None:
        expected = states.next_state(self.state, act, by)
        with self._inside() as inside:
            row = self._row(inside)
            if isinstance(expected, Refusal) or (self.over and self.state not in states.ENDS and act != "lapse"):
                with pytest.raises(Refusal):
                    self.consents.move(inside, row, act, by, **changes)
            else:
                self.state = self.consents.move(inside, row, act, by, **changes)
        if self.state in states.ENDS:
            self.over = False

    @rule()
    def authorise(self) -> None:
        from sscard.kernel import clock

        self._try("authorise", "holder", expires_at=clock.now(self.one.holder.area) + timedelta(days=90))

    @rule()
    def decline(self) -> None:
        self._try("decline", "holder")

    @rule()
    def lost(self) -> None:
        self._try("suspend", "card_event")

    @rule()
    def found(self) -> None:
        self._try("resume", "card_event")

    @rule()
    def closed(self) -> None:
        self._try("close", "card_event")

    @rule()
    def revoked(self) -> None:
        self._try("revoke", "holder")

    @rule()
    def client_authorises(self) -> None:
        self._try("authorise", "client")

    @precondition(lambda self: self.state not in states.ENDS)
    @rule()
    def time_passes(self) -> None:
        from sscard.binding.models import Consent
        from sscard.kernel import clock

        with self._inside() as inside:
            self._row(inside)
            past = clock.now(self.one.holder.area) - timedelta(seconds=1)
            Consent.objects.filter(person_id=self.one.person_id, consent_id=self.id).update(
                awaiting_until=past, expires_at=past
            )
        self.over = True

    @rule()
    def job(self) -> None:
        if self.over:
            self._try("lapse", "time")

    @invariant()
    def the_row_says_the_same(self) -> None:
        with self._inside() as inside:
            row = self._row(inside)
            now = self.consents.state_now(row, inside.now)
        assert row.state == self.state
        assert now == ("EXPIRED" if self.over else self.state)
        assert (row.ended_at is not None) == (self.state in states.ENDS)
        assert (self.state == "REVOKED") == bool(row.revoked_by)


_kept: list[Any] = []


def _one(kit: Any) -> Any:
    if not _kept:
        _kept.append(kit.holder())
    return _kept[0]


def test_generated_histories(house: House) -> None:
    _kept.clear()
    run_state_machine_as_test(
        Consents,
        settings=settings(
            max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

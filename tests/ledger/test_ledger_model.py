"""The ledger against a plain model of it: any sequence of acts, every status and every counter the same."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from ledger_support import DAY, NOW, in_book, make_book
from plain_bank import DONE, Account, PlainBank

from sscard.ledger.items import Action, Item, Limit, Side
from sscard.ledger.permits import EVERYTHING, Permit

# mostly what can be done, so that a sequence gets somewhere; now and then what cannot
AMOUNTS = st.one_of(st.integers(1, 120), st.integers(1, 120), st.integers(0, 1_200))
PAYERS, PAYEES = st.sampled_from([1, 1, 1, 2, 3, 0, 4]), st.sampled_from([2, 2, 1, 4, 0, 3])
DAYS = st.integers(0, 40)
LIMITS = st.lists(
    st.builds(
        Limit,
        st.sampled_from(["cash", "all"]),
        st.sampled_from(["operation", "day", "month", "year"]),
        st.one_of(st.none(), st.integers(100, 1_500)),
        st.one_of(st.none(), st.integers(1, 6)),
    ).filter(lambda one: one.period != "operation" or one.most_times is None),
    max_size=3,
    unique_by=lambda one: (one.kind, one.period),
).map(tuple)
KINDS = st.sampled_from(["transfer", "medical.settlement", "medical.statutory_payout"])


class Ledger(RuleBasedStateMachine):
    @initialize()
    def open_book(self) -> None:
        from sscard.ledger import accounts

        self.book = make_book()
        medical = self.book.open("medical")
        with in_book(self.book.name):
            provider = accounts.internal(self.book.name, "provider", medical[1], now=NOW, purpose="provider")
        self.places = [self.book.cash, self.book.a, self.book.b, medical, provider]
        purposes = ["internal", "savings", "savings", "medical", "provider"]
        self.plain = PlainBank(
            {place: Account(place[0] > 0, purpose) for place, purpose in zip(self.places, purposes, strict=True)}
        )
        self.sent: list[Item] = []
        self.group: list[Item] = []
        self.grouping: uuid.UUID | None = None
        self.now = NOW
        self._send([self._item(0, 1, 1_000), self._item(0, 3, 1_000)])

    # -- acts
    @rule(debit=PAYERS, credit=PAYEES, fen=AMOUNTS, limits=LIMITS, kind=KINDS, day=DAYS)
    def post(self, debit: int, credit: int, fen: int, limits: Any, kind: str, day: int) -> None:
        self._ask(self._item(debit, credit, fen, limits=limits, kind=kind, day=day))

    @rule(debit=PAYERS, credit=PAYEES, fen=AMOUNTS, limits=LIMITS, kind=KINDS, hours=st.integers(0, 9))
    def hold(self, debit: int, credit: int, fen: int, limits: Any, kind: str, hours: int) -> None:
        more = {"hold": uuid.uuid4(), "expires_at": self.now + timedelta(hours=hours)}
        self._ask(self._item(debit, credit, fen, limits=limits, kind=kind, action=Action.HOLD, **more))

    @rule(
        which=st.integers(0, 9),
        fen=st.one_of(st.none(), AMOUNTS),
        action=st.sampled_from(["capture", "capture", "void"]),
    )
    def end_hold(self, which: int, fen: int | None, action: str) -> None:
        placed = [one for one in self.sent + self.group if one.action is Action.HOLD]
        if placed:
            one = placed[-1 - which % len(placed)]
            fen = one.amount_fen if fen is None else fen
            sides = [self.places.index((side.person_id, side.account_id)) for side in (one.debit, one.credit)]
            self._ask(self._item(*sides, fen, kind=one.kind, action=Action(action), hold=one.hold))

    @rule(debit=PAYERS, credit=PAYEES, fen=AMOUNTS, part=AMOUNTS, limits=LIMITS, back=st.booleans())
    def hold_and_capture_a_part(self, debit: int, credit: int, fen: int, part: int, limits: Any, back: bool) -> None:
        more = {"hold": uuid.uuid4(), "expires_at": self.now + timedelta(hours=1)}
        self._ask(self._item(debit, credit, fen, limits=limits, action=Action.HOLD, **more))
        capture = self._item(debit, credit, min(part, fen), action=Action.CAPTURE, hold=more["hold"])
        self._ask(capture)
        if back:
            self._reverse(capture, capture.amount_fen)

    @rule(which=st.integers(0, 9), less=st.sampled_from([0, 0, 0, 1]))
    def reverse(self, which: int, less: int) -> None:
        moved = [one for one in self.sent + self.group if one.action not in (Action.HOLD, Action.VOID)]
        if moved:
            one = moved[-1 - which % len(moved)]
            self._reverse(one, one.amount_fen - less)

    @rule(debit=PAYERS, credit=PAYEES, fen=AMOUNTS)
    def reverse_before(self, debit: int, credit: int, fen: int) -> None:
        original = self._item(debit, credit, fen)
        self._reverse(original, fen)
        self._ask(original)

    @rule(which=st.integers(0, 9), other=st.booleans())
    def repeat(self, which: int, other: bool) -> None:
        if self.sent and self.grouping is None:
            from msgspec.structs import replace

            one = replace(self.sent[-1 - which % len(self.sent)], group=None)
            self._send([replace(one, fingerprint=b"x" * 32)] if other else [one], remember=False)

    @rule()
    def begin_group(self) -> None:
        self._end_group()
        self.grouping = uuid.uuid4()

    @rule()
    def end_group(self) -> None:
        self._end_group()

    @rule(hours=st.integers(0, 2))
    def time_passes_and_holds_run_out(self, hours: int) -> None:
        from sscard.ledger import follow_up

        self._end_group()
        self.now += timedelta(hours=hours)
        with in_book(self.book.name):
            assert follow_up.expire_holds(self.now) == self.plain.expire(self.now)

    @rule(place=st.integers(1, 3), fen=st.integers(0, 500))
    def freeze(self, place: int, fen: int) -> None:
        from sscard.ledger import accounts

        with in_book(self.book.name):
            accounts.set_frozen(*self.places[place], fen)
        self.plain.accounts[self.places[place]].frozen = fen

    @rule(place=st.integers(1, 3), without=st.sampled_from([Permit.NONE, Permit.CREDIT, Permit.CASH_OUT]))
    def permit(self, place: int, without: Permit) -> None:
        from sscard.ledger import accounts

        with in_book(self.book.name):
            accounts.set_permits(*self.places[place], EVERYTHING & ~without)
        self.plain.accounts[self.places[place]].permits = int(EVERYTHING & ~without)

    @rule(day=st.integers(0, 20))
    def close_day(self, day: int) -> None:
        from sscard.ledger import days

        self._end_group()
        with in_book(self.book.name):
            days.shut(self.book.name, DAY + timedelta(days=day - 10), now=NOW)
        self.plain.closed = max(self.plain.closed or DAY - timedelta(days=99), DAY + timedelta(days=day - 10))

    # -- both
    @invariant()
    def counters_are_the_same(self) -> None:
        for place, account in getattr(self, "plain", PlainBank()).accounts.items():
            found = self.book.counters(place)
            assert (found.balance_fen, found.held_fen, found.coming_fen, found.seq) == (
                account.balance,
                account.held,
                account.coming,
                account.seq,
            )
            assert not account.customer or account.balance - account.held >= 0

    def teardown(self) -> None:
        if not hasattr(self, "plain"):
            return
        self._end_group()
        self.counters_are_the_same()
        assert self.book.trial().sound
        with in_book(self.book.name):
            from sscard.ledger.models import LimitUse

            rows = {
                ((r.person_id, r.account_id), r.kind, r.period, r.begins): [r.used_fen, r.times]
                for r in LimitUse.objects.all()
                if (r.used_fen, r.times) != (0, 0)
            }
        assert rows == {key: used for key, used in self.plain.used.items() if used != [0, 0]}

    def _item(self, debit: int, credit: int, fen: int, *, kind: str = "transfer", day: int = 20, **more: Any) -> Item:
        key = uuid.uuid4().hex
        return Item(
            caller=uuid.UUID(int=7),
            key=key,
            fingerprint=hashlib.sha256(key.encode()).digest(),
            kind=kind,
            debit=Side(*self.places[debit], Permit.CASH_OUT),
            credit=Side(*self.places[credit], Permit.CREDIT),
            amount_fen=fen,
            business_date=DAY + timedelta(days=day),
            group=self.grouping,
            **more,
        )

    def _reverse(self, original: Item, fen: int) -> None:
        debit, credit = (
            self.places.index((side.person_id, side.account_id)) for side in (original.credit, original.debit)
        )
        self._ask(self._item(debit, credit, fen, action=Action.REVERSE, reverses=original.transfer_id))

    def _ask(self, item: Item) -> None:
        if self.grouping is not None:
            self.group.append(item)
        else:
            self._send([item])

    def _end_group(self) -> None:
        group, self.group, self.grouping = self.group, [], None
        if group:
            self._send(group)

    def _send(self, items: list[Item], *, remember: bool = True) -> None:
        expected = self.plain.decide(items, self.now)
        from sscard.ledger.posting import decide

        with in_book(self.book.name):
            found = decide(items, posted_at=self.now, wait=True)
        assert [(one.status, one.replayed) for one in found] == expected
        for item, one in zip(items, found, strict=True):
            if one.status in DONE and one.debit_balance_fen is not None and not one.replayed:
                assert one.transfer_id == item.transfer_id
        if remember:
            self.sent += items


def test_ledger_does_what_the_plain_model_does(house: Any) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )

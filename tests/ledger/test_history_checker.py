"""The checker itself: it lets good histories pass and finds each sort of fault. A checker that finds nothing proves nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger_history import Done, check, check_against_database

FREE = frozenset({"cash"})


def good() -> list[Done]:
    """100 comes in, 30 goes to b, a read, a refusal, 70 goes to b; then b pays 100."""

    def move(key: str, debit: str, credit: str, fen: int, at: float, *after: int) -> Done:
        return Done(key, "transfer", debit, credit, fen, at, at + 1, "posted", *after)

    return [
        move("in", "cash", "a", 100, 0, 1, 1, -100, 100),
        move("one", "a", "b", 30, 2, 2, 1, 70, 30),
        Done("look", "read", "a", "", 0, 3.5, 4, "", 2, 0, 70, 0),
        Done("no", "transfer", "a", "b", 71, 4, 5, "insufficient"),
        move("two", "a", "b", 70, 4.5, 3, 2, 0, 100),
        move("three", "b", "cash", 100, 6, 3, 2, 0, 0),
    ]


def test_good_history_passes() -> None:
    verdict = check(good(), free=FREE)
    assert (verdict.faults, verdict.operations) == ([], 6)


@pytest.mark.parametrize(
    "at, sort, change",
    [
        (1, "balance", {"debit_balance": 71}),
        (1, "gap", {"debit_seq": 9}),
        (4, "doubled", {"debit_seq": 2}),
        (2, "read", {"debit_balance": 100}),
        (2, "order", {"debit_seq": 1, "debit_balance": 100}),
        (3, "refusal", {"fen": 60, "asked": 3.2, "answered": 3.4}),
        (0, "order", {"asked": 8, "answered": 9}),
        (5, "balance", {"fen": 101, "debit_balance": -1}),
        (5, "negative", {"fen": 101, "debit_balance": -1}),
    ],
)
def test_fault_is_found(at: int, sort: str, change: dict[str, float]) -> None:
    history = good()
    history[at] = replace(history[at], **change)  # type: ignore[arg-type]
    assert sort in check(history, free=FREE).counts


def test_write_skew_in_time_is_found() -> None:
    """Two accounts, each order fits by itself; together with real time they make a circle."""
    history = [
        Done("x", "transfer", "cash", "a", 5, 0, 1, "posted", 2, 1, -10, 5),
        Done("y", "transfer", "cash", "b", 5, 2, 3, "posted", 1, 1, -5, 5),
    ]
    assert check(history, free=FREE).counts["order"] == 1


def database() -> tuple[dict[str, str], dict[tuple[str, int], str]]:
    keys = {op.key: op.status for op in good() if op.kind == "transfer"}
    moves = [op for op in good() if op.status == "posted"]
    entries = {(op.debit, op.debit_seq): op.key for op in moves} | {(op.credit, op.credit_seq): op.key for op in moves}
    return keys, entries


def test_database_that_fits_passes() -> None:
    verdict = check(good(), free=FREE)
    check_against_database(good(), *database(), verdict)
    assert verdict.faults == []


def test_loss_doubling_and_phantom_are_found() -> None:
    keys, entries = database()
    lost, doubled, phantom = (check(good(), free=FREE) for _ in range(3))
    check_against_database(good(), {k: v for k, v in keys.items() if k != "two"}, entries, lost)
    check_against_database(good(), keys, entries | {("a", 4): "two"}, doubled)
    check_against_database(good(), keys, entries | {("a", 4): "ghost", ("b", 4): "ghost"}, phantom)
    assert (lost.counts["lost"], doubled.counts["doubled"], phantom.counts["phantom"]) == (1, 1, 1)

"""Checks histories of concurrent clients of the ledger.

Model: **strict serializability** of a bank of accounts whose operations are transfers (one debit, one credit, refused when
the available balance is not enough) and reads of one account. There must be one order of all operations that keeps real
time (who was answered before another was asked stands before him) and in which a bank that does one thing at a time gives
exactly the answers that were given.

The ledger numbers the entries of each account, so the order of writes on an account need not be searched for: it is in the
answers. That makes the check linear instead of NP-complete. An operation stands after those that have the number before on
either of its accounts; real time is a chain of moments. A cycle in that graph is a violation; and so is a number given
twice or left out, a balance that does not follow from the one before, a read of a version that was not there at its time,
and a refusal at a time when the money was there throughout. Refusals and repeats get no place of their own in the graph:
each is checked against the versions that could have been current while it ran.

Against the database afterwards: what was acknowledged is there once (none lost, none doubled), and nothing is there that
nobody asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Done:
    """One operation as its client saw it. `asked` and `answered` are seconds of one clock; `answered` is None when no
    answer came (in doubt). Accounts are any hashable names; `free` may go below zero (the bank's own)."""

    key: str
    kind: str  # transfer | read
    debit: str
    credit: str
    fen: int
    asked: float
    answered: float | None = None
    status: str = ""
    debit_seq: int = 0
    credit_seq: int = 0
    debit_balance: int = 0
    credit_balance: int = 0
    """A read has its account as `debit`, with the sequence and balance that it saw."""


@dataclass(slots=True)
class Verdict:
    """`faults` are sentences, at most twenty of a sort; empty is good."""

    operations: int = 0
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def fault(self, sort: str, sentence: str) -> None:
        self.counts[sort] += 1
        if self.counts[sort] <= 20:
            self.faults.append(f"{sort}: {sentence}")


@dataclass(slots=True)
class _Versions:
    """One account's versions: the balance after entry n, who wrote it, the fen that came or went."""

    writers: dict[int, Done] = field(default_factory=dict)
    balances: dict[int, int] = field(default_factory=lambda: {0: 0})


def check(
    history: Sequence[Done], *, free: frozenset[str], opening: Mapping[str, tuple[int, int]] | None = None
) -> Verdict:
    """`opening`: (seq, balance) with which an account entered the history."""
    verdict = Verdict(operations=len(history))
    accounts: dict[str, _Versions] = defaultdict(_Versions)
    for name, (seq, balance) in (opening or {}).items():
        accounts[name].balances = {seq: balance}
    posted = [op for op in history if op.kind == "transfer" and op.status == "posted"]
    for op in posted:
        for name, seq, balance in (
            (op.debit, op.debit_seq, op.debit_balance),
            (op.credit, op.credit_seq, op.credit_balance),
        ):
            versions = accounts[name]
            if seq in versions.balances:
                verdict.fault("doubled", f"entry {seq} of {name} was given to {op.key} and to somebody before")
            versions.writers[seq], versions.balances[seq] = op, balance
    doubtful = any(op.kind == "transfer" and op.answered is None for op in history)
    _check_versions(accounts, free, verdict, gaps_allowed=doubtful)
    _check_order(history, posted, accounts, verdict)
    _check_lookers(history, accounts, verdict)
    return verdict


def _check_versions(
    accounts: Mapping[str, _Versions], free: frozenset[str], verdict: Verdict, *, gaps_allowed: bool
) -> None:
    for name, versions in accounts.items():
        for seq in sorted(versions.writers):
            op, balance = versions.writers[seq], versions.balances[seq]
            before = versions.balances.get(seq - 1)
            if before is None:
                if not gaps_allowed:
                    verdict.fault("gap", f"entry {seq - 1} of {name} is nobody's")
            elif before + (op.fen if op.credit == name else -op.fen) != balance:
                verdict.fault("balance", f"{name}: {before} and {op.key} of {op.fen} fen do not make {balance}")
            if balance < 0 and name not in free:
                verdict.fault("negative", f"{name} stood at {balance} after {op.key}")


def _check_order(
    history: Iterable[Done], posted: Sequence[Done], accounts: Mapping[str, _Versions], verdict: Verdict
) -> None:
    """Kahn's algorithm over operations (0 … n-1) and moments (n …): a rest that cannot be placed contains a cycle."""
    reads = [op for op in history if op.kind == "read" and op.answered is not None]
    ops = [*posted, *reads]
    number = {id(op): n for n, op in enumerate(ops)}
    moments = sorted(op.answered for op in ops if op.answered is not None)
    size = len(ops) + len(moments)
    after: list[list[int]] = [[] for _ in range(size)]
    before = [0] * size

    def edge(a: int, b: int) -> None:
        after[a].append(b)
        before[b] += 1

    for versions in accounts.values():
        for seq, op in versions.writers.items():
            if (earlier := versions.writers.get(seq - 1)) is not None and earlier is not op:
                edge(number[id(earlier)], number[id(op)])
    for op in reads:
        versions = accounts[op.debit]
        if (seen := versions.writers.get(op.debit_seq)) is not None:
            edge(number[id(seen)], number[id(op)])
        if (later := versions.writers.get(op.debit_seq + 1)) is not None:
            edge(number[id(op)], number[id(later)])
    for n in range(len(moments) - 1):
        edge(len(ops) + n, len(ops) + n + 1)
    place = {moment: len(ops) + n for n, moment in enumerate(moments)}  # of equal moments the last
    for op in ops:
        if op.answered is not None:
            edge(number[id(op)], place[op.answered])
    at = -1
    for op in sorted(ops, key=lambda one: one.asked):
        while at + 1 < len(moments) and moments[at + 1] < op.asked:
            at += 1
        if at >= 0:
            edge(len(ops) + at, number[id(op)])
    free_now = deque(n for n in range(size) if before[n] == 0)
    placed = 0
    while free_now:
        here = free_now.popleft()
        placed += 1
        for there in after[here]:
            before[there] -= 1
            if before[there] == 0:
                free_now.append(there)
    if placed < size:
        stuck = next(op.key for n, op in enumerate(ops) if before[n] > 0)
        verdict.fault(
            "order", f"no order of all operations fits; {stuck} is among {size - placed} that wait in a circle"
        )


def _check_lookers(history: Iterable[Done], accounts: Mapping[str, _Versions], verdict: Verdict) -> None:
    """Reads saw a version that existed; refusals had a moment at which the money was not there."""
    timeline: dict[str, _Windows] = {}
    for op in history:
        if op.answered is None:
            continue
        versions = accounts[op.debit]
        if op.kind == "read":
            if op.debit_seq in versions.balances and versions.balances[op.debit_seq] != op.debit_balance:
                verdict.fault("read", f"{op.key} saw {op.debit_balance} at entry {op.debit_seq} of {op.debit}")
        elif op.status == "insufficient":
            windows = timeline.setdefault(op.debit, _Windows.of(versions))
            low, high = windows.during(op.asked, op.answered)
            missing = [seq for seq in range(low, high + 1) if seq not in versions.balances]
            if not missing and all(versions.balances[seq] >= op.fen for seq in range(low, high + 1)):
                verdict.fault("refusal", f"{op.key} of {op.fen} fen was refused, though {op.debit} had it all the time")


@dataclass(slots=True)
class _Windows:
    """Which versions of an account can have been current in an interval."""

    answered: list[tuple[float, int]]
    asked: list[tuple[float, int]]
    first: int
    last: int

    @classmethod
    def of(cls, versions: _Versions) -> _Windows:
        answered = sorted((op.answered, seq) for seq, op in versions.writers.items() if op.answered is not None)
        asked = sorted((op.asked, seq) for seq, op in versions.writers.items())
        for n in range(1, len(answered)):  # highest version known to be there at each moment
            answered[n] = (answered[n][0], max(answered[n][1], answered[n - 1][1]))
        for n in range(len(asked) - 2, -1, -1):  # lowest version that was asked for only after each moment
            asked[n] = (asked[n][0], min(asked[n][1], asked[n + 1][1]))
        return cls(answered, asked, min(versions.balances), max(versions.balances))

    def during(self, begin: float, end: float) -> tuple[int, int]:
        from bisect import bisect_left, bisect_right

        known = bisect_left(self.answered, (begin, -1))
        low = self.answered[known - 1][1] if known else self.first
        later = bisect_right(self.asked, (end, 1 << 62))
        high = self.asked[later][1] - 1 if later < len(self.asked) else self.last
        return low, max(low, high)


def check_against_database(
    history: Sequence[Done], keys: Mapping[str, str], entries: Mapping[tuple[str, int], str], verdict: Verdict
) -> None:
    """`keys`: key → status as the database keeps it; `entries`: (account, seq) → key of its transfer."""
    asked = {op.key for op in history if op.kind == "transfer"}
    twice = Counter(entries.values())
    for op in history:
        if op.kind != "transfer" or op.answered is None or op.status in ("busy", "business_day_closed"):
            continue
        if keys.get(op.key) != op.status:
            verdict.fault("lost", f"{op.key} was answered {op.status}, the database has {keys.get(op.key)}")
        elif op.status == "posted" and (
            entries.get((op.debit, op.debit_seq)) != op.key or entries.get((op.credit, op.credit_seq)) != op.key
        ):
            verdict.fault("lost", f"the entries of {op.key} are not where its answer says")
    for key, count in twice.items():
        if count != 2:
            verdict.fault("doubled", f"{key} has {count} entries")
        if key not in asked:
            verdict.fault("phantom", f"{key} was asked by nobody")

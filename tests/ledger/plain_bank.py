"""The ledger's rules once more, as plainly as can be: dictionaries, one item after the other, no database.

The property test asks both and compares every status, balance and counter. Nothing here is shared with the product.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

DONE = {"posted", "held", "captured", "voided", "remembered"}
Name = Any


@dataclass
class Account:
    customer: bool
    purpose: str
    balance: int = 0
    held: int = 0
    coming: int = 0
    frozen: int = 0
    seq: int = 0
    permits: int = 4095


@dataclass
class PlainBank:
    accounts: dict[Name, Account] = field(default_factory=dict)
    answers: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    transfers: dict[Any, Any] = field(default_factory=dict)
    reversed: set[Any] = field(default_factory=set)
    holds: dict[Any, dict[str, Any]] = field(default_factory=dict)
    used: dict[tuple[Any, ...], list[int]] = field(default_factory=dict)
    closed: date | None = None

    def decide(self, items: list[Any], now: datetime) -> list[tuple[str, bool]]:
        """(status, replayed) of each item; neighbours with the same group are done all or none."""
        found: list[tuple[str, bool]] = []
        at = 0
        while at < len(items):
            end = at + 1
            while items[at].group and end < len(items) and items[end].group == items[at].group:
                end += 1
            found += self._group(items[at:end], now)
            at = end
        return found

    def _group(self, items: list[Any], now: datetime) -> list[tuple[str, bool]]:
        known = [self._known(item) for item in items]
        if any(known):
            return [one or self._keep(item, "group_refused") for one, item in zip(known, items, strict=True)]
        if self.closed and any(i.action != "void" and i.business_date <= self.closed for i in items):
            return [("business_day_closed", False)] * len(items)
        before = copy.deepcopy(self)
        statuses = []
        for item in items:
            statuses.append(self._one(item, now))
            if statuses[-1] not in DONE:
                break
        if statuses[-1] not in DONE and len(items) > 1:
            last = len(statuses) - 1
            self.__dict__.update(before.__dict__)
            statuses = [statuses[last] if n == last else "group_refused" for n in range(len(items))]
        return [self._keep(item, status) for item, status in zip(items, statuses, strict=True)]

    def _known(self, item: Any) -> tuple[str, bool] | None:
        if item.key not in self.answers:
            return None
        fingerprint, status = self.answers[item.key]
        return (status, True) if fingerprint == item.fingerprint else ("key_reused", False)

    def _keep(self, item: Any, status: str) -> tuple[str, bool]:
        self.answers[item.key] = (item.fingerprint, status)
        return status, False

    def _one(self, item: Any, now: datetime) -> str:
        debit, credit = self._name(item.debit), self._name(item.credit)
        if item.amount_fen <= 0 and item.action != "void":
            return "amount"
        if debit == credit:
            return "same_account"
        d, c = self.accounts[debit], self.accounts[credit]
        if item.action != "void":
            if d.permits & item.debit.need != item.debit.need or c.permits & item.credit.need != item.credit.need:
                return "not_permitted"
            settles = item.kind == "medical.settlement" and c.purpose == "provider"
            if d.purpose == "medical" and not settles and item.kind != "medical.statutory_payout":
                return "not_permitted"
            if d.purpose == "provider" and c.customer and item.action != "reverse":
                return "not_permitted"
        if item.action in ("post", "capture", "reverse") and item.transfer_id in self.transfers:
            return "key_reused"
        if item.action in ("post", "capture") and item.transfer_id in self.reversed:
            return "reversed_before"
        return getattr(self, f"_{item.action}")(item, d, c, now)

    def _post(self, item: Any, d: Account, c: Account, now: datetime) -> str:
        if self._over(item):
            return "limit"
        if d.customer and d.balance - d.held - d.frozen < item.amount_fen:
            return "insufficient"
        self._count(item, item.amount_fen, 1)
        self._move(item, d, c, limits=item)
        return "posted"

    def _hold(self, item: Any, d: Account, c: Account, now: datetime) -> str:
        if item.hold in self.holds:
            return "key_reused"
        if self._over(item):
            return "limit"
        if d.customer and d.balance - d.held - d.frozen < item.amount_fen:
            return "insufficient"
        self._count(item, item.amount_fen, 1)
        d.held += item.amount_fen
        c.coming += item.amount_fen
        self.holds[item.hold] = {"item": item, "open": True}
        return "held"

    def _ended(self, item: Any) -> Any:
        hold = self.holds.get(item.hold)
        if hold is None or not hold["open"]:
            return None
        placed = hold["item"]
        same = self._name(placed.debit) == self._name(item.debit) and self._name(placed.credit) == self._name(
            item.credit
        )
        return placed if same else None

    def _capture(self, item: Any, d: Account, c: Account, now: datetime) -> str:
        placed = self._ended(item)
        if placed is None or placed.expires_at <= now:
            return "hold_gone"
        if item.amount_fen > placed.amount_fen:
            return "amount"
        self._free(placed)
        self._count(placed, item.amount_fen - placed.amount_fen, 0)
        self._move(item, d, c, limits=placed)
        return "captured"

    def _void(self, item: Any, d: Account, c: Account, now: datetime) -> str:
        placed = self._ended(item)
        if placed is None:
            return "hold_gone"
        self._free(placed)
        self._count(placed, -placed.amount_fen, -1)
        return "voided"

    def _reverse(self, item: Any, d: Account, c: Account, now: datetime) -> str:
        if item.reverses in self.reversed:
            return "already_reversed"
        original = self.transfers.get(item.reverses)
        if original is None:
            self.reversed.add(item.reverses)
            return "remembered"
        first, limits = original
        if self._name(first.debit) != self._name(item.credit) or self._name(first.credit) != self._name(item.debit):
            return "no_account"
        if first.action == "reverse":
            return "not_permitted"
        if first.amount_fen != item.amount_fen:
            return "amount"
        if d.customer and d.balance - d.held - d.frozen < item.amount_fen:
            return "insufficient"
        self.reversed.add(item.reverses)
        self._count(limits, -item.amount_fen, -1)
        self._move(item, d, c, limits=None)
        return "posted"

    def expire(self, now: datetime) -> int:
        ended = [hold for hold in self.holds.values() if hold["open"] and hold["item"].expires_at <= now]
        for hold in ended:
            self._free(hold["item"])
            self._count(hold["item"], -hold["item"].amount_fen, -1)
        return len(ended)

    def _free(self, placed: Any) -> None:
        self.accounts[self._name(placed.debit)].held -= placed.amount_fen
        self.accounts[self._name(placed.credit)].coming -= placed.amount_fen
        self.holds[placed.hold]["open"] = False

    def _move(self, item: Any, d: Account, c: Account, limits: Any) -> None:
        d.balance -= item.amount_fen
        c.balance += item.amount_fen
        d.seq += 1
        c.seq += 1
        self.transfers[item.transfer_id] = (item, limits)

    def _counters(self, item: Any) -> list[tuple[Any, list[int]]]:
        found = []
        for limit in item.limits:
            day = item.business_date
            begins = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}.get(limit.period)
            if begins is not None:
                key = (self._name(item.debit), limit.kind, limit.period, begins)
                found.append((limit, self.used.setdefault(key, [0, 0])))
            else:
                found.append((limit, [0, 0]))
        return found

    def _over(self, item: Any) -> bool:
        return any(
            (limit.most_fen is not None and used[0] + item.amount_fen > limit.most_fen)
            or (limit.most_times is not None and used[1] + 1 > limit.most_times)
            for limit, used in self._counters(item)
        )

    def _count(self, item: Any, fen: int, times: int) -> None:
        for _, used in self._counters(item) if item is not None else ():
            used[0] += fen
            used[1] += times

    @staticmethod
    def _name(side: Any) -> Any:
        return side.person_id, side.account_id

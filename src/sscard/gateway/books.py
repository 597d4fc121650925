"""The lanes of each bank's book, opened when the book is first used: a bank that sends nothing costs nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from sscard.gateway.accounts import Accounts
from sscard.kernel import clock
from sscard.ledger.lane import PostingLane
from sscard.ledger.lane_reads import BalanceLane


@dataclass(slots=True)
class Book:
    """One bank's. A posting lane for each area, as sandbox areas have clocks of their own."""

    url: str
    bank: str
    accounts: Accounts = field(init=False)
    _lanes: dict[str, PostingLane] = field(default_factory=dict)
    _looks: BalanceLane | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.url, self.bank)

    async def lane(self, area: str) -> PostingLane:
        found = self._lanes.get(area)
        if found is None:
            async with self._opening:
                if area not in self._lanes:
                    book = self.accounts.book
                    self._lanes[area] = await PostingLane.open(self.url, book=book, clock=lambda: clock.now(area))
                found = self._lanes[area]
        return found

    async def looks(self) -> BalanceLane:
        if self._looks is None:
            async with self._opening:
                if self._looks is None:
                    self._looks = await BalanceLane.open(self.url, book=self.accounts.book)
        return self._looks

    async def close(self) -> None:
        """All that waits is done first."""
        for lane in self._lanes.values():
            await lane.close()
        if self._looks is not None:
            await self._looks.close()
        await self.accounts.close()


@dataclass(slots=True)
class Books:
    url: str
    _books: dict[str, Book] = field(default_factory=dict)

    def of(self, bank: str) -> Book:
        if bank not in self._books:
            self._books[bank] = Book(self.url, bank)
        return self._books[bank]

    async def close(self) -> None:
        for book in self._books.values():
            await book.close()

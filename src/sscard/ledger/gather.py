"""Gathering callers: many ask one by one, one writer does in one transaction what has come together, all hear after commit.

`Gather` knows no database. A collector prepares what comes in while the writer is busy; the writer takes what is prepared,
at most `most` at a time. A caller who goes away loses nothing and doubles nothing: what he has asked is done once, and he
may ask again under the same key.

    LaneFault            the family
    ├── LaneFull         too many wait; nothing was done, come again
    ├── LaneClosed       shutting down; nothing was done
    └── LaneDown         the writer could not go on; what was asked is in doubt until it is asked again
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


CROWD = 32
"""More than so many who wait at once come in batches; fewer are served as they come."""


class LaneFault(Exception):
    """A lane could not answer."""


class LaneFull(LaneFault):
    """Too many are waiting."""


class LaneClosed(LaneFault):
    """The lane is shutting down."""


class LaneDown(LaneFault):
    """The writer could not go on; ask again under the same key."""


class Asked(msgspec.Struct, Generic[Ask, Answer], eq=False):
    """One request on its way. `weight` counts against a batch; `tries` how often it came back busy; `over` when it has its
    answer. A future that is done before is that of a caller who went away: his request goes on."""

    ask: Ask
    weight: int
    future: asyncio.Future[Answer]
    gather: Gather[Any, Any]
    tries: int = 0
    over: bool = False

    def answer(self, answer: Answer) -> None:
        self._end()
        if not self.future.done():
            self.future.set_result(answer)

    def fail(self, error: BaseException) -> None:
        self._end()
        if not self.future.done():
            self.future.set_exception(error)
            self.future.exception()  # looked at: a caller who went away leaves no warning behind

    def _end(self) -> None:
        if not self.over:
            self.over = True
            self.gather.waiting -= 1


class Batch(list[Asked[Ask, Answer]], Generic[Ask, Answer]):
    """What is done together. `packed`: what `Gather.pack` made of it ahead of its run, if there was a full one to make."""

    packed: Any = None


@dataclass(slots=True, eq=False)
class Gather(Generic[Ask, Answer]):
    """`prepare` may work ahead on new requests (it fails those it cannot); `pack` gets a full batch ready for its run while
    another one runs; `run` must answer, fail, or put off (`later`) each request of its batch."""

    run: Callable[[Batch[Ask, Answer]], Awaitable[None]]
    prepare: Callable[[Batch[Ask, Answer]], Awaitable[None]] | None = None
    pack: Callable[[Batch[Ask, Answer]], Any] | None = None
    most: int = 256
    """What fits into one batch."""
    share: int = 256
    """What a batch takes when it may choose. Less than all callers: then some are got ready while others are written."""
    most_waiting: int = 4_096
    pause_s: float = 0.0
    """In a crowd, how long a batch that is not full waits for more: a batch costs much, one more in it little."""
    batches: int = 0
    waiting: int = 0
    _new: deque[Asked[Ask, Answer]] = field(default_factory=deque)
    _ready: deque[Asked[Ask, Answer]] = field(default_factory=deque)
    _next: Batch[Ask, Answer] | None = None
    _later: set[Asked[Ask, Answer]] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _go: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _closed: bool = False
    _drained: bool = False
    _down: BaseException | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()  # kept: asking for it is a call of the system each time
        self._tasks = [asyncio.create_task(self._collect()), asyncio.create_task(self._write())]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def ask(self, ask: Ask, *, weight: int = 1) -> Answer:
        """Waits for the answer. When the caller is cancelled, the request is done all the same."""
        if weight > self.most:
            raise ValueError(f"at most {self.most} in one request")
        if self._down is not None:
            raise LaneDown("the lane is down") from self._down
        if self._closed or not self._tasks:
            raise LaneClosed("the lane takes nothing any more")
        if self.waiting >= self.most_waiting:
            raise LaneFull("too many are waiting")
        asked: Asked[Ask, Answer] = Asked(ask, weight, self._loop.create_future(), self)
        self.waiting += 1
        self._new.append(asked)
        if not self._wake.is_set():
            self._wake.set()
        return await asked.future

    def adopt(self, asked: Asked[Ask, Answer]) -> None:
        """Take over a request that another gathering has begun; its caller notices nothing."""
        if self._down is not None or not self._tasks:
            asked.fail(LaneDown("the lane is down"))
            return
        self._ready.append(asked)
        self._go.set()

    def later(self, asked: Asked[Ask, Answer], delay_s: float) -> None:
        """Do it again after a while; shutting down waits for it."""
        self._later.add(asked)
        self._loop.call_later(delay_s, self._now, asked)

    def _now(self, asked: Asked[Ask, Answer]) -> None:
        self._later.discard(asked)
        self.adopt(asked)

    async def close(self) -> None:
        """Take nothing more, do all that waits, then end."""
        self._closed = True
        self._wake.set()
        self._go.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _collect(self) -> None:
        """Prepare what has come, a batch at a time, never more than two batches ahead of the writer."""
        while True:
            while not self._new and not self._closed:
                self._wake.clear()
                await self._wake.wait()
            if not self._new:
                self._drained = True
                self._go.set()
                return
            if self.pause_s and self.waiting > CROWD and len(self._new) < self.share and not self._closed:
                await asyncio.sleep(self.pause_s)
            batch = _take(self._new, self.share)
            if self.prepare is not None:
                try:
                    await self.prepare(batch)
                except BaseException:
                    for one in batch:
                        one.fail(LaneDown("preparing failed"))
                    raise
            self._ready.extend([one for one in batch if not one.over])
            if self.pack is not None and self._next is None and len(self._ready) >= self.share:
                self._next = _take(self._ready, self.share)
                self._next.packed = self.pack(self._next)
            self._go.set()
            while len(self._ready) >= 2 * self.share:
                self._wake.clear()
                await self._wake.wait()

    async def _write(self) -> None:
        while True:
            while not self._ready and not self._next and not (self._drained and not self._later):
                self._go.clear()
                await self._go.wait()
            if not self._ready and not self._next:
                return
            batch, self._next = self._next or _take(self._ready, self.share), None
            self._wake.set()
            try:
                await self.run(batch)
            except BaseException as error:
                for one in batch:
                    one.fail(LaneDown("the writer failed"))
                raise LaneDown("the writer failed") from error
            self.batches += 1

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that fails takes the lane down: every caller who waits hears of it, and none waits for ever."""
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            return
        self._down = self._down or error
        for other in self._tasks:
            other.cancel()
        for one in (*self._new, *self._ready, *(self._next or ()), *self._later):
            one.fail(LaneDown("the lane is down"))
        self._new.clear()
        self._ready.clear()


def _take(queue: deque[Asked[Ask, Answer]], most: int) -> Batch[Ask, Answer]:
    taken: Batch[Ask, Answer] = Batch()
    room = most
    while queue and (queue[0].weight <= room or not taken):  # a large group may be a batch by itself
        room -= queue[0].weight
        taken.append(queue.popleft())
    return taken

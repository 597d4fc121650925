"""The gateway's addresses. By hand, since there are few and each is called often.

    POST /v1/deposits    POST /v1/captures    POST /v1/voids    POST /v1/reversals
    GET  /v1/accounts/{account}/balance       GET  /health

Limits (T33): size and slowness of a body, time of an answer, requests at a time. What is over a limit is refused at once
and did nothing; only "gateway.in_doubt" leaves open what became of it, and the same key asks again.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import itertools
import logging
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from granian.rsgi import ProtocolClosed

from sscard.control.caller import Caller
from sscard.control.purposes import PURPOSES
from sscard.gateway import asked, hot
from sscard.gateway.books import Books
from sscard.gateway.register import Register
from sscard.kernel.keyclient import KeyServiceDown
from sscard.kernel.refusals import Refusal
from sscard.law import problems
from sscard.ledger.gather import LaneClosed, LaneDown, LaneFull

log = logging.getLogger("sscard.gateway")
MOST_BODY_BYTES = 4_096
BODY_WITHIN_S, ANSWER_WITHIN_S = 5.0, 30.0
LOOK_EVERY_S = 0.5
MOST_AT_A_TIME = 2_048
DRAIN_WITHIN_S = 15.0
PURPOSE = "API"

Headers = list[tuple[str, str]]
Act = Callable[[hot.Doing, Any], Awaitable[tuple[dict[str, Any], bool]]]


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    request: type[Any]
    act: Act


POSTS: Mapping[str, Route] = {
    "/v1/deposits": Route(hot.DEPOSIT, asked.Deposit, hot.deposit),
    "/v1/captures": Route(hot.CAPTURE, asked.Capture, hot.capture),
    "/v1/voids": Route(hot.VOID, asked.Void, hot.void),
    "/v1/reversals": Route(hot.REVERSE, asked.Reversal, hot.reverse),
}
_encode = msgspec.json.Encoder().encode
_OURS, _count = os.urandom(8).hex(), itertools.count()
"""What the trace ids that this process makes begin with, and how many it has made."""


class Turn(msgspec.Struct, eq=False):
    """A request that is being served, and until when; `late` when its time is over. One look at all of them now and then is
    cheaper than two timers for each."""

    task: asyncio.Task[Any] | None
    by: float
    over: str = "gateway.in_doubt"
    """What is said when the time is over."""
    late: bool = False

    def may_take(self, seconds: float, over: str) -> None:
        self.by, self.over = time.monotonic() + seconds, over


class Gateway:
    """The application as Granian calls it (RSGI)."""

    def __init__(self, register: Register, books: Books) -> None:
        self._register, self._books = register, books
        self._running: set[Turn] = set()
        self._stopping = False

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        trace = _trace(scope.headers.get("sscard-trace", ""))
        turn = Turn(asyncio.current_task(), time.monotonic() + ANSWER_WITHIN_S)
        self._running.add(turn)
        try:
            status, headers, body = await self._answer(scope, proto, trace, turn)
        except Refusal as refusal:
            status, headers, body = _refused(refusal, trace)
        except asyncio.CancelledError:
            if not turn.late:
                raise
            status, headers, body = _refused(Refusal(turn.over), trace)
        except (LaneFull, LaneClosed):
            status, headers, body = _refused(Refusal("gateway.not_now"), trace)
        except (LaneDown, TimeoutError, psycopg.Error, OSError) as error:
            log.warning("in doubt: %s", type(error).__name__)
            status, headers, body = _refused(Refusal("gateway.in_doubt"), trace)
        except Exception:
            log.exception("a fault of ours, trace %s", trace)
            status, headers, body = _refused(Refusal("gateway.in_doubt"), trace)
        finally:
            self._running.discard(turn)
        headers += [("sscard-trace", trace), ("cache-control", "no-store")]
        proto.response_bytes(status, headers, body)

    async def keep_time(self) -> None:
        """For ever: end what takes too long."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = time.monotonic()
            for turn in self._running:
                if turn.by < now and not turn.late and turn.task is not None:
                    turn.late = True
                    turn.task.cancel()

    async def drain(self) -> None:
        """Take nothing more; what was taken is answered."""
        self._stopping = True
        for _ in range(int(DRAIN_WITHIN_S / 0.02)):
            if not self._running:
                return
            await asyncio.sleep(0.02)

    async def _answer(self, scope: Any, proto: Any, trace: str, turn: Turn) -> tuple[int, Headers, bytes]:
        path, method = scope.path, scope.method
        if path == "/health":
            return self._health(method)
        if self._stopping or len(self._running) > MOST_AT_A_TIME:
            raise Refusal("gateway.not_now")
        route, account = POSTS.get(path), _balance_of(path)
        if route is None and account is None:
            raise Refusal("gateway.no_address")
        if method != ("POST" if route else "GET"):
            raise Refusal("api.method")
        caller = await self._caller(scope)
        book = self._books.of(caller.bank)
        if route is None:
            assert account is not None
            doing = hot.Doing(caller, book, hot.LOOK, trace=trace, purpose=_purpose(scope))
            return 200, _json(), _encode(await hot.look(doing, account))
        key = _key(scope)
        request = asked.read(await _body(scope, proto, turn), route.request)
        told, replayed = await route.act(hot.Doing(caller, book, route.name, key, trace), request)
        return 200, _json(replayed=replayed), _encode(told)

    def _health(self, method: str) -> tuple[int, Headers, bytes]:
        if method not in ("GET", "HEAD"):
            raise Refusal("api.method")
        good = self._register.fresh and not self._stopping
        return (200 if good else 503), _json(), b'{"healthy":true}' if good else b'{"healthy":false}'

    async def _caller(self, scope: Any) -> Caller:
        header, address = scope.headers.get("authorization", ""), scope.client.rpartition(":")[0].strip("[]")[:45]
        known = self._register.proven(header, address)
        if known is not None:
            return known
        scheme, _, rest = header.partition(" ")
        try:
            name, mark, secret = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal("gateway.sign_in_needed") from None
        if scheme.lower() != "basic" or not mark:
            raise Refusal("gateway.sign_in_needed")
        caller = await self._register.caller(name, secret, address)
        self._register.remember(header, address, caller)
        return caller


async def _body(scope: Any, proto: Any, turn: Turn) -> bytes:
    """At most MOST_BODY_BYTES, in at most BODY_WITHIN_S. Its length must be told beforehand."""
    if scope.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal("api.content_type")
    length = scope.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise Refusal("gateway.length_needed")
    if int(length) > MOST_BODY_BYTES:
        raise Refusal("gateway.body_too_large", most=MOST_BODY_BYTES)
    turn.may_take(BODY_WITHIN_S, "gateway.too_slow")
    try:
        body = bytes(await proto())
    except ProtocolClosed:  # he went away before the end of it: nothing was done, and nobody reads the answer
        raise Refusal("gateway.too_slow") from None
    turn.may_take(ANSWER_WITHIN_S, "gateway.in_doubt")
    return body


def _key(scope: Any) -> str:
    key = scope.headers.get("idempotency-key", "")
    if not asked.sound_key(key):
        raise Refusal("control.key_missing")
    return str(key)


def _purpose(scope: Any) -> str:
    said = scope.headers.get("sscard-purpose", "")
    if said and said not in PURPOSES:
        raise Refusal("api.purpose_unknown", purposes=", ".join(PURPOSES))
    return said or PURPOSE


def _balance_of(path: str) -> uuid.UUID | None:
    parts = path.split("/")
    if len(parts) != 5 or parts[:3] != ["", "v1", "accounts"] or parts[4] != "balance" or len(parts[3]) != 36:
        return None
    try:
        return uuid.UUID(parts[3])
    except ValueError:
        return None


def _trace(given: str) -> str:
    """The caller's own trace id if it is sound, else one of ours; it comes back in every answer."""
    sound = 8 <= len(given) <= 64 and all(one.isalnum() or one in "-_" for one in given)
    return given if sound else f"{_OURS}{next(_count):016x}"


def _json(*, replayed: bool = False) -> Headers:
    kind = ("content-type", "application/json")
    return [kind, ("idempotent-replayed", "true")] if replayed else [kind]


def _refused(refusal: Refusal, trace: str) -> tuple[int, Headers, bytes]:
    headers: Headers = [("content-type", problems.MEDIA_TYPE)]
    if refusal.status == 401:
        headers.append(("www-authenticate", 'Basic realm="sscard programs"'))
    if refusal.status in (429, 503):
        headers.append(("retry-after", str(refusal.facts.get("seconds", 1))))
    if getattr(refusal, "replayed", False):
        headers.append(("idempotent-replayed", "true"))
    if isinstance(refusal, KeyServiceDown):
        log.warning("the key service does not answer")
    return refusal.status, headers, _encode(problems.body_of(refusal, trace))

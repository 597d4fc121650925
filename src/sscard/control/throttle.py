"""Slowing down guessing: counters in PostgreSQL, per target, per source and over all (T11, T17, T18).

Counted before the work, in a transaction of its own that commits first. The target's counter delays, it does not lock a
holder out for good: the window passes, and another factor stays open to him.
"""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` in `seconds`."""

    tries: int
    seconds: int


SIGN_IN = {"target": Limit(10, 900), "source": Limit(60, 900), "all": Limit(3000, 60)}
KNOWN_DEVICE = {"target": Limit(10, 900), "all": Limit(3000, 60)}
"""For a browser that this very account was signed in with before: its own tries, nobody else's."""


def count_sign_in(action: str, *, target: str, source: str, device: str = "") -> None:
    """One try to sign in. `device`: by what a browser of the account's owner is known. Such a one is counted for itself, so that
    wrong passwords typed by others, at his name or from his address, do not keep him out; all others share the account's
    counter and their address's."""
    if device:
        count(action, KNOWN_DEVICE, target=f"{target}|{device}")
    else:
        count(action, SIGN_IN, target=target, source=source)


def forget_sign_in(action: str, *, target: str, source: str, device: str = "") -> None:
    """It was right. A known device's success leaves what others have guessed at the account counted."""
    if device:
        forget(action, target=f"{target}|{device}")
    else:
        forget(action, target=target, source=source)


def count(action: str, limits: dict[str, Limit], *, target: str = "", source: str = "", cursor: Any = None) -> None:
    """Count one try on every limit given, then refuse if one is passed. `target` is a normal form; it is stored hashed.
    `cursor`: of a transaction beside a running act (cards.aside), since the act's own may be rolled back."""
    passed: list[int] = []
    for kind, subject in (("target", target), ("source", source), ("all", "")):
        limit = limits.get(kind)
        if limit is None:
            continue
        name = _subject(action, kind, subject)
        with nullcontext(cursor) if cursor is not None else connection.cursor() as run:
            run.execute(
                "insert into control_throttle (subject, window_start, tries) values (%s, now(), 1)"
                " on conflict (subject) do update set"
                " tries = case when control_throttle.window_start < now() - make_interval(secs => %s)"
                "         then 1 else control_throttle.tries + 1 end,"
                " window_start = case when control_throttle.window_start < now() - make_interval(secs => %s)"
                "         then now() else control_throttle.window_start end"
                " returning tries, ceil(extract(epoch from window_start + make_interval(secs => %s) - now()))::int",
                [name, limit.seconds, limit.seconds, limit.seconds],
            )
            tries, wait = run.fetchone()
        if tries > limit.tries:
            passed.append(max(wait, 1))
    if passed:
        raise Refusal("control.too_many_tries", minutes=-(-max(passed) // 60), seconds=max(passed))


def forget(action: str, *, target: str, source: str = "") -> None:
    """Success clears the target's counter and takes its own try back from the source's: a hall full of staff behind one
    address does not throttle itself."""
    with connection.cursor() as cursor:
        cursor.execute("delete from control_throttle where subject = %s", [_subject(action, "target", target)])
        if source:
            cursor.execute(
                "update control_throttle set tries = greatest(tries - 1, 0) where subject = %s",
                [_subject(action, "source", source)],
            )


def take_back(action: str, *, target: str, source: str, cursor: Any = None) -> None:
    """A try that was none: something of ours was down, or it was right. Over the cursor it was counted with."""
    names = [_subject(action, kind, subject) for kind, subject in (("target", target), ("source", source), ("all", ""))]
    with nullcontext(cursor) if cursor is not None else connection.cursor() as run:
        run.execute("update control_throttle set tries = greatest(tries - 1, 0) where subject = any(%s)", [names])


def _subject(action: str, kind: str, subject: str) -> str:
    return f"{action}:{kind}:{hashlib.sha256(subject.encode()).hexdigest()[:40]}"

"""Django's session engine over our table: the cookie holds a random token, the table only its hash (T19)."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core import signing

from sscard.control.models import Session
from sscard.kernel import clock

ANONYMOUS = timedelta(hours=1)
LIMITS: dict[str, tuple[timedelta, timedelta]] = {
    "staff": (timedelta(minutes=15), timedelta(hours=10)),
    "holder": (timedelta(minutes=10), timedelta(hours=12)),
    "customer": (timedelta(minutes=10), timedelta(hours=12)),
    "program": (timedelta(hours=72), timedelta(days=30)),
    "": (ANONYMOUS, timedelta(hours=12)),
}
"""Kind → (idle, absolute). "program" is a self-service terminal, which staff sign in and nobody types at."""


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class SessionStore(SessionBase):
    """`kind` and `subject` in the session's data are mirrored into columns, so that a role change can end them all."""

    def _get_new_session_key(self) -> str:
        return secrets.token_urlsafe(32)

    @classmethod
    def _row(cls, key: str | None) -> Session | None:
        if not key:
            return None
        now = clock.real_now()
        found = Session.objects.filter(token_hash=token_hash(key), expires_at__gt=now).first()
        if found is None or now - found.seen_at > LIMITS[found.kind][0]:
            return None
        return found

    def load(self) -> dict[str, Any]:
        row = self._row(self.session_key)
        if row is None:
            self._session_key = None
            return {}
        now = clock.real_now()
        if now - row.seen_at > timedelta(seconds=30):
            Session.objects.filter(token_hash=row.token_hash).update(seen_at=now)
        return self.decode(bytes(row.data).decode())

    def exists(self, session_key: str) -> bool:
        return self._row(session_key) is not None

    def create(self) -> None:
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        kind, subject, now = data.get("kind", ""), data.get("subject"), clock.real_now()
        values = {
            "kind": kind,
            "subject": uuid.UUID(subject) if subject else None,
            "data": self.encode(data).encode(),
            "seen_at": now,
        }
        hashed = token_hash(self.session_key)
        if must_create:
            Session.objects.create(token_hash=hashed, created_at=now, expires_at=now + LIMITS[kind][1], **values)
        elif not Session.objects.filter(token_hash=hashed).update(**values):
            raise UpdateError
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(token_hash=token_hash(key)).delete()

    def encode(self, session_dict: dict[str, Any]) -> str:
        return signing.dumps(session_dict, salt="sscard.session", serializer=self.serializer, compress=True)

    def decode(self, session_data: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = signing.loads(session_data, salt="sscard.session", serializer=self.serializer)
        except signing.BadSignature:
            return {}
        return found

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=clock.real_now()).delete()

    def get_expiry_date(self, **_kwargs: Any) -> datetime:
        return clock.real_now() + LIMITS[self.get("kind", "")][1]


def begin(store: SessionBase, *, kind: str, subject: uuid.UUID, **data: Any) -> None:
    """A new session with a new token after sign-in; staff have one session, a new one ends the old."""
    if kind == "staff":
        end_sessions(subject)
    store.flush()
    store.update({"kind": kind, "subject": str(subject), **data})
    store.create()


def cycle(store: SessionBase) -> None:
    """A new token for the same session, as after a step-up (T19); its end stays when it was."""
    old, new = store.session_key or "", secrets.token_urlsafe(32)
    if not Session.objects.filter(token_hash=token_hash(old)).update(token_hash=token_hash(new)):
        raise UpdateError
    store._session_key = new  # type: ignore[attr-defined]
    store.modified = True


def end_sessions(subject: uuid.UUID) -> int:
    """End all sessions of an account (role change, disable, new password)."""
    return Session.objects.filter(subject=subject).delete()[0]


MARK = 32


@dataclass(frozen=True, slots=True)
class Marked:
    """An open session as its owner sees it. `mark` is part of its token's hash: it ends the session and opens nothing.
    `data` is what was kept at sign-in, such as the kind of device."""

    mark: str
    began: datetime
    seen: datetime
    data: dict[str, Any]


def marked(subject: uuid.UUID) -> list[Marked]:
    """An account's open sessions, newest first."""
    now, store = clock.real_now(), SessionStore()
    rows = Session.objects.filter(subject=subject, expires_at__gt=now).order_by("-created_at")
    return [
        Marked(bytes(row.token_hash).hex()[:MARK], row.created_at, row.seen_at, store.decode(bytes(row.data).decode()))
        for row in rows
        if now - row.seen_at <= LIMITS[row.kind][0]
    ]


def end_marked(subject: uuid.UUID, *, mark: str = "", but: str = "") -> int:
    """End the one session of this mark, or all of the account's but the one that asks."""
    rows = Session.objects.filter(subject=subject)
    ending = [
        row.pk
        for row in rows
        if (found := bytes(row.token_hash).hex()[:MARK]) and (found == mark if mark else found != but)
    ]
    return Session.objects.filter(pk__in=ending).delete()[0]


__all__ = [
    "CreateError",
    "Marked",
    "SessionStore",
    "begin",
    "cycle",
    "end_marked",
    "end_sessions",
    "marked",
    "token_hash",
]

"""The electronic card's own password: set, checked, counted. It never crosses over to the card's or the bank's.

Kept as a keyed verifier (HMAC-SM3 in the key service, a key of its own), so the table alone tells no password. A try is
counted first, in a transaction that commits before the compare (security.md T13).
"""

from __future__ import annotations

import hmac
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sscard.cards.electronic import rules
from sscard.cards.electronic.models import EcardPassword, ElectronicCard
from sscard.codes.text import normal
from sscard.control.inside import Inside
from sscard.kernel.aside import aside, one
from sscard.kernel.clock import CHINA
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal

_ROW = "person_id = %s and ecard_id = %s"


def faults_of(password: str, id_number: str) -> list[Fault]:
    """What is wrong with a new password."""
    code = rules.weak_password(_digits(password), id_number)
    return [Fault("password", code, {"digits": rules.PASSWORD_DIGITS})] if code else []


def keep(inside: Inside, ecard: ElectronicCard, password: str) -> None:
    """Set it; what was counted against the old one stays counted."""
    EcardPassword.objects.update_or_create(
        person_id=ecard.person_id,
        ecard_id=ecard.ecard_id,
        defaults={
            "area_code": ecard.area_code,
            "verifier": _verifier(ecard.ecard_id, _digits(password)),
            "set_at": inside.now,
        },
    )


def check(inside: Inside, ecard: ElectronicCard, password: str) -> None:
    """Count, then compare. Raises cards.ecard_password_wrong (`left`) and cards.ecard_password_locked (`until`).

    Call it before the act locks the row of the password.
    """
    most = int(inside.area.value("ecard_lock_count", inside.today))
    lock_s = float(inside.area.value("ecard_lock_hours", inside.today)) * 3600
    now, key = inside.now.timestamp(), [ecard.person_id, ecard.ecard_id]
    with aside(ecard.area_code) as cursor:
        tries, locked, verifier = _read(cursor, key)
        counted = rules.count_try(tries, locked, now, most=most, lock_s=lock_s)
        _write(cursor, key, counted.tries, counted.locked_until)
    if counted.locked_until is not None:
        raise _locked(counted.locked_until)
    right = hmac.compare_digest(verifier, _verifier(ecard.ecard_id, _digits(password)))
    with aside(ecard.area_code) as cursor:
        tries, locked, _ = _read(cursor, key)
        if right:
            _write(cursor, key, rules.taken_back(tries, now), locked)
            return
        left, until = rules.was_wrong(tries, now, most=most, lock_s=lock_s)
        _write(cursor, key, tries, until or locked)
    if until is not None:
        raise _locked(until)
    raise Refusal("cards.ecard_password_wrong", left=left)


def locked_until(ecard: ElectronicCard, now: datetime) -> datetime | None:
    """For the page: until when no password is taken."""
    row = EcardPassword.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id).first()
    return row.locked_until if row is not None and row.locked_until and row.locked_until > now else None


def _digits(password: str) -> str:
    """Full-width digits and blanks are the same digits (T17)."""
    return normal(password[:40])


def _verifier(ecard: uuid.UUID, digits: str) -> bytes:
    return keys().mac("ecard_password", [ecard.bytes + b"|" + digits.encode()])[0]


def _read(cursor: Any, key: list[Any]) -> tuple[tuple[float, ...], float | None, bytes]:
    found = one(
        cursor, f"select tries, locked_until, verifier from cards_ecardpassword where {_ROW} for update", key  # noqa: S608 - constant
    )  # fmt: skip
    if found is None:
        raise Refusal("cards.ecard_none")
    tries, until, verifier = found
    return tuple(float(at) for at in tries), until.timestamp() if until else None, bytes(verifier)


def _write(cursor: Any, key: list[Any], tries: tuple[float, ...], until: float | None) -> None:
    moment = datetime.fromtimestamp(until, UTC) if until is not None else None
    cursor.execute(
        f"update cards_ecardpassword set tries = %s::jsonb, locked_until = %s where {_ROW}",  # noqa: S608 - constant
        [json.dumps(list(tries)), moment, *key],
    )


def _locked(until: float) -> Refusal:
    moment = datetime.fromtimestamp(until, CHINA)
    return Refusal("cards.ecard_password_locked", until=f"{moment:%m-%d %H:%M}")

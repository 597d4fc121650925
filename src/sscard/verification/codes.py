"""One-time codes by text message: sent to the telephone of record, checked once (banking.md §5, security T11 T15 T18).

`action` is "<room>.<act>" or "<room>.<act>:<reference>"; what a code confirms stands in it (a consent, a charge and its
amount), so a code of one thing is nothing for another. `session`: whatever tells this sign-in or this consent from another.
Both functions write in transactions of their own beside a running act; they can be called inside an act and outside.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sscard.control import throttle
from sscard.control.throttle import Limit
from sscard.kernel import clock, ids
from sscard.kernel.aside import aside, one
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.verification import magic, noting, providers, record, rules, sandbox, wording
from sscard.verification.providers import Message, ProviderDown

SENDING: Final = {"target": Limit(10, 3600), "source": Limit(30, 900), "all": Limit(3000, 60)}
"""Messages to one person, from one address, over all. A person who cannot get one has face, counter and terminal."""
CHECKING: Final = {"target": Limit(30, 900), "source": Limit(30, 900), "all": Limit(6000, 60)}


@dataclass(frozen=True, slots=True)
class Sent:
    """What may be shown: the masked number, until when, when another may be asked for, how many more."""

    challenge: uuid.UUID
    phone_masked: str
    expires_at: datetime
    resend_after_s: int
    sends_left: int


def send(
    *, person_id: int, area: str, action: str, session: str, facts: Mapping[str, str], address: str, told_as: str = ""
) -> Sent:  # fmt: skip
    """A new code to the telephone of record; earlier ones for the same action and session are void once it is out.

    `facts`: label → value of what is confirmed, as they shall stand in the message. `address`: where the request came from.
    `told_as`: code of the word for what is done, where the act's own name says less than he agrees to.
    Raises verification.no_phone, resend_too_soon, no_sends_left, provider_unavailable (nothing counted), control.too_many_tries.
    """
    terms = rules.terms(areas.get(area).values(clock.today(area)))
    word = told_as or rules.known_action(action)
    operator = providers.operator(terms.provider)
    code = f"{magic.skipping(secrets.randbelow(10**rules.DIGITS - len(magic.CODES))):0{rules.DIGITS}d}"
    challenge, now = ids.new_id(), clock.real_now()
    with aside(area) as cursor:
        throttle.count("sms_send", SENDING, target=str(person_id), source=address, cursor=cursor)
        _alone(cursor, person_id, action, session)
        last, sent = _series(cursor, person_id, action, session, now)
        if (wait := rules.wait_before(last, sent, terms, now)) is not None:
            refusal, seconds = wait
            raise Refusal(refusal, seconds=seconds, minutes=-(-seconds // 60))
        phone = record.phone_of(cursor, person_id)
        if phone is None:
            raise Refusal("verification.no_phone")
        expires = now + timedelta(seconds=terms.seconds)
        cursor.execute(
            "insert into verification_challenge (person_id, challenge_id, area_code, action, session, code_hash,"
            " phone_index, phone_mask, state, tries, tries_most, sent_at, expires_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, 'sending', 0, %s, %s, %s)",
            [person_id, challenge, area, action, session, _hash(challenge, person_id, action, session, code),
             phone.index, phone.mask, terms.tries, now, expires],
        )  # fmt: skip
    text = wording.sms(area, word, code, facts, terms.seconds)
    try:
        operator.send(Message(area, person_id, phone.number, phone.mask, text, action))
    except ProviderDown:
        _unsent(area, person_id, challenge, address)
        raise
    with aside(area) as cursor:
        _newest(cursor, person_id, challenge, action, session)
        noting.note(cursor, "verification.send_code", area, person_id, challenge, session, address, action=action)
    return Sent(challenge, phone.mask, expires, terms.resend_seconds, max(terms.sends - sent - 1, 0))


def check(*, challenge: uuid.UUID, code: str, action: str, session: str, person_id: int, area: str) -> None:
    """The code is right, and is used up by this. Counted before it is compared; of simultaneous tries one succeeds.

    Raises verification.code_wrong (`tries_left`), code_locked, code_expired, code_replaced, code_used, and code_none for a
    challenge of another action, session or person, which counts nothing: nobody uses up another's tries (T18).
    """
    with aside(area) as cursor:
        throttle.count("sms_check", CHECKING, target=str(person_id), source=session, cursor=cursor)
    with aside(area) as cursor:
        row = one(
            cursor,
            "select state, tries, tries_most, expires_at, code_hash, phone_index from verification_challenge"
            " where person_id = %s and challenge_id = %s and action = %s and session = %s for update",
            [person_id, challenge, action, session],
        )
        if row is None:
            raise Refusal("verification.code_none")
        forced = sandbox.forced(area, code)
        state, tries, most, expires_at, kept, phone_index = _as_forced(row, forced)
        phone = record.phone_of(cursor, person_id)
        if phone is None or not hmac.compare_digest(phone.index, bytes(phone_index)):
            raise Refusal("verification.code_none")
        if why := rules.refusal_of(state, tries, most, expires_at, clock.real_now()):
            raise Refusal(why)
        cursor.execute(
            "update verification_challenge set tries = tries + 1 where person_id = %s and challenge_id = %s",
            [person_id, challenge],
        )
    right = rules.is_code(code) and hmac.compare_digest(bytes(kept), _hash(challenge, person_id, action, session, code))
    right = right or forced == ""
    with aside(area) as cursor:
        if right and not _use(cursor, person_id, challenge):
            raise Refusal("verification.code_used")
        verb = "verification.check_code"
        noting.note(cursor, verb, area, person_id, challenge, session, "", action=action, ok=right)
    if not right:
        left = most - tries - 1
        raise Refusal("verification.code_wrong" if left else "verification.code_locked", tries_left=left)


def _as_forced(row: tuple[Any, ...], forced: str | None) -> tuple[Any, ...]:
    """How the challenge stands where a tenant's developer ordered an outcome (`verification.magic`)."""
    state, tries, most, expires_at, kept, phone_index = row
    if state == "sent" and forced:
        tries = most if forced == "verification.code_locked" else tries
        expires_at = clock.real_now() if forced == "verification.code_expired" else expires_at
        state = "replaced" if forced == "verification.code_replaced" else state
    return state, tries, most, expires_at, kept, phone_index


def _hash(challenge: uuid.UUID, person_id: int, action: str, session: str, code: str) -> bytes:
    return keys().mac("otp", [f"sms|{challenge.hex}|{person_id}|{action}|{session}|{code}".encode()])[0]


def _alone(cursor: Any, person_id: int, action: str, session: str) -> None:
    """Two requests for the same thing come one after the other, so that their sends are counted."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"{person_id}|{action}|{session}"])


def _series(cursor: Any, person_id: int, action: str, session: str, now: datetime) -> tuple[datetime | None, int]:
    found = one(
        cursor,
        "select max(sent_at), count(*) from verification_challenge where person_id = %s and action = %s"
        " and session = %s and state <> 'unsent' and sent_at > %s",
        [person_id, action, session, now - rules.SERIES],
    )
    assert found is not None  # an aggregate always gives a row
    return found[0], int(found[1])


def _newest(cursor: Any, person_id: int, challenge: uuid.UUID, action: str, session: str) -> None:
    cursor.execute(
        "update verification_challenge set state = case when challenge_id = %s then 'sent' else 'replaced' end"
        " where person_id = %s and action = %s and session = %s and state in ('sent', 'sending')",
        [challenge, person_id, action, session],
    )


def _unsent(area: str, person_id: int, challenge: uuid.UUID, address: str) -> None:
    with aside(area) as cursor:
        cursor.execute(
            "update verification_challenge set state = 'unsent' where person_id = %s and challenge_id = %s",
            [person_id, challenge],
        )
        throttle.take_back("sms_send", target=str(person_id), source=address, cursor=cursor)


def _use(cursor: Any, person_id: int, challenge: uuid.UUID) -> bool:
    cursor.execute(
        "update verification_challenge set state = 'used', used_at = now()"
        " where person_id = %s and challenge_id = %s and state = 'sent'",
        [person_id, challenge],
    )
    return bool(cursor.rowcount)

"""Face checks by a provider: with a consent of their own, and always with another way beside them (PIPL Art. 29, banking.md
§5). What is kept is the outcome, the provider's evidence number and a score; never a picture, never a template.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sscard.control import throttle
from sscard.control.throttle import Limit
from sscard.kernel import clock, ids
from sscard.kernel.aside import aside, one
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.verification import noting, providers, rules
from sscard.verification.providers import ProviderDown

CONSENT: Final = "face-1"
"""Version of the text "notice.verification.face_consent", which the page shows beside the box to tick."""
STARTING: Final = {"target": Limit(10, 3600), "source": Limit(30, 900), "all": Limit(3000, 60)}


@dataclass(frozen=True, slots=True)
class Started:
    """`url`: where he shows his face, on the bureau's own host or the provider's."""

    challenge: uuid.UUID
    url: str


def start(
    *, person_id: int, area: str, action: str, session: str, consent: bool, back: str = "", told_as: str = ""
) -> Started:  # fmt: skip
    """Begin a check. `back`: the path on our site to which the provider's page leads afterwards. `told_as`: code of the word
    for what is done, where the act's own name says less than he agrees to.

    Raises verification.face_needs_consent (with SMS as the other way), provider_unavailable (nothing counted),
    control.too_many_tries.
    """
    if not consent:
        raise Refusal("verification.face_needs_consent")
    word = told_as or rules.known_action(action)
    here, today = areas.get(area), clock.today(area)
    name, seconds = str(here.value("face_provider", today)), int(here.value("face_seconds", today))
    provider, challenge, now = providers.face(name), ids.new_id(), clock.real_now()
    with aside(area) as cursor:
        throttle.count("face", STARTING, target=str(person_id), source=session, cursor=cursor)
    try:
        url = provider.start(area, person_id, challenge, word, back)
    except ProviderDown:
        with aside(area) as cursor:
            throttle.take_back("face", target=str(person_id), source=session, cursor=cursor)
        raise
    with aside(area) as cursor:
        cursor.execute(
            "insert into verification_facecheck (person_id, challenge_id, area_code, action, session, provider, consent,"
            " state, reason, evidence, started_at, expires_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, 'waiting', '', '', %s, %s)",
            [person_id, challenge, area, action, session, name, CONSENT, now, now + timedelta(seconds=seconds)],
        )
        noting.note(cursor, "verification.start_face", area, person_id, challenge, session, "", action=action,
                    consent=CONSENT)  # fmt: skip
    return Started(challenge, url)


def result(*, challenge: uuid.UUID, action: str, session: str, person_id: int, area: str) -> None:
    """It was he, and the check is used up by this.

    Raises verification.face_pending, face_failed (`reason`), provider_unavailable, and face_none for a check of another
    action, session or person and for one that was used.
    """
    with aside(area) as cursor:
        row = one(
            cursor,
            "select state, reason, provider, expires_at from verification_facecheck where person_id = %s"
            " and challenge_id = %s and action = %s and session = %s",
            [person_id, challenge, action, session],
        )
    if row is None or row[0] == "used":
        raise Refusal("verification.face_none")
    state, reason, name, expires_at = row
    if state == "failed":
        raise Refusal("verification.face_failed", reason=reason)
    outcome = providers.face(name).result(area, person_id, challenge)
    score, evidence, state, reason = outcome.score, outcome.evidence, outcome.state, outcome.reason
    if expires_at <= clock.real_now():
        state, reason = "failed", "timeout"
    if state == "waiting":
        raise Refusal("verification.face_pending")
    with aside(area) as cursor:
        cursor.execute(
            "update verification_facecheck set state = %s, reason = %s, score = %s, evidence = %s, ended_at = now()"
            " where person_id = %s and challenge_id = %s and state = 'waiting'",
            ["used" if state == "passed" else "failed", reason, score, evidence, person_id, challenge],
        )
        once = bool(cursor.rowcount)
        noting.note(cursor, "verification.check_face", area, person_id, challenge, session, "", action=action,
                    ok=state == "passed" and once, evidence=evidence, score=score)  # fmt: skip
    if not once:
        raise Refusal("verification.face_none")
    if state != "passed":
        raise Refusal("verification.face_failed", reason=reason)

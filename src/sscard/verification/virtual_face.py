"""The virtual face check: a page on which the tester chooses what the camera saw (sandbox areas only)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sscard.kernel import clock
from sscard.kernel.aside import aside, one
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.verification import magic, sandbox
from sscard.verification.models import SandboxFace, SandboxFacePlace
from sscard.verification.providers import FaceOutcome, ProviderDown

OUTCOMES: Final = tuple(magic.FACES)
PATH: Final = "/sandbox/face/{challenge}/"
_TOLD: Final = {
    "pass": ("passed", "", 97),
    "fail": ("failed", "differs", 31),
    "not_alive": ("failed", "not_alive", 88),
    "timeout": ("failed", "timeout", None),
    "too_many": ("failed", "too_many", None),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page needs. `outcome` is "" until somebody chose."""

    area: str
    purpose: str
    back: str
    outcome: str


class VirtualFace:
    def start(self, area: str, person_id: int, challenge: uuid.UUID, purpose: str, back: str) -> str:
        sandbox.behaviour(area, "face")
        with aside(area) as cursor:
            cursor.execute(
                "insert into verification_sandboxface (person_id, challenge_id, area_code, purpose, back, outcome,"
                " started_at) values (%s, %s, %s, %s, %s, '', now())",
                [person_id, challenge, area, purpose, back],
            )
            cursor.execute(
                "insert into verification_sandboxfaceplace (challenge_id, area_code, person_id) values (%s, %s, %s)",
                [challenge, area, person_id],
            )
        return PATH.format(challenge=challenge)

    def result(self, area: str, person_id: int, challenge: uuid.UUID) -> FaceOutcome:
        mode, seconds = sandbox.behaviour(area, "face")
        with aside(area) as cursor:
            row = one(
                cursor,
                "select outcome, started_at from verification_sandboxface where person_id = %s and challenge_id = %s",
                [person_id, challenge],
            )
        outcome, started = row or ("", clock.real_now())
        if outcome == "down":
            raise ProviderDown
        if not outcome or mode == "lose":
            return FaceOutcome("waiting")
        if mode == "slow" and started + timedelta(seconds=seconds) > clock.real_now():
            return FaceOutcome("waiting")
        state, reason, score = _TOLD[outcome]
        return FaceOutcome(state, reason, score, f"virtual-{challenge.hex[:16]}")


def asked(challenge: uuid.UUID) -> Asked:
    """Raises control.not_found."""
    place = _place(challenge)
    with unit_of_work(area=place.area_code):
        row = SandboxFace.objects.get(person_id=place.person_id, challenge_id=challenge)
    return Asked(row.area_code, row.purpose, row.back, row.outcome)


def choose(challenge: uuid.UUID, outcome: str) -> None:
    """What the camera saw. Once: a second choice is refused, but for "down", which may be lifted."""
    if outcome not in OUTCOMES:
        raise Refusal("verification.outcome_unknown", outcomes=", ".join(OUTCOMES))
    place = _place(challenge)
    with unit_of_work(area=place.area_code):
        mine = SandboxFace.objects.filter(person_id=place.person_id, challenge_id=challenge)
        if not mine.filter(outcome__in=["", "down"]).update(outcome=outcome):
            raise Refusal("verification.face_chosen")


def _place(challenge: uuid.UUID) -> SandboxFacePlace:
    with unit_of_work():
        place = SandboxFacePlace.objects.filter(challenge_id=challenge).first()
    if place is None or not sandbox.is_open(place.area_code):
        raise Refusal("control.not_found")
    return place

"""Somebody with a telephone of record, and codes that reach it."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))

import bank_kit

from sscard.control.door import perform
from sscard.kernel.db import unit_of_work
from sscard.verification import codes, virtual_sms
from sscard.verification.sandbox import SetProvider

AREA = "990100"


@dataclass(slots=True)
class Phoned:
    """A person, and what he confirms."""

    person_id: int
    action: str = "bank.transfer:one"
    session: str = ""

    def send(self, **more: Any) -> codes.Sent:
        asked = {
            "person_id": self.person_id, "area": AREA, "action": self.action, "session": self.session,
            "facts": {"金额": "¥12.00"}, "address": uuid.uuid4().hex[:12],
        }  # fmt: skip
        return codes.send(**{**asked, **more})

    def check(self, challenge: uuid.UUID, code: str, **more: Any) -> None:
        asked = {"action": self.action, "session": self.session, "person_id": self.person_id, "area": AREA}
        codes.check(challenge=challenge, code=code, **{**asked, **more})

    def read(self, at: int = 0) -> str:
        """The code in one of the newest messages."""
        mine = [one for one in virtual_sms.messages(AREA) if one.action == self.action]
        return mine[at].code


def phoned(**more: Any) -> Phoned:
    holder = bank_kit.person()
    return Phoned(holder.person_id, session=uuid.uuid4().hex, **more)


def earlier(one: Phoned, seconds: int) -> None:
    """As if his codes had been sent so long ago."""
    from datetime import timedelta

    from django.db.models import F

    from sscard.verification.models import Challenge

    by = timedelta(seconds=seconds)
    with unit_of_work(area=AREA):
        mine = Challenge.objects.filter(person_id=one.person_id)
        mine.update(sent_at=F("sent_at") - by, expires_at=F("expires_at") - by)


def behave(kind: str, mode: str, seconds: int = 0) -> None:
    who = bank_kit.caller("clerk")
    perform(who, "verification.set_provider", SetProvider(kind, mode, seconds), key=uuid.uuid4().hex, area=AREA)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"

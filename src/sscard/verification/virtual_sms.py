"""The virtual operator: takes messages over like a real one and shows them as the telephone would (sandbox areas only).

Numbers stay masked here too. Messages are kept for a day.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sscard.kernel import clock, ids
from sscard.kernel.aside import aside
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import keys
from sscard.kernel.sealed import aad_for, encode, open_many
from sscard.verification import sandbox, wording
from sscard.verification.models import SandboxMessage
from sscard.verification.providers import Message

KEPT = timedelta(days=1)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the telephone shows it; `code` is what a program would look for in it."""

    message: uuid.UUID
    phone_masked: str
    text: str
    code: str
    action: str
    at: datetime


class VirtualOperator:
    def send(self, message: Message) -> None:
        mode, seconds = sandbox.behaviour(message.area, "sms")
        if mode == "lose":
            return
        now, number = clock.real_now(), ids.new_id()
        aad = aad_for("verification_sandboxmessage", "text", [message.person_id, number])
        text = keys().seal("person", [(aad, encode(message.text))])[0]
        with aside(message.area) as cursor:
            cursor.execute("delete from verification_sandboxmessage where arrives_at < %s", [now - KEPT])
            cursor.execute(
                "insert into verification_sandboxmessage (person_id, message_id, area_code, phone_mask, text, action,"
                " arrives_at) values (%s, %s, %s, %s, %s, %s, %s)",
                [message.person_id, number, message.area, message.phone_mask, text, message.action,
                 now + timedelta(seconds=seconds if mode == "slow" else 0)],
            )  # fmt: skip


class _Sandbox:
    """Nobody's personal data: made-up messages to made-up numbers need no audit row."""

    def opened(self, table: str, field: str, rows: Sequence[object]) -> None:
        return


def messages(area: str, *, phone_masked: str = "", most: int = MOST_SHOWN) -> list[Shown]:
    """What has arrived, newest first. Raises control.not_found outside a sandbox."""
    sandbox.refuse_unless_open(area)
    with unit_of_work(area=area):
        rows = SandboxMessage.objects.filter(arrives_at__lte=clock.real_now()).order_by("-arrives_at")
        if phone_masked:
            rows = rows.filter(phone_mask=phone_masked)
        found = list(rows[: min(most, MOST_SHOWN)])
        texts = open_many(found, "text", _Sandbox())
    return [
        Shown(row.message_id, row.phone_mask, str(text), wording.code_in(str(text)), row.action, row.arrives_at)
        for row, text in zip(found, texts, strict=True)
    ]

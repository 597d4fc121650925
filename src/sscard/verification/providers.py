"""Who sends the text messages and who checks faces: two interfaces, and the register of those that are there.

A real operator or face service is a class with these methods, registered under the name that the area's parameters
`code_provider` and `face_provider` choose. Called outside every transaction; "not now" is `ProviderDown`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol

from sscard.kernel.masked import Secret
from sscard.kernel.refusals import Refusal


class ProviderDown(Refusal):
    """No answer, or "not now": nothing was done and nothing counts."""

    def __init__(self) -> None:
        super().__init__("verification.provider_unavailable")


@dataclass(frozen=True, slots=True)
class Message:
    """One text message on its way. `person_id` and `action` are for the sandbox's own shelf; an operator needs neither."""

    area: str
    person_id: int
    phone: Secret[str]
    phone_mask: str
    text: str
    action: str


class SmsOperator(Protocol):
    def send(self, message: Message) -> None:
        """Take the message over. Raises ProviderDown."""


@dataclass(frozen=True, slots=True)
class FaceOutcome:
    """`state`: waiting, passed, failed. `reason`: differs, not_alive, timeout, too_many. `score` 0–100. `evidence`: the
    provider's number under which it keeps its proof; nothing else of the face comes to us."""

    state: str
    reason: str = ""
    score: int | None = None
    evidence: str = ""


class FaceProvider(Protocol):
    def start(self, area: str, person_id: int, challenge: uuid.UUID, purpose: str, back: str) -> str:
        """The address where he shows his face; `back`: where that page leads afterwards. Raises ProviderDown."""

    def result(self, area: str, person_id: int, challenge: uuid.UUID) -> FaceOutcome:
        """What came of it. Raises ProviderDown."""


sms: dict[str, SmsOperator] = {}
faces: dict[str, FaceProvider] = {}


def operator(name: str) -> SmsOperator:
    """Raises ProviderDown for a name that nobody registered: better no code than one that goes nowhere."""
    if name not in sms:
        raise ProviderDown
    return sms[name]


def face(name: str) -> FaceProvider:
    if name not in faces:
        raise ProviderDown
    return faces[name]

"""The way to a clearing house over HTTP: bodies signed by our key service, answers checked with its public key.

Where it is and what its key is stands in `clearing.json` of the state folder: {"url": …, "public": hex}. Without the file
no payment leaves for another bank; orders wait with their money held.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from sscard.bank.savings.clearing import Payment
from sscard.bank.savings.exchange import ClearingDown, Status
from sscard.kernel.keyclient import keys
from sscard.kernel.typed import ready
from sscard.keys.recipes import sm2_verify

SIGNER: Final = "clearing"
SIGNATURE: Final = "Sscard-Signature"
FILE: Final = "clearing.json"
TIMEOUT_S: Final = 10
WINDOW: Final = timedelta(minutes=5)
MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OverHttp:
    """A clearing house at an address. Raises ClearingDown when it cannot be reached or its answer is not its own."""

    url: str
    public: bytes

    def submit(self, payment: Payment) -> Status:
        answer = self._ask("/payments", {"payment": {**asdict(payment), "id": str(payment.id)}})
        return Status(answer["state"], answer["reason"])

    def incoming(self, bank: str) -> Sequence[Payment]:
        answer = self._ask("/inbox", {"bank": bank})
        try:
            return msgspec.convert(answer["payments"], type=ready(list[Payment]))
        except msgspec.ValidationError as error:
            raise ClearingDown(f"inbox: {error}") from None

    def answer(self, bank: str, payment: uuid.UUID, result: str, reason: str) -> None:
        self._ask("/answers", {"bank": bank, "payment": str(payment), "result": result, "reason": reason})

    def _ask(self, path: str, question: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({**question, "at": datetime.now(UTC).isoformat()}, ensure_ascii=False).encode()
        headers = {SIGNATURE: keys().sign(SIGNER, body).hex(), "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method="POST")  # noqa: S310 - see `connected`
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310
                told, signature = reply.read(MOST_BYTES), reply.headers.get(SIGNATURE, "")
        except urllib.error.HTTPError as error:
            raise ClearingDown(f"{path}: {error.code}") from None
        except OSError as error:
            raise ClearingDown(f"{path}: {error}") from None
        return self._checked(path, told, signature)

    def _checked(self, path: str, told: bytes, signature: str) -> dict[str, Any]:
        try:
            good = sm2_verify(self.public, told, bytes.fromhex(signature))
            answer = json.loads(told) if good else {}
            fresh = good and abs(datetime.now(UTC) - datetime.fromisoformat(answer["at"])) <= WINDOW
        except (ValueError, KeyError, TypeError):
            fresh = False
        if not fresh:
            raise ClearingDown(f"{path}: the answer is not the clearing house's")
        return dict(answer)


def connected(home: Path) -> OverHttp | None:
    """The clearing house that this installation works with, or None."""
    path = home / FILE
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    if not str(found["url"]).startswith(("http://", "https://")):
        raise ValueError(f"{FILE}: the address begins with http:// or https://")
    return OverHttp(str(found["url"]).rstrip("/"), bytes.fromhex(found["public"]))

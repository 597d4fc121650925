"""A device's side, virtual or real: find its session, send what it sees with its MAC. HTTPS and JSON only; no database."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

SESSION_PATH: Final = "/api/devices/session"
EVIDENCE_PATH: Final = "/api/devices/evidence"
CHIP_PATH: Final = "/api/devices/chip"
JUDGE_PATH: Final = "/api/devices/password"
_TIMEOUT_S: Final = 30

Post = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""(path, body) → answer; raises `DeviceRefused`."""


class DeviceRefused(Exception):
    """The server said no. `code` is the refusal's; `sentence` and `next_step` are for people, by language."""

    def __init__(self, code: str, sentence: Mapping[str, str], next_step: Mapping[str, str]) -> None:
        super().__init__(code)
        self.code, self.sentence, self.next_step = code, dict(sentence), dict(next_step)


class Server:
    """The service at an https address. `trust`: file of the authority that signed its certificate, None for the
    system's."""

    def __init__(self, base_url: str, trust: Path | str | None = None) -> None:
        if not base_url.startswith("https://"):
            raise ValueError("devices speak https only")
        self._base = base_url.rstrip("/")
        self._tls = ssl.create_default_context(cafile=str(trust) if trust else None)

    def __call__(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - https, checked above
            self._base + path,
            data=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S, context=self._tls) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise _refused(error) from None


def _refused(error: urllib.error.HTTPError) -> DeviceRefused:
    """A problem document (RFC 9457) in two languages; anything else is told by its status."""
    try:
        problem = dict(json.load(error))
    except ValueError:
        problem = {}
    title = str(problem.get("title", f"HTTP {error.code}"))
    return DeviceRefused(
        str(problem.get("code", f"http.{error.code}")),
        {"en": title, "zh": str(problem.get("title_zh", title))},
        {"en": str(problem.get("detail", "")), "zh": str(problem.get("detail_zh", ""))},
    )


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """A device's name and keys in hex; `pin_key` is a PIN pad's transport key."""

    device: str
    terminal: str
    kind: str
    key: str = field(repr=False)
    pin_key: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Device:
    """One device at its terminal."""

    post: Post
    keys: DeviceKeys

    def session(self) -> dict[str, Any]:
        """The session that waits at this terminal, with what this kind of device has to know of it."""
        at = int(time.time())
        message = f"sscard-poll-1\n{self.keys.device}\n{at}".encode()
        return self.post(SESSION_PATH, {"device": self.keys.device, "at": at, "mac": self.mac(message)})

    def send(self, session: Mapping[str, Any], kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Send a reading into a session."""
        return self.post(EVIDENCE_PATH, self.message(session, kind, payload))

    def message(self, session: Mapping[str, Any], kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The signed message, ready to be sent: the MAC covers device, session, nonce, kind and payload. Each
        reading has a number of its own, so only a message that is sent again is a repeat."""
        payload = {**payload, "reading": secrets.token_hex(8)}
        text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        parts = ("sscard-evidence-1", self.keys.device, session["session"], session["nonce"], kind, text)
        return {
            "device": self.keys.device,
            "mac": self.mac("\n".join(parts).encode()),
            "session": session["session"],
            "kind": kind,
            "payload": payload,
        }

    def opening(self, session: Mapping[str, Any], step: str, challenge: bytes) -> dict[str, Any]:
        """Ask for the command that opens a chip's password, for the chip's challenge."""
        parts = ("sscard-open-1", self.keys.device, session["session"], session["nonce"], step, challenge.hex())
        body = {"device": self.keys.device, "mac": self.mac("\n".join(parts).encode()), "session": session["session"]}
        return self.post(CHIP_PATH, {**body, "step": step, "challenge": challenge.hex()})

    def judge(self, session: Mapping[str, Any], block: bytes) -> None:
        """Is a new password easy to guess for this holder? Raises DeviceRefused with the rule that it breaks."""
        parts = ("sscard-judge-1", self.keys.device, session["session"], session["nonce"], block.hex())
        body = {"device": self.keys.device, "mac": self.mac("\n".join(parts).encode()), "session": session["session"]}
        self.post(JUDGE_PATH, {**body, "block": block.hex()})

    def mac(self, message: bytes) -> str:
        return hmac.new(bytes.fromhex(self.keys.key), message, lambda: hashlib.new("sm3")).hexdigest()

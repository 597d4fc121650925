"""What the demo's owner knows: sign-ins of staff and programs, sessions that are open, holders that the story made.

All of it lies in `demo/` of the state folder, readable by its owner only. The offices' book itself is written by
`sim.city`; here it is only read.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp

STEP_S = 30
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signs in with a name (staff, customer of a bank) or an ID number (holder), a password and a one-time
    code."""

    username: str
    password: str = field(repr=False)
    totp: str = field(repr=False)
    kind: str = "staff"
    role: str = ""
    area: str = ""
    organisation: str = ""
    name: str = ""
    id_number: str = field(repr=False, default="")
    card_number: str = field(repr=False, default="")
    pan: str = field(repr=False, default="")
    """Of the card in his hand: what he types to link it, and where money is sent to him."""

    def code(self, *, ahead: int = 0) -> str:
        """The authenticator's code now, or of a later step: each step is good for one sign-in."""
        return pyotp.TOTP(self.totp).at(int(time.time()) + ahead * STEP_S)


@dataclass(frozen=True, slots=True)
class ProgramKey:
    name: str
    secret: str = field(repr=False)
    role: str
    organisation: str
    area: str


class Book:
    """The demo folder of a state folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "demo"

    def staff(self) -> dict[str, Member]:
        known = Member.__dataclass_fields__
        return {
            name: Member(**{key: value for key, value in one.items() if key in known})
            for name, one in self._read("signins").get("staff", {}).items()
        }

    def programs(self) -> dict[str, ProgramKey]:
        return {name: ProgramKey(**one) for name, one in self._read("signins").get("programs", {}).items()}

    def holders(self) -> dict[str, Member]:
        return {name: Member(**one) for name, one in self._read("holders").items()}

    def keep_holder(self, name: str, member: Member) -> str:
        """Holders are kept so that the demo's owner can sign in as one of them; the name that this one got."""
        stored = self._read("holders")
        number = 2
        while name in stored:  # an earlier story's holder stays who he is
            name, number = f"{name.rstrip('0123456789')}{number}", number + 1
        stored[name] = {field: getattr(member, field) for field in Member.__dataclass_fields__}
        self._write("holders", stored)
        return name

    def customers(self) -> dict[str, Member]:
        """Customers of the banks' on-line sites; `organisation` is the bank."""
        return {name: Member(**one) for name, one in self._read("customers").items()}

    def keep_customer(self, member: Member) -> None:
        one = {field: getattr(member, field) for field in Member.__dataclass_fields__}
        self._write("customers", {**self._read("customers"), member.username: one})

    def member(self, name: str) -> Member | None:
        return self.staff().get(name) or self.holders().get(name) or self.customers().get(name)

    def session(self, name: str) -> str:
        """The bearer token of a session that was opened before, or ""."""
        return str(self._read("sessions").get(name, ""))

    def keep_session(self, name: str, token: str) -> None:
        with _ONE_AT_A_TIME:
            self._write("sessions", {**self._read("sessions"), name: token})

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / f"{name}.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f".{name}.{os.getpid()}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
        part.replace(self.folder / f"{name}.json")

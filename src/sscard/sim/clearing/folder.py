"""The clearing house's own folder: its keys, whom it trusts, its book."""

from __future__ import annotations

import json
from pathlib import Path

from sscard.keys.parties import PartyKeys
from sscard.keys.store import write_durably

BOOK, KEYS, TRUST = "payments.sqlite3", "keys.json", "core.json"


def set_up(home: Path) -> str:
    """Make the keys or find them; the public half in hex."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return PartyKeys.load_or_make(home / KEYS).signing.public.hex()


def trust(home: Path, public: str, banks: list[str]) -> None:
    """Keep the public key of the banks' core and who takes part. Raises ValueError."""
    if len(bytes.fromhex(public)) != 64 or not banks:
        raise ValueError("a public key has 64 bytes, and at least one bank takes part")
    write_durably(home / TRUST, json.dumps({"public": public, "banks": banks}).encode())

"""Everything that a card remembers over power-off: files, keys, counters, password, purse, certificates.

The open part may be read by whoever holds the file; `Secrets` (keys, password, private key) are sealed by the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sscard.chip.choices import Choices


@dataclass(slots=True)
class Elementary:
    """The contents of one file: records (newest first in a cyclic one) or bytes."""

    records: list[bytes] = field(default_factory=list)
    data: bytes = b""


@dataclass(slots=True)
class Purse:
    """The medical purse of DF04 (S7 11–12): counters, balance in fen, sums paid by person and pool in the purse's
    year."""

    online: int = 0
    offline: int = 0
    balance_fen: int = 0
    self_fen: int = 0
    pool_fen: int = 0
    year: int = 0
    start_day: int = 0x0101
    last: tuple[int, int, bytes] = (0, 0, b"")
    """Kind, counter and answer of the last transaction, for GET TRANSACTION PROVE."""


@dataclass(slots=True)
class Payment:
    """What the payment application holds: nothing of the social security side."""

    pan: str = ""
    expires: str = ""
    """YYMMDD."""
    name: str = ""


@dataclass(slots=True)
class Secrets:
    """Never written in clear. Keys: "DF01/83" → its versions."""

    keys: dict[str, list[bytes]] = field(default_factory=dict)
    pin: bytes = b""
    """Packed digits; empty when there is none."""
    signing: bytes = b""
    """SM2 private key, 32 bytes."""

    def __repr__(self) -> str:
        return f"Secrets({len(self.keys)} keys)"


@dataclass(slots=True)
class Image:
    """A card. `label` names the keys it was made with; a test card says so itself."""

    version: str
    algorithm: int
    atr: bytes
    area: str
    label: str
    choices: Choices = field(default_factory=Choices)
    files: dict[str, Elementary] = field(default_factory=dict)
    """"SSSE/05" → contents."""
    absent: list[str] = field(default_factory=list)
    """Applications or files that this card lacks although its version has them."""
    secrets: Secrets = field(default_factory=Secrets)
    pin_tries: int = 6
    key_tries: dict[str, int] = field(default_factory=dict)
    """Tries left of the keys that have wrong ones behind them."""
    blocked_applications: list[str] = field(default_factory=list)
    blocked: bool = False
    purse: Purse = field(default_factory=Purse)
    payment: Payment | None = None
    certificate: bytes = b""
    sign_public: bytes = b""
    audit: bytes = b""
    """What the card answered at the end of its personalisation."""

    @property
    def history(self) -> bytes:
        return self.atr[4:17]

"""Which keys exist: name, one purpose, algorithm. A new sealed purpose or index column is a line here, never a call.

A name is `purpose.name`; callers write the short name and the verb supplies the purpose, so `seal("bank")` and the
bank's PIN key cannot meet. Packages are signed with a key of each area, `sign.package:<area>`, made when the area is
set up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    SEAL = "seal"
    BLIND = "blind"
    MAC = "mac"
    SIGN = "sign"
    UNWRAP = "unwrap"
    PIN = "pin"  # verifiers at rest
    PINPAD = "pinpad"  # transport from a terminal's PIN pad
    CARD = "card"  # a card's answer to a challenge, until the chip computes it
    DEVICE = "device"  # evidence signed by a reader
    TREE = "tree"  # sets of card master keys: ministry, province, city (`keys.tree`)
    TRANSPORT = "transport"  # transport keys of a producer's batches, derived from one master
    PLATFORM = "platform"  # the national platform's own signature; its verbs ask for the platform's credential


class Algorithm(StrEnum):
    SM4 = "SM4"
    HMAC_SM3 = "HMAC-SM3"
    SM2 = "SM2"
    KEY_SET = "KEY-SET"  # a set of 3DES or SM4 keys
    KEY_SECRET = "KEY-SECRET"  # noqa: S105 - a name; the secret of a ceremony that such a set comes from


class State(StrEnum):
    ACTIVE = "active"  # new work
    DECRYPT_ONLY = "decrypt_only"  # opens and checks what older work made
    RETIRED = "retired"  # destroyed: the record stays, the key is gone


SEALS: Final = ("person", "photo", "bank", "staff", "approval", "job", "card", "insurance", "terminal")
COLUMNS: Final = (
    "id_number", "name", "name_pinyin", "phone", "pan", "card_number", "username", "address", "bank_account",
    "card_id_code", "email", "unit_code",
)  # fmt: skip
MACS: Final = (
    "audit", "audit_link", "fingerprint", "session", "reset", "evidence", "otp", "ecard_password", "ecard_handle",
)  # fmt: skip
SIGNERS: Final = ("audit_head", "area_pack", "clearing")
AREA_PACKAGE: Final = re.compile(r"sign\.package:[0-9]{6}")
MOST_AREAS: Final = 1000

_ALGORITHM: Final = {
    Purpose.SEAL: Algorithm.SM4,
    Purpose.BLIND: Algorithm.HMAC_SM3,
    Purpose.MAC: Algorithm.HMAC_SM3,
    Purpose.SIGN: Algorithm.SM2,
    Purpose.UNWRAP: Algorithm.SM2,
    Purpose.PIN: Algorithm.HMAC_SM3,
    Purpose.PINPAD: Algorithm.HMAC_SM3,
    Purpose.CARD: Algorithm.HMAC_SM3,
    Purpose.DEVICE: Algorithm.HMAC_SM3,
    Purpose.PLATFORM: Algorithm.SM2,
    Purpose.TREE: Algorithm.KEY_SET,
    Purpose.TRANSPORT: Algorithm.HMAC_SM3,
}


@dataclass(frozen=True, slots=True)
class KeySpec:
    name: str
    purpose: Purpose

    @property
    def algorithm(self) -> Algorithm:
        return _ALGORITHM[self.purpose]


def spec(name: str) -> KeySpec:
    """The spec of a full name, by its part before the dot."""
    return KeySpec(name, Purpose(name.partition(".")[0]))


FIRST_KEYS: Final = tuple(
    spec(name)
    for name in (
        *(f"seal.{one}" for one in SEALS),
        *(f"blind.{one}" for one in COLUMNS),
        *(f"mac.{one}" for one in MACS),
        *(f"sign.{one}" for one in SIGNERS),
        "unwrap.return_files",
        "unwrap.key_sets",
        "transport.batch",
        "pin.social",
        "pin.bank",
        "pinpad.master",
        "card.master",
        "device.master",
        "platform.ecard",
    )
)

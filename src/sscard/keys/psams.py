"""The act that loads a PSAM of the register with the terminal's half of a set's keys. The register's entry and the machine's
admission had two signatures each; what leaves the key service opens in that machine and that PSAM only."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.keys.models import Carrier
from sscard.keys.tree.ciphers import CIPHERS

DIGITS = 16
"""Of a PSAM's number: the area, then ten of its own."""


def _no_plan() -> Sequence[tuple[str, str, int, int, int]]:
    return ()


plan: Callable[[], Sequence[tuple[str, str, int, int, int]]] = _no_plan
"""Port, filled by room chip: (application, key, PSAM id, version, dispersals) of every key of a terminal."""


@dataclass(frozen=True, slots=True)
class LoadPsam:
    """`receiver`: public key (hex) of the admitted machine that makes the PSAM; `algorithm` 1 3DES, 3 SM4."""

    carrier: uuid.UUID
    receiver: str
    algorithm: int


@act("keys.load_psam", right="keys.custody", clause="M47-23")
def load_psam(inside: Inside, request: LoadPsam) -> dict[str, Any]:
    """`once["package"]`: what the machine runs into the blank PSAM. Asked for again it comes under a fresh transport key."""
    carrier = Carrier.objects.filter(carrier_id=request.carrier, area_code=inside.area_code, kind="psam").first()
    if carrier is None:
        raise Refusal("control.not_found")
    inside.object = f"carrier:{carrier.carrier_id}"
    if carrier.state != "kept":
        raise Refusal(f"keys.carrier_{carrier.state}", number=carrier.number)
    _may_be_loaded(inside, carrier, request)
    area, receiver = carrier.number[:6], bytes.fromhex(request.receiver)
    transport, commands = keys().psam_loads(
        f"psam/{carrier.number}/{secrets.token_hex(8)}", area, request.algorithm, carrier.key_set, receiver,
        bytes.fromhex(carrier.number), plan(),
    )  # fmt: skip
    label = keys().card_key_set(area, request.algorithm, carrier.key_set)["label"]
    inside.once["package"] = msgspec.msgpack.encode((carrier.number, request.algorithm, label, transport, commands))
    return {"carrier": str(carrier.carrier_id), "set": carrier.key_set, "keys": len(commands)}


def _may_be_loaded(inside: Inside, carrier: Carrier, request: LoadPsam) -> None:
    """An office loads keys of its own level only: the ministry's roots leave by the ministry's hand (Article 23)."""
    own = f"city:{inside.area_code}" if inside.area_code else "ministry"
    number = carrier.number
    faults = []
    if carrier.key_set.partition("#")[0] != own:
        faults.append(Fault("carrier", "keys.psam_set", {"subject": own}))
    if (
        len(number) != DIGITS
        or not number.isdecimal()
        or not number.isascii()
        or not number.startswith(inside.area_code)
    ):
        faults.append(Fault("carrier", "keys.psam_number", {"digits": DIGITS}))
    if request.receiver not in {one["public"] for one in keys().receivers()}:
        faults.append(Fault("receiver", "keys.receiver_choose", {}))
    if request.algorithm not in CIPHERS:
        faults.append(Fault("algorithm", "keys.receiver_choose", {}))
    refuse_if_any(faults)

"""An area with its own card keys for tests: a ceremony, an admitted machine, cards and PSAMs out of loading commands."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import cache
from typing import Any

from sscard.chip.card import Image
from sscard.chip.choices import DEFAULT
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.personal import script
from sscard.chip.personal.loading import plan, proofs
from sscard.chip.personal.machine import Machine
from sscard.chip.personal.making import blank_of
from sscard.chip.personal.order import Order
from sscard.chip.personal.service_loading import ServiceLoading
from sscard.chip.psam import making as psam_making
from sscard.codes import card_identification_code
from sscard.kernel.keyclient import KeyClient
from sscard.keys.parties import KeyPair

ANNA, BERT, CARL, DORA = (name.encode().ljust(32, b"\x02") for name in ("anna", "bert", "carl", "dora"))


@cache
def machine_pair() -> KeyPair:
    """The receiving key of the plant's machine."""
    return KeyPair.fresh()


def hold_ceremony(client: KeyClient, level: str) -> str:
    """A new set of a level, made by three custodians and an auditor; its name."""
    name = secrets.token_hex(8)
    client.ceremony_begin(name, "make", level, [ANNA, BERT])
    for person in (ANNA, BERT, CARL):
        client.ceremony_confirm(name, person, client.ceremony_share(name, person))
    made: str = client.ceremony_finish(name, DORA)["sets"][0]
    return made


def admit_machine(client: KeyClient) -> None:
    client.receiver_admit("plant", machine_pair().public, [ANNA, BERT])


def with_issuer_code(client: KeyClient, order: Order, area: str, algorithm: str) -> Order:
    """The order under an identification code of this area, authenticated by its own issuer key."""
    serial = secrets.token_bytes(4)
    data = card_identification_code.authentication_input(area, serial)
    code = client.issuer_codes(area, NAMES[algorithm], [data])[0]
    return replace(order, card_id_code=card_identification_code.construct(area, serial, code))


def real_card(order: Order, *, version: str = "3.0", algorithm: str = "sm4", key_set: str = "") -> Image:
    """A card out of the key service's loading commands (`keys()` is the client)."""
    area = order.card_id_code[:6]
    number, wanted = script.kind(version, algorithm), plan(version, proofs(version, tuple(order.values)))
    loaded = ServiceLoading(area, key_set).load("T", machine_pair().public, number, wanted, [blank_of(order)])
    machine = Machine(machine_pair().unwrap)
    machine.open_load(loaded.transport)
    return machine.make(
        script.build(
            order, loaded.cards[0], version=version, algorithm=number, label=loaded.label, plan=wanted, choices=DEFAULT
        )
    )


def psam_package(client: KeyClient, area: str, algorithm: str, key_set: str = "", number: str = "") -> Any:
    number = number or area + "0000000001"
    found = client.card_key_set(area, NAMES[algorithm], key_set)
    transport, commands = client.psam_loads(
        secrets.token_hex(8), area, NAMES[algorithm], found["set"], machine_pair().public, bytes.fromhex(number),
        psam_making.plan(),
    )  # fmt: skip
    return psam_making.Package(number, NAMES[algorithm], found["label"], transport, commands)


def real_psam(client: KeyClient, area: str, algorithm: str, key_set: str = "") -> Any:
    """A software PSAM with the terminal's half of a set."""
    return psam_making.psam(psam_making.make(psam_package(client, area, algorithm, key_set), machine_pair().unwrap))

"""One card out of one order, here and now: what a plant does with a batch, with a key service of test keys.

script = key service's loads + order          (`loading`, `script`)
image  = a blank card that ran it             (`machine`, `card.blank`)
"""

from __future__ import annotations

import secrets
from functools import cache

from sscard.chip.card.image import Image
from sscard.chip.card.pins import packed
from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.crypto.tree import KeySource, TestKeys
from sscard.chip.personal import script
from sscard.chip.personal.loading import LoadingKeys, TestLoading, plan, proofs
from sscard.chip.personal.machine import Machine
from sscard.chip.personal.order import Order, answer_to_reset, initialiser
from sscard.codes import card_identification_code
from sscard.keys.loads import Blank
from sscard.keys.parties import KeyPair

__all__ = ["Order", "answer_to_reset", "blank_of", "initialiser", "make", "with_code"]


def make(
    order: Order, *, version: str = "3.0", algorithm: str = "sm4", source: TestKeys | None = None,
    choices: Choices = DEFAULT,
) -> Image:  # fmt: skip
    """A finished card. Raises ChipFault with all faults of the data, chip.version, chip.algorithm."""
    number = script.kind(version, algorithm)
    keys: LoadingKeys = TestLoading(source, choices)
    wanted = plan(version, proofs(version, tuple(order.values)))
    loaded = keys.load("", _hsm().public, number, wanted, [blank_of(order, choices)])
    machine = Machine(_hsm().unwrap)
    machine.open_load(loaded.transport)
    return machine.make(
        script.build(
            order, loaded.cards[0], version=version, algorithm=number, label=loaded.label, plan=wanted, choices=choices
        )
    )


def blank_of(order: Order, choices: Choices = DEFAULT) -> Blank:
    """What the key service must know of the card to be."""
    code = card_identification_code.validate(order.card_id_code)
    atr = answer_to_reset(code[:6], card_identification_code.get_serial(code))
    return Blank(code, factors.card(atr, choices.factor3), packed(order.pin) if order.pin else b"")


@cache
def _hsm() -> KeyPair:
    """The key pair of this process's own machine."""
    return KeyPair.fresh()


def with_code(area: str, source: KeySource, algorithm: str, choices: Choices = DEFAULT, serial: bytes = b"") -> str:
    """A fresh card identification code, its authentication code computed by the issuer's key (choice)."""
    serial = serial or secrets.token_bytes(4)
    if choices.identification_code == "none":
        return card_identification_code.construct(area, serial)
    data = card_identification_code.authentication_input(area, serial)
    return card_identification_code.construct(area, serial, source.issuer_code(area, data, NAMES[algorithm]))

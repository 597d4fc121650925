"""A card of nobody: numbers that belong to no person, for vendors without a database, for tests and the conformance
suite."""

from __future__ import annotations

from datetime import date
from typing import Final

from sscard.chip.card.image import Image, Payment
from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.crypto.tree import KeySource, TestKeys
from sscard.chip.personal.making import Order, make, with_code
from sscard.codes import card_number, demo
from sscard.codes.sex import Sex

AREA: Final = "990100"
PIN: Final = "246813"
NAMES: Final = ("测试卡人一", "阿卜杜热合曼·麦麦提吐尔逊艾合买提")
"""A short name, and one that needs the extension item."""


def order(
    *, area: str = AREA, source: KeySource | None = None, algorithm: str = "sm4", choices: Choices = DEFAULT,
    sequence: int = 1, long_name: bool = False,
) -> Order:  # fmt: skip
    """The data of a made-up holder; `sequence` tells several apart."""
    born = date(1990, 1, 1)
    number = demo.citizen_id(born, Sex.FEMALE, sequence)
    return Order(
        card_id_code=with_code(area, source or TestKeys(choices=choices), algorithm, choices),
        card_number=card_number.construct("X", 9_000_000 + sequence),
        social_security_number=number,
        name=NAMES[1 if long_name else 0],
        sex="2",
        nation="01",
        birth_date=born,
        issue_date=date(2026, 1, 5),
        expires_on=date(2036, 1, 5),
        pin=PIN,
        payment=Payment(pan="9217000000000019", expires="360131", name="TEST/CARD"),
        values={
            "DF01/EF05": {"household_kind": "10", "household_address": "云溪市测试路1号", "household_area": "090101"},
            "DF03/EF07": {"pension_kind": "110", "pension_area": "090101", "pension_since": "20150701"},
            "DF04/EF05": {"medical_kind": "31000000", "medical_area": "090101", "use": "1"},
        },
    )


def card(*, version: str = "3.0", algorithm: str = "sm4", area: str = AREA, choices: Choices = DEFAULT, sequence: int = 1,
         long_name: bool = False, source: TestKeys | None = None) -> Image:  # fmt: skip
    source = source or TestKeys(choices=choices)
    data = order(area=area, source=source, algorithm=algorithm, choices=choices, sequence=sequence, long_name=long_name)
    return make(data, version=version, algorithm=algorithm, source=source, choices=choices)

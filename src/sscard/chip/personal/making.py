"""A card out of a person's data: every file of its version, keys diversified to this card.

The order is that of S10 5 (card.md §8): environment and files, diversified keys, then data, EF05 last; here it ends
in an image.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sscard.chip.card.image import Elementary, Image, Payment
from sscard.chip.card.pins import packed
from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.codec import contents
from sscard.chip.codec.values import day, name_items
from sscard.chip.crypto.ciphers import NAMES, SSF33
from sscard.chip.crypto.tree import KeySource, TestKeys, card_keys
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import VERSIONS, FileRule, files
from sscard.codes import card_identification_code

CHIP_VENDOR, COS, MAKER = bytes.fromhex("0081"), bytes.fromhex("260301"), bytes.fromhex("8600")
"""Historical bytes T1–T7 of our virtual cards: vendor ids that nobody registered."""
SPEC: Final = {"1.0": "1.00", "2.0": "2.00", "3.0": "3.00"}


@dataclass(frozen=True, slots=True)
class Order:
    """What goes on one card. Personal values are never shown in its text form.

    `card_id_code` 32 hex; `values`: file place ("DF01/EF05") → named values beyond those below.
    """

    card_id_code: str
    card_number: str = field(repr=False)
    social_security_number: str = field(repr=False)
    name: str = field(repr=False)
    sex: str
    nation: str
    birth_date: date = field(repr=False)
    issue_date: date
    expires_on: date | None
    birth_place: str = ""
    category: str = "3"
    initialiser: str = ""
    pin: str = field(default="", repr=False)
    photo: bytes = field(default=b"", repr=False)
    payment: Payment | None = field(default=None, repr=False)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)


def answer_to_reset(area: str, serial: bytes) -> bytes:
    """3B 6D 00 00 and 13 historical bytes (S2 8.2–8.4, S10 5.1.2): direct convention, T=0, no check byte."""
    return bytes.fromhex("3B6D0000") + CHIP_VENDOR + COS + MAKER + bytes.fromhex(area[:4]) + serial


def make(
    order: Order, *, version: str = "3.0", algorithm: str = "sm4", source: KeySource | None = None,
    choices: Choices = DEFAULT,
) -> Image:  # fmt: skip
    """The image of a card. Raises ChipFault with all faults of the data, chip.version, chip.algorithm."""
    if version not in VERSIONS:
        raise ChipFault("chip.version", given=version[:10])
    if algorithm not in NAMES or NAMES[algorithm] == SSF33:
        raise ChipFault("chip.algorithm", algorithm=algorithm[:10])
    source = source or TestKeys(choices=choices)
    code = card_identification_code.validate(order.card_id_code)
    area, number = code[:6], NAMES[algorithm]
    atr = answer_to_reset(area, card_identification_code.get_serial(code))
    image = Image(version, number, atr, area, source.label, choices, pin_tries=choices.pin_tries, payment=order.payment)
    for rule, versions in card_keys(source, version, area, atr, number):
        image.secrets.keys[f"{rule.application}/{rule.name}"] = versions
    given = {**_issuer_and_holder(order, code, version), **order.values}
    for file in files(version):
        image.files[f"{file.application}/{file.id:02X}"] = _filled(file, given.get(file.place, {}), order)
    image.secrets.pin = packed(order.pin) if order.pin else b""
    if version == "3.0":
        from sscard.chip.personal.certificate import issue

        image.secrets.signing, image.sign_public, image.certificate = issue(code, order.issue_date, order.expires_on)
    return image


def _filled(file: FileRule, values: Mapping[str, Any], order: Order) -> Elementary:
    if file.structure == "transparent":
        data = order.photo if file.place == "SSSE/EF08" else b""
        if len(data) > file.size:
            raise ChipFault("chip.value_long", place=file.place, most=file.size, given=len(data))
        return Elementary(data=data.ljust(file.size, b"\x00"))
    if file.structure == "cyclic":
        return Elementary(records=contents.empty_records(file))
    return Elementary(records=contents.records(file, values))


def _issuer_and_holder(order: Order, code: str, version: str) -> dict[str, dict[str, Any]]:
    first, extension = name_items(order.name) if version != "1.0" else (order.name, "")
    holder = {
        "social_security_number": order.social_security_number, "name": first, "sex": order.sex, "nation": order.nation,
        "birth_place": order.birth_place or order.social_security_number[:6], "birth_date": day(order.birth_date),
    }  # fmt: skip
    if version != "1.0":
        holder["name_extension"] = extension
    issuer = {
        "card_id_code": code, "category": order.category, "spec_version": SPEC[version],
        "initialiser": order.initialiser or initialiser(code[:6]), "issue_date": day(order.issue_date),
        "expires_on": day(order.expires_on), "card_number": order.card_number,
    }  # fmt: skip
    return {"SSSE/EF05": issuer, "SSSE/EF06": holder}


def initialiser(area: str) -> str:
    """Number of the initialising body: 9156000002, the area, the initialiser's area, a sequence number (12 bytes)."""
    return f"9156000002{area}{area}01".ljust(24, "F")


def with_code(area: str, source: KeySource, algorithm: str, choices: Choices = DEFAULT, serial: bytes = b"") -> str:
    """A fresh card identification code, its authentication code computed by the issuer's key (choice)."""
    serial = serial or secrets.token_bytes(4)
    if choices.identification_code == "none":
        return card_identification_code.construct(area, serial)
    data = card_identification_code.authentication_input(area, serial)
    return card_identification_code.construct(area, serial, source.issuer_code(area, data, NAMES[algorithm]))

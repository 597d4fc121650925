"""What goes on one card: the holder's data and the issuer's, as values of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sscard.chip.card.image import Payment
from sscard.chip.codec.values import day, name_items

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


def places(order: Order, code: str, version: str) -> dict[str, Mapping[str, Any]]:
    """File place → the values that stand in it."""
    first, extension = name_items(order.name) if version != "1.0" else (order.name, "")
    holder = {
        "social_security_number": order.social_security_number, "name": first, "sex": order.sex, "nation": order.nation,
        "birth_place": order.birth_place or _area(order.social_security_number), "birth_date": day(order.birth_date),
    }  # fmt: skip
    if version != "1.0":
        holder["name_extension"] = extension
    issuer = {
        "card_id_code": code, "category": order.category, "spec_version": SPEC[version],
        "initialiser": order.initialiser or initialiser(code[:6]), "issue_date": day(order.issue_date),
        "expires_on": day(order.expires_on), "card_number": order.card_number,
    }  # fmt: skip
    return {**order.values, "SSSE/EF06": holder, "SSSE/EF05": issuer}


def _area(number: str) -> str:
    """The first six digits of a citizen's number; numbers of other kinds name no place."""
    return number[:6] if number[:6].isdecimal() and number[:6].isascii() else ""


def initialiser(area: str) -> str:
    """Number of the initialising body: 9156000002, the area, the initialiser's area, a sequence number (12 bytes)."""
    return f"9156000002{area}{area}01".ljust(24, "F")

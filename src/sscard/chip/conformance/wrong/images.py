"""Wrong contents: changes to the image of a good card."""

from __future__ import annotations

from collections.abc import Callable

from sscard.chip.card.image import Image
from sscard.chip.codec import tlv
from sscard.chip.crypto import factors, tree
from sscard.chip.crypto.ciphers import cipher


def row(place: str, at: int, make: Callable[[bytes], bytes]) -> Callable[[Image], None]:
    def spoil(image: Image) -> None:
        rows = image.files[place].records
        rows[at] = make(rows[at])

    return spoil


def padded_with_blanks(raw: bytes) -> bytes:
    tag, value = raw[0], raw[2:]
    kept = value.rstrip(b"\x00")
    return tlv.record(tag, kept.ljust(len(value), b" "))


def shorter(raw: bytes) -> bytes:
    tag, value = raw[0], raw[2:]
    return tlv.record(tag, value[:-2])


def tag(number: int) -> Callable[[bytes], bytes]:
    return lambda raw: bytes((number,)) + raw[1:]


def text(value: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:2] + value.ljust(len(raw) - 2, b"\x00")


def with_tck(image: Image) -> None:
    image.atr += b"\x5a"


def rekeyed(way: Callable[[str, bytes], tuple[bytes, bytes, bytes]]) -> Callable[[Image], None]:
    """All keys dispersed by other factors."""

    def spoil(image: Image) -> None:
        how, source = cipher(image.algorithm), tree.TestKeys()
        for rule, versions in tree.card_keys(source, image.version, image.area, image.atr, image.algorithm):
            image.secrets.keys[f"{rule.application}/{rule.name}"] = [
                tree.dispersed(how, source._root(rule, number, image.algorithm), way(image.area, image.atr))
                for number in range(1, len(versions) + 1)
            ]

    return spoil


def citys_own_read_keys(image: Image) -> None:
    """RKSSSE from the city's level, as a city that keeps read keys for itself would load them: no other area's terminal,
    whose PSAM holds the root's, can reach them."""
    how, source = cipher(image.algorithm), tree.TestKeys()
    for rule, versions in tree.card_keys(source, image.version, image.area, image.atr, image.algorithm):
        if rule.name == "RKSSSE":
            image.secrets.keys[f"{rule.application}/{rule.name}"] = [
                how.diversify(one, factors.city(image.area)) for one in versions
            ]


def six_digits(area: str, atr: bytes) -> tuple[bytes, bytes, bytes]:
    return factors.province(area), f"{area}sx".encode(), factors.card(atr)


def without_suffix(area: str, atr: bytes) -> tuple[bytes, bytes, bytes]:
    return f"{area[:2]}000000".encode(), factors.city(area), factors.card(atr)


def other_third(area: str, atr: bytes) -> tuple[bytes, bytes, bytes]:
    return factors.province(area), factors.city(area), factors.card(atr, "t8td0000")


def fewer_details(image: Image) -> None:
    del image.files["DF04/08"].records[20:]


def without(place: str) -> Callable[[Image], None]:
    """An application or a file is not there."""
    return lambda image: image.absent.append(place)


def other_certificate(image: Image) -> None:
    from datetime import date

    from sscard.chip.personal.certificate import issue

    image.certificate = issue("F" * 32, image.sign_public, date(2026, 1, 5), None)

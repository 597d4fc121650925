"""The script of one card: the commands that make a blank card this person's card, in the order of S10 5 (card.md §8).

    activation · for each application: created, its files, its keys and its master key · password · the card's master
    key in the place of the temporary one · personal data under proofs of their UK: the applications, then SSSE with
    EF08, EF06 and at last EF05 · account of the payment application · end

The keys are loading commands of a key service (`loading`); nothing in a script is a key or a password in clear. What
is the same for all cards of a version is put together once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from sscard.chip.card.blank import ACCOUNT, ACTIVATE, CREATE, END, EXPIRES, HOLDER, PAN
from sscard.chip.card.creating import shape
from sscard.chip.card.image import Payment
from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.codec import contents, tlv
from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import NAMES, SSF33
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import VERSIONS, FileRule, applications_of, files
from sscard.chip.personal import loading
from sscard.chip.personal.order import SPEC, Order, answer_to_reset, places
from sscard.codes import card_identification_code
from sscard.keys.loads import Loads, Slot, Usage

PIECE: Final = 240
"""Bytes of a transparent file that one UPDATE BINARY takes."""


class Script(msgspec.Struct, array_like=True, frozen=True):
    """One card's way from blank to finished. `factor`: for the card's transport key; `good` issue date and last good
    day (ISO), for the certificate that the machine asks for; "" where the card has none."""

    code: str
    number: str
    algorithm: int
    factor: bytes
    good: tuple[str, str]
    commands: list[bytes]


def kind(version: str, algorithm: str) -> int:
    """The algorithm's number. Raises chip.version, chip.algorithm."""
    if version not in VERSIONS:
        raise ChipFault("chip.version", given=version[:10])
    if algorithm not in NAMES or NAMES[algorithm] == SSF33:
        raise ChipFault("chip.algorithm", algorithm=algorithm[:10])
    return NAMES[algorithm]


def build(
    order: Order, loads: Loads, *, version: str, algorithm: int, label: str, plan: tuple[Slot, ...],
    choices: Choices = DEFAULT,
) -> Script:  # fmt: skip
    """The script of an order with its loads. Raises ChipFault with all faults of the order's values."""
    code = card_identification_code.validate(order.card_id_code)
    atr = answer_to_reset(code[:6], card_identification_code.get_serial(code))
    given = places(order, code, version)
    data = _data(given, order.photo, version, choices)
    opening = bytes((choices.pin_tries, choices.key_tries))
    commands = [
        _apdu(0x80, ACTIVATE, 0, 0, SPEC[version].encode() + opening + atr[4:17]),
        _apdu(0x80, ACTIVATE, 1, 0, _options(label, choices)),
    ]
    keys, proofs = iter(loads.commands), iter(loads.proofs)
    commands += [next(keys) if one is None else one for one in _skeleton(version, plan, choices)]
    commands += _personal(plan, keys, proofs, data)
    if order.payment is not None and choices.payment != "none":
        commands.append(_account(order.payment))
    commands.append(bytes((0x80, END, 0, 0, 0)))
    good = ("", "")
    if version == "3.0" and choices.pki_objects == "own":
        good = (order.issue_date.isoformat(), order.expires_on.isoformat() if order.expires_on else "")
    return Script(code, order.card_number, algorithm, factors.card(atr, choices.factor3), good, commands)


@lru_cache(maxsize=32)
def _skeleton(version: str, plan: tuple[Slot, ...], choices: Choices) -> tuple[bytes | None, ...]:
    """Applications, files and places of the loading commands (None) up to the card's master key."""
    rules, rows = files(version, choices), list[bytes | None]()
    for one in applications_of(version):
        rows.append(_apdu(0x80, CREATE, 0x38, 0, one.df_name))
        rows += [_apdu(0x80, CREATE, 0x02, rule.id, shape(rule)) for rule in rules if rule.application == one.name]
        rows += [None for slot in plan if slot.application == one.name and slot.usage in (Usage.KEY, Usage.MASTER)]
    return (*rows, None, _select(b""), None)  # the password in the last application; the master key in the MF


def _personal(
    plan: tuple[Slot, ...], keys: Iterator[bytes], proofs: Iterator[bytes], data: Mapping[tuple[str, str], list[bytes]]
) -> Iterator[bytes]:
    """The writing of personal data: an application is selected, its UK proved, its records written."""
    names = {one.name: one.df_name for one in applications_of("2.0")}
    here = ""
    for slot in plan:
        if slot.usage == Usage.CHALLENGE:
            if slot.application != here:
                here = slot.application
                yield _select(names[here])
            yield next(keys)
            yield next(proofs)
            yield from data.get((slot.application, slot.name), ())


def _data(
    given: Mapping[str, Mapping[str, Any]], photo: bytes, version: str, choices: Choices
) -> dict[tuple[str, str], list[bytes]]:
    """(application, key) → the updates under it, highest file first: EF05 says that the card is finished."""
    found: dict[tuple[str, str], list[bytes]] = {}
    rules = {rule.place: rule for rule in files(version, choices)}
    if unknown := [place for place in given if place not in rules]:
        raise ChipFault("chip.place_unknown", place=unknown[0][:20], version=version)
    for rule in reversed(rules.values()):
        updates: list[bytes] = []
        if rule.place == "SSSE/EF08" and photo:
            updates = _binary(rule, photo)
        elif values := given.get(rule.place):
            empty = contents.empty_records(rule)
            rows = contents.records(rule, values)
            updates = [
                _apdu(0x00, 0xDC, at, rule.id << 3 | 0x04, row)
                for at, (row, was) in enumerate(zip(rows, empty, strict=True), 1)
                if row != was
            ]
        if updates:
            found.setdefault((rule.application, loading.write_key(rule)), []).extend(updates)
    return found


def _binary(rule: FileRule, data: bytes) -> list[bytes]:
    if len(data) > rule.size:
        raise ChipFault("chip.value_long", place=rule.place, most=rule.size, given=len(data))
    pieces = [_apdu(0x00, 0xD6, at >> 8, at & 0xFF, data[at : at + PIECE]) for at in range(0, len(data), PIECE)]
    return [_apdu(0x00, 0xA4, 0x02, 0x00, bytes((0xEF, rule.id))), *pieces]


def _account(account: Payment) -> bytes:
    data = tlv.record(PAN, bytes.fromhex(account.pan + "f" * (len(account.pan) % 2)))
    data += tlv.record(EXPIRES, bytes.fromhex(account.expires))
    return _apdu(0x80, ACCOUNT, 0, 0, data + tlv.record(HOLDER, account.name.encode("ascii", "replace")[:26]))


def _options(label: str, choices: Choices) -> bytes:
    """Whose keys, and what is chosen otherwise; the tries went before."""
    changed = {name: value for name, value in choices.changed().items() if not name.endswith("_tries")}
    return "\n".join([label, *(f"{name}={value}" for name, value in changed.items())]).encode()


def _select(name: bytes) -> bytes:
    return _apdu(0x00, 0xA4, 0x04, 0x00, name) if name else bytes.fromhex("00A4000000")


def _apdu(cla: int, ins: int, p1: int, p2: int, data: bytes) -> bytes:
    return bytes((cla, ins, p1, p2, len(data))) + data

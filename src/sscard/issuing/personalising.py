"""What the chips of a batch will hold: for each card a script that only the producer's machine can run, into one blank
card each (card.md §8; Articles 11 and 12).

The key service answers one call for a part of the batch with loading commands under a transport key that is wrapped
to the producer's receiving key. What each card's script comes to (SM3) stays here with the batch's lines: the audit
record that the finished card answers must name it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import msgspec

from sscard.cards.models import Card
from sscard.cards.pin import initial_digits
from sscard.chip.card.audit import digest
from sscard.chip.card.image import Payment
from sscard.chip.choices import Choices
from sscard.chip.codec.values import TEXT
from sscard.chip.faults import ChipFault
from sscard.chip.personal import script
from sscard.chip.personal.loading import COLLECTED, loading_for, plan, proofs
from sscard.chip.personal.making import blank_of
from sscard.chip.personal.order import Order
from sscard.chip.personal.photo import for_chip
from sscard.kernel.refusals import Fault, Refusal
from sscard.law.areas import Area
from sscard.people.models import Person

ALGORITHMS: Final = {"1.0": "3des", "2.0": "3des", "3.0": "sm4"}
"""Card version → cipher of its keys (card.md §1)."""
_ADDRESS, _PHONE, _EMPLOYER = 80, 15, 70
"""Bytes of the items 21 and 23, 28, 2E."""


@dataclass(frozen=True, slots=True)
class Line:
    """One card of a part of a batch, opened."""

    serial: int
    card: Card
    numbers: Mapping[str, str] = field(repr=False)
    person: Person = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    pan: str = field(repr=False)
    photo: bytes = field(repr=False)


class Scripts(msgspec.Struct, array_like=True, frozen=True):
    """A part of the package. `transport` is the transport key, wrapped; `cards` serial → script."""

    label: str
    transport: bytes
    cards: dict[int, script.Script]


@dataclass(frozen=True, slots=True)
class Part:
    """`raw`: `Scripts` as bytes; `digests`: serial → what the card's audit record must end with; `key_set` of all."""

    raw: bytes = field(repr=False)
    digests: Mapping[int, bytes]
    key_set: str


def algorithm_of(spec_version: str) -> str:
    """The cipher of a card's keys by its version ("3.00")."""
    return ALGORITHMS.get(spec_version[:3], "sm4")


def scripts(area: Area, batch: str, lines: Sequence[Line], receiver: bytes, on: date) -> Part:
    """The scripts of a part of a batch. Raises issuing.not_on_chip with a fault for each card whose data do not fit,
    chip.no_key_service."""
    choices = Choices(pin_tries=int(area.value("social_password_wrong_max", on)))
    rule = str(area.value("initial_password_value", on))
    version = lines[0].card.spec_version[:3]
    algorithm = script.kind(version, algorithm_of(version))
    orders = [_order(line, rule, on) for line in lines]
    wanted = plan(version, proofs(version, COLLECTED))
    service = loading_for(area.code, sandbox=area.sandbox, choices=choices)
    loaded = service.load(batch, receiver, algorithm, wanted, [blank_of(order, choices) for order in orders])
    made: dict[int, script.Script] = {}
    faults: list[Fault] = []
    for line, order, loads in zip(lines, orders, loaded.cards, strict=True):
        try:
            made[line.serial] = script.build(
                order, loads, version=version, algorithm=algorithm, label=loaded.label, plan=wanted, choices=choices
            )
        except ChipFault as fault:
            faults.append(Fault(f"card {line.serial}", fault.code, fault.facts))
    if faults:
        raise Refusal("issuing.not_on_chip", faults=faults, count=len(faults), number=batch)
    part = Scripts(loaded.label, loaded.transport, made)
    digests = {serial: digest(one.commands) for serial, one in made.items()}
    return Part(msgspec.msgpack.encode(part), digests, loaded.key_set)


def _order(line: Line, rule: str, on: date) -> Order:
    card, person, facts = line.card, line.person, line.facts
    until = card.expires_on
    payment = Payment(line.pan, f"{until:%y%m%d}" if until else "991231") if line.pan else None
    return Order(
        card_id_code=line.numbers["card_id_code"],
        card_number=line.numbers["card_number"],
        social_security_number=facts["id_number"],
        name=facts["name"],
        sex=person.sex,
        nation=person.nation,
        birth_date=person.birth_date,
        issue_date=card.issue_date or on,
        expires_on=until,
        pin=initial_digits(rule, id_number=facts["id_number"], card_number=line.numbers["card_number"]) or "",
        photo=for_chip(line.photo) if line.photo else b"",
        payment=payment,
        values=_collected(facts),
    )


def _collected(facts: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What the house collects and the public application has a place for; a long text as far as it fits."""
    items = (
        ("DF01/EF05", "household_address", "household_address", _ADDRESS),
        ("DF01/EF06", "address", "live_address", _ADDRESS),
        ("DF01/EF06", "phone", "phone", _PHONE),
        ("DF01/EF09", "employer", "employer_name", _EMPLOYER),
    )
    found: dict[str, dict[str, str]] = {}
    for place, item, name, most in items:
        if text := fitted(str(facts.get(name) or ""), most):
            found.setdefault(place, {})[item] = text
    return found


def fitted(text: str, most: int) -> str:
    """As much of a text as `most` bytes hold, never cut inside a character.

    >>> fitted("云溪市溪东区", 5), fitted("93000000007", 15)
    ('云溪', '93000000007')
    """
    while len(text.encode(TEXT)) > most:
        text = text[:-1]
    return text.rstrip()

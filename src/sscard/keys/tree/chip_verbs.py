"""Verbs for finished cards: is this the chip's own answer, and the command that opens its password again; and the terminal's
half of the keys for a PSAM. Each names its key itself, so that a caller chooses a set and never a key."""

from __future__ import annotations

from typing import Final

from sscard.keys import loads, recipes
from sscard.keys.errors import KeyFault
from sscard.keys.tree import proofs, sets
from sscard.keys.tree.verbs import MOST_KEYS, SHORT, set_for, transport, wrapped_transport
from sscard.keys.verbs import House, verb

Answers = list[tuple[bytes, bytes, bytes]]
TerminalPlan = list[tuple[str, str, int, int, int]]
SERIAL: Final = 8


@verb(by_item=True)
def chip_answers(house: House, area: str, algorithm: int, key_set: str, items: Answers) -> list[bool]:
    """[(card's factor, factor ‖ original, answer)] → [the card's own answer?]. There is no verb that makes one."""
    how, found = sets.cipher(algorithm), set_for(house, area, algorithm, key_set)
    city = found.city_key(area, proofs.IRK)
    return [
        recipes.same(proofs.answer(how, how.diversify(city, _factor(factor)), _question(question)), given)
        for factor, question, given in items
    ]


@verb()
def chip_opening(
    house: House, area: str, algorithm: int, key_set: str, factor: bytes, step: str, challenge: bytes
) -> bytes:
    """The command of a step ("puk", "counter", "empty") for one card's own challenge; good for that challenge only."""
    if step not in proofs.STEPS or len(challenge) != proofs.CHALLENGE:
        raise KeyFault("keys.chip_step")
    how, found, ref = sets.cipher(algorithm), set_for(house, area, algorithm, key_set), proofs.STEPS[step]
    city = found.city_key(area, ref, short=ref.split("/")[1].startswith(SHORT))
    return proofs.opening(how, how.diversify(city, _factor(factor)), step, challenge)


@verb()
def psam_loads(
    house: House, load: str, area: str, algorithm: int, key_set: str, receiver: bytes, number: bytes, plan: TerminalPlan
) -> tuple[bytes, list[bytes]]:
    """The transport key, wrapped, and the loading commands of one PSAM (`number`: its 8 bytes) of a city. `plan`:
    (application, key name, PSAM id, version, dispersals that a terminal expects)."""
    if len(plan) > MOST_KEYS:
        raise KeyFault("keys.too_many", most=str(MOST_KEYS))
    how, found = sets.cipher(algorithm), set_for(house, area, algorithm, key_set)
    own = loads.card_transport(how, transport(house, load, area, receiver), _factor(number))
    lines = []
    for application, name, number_there, version, levels in plan:
        ref, short = f"{application}/{name}/{version}", name.startswith(SHORT)
        left, key = found.terminal_key(area, ref, levels, short=short)
        lines.append(loads.TerminalKey(left, number_there, version, key))
    wrapped = wrapped_transport(house, load, area, algorithm, key_set, receiver)
    return wrapped, loads.terminal_commands(how, own, lines)


def _factor(factor: bytes) -> bytes:
    if len(factor) != sets.FACTOR:
        raise KeyFault("keys.tree_ref")
    return factor


def _question(question: bytes) -> bytes:
    if len(question) != 2 * proofs.CHALLENGE:
        raise KeyFault("keys.chip_step")
    return question

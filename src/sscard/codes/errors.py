"""What is wrong with a number.

    kernel.refusals.Refusal
    └── NumberFault            one number; `code` and facts are those of its first fault, `faults` lists all of them

Facts are small on purpose: a position, the character that stands there, the one expected. Never the whole number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import contains
from typing import Any

from sscard.kernel.refusals import Fault, Refusal

LONGEST_GIVEN = 20
"""Characters of a user's own text that a fault may repeat."""


class NumberFault(Refusal):
    """A number, name or code that cannot be what it should be.

    >>> fault = NumberFault("codes.id_check_digit", expected="3", given="X", position=18)
    >>> [(f.place, f.code) for f in fault.at("id_number")]
    [('id_number', 'codes.id_check_digit')]
    """

    def __init__(self, code: str, /, *, faults: Sequence[Fault] = (), **facts: Any) -> None:
        super().__init__(code, faults=tuple(faults) or (Fault("", code, facts),), **facts)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> NumberFault:
        """One refusal out of at least one fault."""
        first = faults[0]
        return cls(first.code, faults=faults, **first.facts)

    def at(self, place: str) -> tuple[Fault, ...]:
        """All faults, each put at the place (form field, column) where the number stood."""
        return tuple(Fault(place, fault.code, fault.facts) for fault in self.faults)


def raise_any(faults: Sequence[Fault]) -> None:
    """Raise one `NumberFault` with all faults, or return when there is none."""
    if faults:
        raise NumberFault.of(faults)


def passes(validate: Callable[[str], object], text: str) -> bool:
    """Whether `validate` accepts the text: the boolean twin of every validator."""
    try:
        validate(text)
    except NumberFault:
        return False
    return True


def visible(text: str) -> str:
    """Text that may be shown in a sentence: clipped, and what cannot be seen as its code point.

    >>> visible("O"), visible("\\u200b")
    ('O', 'U+200B')
    """
    clipped = text if len(text) <= LONGEST_GIVEN else text[: LONGEST_GIVEN - 1] + "…"
    return "".join(char if char.isprintable() and char != " " else f"U+{ord(char):04X}" for char in clipped)


def bad_characters(number: str, allowed: Sequence[str], code: str) -> list[Fault]:
    """One fault per character that is not among those allowed at its position (counted from 1)."""
    if all(map(contains, allowed, number)):
        return []
    return [
        Fault("", code, {"position": index, "given": visible(char)})
        for index, (char, here) in enumerate(zip(number, allowed, strict=True), start=1)
        if char not in here
    ]

"""One card on the test bench, and the register of items.

An item is a function that uses the card and returns when it is right, with what the report shall say of it or nothing, or
raises `Failed` with what it saw. Each begins with a card just reset, so the order of items does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sscard.chip.card.messaging import MAC_BYTES
from sscard.chip.card.pins import packed
from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.conformance.lists import FIRST
from sscard.chip.faults import meaning
from sscard.chip.files.table import VERSIONS, FileRule, files
from sscard.chip.psam.client import PsamClient
from sscard.chip.reader.terminal import Answer, Terminal
from sscard.chip.reader.transport import Transport

OPTIONAL = frozenset({"DF06"})
"""Applications that a card may lack (V2 appendix B); of the two advised there LD/T 6001.3 has items for DF05."""
ADVISED = frozenset({"DF05", "DF06"})
"""Their items came with the second list."""
LEAST_DIGITS, MOST_DIGITS = 4, 16
"""Of a password (S5 6.3)."""


class Failed(Exception):
    """The card is not as the item wants it."""


@dataclass(frozen=True, slots=True)
class Item:
    """`destructive`: the card is used up by it (blocked, records pushed out). `unless`: the choice, name and value, under
    which a card has not what the item is about; the item then looks only whether it is really absent."""

    code: str
    zh: str
    en: str
    clause: str
    check: Callable[[Bench], str | None]
    versions: tuple[str, ...] = VERSIONS
    destructive: bool = False
    needs_foreign: bool = False
    unless: tuple[str, str] | None = None
    since: int = FIRST
    """Number of the list with which it came (`lists`)."""

    def left_out_by(self, choices: Mapping[str, Any]) -> str:
        """The choice (name → value) that makes the item not applicable, as text; "" where it applies."""
        if self.unless is None or choices.get(self.unless[0]) != self.unless[1]:
            return ""
        return " = ".join(self.unless)


ITEMS: Final[list[Item]] = []


def item(
    code: str, zh: str, en: str, clause: str, *, versions: tuple[str, ...] = VERSIONS, destructive: bool = False,
    needs_foreign: bool = False, unless: tuple[str, str] | None = None, since: int = FIRST,
) -> Callable[[Callable[[Bench], str | None]], Callable[[Bench], str | None]]:  # fmt: skip
    """Registers a check under its code."""

    def register(check: Callable[[Bench], str | None]) -> Callable[[Bench], str | None]:
        ITEMS.append(Item(code, zh, en, clause, check, versions, destructive, needs_foreign, unless, since))
        return check

    return register


@dataclass(slots=True)
class Bench:
    """`foreign`: the PSAM of another area, for the universality test."""

    card: Transport
    psam: PsamClient
    digits: str = field(repr=False)
    choices: Choices = DEFAULT
    foreign: PsamClient | None = None
    destructive: bool = False
    version: str = ""

    def start(self, psam: PsamClient | None = None) -> Terminal:
        """The card after a reset, SSSE selected, version and area known."""
        self.card.reset()
        terminal = self.terminal(psam)
        terminal.open()
        return terminal

    def terminal(self, psam: PsamClient | None = None) -> Terminal:
        """One that goes by the card's choices; nothing is selected yet."""
        return Terminal(self.card, psam or self.psam, self.choices.factor3, self.choices.version_default)

    @property
    def pin(self) -> bytes:
        return packed(self.digits)

    @property
    def wrong_pin(self) -> bytes:
        return packed("".join(str((int(digit) + 5) % 10) for digit in self.digits))

    @property
    def near_pins(self) -> dict[str, bytes]:
        """Wrong passwords that are almost right, by what is wrong with them: one digit, digits more, digits less."""
        right = self.digits
        found = {
            f"digit {at + 1} another": right[:at] + str((int(one) + 1) % 10) + right[at + 1 :]
            for at, one in enumerate(right)
        }
        found |= {f"digits more: {more}": right + "0" * more for more in (1, 2) if len(right) + more <= MOST_DIGITS}
        found |= {f"digits less: {less}": right[:-less] for less in (1, 2) if len(right) - less >= LEAST_DIGITS}
        return {what: packed(digits) for what, digits in found.items()}

    def files(self, application: str) -> list[FileRule]:
        """Those that a card of this version must have."""
        return [one for one in files(self.version, self.choices) if one.application == application]

    def enter(self, terminal: Terminal, application: str) -> None:
        expect(f"SELECT {application}", terminal.select_application(application))

    def lacks(self, application: str) -> str:
        """The words of the report where the card is without an optional application; "" where it has it."""
        if application not in OPTIONAL or self.start().select_application(application).sw != 0x6A82:
            return ""
        return f"the card is without {application}, which is optional"

    def prove(self, terminal: Terminal, application: str, names: frozenset[str]) -> None:
        """Reach conditions of an access rule: the password, keys of the application."""
        for name in sorted(names):
            if name == "PIN":
                expect("VERIFY", terminal.verify(self.pin))
            else:
                expect(f"EXTERNAL AUTHENTICATE {name}", terminal.authenticate(application, name))


def expect(what: str, answer: Answer, *wanted: int) -> bytes:
    """The data of an answer whose status word is one of those wanted (9000 when none is named)."""
    if answer.sw not in (wanted or (0x9000,)):
        right = " / ".join(f"{sw:04X}" for sw in wanted or (0x9000,))
        raise Failed(f"{what}: {answer.sw:04X} ({meaning(answer.sw)}), expected {right}")
    return answer.data


def refuses_wrong_macs(what: str, terminal: Terminal, ready: Callable[[], bytes]) -> None:
    """`ready` proves what must be proved and makes the command with its MAC, for a fresh challenge each time."""
    for at in range(1, MAC_BYTES + 1):
        raw = bytearray(ready())
        raw[-at] ^= 0x01
        expect(f"{what} with one bit of its MAC changed", terminal.exchange(bytes(raw)), 0x6988)
    expect(f"{what} with a MAC of zeros", terminal.exchange(ready()[:-MAC_BYTES] + bytes(MAC_BYTES)), 0x6988)


def ensure(holds: bool, what: str) -> None:
    if not holds:
        raise Failed(what)

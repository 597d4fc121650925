"""The port to the key service: personalisation asks for the keys of many cards in one call and gets loading commands.

`LoadingKeys` is what a key service offers; what its answers look like, byte by byte, stands in `sscard.keys.loads`. No
clear key is ever in the answer: the producer carries commands that only its HSM's transport key can open, and only in
the card they are meant for.

    wanted = plan(version, proofs(version, COLLECTED))
    loaded = loading_for(area, sandbox=…).load(batch, producer_public, algorithm, wanted, blanks)

`TestLoading` is the key service of sandbox areas, over test keys that anybody can compute. A real area's place is
filled by `app` (`offered`); until then it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final, Protocol

from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import cipher
from sscard.chip.crypto.tree import TestKeys, dispersed
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import FileRule, KeyRule, applications_of, files, key_rules
from sscard.keys import recipes
from sscard.keys.loads import Blank, Loaded, Slot, Usage, commands, fresh_transport

MASTER: Final = "MK"
MASTER_ID: Final = 0x0F
CARD: Final = "MF"
"""Application and id of the card's own master key; each application has one under its own name."""
PIN_ID: Final = 0x10
COLLECTED: Final = ("DF01/EF05", "DF01/EF06", "DF01/EF09")
"""Files beyond those of SSSE that hold what the house collects of a person."""


class LoadingKeys(Protocol):
    """`label` tells in every report whose keys these are."""

    @property
    def label(self) -> str: ...

    def load(
        self, batch: str, receiver: bytes, algorithm: int, plan: Sequence[Slot], blanks: Sequence[Blank]
    ) -> Loaded:
        """Loading commands for blank cards of one area in one batch. `receiver`: SM2 public key (64 bytes) of the HSM
        that opens the transport key."""


def write_key(rule: FileRule) -> str:
    """The one key under which a file is written while a card is personalised. Raises chip.not_written for files that
    the card alone writes."""
    found = [name for way in rule.write.ways if len(way) == 1 for name in way if name.startswith("UK")]
    if not found:
        raise ChipFault("chip.not_written", place=rule.place)
    return found[0]


@cache
def proofs(version: str, filled: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(application, key) under which these files are written, in the order of writing; SSSE, with EF06 and EF05, comes
    last."""
    rules = [rule for rule in files(version) if rule.place in filled and rule.application != "SSSE"]
    return (*dict.fromkeys((rule.application, write_key(rule)) for rule in rules), ("SSSE", "UKSSSE"))


@cache
def plan(version: str, proved: tuple[tuple[str, str], ...]) -> tuple[Slot, ...]:
    """What is loaded into a card of this version, in the order in which it is: application by application its keys and
    its master key, then password, card's master key, and the challenges for writing the personal data."""
    slots = []
    there = [one.name for one in applications_of(version)]
    for application in there:
        for rule in key_rules().values():
            if rule.application == application:
                slots += [Slot(Usage.KEY, application, rule.name, rule.id, n) for n in range(1, rule.versions + 1)]
        slots.append(Slot(Usage.MASTER, application, MASTER, MASTER_ID))
    slots.append(Slot(Usage.PIN, "SSSE", "PIN", PIN_ID))
    slots.append(Slot(Usage.MASTER, CARD, MASTER, MASTER_ID))
    for application, name in proved:
        slots.append(Slot(Usage.CHALLENGE, application, name, key_rules()[application, name].id))
    return tuple(slots)


class TestLoading:
    """Loading commands with test keys: for sandbox areas and tests."""

    __test__ = False

    def __init__(self, source: TestKeys | None = None, choices: Choices = DEFAULT) -> None:
        self.source = source or TestKeys(choices=choices)

    @property
    def label(self) -> str:
        return self.source.label

    def load(
        self, batch: str, receiver: bytes, algorithm: int, plan: Sequence[Slot], blanks: Sequence[Blank]
    ) -> Loaded:
        if len({blank.area for blank in blanks}) > 1:
            raise ValueError("one area at a time")
        transport = fresh_transport()
        area = blanks[0].area if blanks else ""
        city = [b"" if slot.usage == Usage.PIN else _city_key(self.source, slot, area, algorithm) for slot in plan]
        return Loaded(
            recipes.sm2_encrypt(receiver, transport),
            commands(cipher(algorithm), transport, plan, city, blanks),
            self.label,
        )


@lru_cache(maxsize=2048)
def _city_key(source: TestKeys, slot: Slot, area: str, algorithm: int) -> bytes:
    """The key at the city's level."""
    rule = key_rules().get((slot.application, slot.name)) or KeyRule(
        slot.application, slot.name, slot.id, 0, 1, "city", False
    )
    key = source.terminal_key(rule, slot.version, area, algorithm)
    if rule.dispersals == 1:
        return key
    return dispersed(cipher(algorithm), key, (factors.province(area), factors.city(area)))


def _nobody(area: str) -> LoadingKeys:
    raise ChipFault("chip.no_key_service", area=area)


offered: Callable[[str], LoadingKeys] = _nobody
"""Area code → the key service of an area that is no sandbox. Filled by `app`."""


def loading_for(area: str, *, sandbox: bool, choices: Choices = DEFAULT) -> LoadingKeys:
    """Raises chip.no_key_service for an area whose keys nobody holds."""
    return TestLoading(choices=choices) if sandbox else offered(area)


__all__ = ["Blank", "Loaded", "LoadingKeys", "Slot", "TestLoading", "Usage", "loading_for", "plan", "proofs"]

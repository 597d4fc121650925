"""What can be wrong with a card, its data, or what it answers.

kernel.refusals.Refusal
└── ChipFault              data that cannot be encoded or decoded; the only thing that codecs raise
    └── StatusRefused      a card answered another status word than the one wanted: carries and explains it
"""

from __future__ import annotations

from typing import Any

from sscard.kernel.refusals import Refusal

MEANINGS: dict[int, str] = {
    0x6581: "memory", 0x6700: "length", 0x6901: "state", 0x6981: "structure", 0x6982: "security", 0x6983: "blocked",
    0x6984: "challenge", 0x6985: "conditions", 0x6986: "no_file", 0x6988: "mac", 0x6A80: "data", 0x6A81: "function",
    0x6A82: "file", 0x6A83: "record", 0x6A84: "space", 0x6A85: "tlv", 0x6A86: "p1p2", 0x6A88: "key", 0x6B00: "offset",
    0x6D00: "instruction", 0x6E00: "class", 0x6F00: "unknown", 0x9302: "mac", 0x9303: "application_blocked",
    0x9401: "amount", 0x9402: "counter", 0x9403: "key", 0x9406: "proof",
}  # fmt: skip
"""Status words of the standard (S5 table 5) → what they say."""


class ChipFault(Refusal):
    """A value, record, command or answer that is not what it should be. Facts hold places and lengths, never values."""


class StatusRefused(ChipFault):
    """The card's answer to a command. `sw` is the status word, `wanted` what would have been right."""

    def __init__(self, what: str, sw: int, wanted: int = 0x9000) -> None:
        super().__init__("chip.status", what=what, sw=f"{sw:04X}", wanted=f"{wanted:04X}", meaning=meaning(sw))
        self.sw = sw


def meaning(sw: int, **_: Any) -> str:
    """One word for a status word; counters and lengths have their own.

    >>> meaning(0x6982), meaning(0x63C4), meaning(0x6C12), meaning(0x9000)
    ('security', 'tries_left', 'exact_length', 'done')
    """
    if sw == 0x9000:
        return "done"
    if sw & 0xFFF0 == 0x63C0:
        return "tries_left"
    return {0x6C: "exact_length", 0x61: "more_data"}.get(sw >> 8, MEANINGS.get(sw, "unknown"))

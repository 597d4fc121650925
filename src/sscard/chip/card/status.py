"""Status words as the engine raises them (S5 table 5)."""

from __future__ import annotations

from typing import Final

DONE: Final = 0x9000
LENGTH: Final = 0x6700
STATE: Final = 0x6901
STRUCTURE: Final = 0x6981
SECURITY: Final = 0x6982
BLOCKED: Final = 0x6983
NO_CHALLENGE: Final = 0x6984
CONDITIONS: Final = 0x6985
NO_FILE: Final = 0x6986
MAC_WRONG: Final = 0x6988
DATA: Final = 0x6A80
UNSUPPORTED: Final = 0x6A81
FILE_MISSING: Final = 0x6A82
RECORD_MISSING: Final = 0x6A83
NO_SPACE: Final = 0x6A84
TLV_WRONG: Final = 0x6A85
P1P2: Final = 0x6A86
KEY_MISSING: Final = 0x6A88
OFFSET: Final = 0x6B00
INSTRUCTION: Final = 0x6D00
CLASS: Final = 0x6E00
PURSE_MAC: Final = 0x9302
APPLICATION_BLOCKED: Final = 0x9303
AMOUNT: Final = 0x9401
COUNTER: Final = 0x9402
KEY_INDEX: Final = 0x9403
PROOF: Final = 0x9406


class Status(Exception):
    """The card refuses with this status word; nothing has changed but what must count."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


def tries(left: int) -> Status:
    return Status(0x63C0 | min(left, 0x0F))

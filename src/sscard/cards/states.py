"""The two life cycles of a card, as tables of (state, act, guard, next, clause) from regulations.md §3.

A guard is the name of a fact that must be true; `next_state` is told the facts and decides nothing else. Several
rows for the same state and act are alternatives: the first whose guard holds is taken. Expiry is no state but a test
of the date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Row:
    """`guard` "" means: whenever the act is allowed at all. `clause`: id in law's register, or "" for internal
    order."""

    state: str
    act: str
    guard: str
    next: str
    clause: str


@dataclass(frozen=True, slots=True)
class StateTable:
    """`side` names the field; `start` is where a card begins; states in `ends` are never left."""

    side: str
    start: str
    states: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def acts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.act for row in self.rows))

    @property
    def ends(self) -> frozenset[str]:
        return frozenset(self.states) - {row.state for row in self.rows}


_PRODUCTION_ROWS = """
    applied        check          data_complete         checked         M47-6
    applied        withdraw       -                     withdrawn       -
    checked        open_account   account_number_known  account_opened  N83-2
    checked        order          without_bank          in_production   M47-12
    checked        send_back      reason_given          applied         M47-6
    checked        withdraw       -                     withdrawn       -
    account_opened order          -                     in_production   M47-12
    account_opened withdraw       -                     withdrawn       -
    in_production  make           quality_passed        made            M47-11
    in_production  fail_quality   reason_given          quality_failed  M47-11
    in_production  spoil          -                     spoiled         M47-11
    in_production  miss           -                     missing         M47-11
    quality_failed order          new_identification    in_production   M47-12
    quality_failed destroy        two_persons           destroyed       M47-19
    spoiled        order          new_identification    in_production   M47-12
    spoiled        destroy        two_persons           destroyed       M47-19
    made           send           -                     in_transit      M47-13
    made           stock          counted               outlet_stock    M47-13
    made           miss           -                     missing         M47-13
    made           destroy        two_persons           destroyed       M47-19
    in_transit     receive        counted               outlet_stock    M47-13
    in_transit     miss           -                     missing         M47-13
    outlet_stock   send           -                     in_transit      M47-13
    outlet_stock   hand_over      collector_identified  handed_out      M47-13
    outlet_stock   miss           -                     missing         M47-13
    outlet_stock   destroy        two_persons           destroyed       M47-19
    missing        find           counted               outlet_stock    M47-13
    missing        write_off      two_persons           written_off     M47-19
    handed_out     destroy        two_persons           destroyed       M47-19
"""

_SOCIAL_ROWS = """
    sealed         enable         handed_out            normal          QAM-1
    sealed         report_temp    -                     temp_loss       LOCAL-LOSS
    sealed         report_formal  -                     formal_loss     LOCAL-LOSS
    sealed         cancel         nothing_open          cancelled       M47-19
    normal         lock           tries_used_up         locked          LOCAL-LOCK
    normal         report_temp    -                     temp_loss       LOCAL-LOSS
    normal         report_formal  -                     formal_loss     LOCAL-LOSS
    normal         cancel         nothing_open          cancelled       M47-19
    locked         unlock         id_and_card           normal          LOCAL-LOCK
    locked         report_temp    -                     temp_loss       LOCAL-LOSS
    locked         report_formal  -                     formal_loss     LOCAL-LOSS
    locked         cancel         nothing_open          cancelled       M47-19
    temp_loss      release        was_sealed            sealed          LOCAL-LOSS
    temp_loss      release        was_locked            locked          LOCAL-LOSS
    temp_loss      release        was_normal            normal          LOCAL-LOSS
    temp_loss      report_formal  -                     formal_loss     LOCAL-LOSS
    temp_loss      cancel         nothing_open          cancelled       M47-19
    formal_loss    revoke         revocable_to_sealed   sealed          LOCAL-LOSS
    formal_loss    revoke         revocable_to_locked   locked          LOCAL-LOSS
    formal_loss    revoke         revocable_to_normal   normal          LOCAL-LOSS
    formal_loss    cancel         -                     cancelled       M47-19
"""


def _rows(text: str) -> tuple[Row, ...]:
    lines = (line.split() for line in text.strip().splitlines())
    return tuple(Row(*("" if part == "-" else part for part in line)) for line in lines)


PRODUCTION: Final = StateTable(
    "production",
    "applied",
    (
        "applied", "checked", "account_opened", "in_production", "quality_failed", "made", "spoiled", "missing",
        "in_transit", "outlet_stock", "handed_out", "destroyed", "written_off", "withdrawn",
    ),
    _rows(_PRODUCTION_ROWS),
)  # fmt: skip

SOCIAL: Final = StateTable(
    "social",
    "sealed",
    ("sealed", "normal", "locked", "temp_loss", "formal_loss", "cancelled"),
    _rows(_SOCIAL_ROWS),
)

TABLES: Final[Mapping[str, StateTable]] = MappingProxyType({"production": PRODUCTION, "social": SOCIAL})
USABLE_BY_ITS_HOLDER: Final = "handed_out"
"""Before hand-over nothing on a card can be used (regulations.md §3.1)."""


def next_state(table: StateTable, state: str, act: str, facts: Mapping[str, bool]) -> str | Refusal:
    """The state after the act, or the refusal to raise. The refusal names the state the card is in and what to do next
    (`cards.<side>_<state>`), or the guard that does not hold (`cards.guard_<guard>`). Unknown names are a programmer's
    error.
    """
    if state not in table.states or act not in table.acts:
        raise KeyError(f"{table.side} knows no {state} × {act}")
    rows = [row for row in table.rows if (row.state, row.act) == (state, act)]
    if not rows:
        if table is SOCIAL:
            return Refusal(f"cards.social_{state}", act=act, state=state)
        return Refusal(f"cards.production_{state}", act=act, state=state)
    for row in rows:
        if not row.guard or facts.get(row.guard, False):
            return row.next
    return Refusal(f"cards.guard_{rows[0].guard}", act=act, state=state)


def expired(expires_on: date | None, on: date) -> bool:
    """The day printed on the card is its last good day. Whether an expired card's social side still works is the area's
    rule (`expired_social_function_works`)."""
    return expires_on is not None and on > expires_on

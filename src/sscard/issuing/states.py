"""Life cycles of application and batch as tables: read by the acts, the tests, the manual and the pages alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Step:
    """In state `was`, this act leads to `became`. `clause` is its basis in law's register, or ""."""

    was: str
    act: str
    became: str
    clause: str = ""


APPLICATION: Final = (
    Step("", "issuing.apply", "applied", "M47-5"),
    Step("applied", "issuing.check", "checked", "M47-6"),
    Step("applied", "issuing.return_application", "returned", "M47-6"),
    Step("applied", "issuing.withdraw", "withdrawn"),
    Step("checked", "issuing.withdraw", "withdrawn"),
    Step("checked", "issuing.make_batch", "in_batch", "M47-10"),
    Step("in_batch", "issuing.dissolve_batch", "checked"),
    Step("in_batch", "issuing.refuse_account", "bank_refused", "N83-2"),
    Step("bank_refused", "issuing.withdraw", "withdrawn"),
    Step("in_batch", "issuing.card_good", "made", "M47-11"),
    Step("in_batch", "issuing.card_spoiled", "checked", "M47-11"),
    Step("in_batch", "issuing.card_missing", "card_missing", "M47-11"),
    Step("made", "issuing.card_missing", "card_missing", "M47-13"),
    Step("card_missing", "issuing.find_card", "made", "M47-13"),
    Step("card_missing", "issuing.write_off", "withdrawn", "M47-19"),
    Step("made", "issuing.hand_over", "done", "M47-13"),
    Step("made", "issuing.destroy", "withdrawn", "M47-19"),
)
"""A spoiled card is made again: its application waits for the next batch and keeps card, account and place in the
queue."""

BATCH: Final = (
    Step("", "issuing.make_batch", "gathered", "M47-10"),
    Step("gathered", "issuing.accounts_known", "accounted"),
    Step("gathered", "issuing.write_account_file", "asked"),
    Step("asked", "issuing.write_account_file", "asked"),
    Step("asked", "issuing.read_account_answer", "accounted"),
    Step("accounted", "issuing.release_batch", "released", "M47-11"),
    Step("released", "issuing.take_package", "released", "M47-11"),
    Step("released", "issuing.receive_return", "returned", "M47-11"),
    Step("released", "issuing.recall_batch", "recalled", "M47-11"),
    Step("gathered", "issuing.dissolve_batch", "dissolved"),
    Step("asked", "issuing.dissolve_batch", "dissolved"),
    Step("accounted", "issuing.dissolve_batch", "dissolved"),
    Step("returned", "issuing.receive_shipment", "returned", "M47-11"),
    Step("returned", "issuing.last_box", "received", "M47-11"),
)
"""A batch stays "returned" until the last of the producer's boxes is in."""

APPLICATION_LIVE: Final = ("applied", "checked", "in_batch", "bank_refused", "made", "card_missing")
"""While one of these holds, the person cannot apply again."""
APPLICATION_CHECKED: Final = ("checked", "in_batch", "bank_refused", "made", "card_missing", "done")
"""States that nobody reaches without a second person."""
BATCH_COUNTED: Final = ("returned", "recalled", "received")
"""From here on every ordered card is good, spoiled or missing."""


def after(table: tuple[Step, ...], was: str, act: str, refusal: str) -> str:
    """The state that the act leads to; else refuses under the given code, telling the state and what comes next."""
    for step in table:
        if step.was == was and step.act == act:
            return step.became
    raise Refusal(refusal, state=was, state_zh=said(table, was, "zh"), state_en=said(table, was, "en"))


def said(table: tuple[Step, ...], state: str, lang: str) -> str:
    """The state's name as people read it."""
    from sscard.kernel import words

    kind = "application" if table is APPLICATION else "batch"
    return words.text("state", f"issuing.{kind}.{state}", lang) if state else ""


def next_acts(table: tuple[Step, ...], state: str) -> tuple[str, ...]:
    """What can be done in a state."""
    return tuple(step.act for step in table if step.was == state)

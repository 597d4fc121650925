"""Opening the savings function as a table: the seven steps of document 004, in its order (ACT-6).

Each row: at this stage, this act, if its guard lets it, leads to that stage; `step` is the document's own number. The
act, the pages, the story and the tests read the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sscard.kernel.refusals import Refusal


class Stage(StrEnum):
    PAPERS = "PAPERS"
    """The applicant has been told which papers are needed, which not and why (step 1)."""
    BANK = "BANK"
    """He has chosen among the area's banks and their functions (step 2)."""
    CHANNEL = "CHANNEL"
    """He has chosen counter or terminal, and where (step 3)."""
    FORM = "FORM"
    """The form is complete (step 4)."""
    IDENTIFIED = "IDENTIFIED"
    """He stood there with original ID card and card, and they are his (step 5)."""
    AGREED = "AGREED"
    """Both have signed, as a file or on paper (step 6)."""
    OPEN = "OPEN"
    """The card is back in his hand with the savings function on it and a printed guide (step 7)."""
    WITHDRAWN = "WITHDRAWN"


OVER = (Stage.OPEN, Stage.WITHDRAWN)
STEPS, OWN_STEPS = 7, 4
"""Of the seven, the first four are the applicant's; the others happen at the bank."""


@dataclass(frozen=True, slots=True)
class Step:
    stage: Stage | None
    act: str
    guard: str
    becomes: Stage
    step: int
    clause: str = ""


TABLE: tuple[Step, ...] = (
    Step(None, "bank.savings_begin", "may_begin", Stage.PAPERS, 1),
    Step(Stage.PAPERS, "bank.savings_choose", "choice_faults", Stage.BANK, 2),
    Step(Stage.BANK, "bank.savings_choose", "choice_faults", Stage.BANK, 2),
    Step(Stage.BANK, "bank.savings_where", "channel_faults", Stage.CHANNEL, 3),
    Step(Stage.CHANNEL, "bank.savings_where", "channel_faults", Stage.CHANNEL, 3),
    Step(Stage.CHANNEL, "bank.savings_form", "form_faults", Stage.FORM, 4),
    Step(Stage.FORM, "bank.savings_form", "form_faults", Stage.FORM, 4),
    # What was said before may be put right until both have signed; the stage stays, the steps between stay done.
    Step(Stage.CHANNEL, "bank.savings_choose", "choice_faults", Stage.CHANNEL, 2),
    Step(Stage.FORM, "bank.savings_choose", "choice_faults", Stage.FORM, 2),
    Step(Stage.FORM, "bank.savings_where", "channel_faults", Stage.FORM, 3),
    Step(Stage.IDENTIFIED, "bank.savings_choose", "choice_faults", Stage.IDENTIFIED, 2),
    Step(Stage.IDENTIFIED, "bank.savings_form", "form_faults", Stage.IDENTIFIED, 4),
    Step(Stage.FORM, "bank.savings_identify", "identity_faults", Stage.IDENTIFIED, 5),
    Step(Stage.IDENTIFIED, "bank.savings_identify", "identity_faults", Stage.IDENTIFIED, 5),
    Step(Stage.IDENTIFIED, "bank.savings_agree", "agreement_faults", Stage.IDENTIFIED, 6, "ESL-3"),
    Step(Stage.IDENTIFIED, "bank.savings_sign", "agreement_faults", Stage.AGREED, 6, "ESL-3"),
    Step(Stage.IDENTIFIED, "bank.savings_paper", "agreement_faults", Stage.AGREED, 6, "ESL-3"),
    Step(Stage.AGREED, "bank.savings_hand_over", "agreement_is_kept", Stage.OPEN, 7),
    *(
        Step(stage, "bank.savings_withdraw", "", Stage.WITHDRAWN, 0)
        for stage in Stage
        if stage not in (*OVER, Stage.AGREED)
    ),
)  # fmt: skip


def after(stage: Stage | None, act: str) -> Step:
    """The row for this act at this stage; "bank.savings_order" when it is not its turn."""
    for row in TABLE:
        if (row.stage, row.act) == (stage, act):
            return row
    if stage in OVER:
        raise Refusal("bank.savings_over")
    if stage is Stage.AGREED and any(row.act == act and row.step < step_done(stage) for row in TABLE):
        raise Refusal("bank.savings_signed")
    raise Refusal("bank.savings_order", step=step_due(stage))


def step_done(stage: Stage) -> int:
    """How many of the seven steps are behind the applicant."""
    return max((row.step for row in TABLE if row.becomes is stage), default=0) if stage is not Stage.IDENTIFIED else 5


def correctable(stage: Stage) -> tuple[int, ...]:
    """The applicant's own steps that are done and may still be put right, in their order."""
    rows = (row for row in TABLE if row.stage is stage and row.becomes is stage and row.step)
    return tuple(sorted({row.step for row in rows if row.step <= OWN_STEPS}))


def corrects(row: Step) -> bool:
    """Does this row put an earlier step right, without leading back to it?"""
    return row.stage is not None and row.stage is row.becomes and 0 < row.step < step_done(row.stage)


def step_due(stage: Stage | None) -> int:
    """The number of the step that comes next; 0 when none does."""
    if stage is None:
        return 1
    return 0 if stage in OVER else step_done(stage) + 1

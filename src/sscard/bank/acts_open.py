"""The act that opens accounts from the bureau's file (banking.md §1 rows 3 and 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sscard.bank.opening import OpeningLine, open_many
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class OpenAccounts:
    """One piece of an opening file. Sending it again under the same key gives the first answer; under another key the
    accounts that are there are named again ("already")."""

    bank: str
    file: str
    lines: tuple[OpeningLine, ...]


@act("bank.open_accounts", right="bank.open_accounts", clause="M47-5")
def open_accounts(inside: Inside, request: OpenAccounts) -> dict[str, Any]:
    """Accounts in status NOT_ACTIVATED: numbers exist, money comes in, nothing goes out. Full numbers leave by the
    answer file only, so the stored answer has masks."""
    if request.bank != inside.caller.bank:
        raise Refusal("bank.other_banks_file")
    bank = inside.area.bank(request.bank, inside.today)
    results = open_many(inside, bank, f"file:{request.file}", request.lines)
    opened = sum(one["result"] == "opened" for one in results)
    inside.object = f"opening_file:{request.file}"[:120]
    inside.detail |= {"lines": len(results), "opened": opened}
    if opened:
        inside.emit("bank.accounts_opened", {"file": request.file, "bank": request.bank, "opened": opened})
    return {"file": request.file, "opened": opened, "lines": results}

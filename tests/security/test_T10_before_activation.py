"""T10: before activation money comes in only, whatever the channel; the rule stands in the ledger, not in the channels."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as kit  # isort: skip
import life_kit as life  # isort: skip
import savings_kit  # isort: skip

pytestmark = [pytest.mark.usefixtures("house")]


def requests(holder: kit.Holder) -> list[tuple[str, Any, Any]]:
    """(act, caller, request) of everything that takes money or asks about it, in every channel."""
    from sscard.bank.acts import Balance, Statement, Withdraw
    from sscard.bank.savings.statement import MATTER as STATEMENT

    other = kit.opened(kit.person())
    teller, kiosk = kit.caller("teller", bank="CCB"), kit.caller("terminal", bank="CCB")
    found: list[tuple[str, Any, Any]] = []
    for who in (teller, kiosk):
        found += [
            ("bank.withdraw", who, Withdraw(holder.account, uuid.uuid4(), 100)),
            ("bank.balance", who, Balance(holder.account, uuid.uuid4())),
            ("bank.transfer", who, savings_kit.request(holder, other, 100, session=uuid.uuid4())),
        ]
    found.append((STATEMENT, kiosk, Statement(holder.account, uuid.uuid4())))
    found.append(("bank.transfer", savings_kit.customer(holder), savings_kit.request(holder, other, 100)))
    return found


@pytest.mark.row("ACT-2", part="counter, kiosk, on-line")
def test_every_channel_says_the_same_and_money_comes_in() -> None:
    holder = kit.opened(kit.person())
    kit.pay_in(holder, 10_000)
    for name, who, request in requests(holder):
        refusal = kit.refused(lambda name=name, who=who, request=request: kit.perform(who, name, request))
        assert refusal.code == "bank.asleep", (name, who.name)
    assert kit.balance_of(holder) == 10_000


@pytest.mark.parametrize("restriction", ["", "LOST", "DEBIT_FREEZE", "CREDIT_FREEZE", "FULL_FREEZE", "DECEASED"])
def test_the_ledger_itself_lets_nothing_out_of_a_sleeping_account(restriction: str) -> None:
    """Whatever a channel forgot: the account's own mask refuses each kind, held money too."""
    from sscard.kernel import clock
    from sscard.ledger import accounts, posting
    from sscard.ledger.permits import EVERYTHING, INTERNAL, Permit

    holder = kit.opened(kit.person())
    kit.pay_in(holder, 10_000)
    if restriction == "LOST":
        life.report_lost(holder)
    elif restriction == "DECEASED":
        from test_life_closing import report_death

        report_death(holder)
    elif restriction:
        life.freeze(holder, restriction)
    now, today = clock.now(holder.area), clock.today(holder.area)
    kinds = [one for one in Permit if one in EVERYTHING and one is not Permit.CREDIT]
    with kit.in_bank(holder):
        cash = posting.Side(*accounts.internal("bank:CCB", "cash.counter", holder.account, now=now), INTERNAL)
        items = []
        for n, kind in enumerate(kinds):
            own = posting.Side(holder.person_id, holder.account, kind)
            for action in (posting.Action.POST, posting.Action.HOLD):
                more: dict[str, Any] = {}
                if action == "hold":
                    more = {"hold": uuid.uuid4(), "expires_at": now + timedelta(days=1)}
                items.append(
                    posting.Item(
                        uuid.uuid4(), f"{n}{action}", b"t" * 32, "try", own, cash, 1, today, action=action, **more
                    )
                )
        found = posting.decide(items, posted_at=now, wait=True)
    assert {one.status for one in found} == {"not_permitted"}
    assert len(found) == 2 * len(kinds)


def test_after_activation_the_same_requests_open() -> None:
    holder, counter = kit.activated(kit.opened(kit.person())), kit.Terminal()
    kit.pay_in(holder, 10_000)
    from sscard.bank.acts import Withdraw

    session = counter.present("bank.withdraw", holder)
    kit.perform(counter.caller, "bank.withdraw", Withdraw(holder.account, session, 100))
    savings_kit.send(holder, kit.opened(kit.person()), 100)
    assert kit.balance_of(holder) == 9_800

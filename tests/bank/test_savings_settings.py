"""Own settings: effective is the lower limit and both switches; looser needs the second factor; each a recorded act."""

from __future__ import annotations

from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings

pytestmark = pytest.mark.usefixtures("house")


def put(holder: kit.Holder, limits: dict[str, int] | None = None, *, who: Any = None, **more: Any) -> Any:
    return kit.perform(who or savings.customer(holder), "bank.settings", wanted(holder, limits, **more))


def wanted(holder: kit.Holder, limits: dict[str, int] | None = None, **more: Any) -> Any:
    from sscard.bank.acts import OwnLimit, SetSettings

    return SetSettings(holder.account, tuple(OwnLimit(name, fen) for name, fen in (limits or {}).items()), **more)


def test_own_limits_of_one_operation_and_of_the_day_hold() -> None:
    payer, payee = savings.rich(50_000), savings.rich(0)
    put(payer, {"transfer_operation": 2_000, "transfer_day": 3_000})
    told = kit.refused(lambda: savings.send(payer, payee, 2_001))
    assert (told.code, told.facts["period"]) == ("ledger.limit", "operation")
    savings.send(payer, payee, 2_000)
    told = kit.refused(lambda: savings.send(payer, payee, 1_001))
    assert (told.code, told.facts["period"]) == ("ledger.limit", "day")
    savings.send(payer, payee, 1_000)


def test_looser_on_line_needs_the_second_factor_stricter_does_not() -> None:
    holder = savings.rich()
    put(holder, {"transfer_day": 5_000}, channels_off=("kiosk",))
    for limits, off in (({"transfer_day": 5_001}, ("kiosk",)), ({}, ("kiosk",)), ({"transfer_day": 5_000}, ())):
        refusal = kit.refused(lambda limits=limits, off=off: put(holder, limits, channels_off=off))
        assert refusal.code == "bank.step_up_settings"
    put(holder, {"transfer_day": 4_000}, channels_off=("kiosk", "till"))
    who = savings.proved(holder, wanted(holder, {"transfer_day": 6_000}))
    assert kit.refused(lambda: put(holder, {}, who=who)).code == "bank.step_up_settings", "given for another change"
    put(holder, {"transfer_day": 6_000}, who=who)
    put(holder, {"transfer_day": 4_000})
    told = kit.refused(lambda: put(holder, {"transfer_day": 6_000}, who=who))
    assert told.code == "bank.step_up_settings", "it has served"
    put(holder, {}, who=savings.proved(holder, wanted(holder)))


def test_a_closed_channel_is_closed_there_and_opened_at_the_counter() -> None:
    from sscard.bank.savings.acts_settings import view
    from sscard.control.door import reading

    payer, payee, counter = savings.rich(), savings.rich(0), kit.Terminal()
    put(payer, channels_off=("netbank",))
    for job in (lambda: savings.send(payer, payee, 5), lambda: savings.statement(payer), lambda: put(payer)):
        assert kit.refused(job).code == "bank.channel_off"
    put(payer, who=counter.caller, session=savings.at(counter, "bank.settings", payer))
    savings.send(payer, payee, 5)
    with reading(savings.customer(payer), right="bank.statement", purpose="test") as inside:
        found = view(inside, payer.account)
    assert (found.channels_off, found.effective["transfer_day"]) == ((), found.bounds["transfer_day"])


def test_more_than_the_bank_allows_and_unknown_names_are_refused_with_every_fault() -> None:
    holder = savings.rich()
    limits = {"transfer_day": 5_000_001, "withdrawal_day": -1, "speed": 5}
    refusal = kit.refused(lambda: put(holder, limits, channels_off=("moon",), notice_over_fen=-1))
    assert {fault.place for fault in refusal.faults} == {
        "limits.transfer_day", "limits.withdrawal_day", "limits.speed", "channels_off", "notice_over_fen",
    }  # fmt: skip


def test_the_change_is_in_the_trail() -> None:
    from sscard.control.models import AuditRow
    from sscard.kernel.db import unit_of_work

    holder = savings.rich()
    put(holder, {"transfer_day": 700}, channels_off=("till",))
    with unit_of_work(area="990100"):
        row = AuditRow.objects.filter(verb="bank.settings", object=f"account:{holder.account}").get()
    assert row.detail["changed"] == ["transfer_day", "till"]


def test_withdrawal_obeys_own_limit_and_closed_kiosk() -> None:
    from sscard.bank.acts import Withdraw

    holder, kiosk, counter = savings.rich(50_000), kit.Terminal(kind="kiosk"), kit.Terminal()

    def withdraw(place: kit.Terminal, fen: int) -> Any:
        request = Withdraw(holder.account, savings.at(place, "bank.withdraw", holder), fen)
        return kit.perform(place.caller, "bank.withdraw", request)

    put(holder, {"withdrawal_operation": 3_000}, channels_off=("kiosk",))
    assert kit.refused(lambda: withdraw(kiosk, 100)).code == "bank.channel_off"
    told = kit.refused(lambda: withdraw(counter, 3_001))
    assert (told.code, told.facts["period"]) == ("ledger.limit", "operation")
    withdraw(counter, 3_000)
    assert kit.balance_of(holder) == 47_000

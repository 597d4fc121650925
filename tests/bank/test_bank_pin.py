"""T13 for the bank PIN: counted first, three compared at most, over counter and terminal, killed or not."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import bank_kit as kit
import pytest

pytestmark = pytest.mark.usefixtures("house")
WRONG = "806429"


def withdraw(terminal: kit.Terminal, holder: kit.Holder, pin: str) -> Any:
    from sscard.bank.acts import Withdraw

    session = terminal.present("bank.withdraw", holder, pin)
    return kit.perform(terminal.caller, "bank.withdraw", Withdraw(holder.account, session, 100))


def tries_of(holder: kit.Holder) -> int:
    from sscard.bank.models import PinCount

    with kit.in_bank(holder):
        return PinCount.objects.get(account_id=holder.account).tries


@pytest.fixture
def holder() -> kit.Holder:
    made = kit.activated(kit.opened(kit.person()))
    kit.pay_in(made, 10_000)
    return made


def test_three_wrong_over_counter_and_terminal_lock_it_everywhere(holder: kit.Holder) -> None:
    from sscard.bank.models import AccountRestriction
    from sscard.ledger.models import LedgerAccount
    from sscard.ledger.permits import Permit

    counter, kiosk = kit.Terminal(), kit.Terminal(kind="kiosk")
    left = [kit.refused(lambda t=t: withdraw(t, holder, WRONG)) for t in (counter, kiosk, counter)]
    assert [one.code for one in left] == ["bank.pin_wrong", "bank.pin_wrong", "bank.pin_locked"]
    assert [one.facts.get("left") for one in left] == [2, 1, None]
    for terminal in (counter, kiosk):
        assert kit.refused(lambda t=terminal: withdraw(t, holder, kit.PIN)).code == "bank.pin_locked"
    assert kit.mirror_of(holder).restrictions == ["PIN_LOCKED"]
    with kit.in_bank(holder):
        assert AccountRestriction.objects.filter(account_id=holder.account, kind="PIN_LOCKED").count() == 1
        mask = LedgerAccount.objects.get(account_id=holder.account).permits
    assert not mask & Permit.COUNTER_CASH_OUT
    assert mask & Permit.CREDIT
    kit.pay_in(holder, 1)
    assert kit.balance_of(holder) == 10_001


def test_right_pin_takes_its_tries_back(holder: kit.Holder) -> None:
    terminal = kit.Terminal()
    for _ in range(2):
        kit.refused(lambda: withdraw(terminal, holder, WRONG))
        kit.refused(lambda: withdraw(terminal, holder, WRONG))
        withdraw(terminal, holder, kit.PIN)
        assert tries_of(holder) == 0


def test_of_twenty_at_once_at_most_three_are_compared(holder: kit.Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.acts import Withdraw
    from sscard.kernel.keyclient import KeyClient

    terminals = [kit.Terminal() for _ in range(20)]
    sessions = [terminal.present("bank.withdraw", holder, WRONG) for terminal in terminals]
    compared, real = [], KeyClient.pin_verify

    def counted(self: KeyClient, *args: Any) -> bool:
        compared.append(1)
        return real(self, *args)

    monkeypatch.setattr(KeyClient, "pin_verify", counted)
    found = kit.in_threads(
        [
            lambda t=t, s=s: kit.perform(t.caller, "bank.withdraw", Withdraw(holder.account, s, 100))
            for t, s in zip(terminals, sessions, strict=True)
        ]
    )
    assert len(compared) == 3
    codes = [getattr(one, "code", one) for one in found]
    assert set(codes) == {"bank.pin_wrong", "bank.pin_locked"}
    assert codes.count("bank.pin_locked") == 18
    assert kit.balance_of(holder) == 10_000


def test_one_entry_on_the_pad_is_counted_and_compared_once(holder: kit.Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is sent: at once under one key, and later under another."""
    from sscard.bank.acts import Withdraw
    from sscard.kernel.keyclient import KeyClient

    compared, real = [], KeyClient.pin_verify
    monkeypatch.setattr(KeyClient, "pin_verify", lambda self, *a: (compared.append(1), real(self, *a))[1])
    terminal = kit.Terminal()
    session = terminal.present("bank.withdraw", holder, WRONG)
    request = Withdraw(holder.account, session, 100)
    found = kit.in_threads([lambda: kit.perform(terminal.caller, "bank.withdraw", request, key="one")] * 12)
    assert {one.code for one in found} <= {"bank.pin_wrong", "bank.pin_entered_already"}
    again = kit.refused(lambda: kit.perform(terminal.caller, "bank.withdraw", request))
    assert again.code == "bank.pin_entered_already"
    assert tries_of(holder) == len(compared) == 1


KILLED = """
import os, sys, uuid
import django; django.setup()
from sscard.kernel.keyclient import KeyClient
KeyClient.pin_verify = lambda *a: os._exit(9)
sys.path.insert(0, sys.argv[4])
import bank_kit as kit
from sscard.bank.acts import Withdraw
from dataclasses import replace
who = replace(kit.caller("teller", bank="CCB"), id=uuid.UUID(sys.argv[3]))
kit.perform(who, "bank.withdraw", Withdraw(uuid.UUID(sys.argv[1]), uuid.UUID(sys.argv[2]), 100))
"""


def test_killed_between_count_and_compare_has_counted(holder: kit.Holder, house: Any) -> None:
    terminal = kit.Terminal()
    for expected in (1, 2, 3):
        session = terminal.present("bank.withdraw", holder, WRONG)
        command = [sys.executable, "-c", KILLED, str(holder.account), str(session), str(terminal.caller.id)]
        environ = {**house.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [*command, str(kit.__file__.rsplit("/", 1)[0])], env=environ, capture_output=True, text=True
        )
        assert done.returncode == 9, done.stderr
        assert tries_of(holder) == expected
    assert kit.refused(lambda: withdraw(terminal, holder, kit.PIN)).code == "bank.pin_locked"


def test_lock_of_a_killed_last_try_is_written_by_the_next_one(holder: kit.Holder) -> None:
    from sscard.bank.models import PinCount
    from sscard.kernel import clock

    terminal = kit.Terminal()
    for age, restrictions in ((1, []), (120, ["PIN_LOCKED"])):
        with kit.in_bank(holder):
            last = clock.real_now() - timedelta(seconds=age)
            PinCount.objects.filter(account_id=holder.account).update(tries=3, last_at=last)
        assert kit.refused(lambda: withdraw(terminal, holder, kit.PIN)).code == "bank.pin_locked"
        assert kit.mirror_of(holder).restrictions == restrictions


def test_unlock_and_reset_at_the_counter(holder: kit.Holder) -> None:
    from sscard.bank.acts import PinReset, PinUnlock

    counter, kiosk, stranger = kit.Terminal(), kit.Terminal(kind="kiosk"), kit.person()
    for _ in range(3):
        kit.refused(lambda: withdraw(counter, holder, WRONG))
    refused = lambda t, **more: kit.refused(  # noqa: E731
        lambda: kit.perform(
            kit.caller("teller", bank="CCB", organisation=t.outlet),
            "bank.pin_unlock",
            PinUnlock(holder.account, kit.uuid.uuid4()),
        )
    )
    assert refused(counter).code == "terminals.session_unknown"
    session = counter.present("bank.pin_unlock", holder, "", by=stranger)
    request = PinUnlock(holder.account, session)
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.pin_unlock", request)).code == "bank.not_the_holder"
    assert kit.refused(lambda: kit.perform(kiosk.caller, "bank.pin_unlock", request)).code == "control.not_allowed"
    session = counter.present("bank.pin_unlock", holder, "")
    kit.perform(counter.caller, "bank.pin_unlock", PinUnlock(holder.account, session))
    assert kit.mirror_of(holder).restrictions == []
    withdraw(counter, holder, kit.PIN)
    session = counter.present("bank.pin_reset", holder, "620917")
    kit.perform(counter.caller, "bank.pin_reset", PinReset(holder.account, session))
    assert kit.refused(lambda: withdraw(counter, holder, kit.PIN)).code == "bank.pin_wrong"
    withdraw(kiosk, holder, "620917")


def test_social_pin_store_is_another(holder: kit.Holder) -> None:
    from sscard.bank.models import BankAccount
    from sscard.cards.models import CardPassword
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=holder.area):
        assert not CardPassword.objects.filter(person_id=holder.person_id).exists()
    with kit.in_bank(holder):
        assert kit.PIN.encode() not in bytes(BankAccount.objects.get(account_id=holder.account).pin_verifier)

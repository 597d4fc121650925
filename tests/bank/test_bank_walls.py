"""The bank's tables are closed to every act that is not the bank's, and each bank sees its own book only."""

from __future__ import annotations

import bank_kit as kit
import pytest

pytestmark = pytest.mark.usefixtures("house")


@pytest.mark.parametrize("table", ["bankaccount", "accountrestriction", "pincount"])
def test_app_role_reads_nothing_of_the_bank(table: str) -> None:
    from django.db import ProgrammingError, connection

    from sscard.kernel.db import unit_of_work

    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work(area="990100"):
        connection.cursor().execute(f"select 1 from bank_{table}")


def test_other_banks_book_is_invisible() -> None:
    from sscard.bank.models import BankAccount
    from sscard.kernel.db import bank_role, unit_of_work
    from sscard.ledger.models import Entry, LedgerAccount

    holder = kit.opened(kit.person())
    kit.pay_in(holder, 100)
    with unit_of_work(area="990100"), bank_role("bank:ICBC"):
        assert not BankAccount.objects.filter(account_id=holder.account).exists()
        assert not LedgerAccount.objects.filter(account_id=holder.account).exists()
        assert not Entry.objects.filter(person_id=holder.person_id).exists()


def test_mirror_has_no_money_no_number_no_phone_and_stays_in_its_area() -> None:
    from sscard.bank.models import AccountStatus
    from sscard.kernel.db import unit_of_work

    names = {field.name for field in AccountStatus._meta.concrete_fields}
    assert not {
        name for name in names if "fen" in name or "balance" in name or "phone" in name or name in ("pan", "facts")
    }
    holder = kit.opened(kit.person())
    with unit_of_work(area="990200"):
        assert not AccountStatus.objects.filter(account_id=holder.account).exists()


def test_stored_answers_and_audit_rows_hold_no_amounts_of_an_account_nor_full_numbers() -> None:
    import json

    from sscard.bank.acts import Balance
    from sscard.control.models import AuditRow, Idempotency
    from sscard.kernel.db import unit_of_work

    holder, terminal = kit.activated(kit.opened(kit.person())), kit.Terminal()
    kit.pay_in(holder, 918_273)
    session = terminal.present("bank.balance", holder)
    kit.perform(terminal.caller, "bank.balance", Balance(holder.account, session), key="ask")
    with unit_of_work(area="990100"):
        stored = json.dumps([list(Idempotency.objects.filter(act="bank.balance").values_list("answer", flat=True))])
        stored += json.dumps(
            list(Idempotency.objects.filter(act="bank.open_accounts").values_list("answer", flat=True))
        )
        audit = json.dumps([str(row) for row in AuditRow.objects.values_list("detail", "object", "purpose", "reason")])
    assert "918273" not in stored
    assert "918273" not in audit
    for text in (stored, audit):
        assert holder.pan not in text
        assert holder.id_number not in text
        assert kit.PIN not in text


def test_books_are_sound_after_everything() -> None:
    from sscard.kernel.db import bank_role, unit_of_work
    from sscard.ledger.reads import trial_balance

    holder = kit.opened(kit.person())
    for fen in (5, 7, 11):
        kit.pay_in(holder, fen)
    with unit_of_work(area="990100"), bank_role("bank:CCB"):
        assert trial_balance().sound


def test_closed_status_columns_are_held_by_the_database() -> None:
    from django.db import IntegrityError, connection

    holder = kit.opened(kit.person())
    with pytest.raises(IntegrityError), kit.in_bank(holder):
        connection.cursor().execute(
            "update bank_bankaccount set status = 'ACTIVE' where account_id = %s", [holder.account]
        )

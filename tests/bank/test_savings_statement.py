"""The statement: pages by sequence, periods that add up, at the terminal with card and PIN."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import timedelta
from pathlib import Path

import bank_kit as kit
import pytest
import savings_kit as savings

pytestmark = pytest.mark.usefixtures("house")


def test_pages_go_back_without_gap_or_overlap() -> None:
    holder = savings.rich(0)
    for fen in range(1, 8):
        kit.pay_in(holder, fen)
    seen, before = [], None
    for _ in range(10):
        page = savings.statement(holder, before_seq=before, limit=3)
        seen += [line.in_fen for line in page.lines]
        before = page.next_before
        if before is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert (page.opening_fen, page.closing_fen) == (0, 28)


def test_a_period_is_opening_plus_entries_equals_closing() -> None:
    from sscard.kernel import clock

    holder, today = savings.rich(0), clock.today("990100")
    kit.pay_in(holder, 900)
    page = savings.statement(holder, from_day=today, to_day=today)
    assert page.opening_fen + sum(one.in_fen - one.out_fen for one in page.lines) == page.closing_fen == 900
    later = savings.statement(holder, from_day=today + timedelta(days=1), to_day=today + timedelta(days=9))
    assert (later.lines, later.opening_fen, later.closing_fen) == ((), 900, 900)
    turned = lambda: savings.statement(holder, from_day=today, to_day=today - timedelta(days=1))  # noqa: E731
    assert kit.refused(turned).code == "bank.period_turned"


def test_asleep_shows_nothing_and_the_terminal_asks_for_card_and_pin() -> None:
    from sscard.bank.acts import Statement

    asleep = kit.opened(kit.person())
    assert kit.refused(lambda: savings.statement(asleep)).code == "bank.asleep"
    holder, kiosk = savings.rich(1_234), kit.Terminal(kind="kiosk")
    session = savings.at(kiosk, "bank.statement", holder)
    done = kit.perform(kiosk.caller, "bank.statement", Statement(holder.account, session))
    assert done.once["statement"]["lines"][0]["in_fen"] == 1_234
    assert "in_fen" not in str(done.answer)


def named(name: str) -> kit.Holder:
    """A holder whose account is in this name, as the bank's sealed facts have it."""
    from sscard.bank.models import BankAccount
    from sscard.codes import names
    from sscard.kernel.masked import mask_name
    from sscard.kernel.sealed import blind_index

    holder = savings.rich(0)
    index = blind_index("name", names.compact(name))
    with kit.in_bank(holder):
        account = BankAccount.objects.get(account_id=holder.account)
        account.facts = {"name": name, "number": "9" * 17, "pan": holder.pan, "id_number": holder.id_number}
        account.name_index, account.name_mask = index, mask_name(name)
        account.save(update_fields=["facts", "name_index", "name_mask"])
    holder.name = name
    return holder


def file_of(holder: kit.Holder, form: str, lang: str = "zh") -> bytes:
    from sscard.bank.savings import statement_file
    from sscard.control.door import reading
    from sscard.kernel import clock

    today = clock.today("990100")
    with reading(savings.customer(holder), right="bank.statement", purpose="test") as inside:
        made: bytes = getattr(statement_file, form)(inside, holder.account, today - timedelta(days=30), today, lang)
    return made


@pytest.mark.parametrize("name", ["阿依古丽·买买提", "吴䶮"])
def test_pdf_holds_text_that_can_be_copied_names_with_dot_and_rare_characters_whole(name: str, tmp_path: Path) -> None:
    payer, payee = named(name), savings.rich(0)
    kit.pay_in(payer, 123_450)
    savings.send(payer, payee, 50, memo="水费")
    path = tmp_path / "statement.pdf"
    path.write_bytes(file_of(payer, "pdf"))
    said = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()
    for text in (name, "活期账户交易明细", "中国建设银行", "1,234.50", "1,234.00", "水费", "网上银行"):
        assert text in said
    assert payer.pan not in said


@pytest.mark.parametrize("kind", ["deposit", "withdrawal", "transfer", "recharge", "purchase", "refund", "interest"])
def test_on_paper_no_word_and_no_amount_is_torn(house: object, kind: str) -> None:
    from sscard.bank.savings import statement_file
    from sscard.documents.pdf import WIDTH_MM, Sheet
    from sscard.kernel import clock, money

    sheet = Sheet("x", made_at=clock.real_now(), issuer="x", foot="x", lang="en")
    most, said = money.yuan(9_999_999_999), statement_file.kind_text(kind, "en")
    row = ["2026-11-23", said, most, most, most, "****2907", "", "on-line"]
    whole = sum(share for _, share in statement_file._ON_PAPER)
    widths = [WIDTH_MM * share / whole for _, share in statement_file._ON_PAPER]
    assert [" ".join(lines) for lines in sheet._cells(widths, row)] == row


def test_csv_adds_up_and_no_cell_is_a_formula() -> None:
    payer, payee = savings.rich(2_000), savings.rich(0)
    savings.send(payer, payee, 700, memo='=HYPERLINK("http://example.invalid")')
    made = file_of(payer, "csv", "en")
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"))))
    assert [(row["In (yuan)"], row["Out (yuan)"], row["Balance (yuan)"]) for row in rows] == [
        ("20.00", "", "20.00"),
        ("", "7.00", "13.00"),
    ]
    assert rows[1]["Memo"].startswith("'=")


def test_a_file_that_would_be_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.savings import statement_file

    holder = savings.rich(5)
    kit.pay_in(holder, 6)
    monkeypatch.setitem(statement_file.MOST_LINES, "csv", 1)
    assert kit.refused(lambda: file_of(holder, "csv")).code == "bank.statement_too_long"


def test_overview_of_all_accounts_at_this_bank_and_nothing_while_asleep() -> None:
    from sscard.bank.savings.overview import accounts
    from sscard.control.door import reading

    holder, asleep = savings.rich(900), kit.opened(kit.person())
    for whom, wanted in ((holder, ("", 900, 900, 0)), (asleep, ("bank.asleep", None, None, None))):
        with reading(savings.customer(whom), right="bank.statement", purpose="test") as inside:
            (one,) = accounts(inside)
        assert (one.closed_because, one.balance_fen, one.available_fen, one.held_fen) == wanted

"""T10 in the channels that the other file leaves out: shops' tills, links with the bureau, other banks, and files. What a channel
asks of an account that is asleep is refused, whatever it is; money comes in by each of them."""

from __future__ import annotations

import csv
import io
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import security_kit

import bank_kit as kit  # isort: skip
import life_kit as life  # isort: skip
import money_routes_kit as routes  # isort: skip
import savings_kit as savings  # isort: skip
from test_T09_every_route import FEN, _message, _premium, _pull  # isort: skip

pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.row("ACT-2", part="tills, other banks, files")]
ELSEWHERE = "9217029999999999999"


@pytest.fixture
def asleep(house: Any) -> kit.Holder:
    holder = kit.opened(kit.person())
    kit.pay_in(holder, 10_000)
    return holder


def test_tills_links_and_other_banks_get_nothing_and_may_pay_in(asleep: kit.Holder) -> None:
    from sscard.bank.acts import Authorise, Buy, ReturnPayment

    till, came, nobody = kit.caller("terminal", bank="CCB"), uuid.uuid4(), uuid.uuid4()
    assert _message(asleep, id=came, payer_number=ELSEWHERE)["result"] == "credited"
    teller = kit.caller("teller", bank="CCB")
    tries = {
        "purchase": lambda: kit.perform(till, "bank.purchase", Buy(asleep.account, FEN, "云溪药店", nobody)),
        "for a shop": lambda: kit.perform(till, "bank.authorise", Authorise(asleep.account, FEN, "云溪药店", nobody)),
        "premium": lambda: _premium("bank.hold_charge")(None, asleep)(),
        "return": lambda: life.with_two(
            teller, "bank.return_payment", ReturnPayment(asleep.account, came, FEN, "CUST")
        ),
    }
    for name, job in tries.items():
        assert kit.refused(job).code == "bank.asleep", name
    assert _pull(None, asleep)() | {"payment": ""} == {"payment": "", "result": "rejected", "reason": "payer_asleep"}
    assert kit.balance_of(asleep) == 10_000 + FEN


def test_it_is_not_closed_for_its_money_while_the_card_is_in_use(asleep: kit.Holder) -> None:
    from sscard.bank.acts import Close

    counter = kit.counter_of(asleep)
    session = life.show_id(counter, "bank.close", asleep, card=asleep)
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.close", Close(asleep.account, session)))
    assert "bank.social_first" in kit.codes_of(refusal)
    assert kit.balance_of(asleep) == 10_000


# -- files ------------------------------------------------------------------------------------------------------------------
TAKES_FILES = re.compile(r'UploadedFile|request\.FILES|channel="file"')


def test_no_part_that_takes_a_file_can_reach_the_ledger() -> None:
    """There is no file by which a debit could be asked. Here fails whoever makes one: then its every row must be tried with an
    account that is asleep."""
    taking = {name for name, path in routes.MODULES.items() if TAKES_FILES.search(path.read_text(encoding="utf-8"))}
    assert {"sscard.bank.file_program", "sscard.api.contributions", "sscard.portal.desk.imports"} <= taking
    acts = routes.acts()
    for module in taking:
        assert not routes.reaches(module), module
        named = set(re.findall(r'"([a-z]+\.[a-z_]+)"', routes.MODULES[module].read_text(encoding="utf-8")))
        assert not named & acts, module


def test_the_banks_file_program_pays_in_and_has_no_right_to_anything_that_takes(asleep: kit.Holder) -> None:
    from sscard.bank.acts import Deposit, Withdraw
    from sscard.control import acts_registry
    from sscard.control.rights import decide

    program = kit.caller("bank_program", bank="CCB", channel="file")
    kit.perform(program, "bank.deposit", Deposit(700, asleep.account))
    assert kit.balance_of(asleep) == 10_700
    may = {name for name in routes.acts() if decide(program, acts_registry.find(name).right)}
    assert may == {"bank.deposit", "bank.replace_account", "bank.complete_replacement"}
    for request in (Withdraw(asleep.account, uuid.uuid4(), 100), savings.request(asleep, asleep, 100)):
        name = "bank.withdraw" if isinstance(request, Withdraw) else "bank.transfer"
        refusal = kit.refused(lambda name=name, request=request: kit.perform(program, name, request))
        assert refusal.code == "control.not_allowed"
    for fen in (-100, 0):
        refusal = kit.refused(lambda fen=fen: kit.perform(program, "bank.deposit", Deposit(fen, asleep.account)))
        assert "ledger.amount" in kit.codes_of(refusal)
    assert kit.balance_of(asleep) == 10_700


@pytest.mark.parametrize(
    "rows",
    [
        [["W", 1, "{account}", "-10000"]],
        [["D", 1, "{person}", "{card}", "李小花", "{id}", "", "990100-CCB-01", "-10000"]],
        [["D", 1, "{person}", "{card}", "-100.00", "{id}", "", "代扣"]],
        [["D", "-1", "{account}", "{account}", "DIRECT_DEBIT", "{pan}", "", "-100.00"]],
    ],
    ids=["another kind of row", "an amount more", "an amount for a name", "a debit"],
)
def test_rows_that_ask_for_money_in_the_banks_own_file(asleep: kit.Holder, rows: list[Any], tmp_path: Path) -> None:
    """An opening file is the only file that a bank's program reads; it has no place for an amount."""
    from datetime import UTC, datetime

    from sscard.bank import file_program, files

    told = {
        "account": asleep.account,
        "person": asleep.public,
        "card": asleep.card,
        "id": asleep.id_number,
        "pan": asleep.pan,
    }
    head = files.Head(uuid.uuid4().hex, "990100", "CCB", "B-9", datetime(2026, 3, 2, tzinfo=UTC))
    body = [files._head(files.OPEN, head, len(rows)), *[[str(cell).format(**told) for cell in row] for row in rows]]
    path = tmp_path / f"a{file_program.OPENING_SUFFIX}"
    path.write_bytes(files._closed(body, len(rows), files.signed_by_area("990100")))
    program = kit.caller("bank_program", bank="CCB", channel="file")
    (done,) = file_program.answer_folder(program, tmp_path, tmp_path)
    assert not isinstance(done, file_program.Done) or (done.opened, done.refused) == (0, 1)
    assert (kit.balance_of(asleep), kit.mirror_of(asleep).status) == (10_000, "NOT_ACTIVATED")


HEADS = {
    "contributions": "证件号码,姓名,险种,应缴年月,缴费基数,单位应缴,个人应缴,单位实缴,个人实缴,划入个人账户",
    "accounts": "证件号码,姓名,险种,年度,期初余额,本年划入本金,本年利息,本年支出,期末余额",
    "charges": "证件号码,姓名,险种,征缴编号,费款所属期起,费款所属期止,应缴金额,缴费截止日",
}


@pytest.mark.parametrize("content", HEADS)
def test_the_bureaus_lists_take_nothing_from_an_account(
    content: str, asleep: kit.Holder, town: security_kit.Town
) -> None:
    """Pay lists, statements of accounts, lists of charges: negative amounts, a paying card, the word for a direct debit; all
    through the API and posted as far as they can be."""
    from sscard.insurance import runs

    api = town.api("clerk.990100")
    columns = HEADS[content].split(",")
    cells = [
        asleep.id_number,
        asleep.name,
        "医疗保险",
        *["-100.00"] * (len(columns) - 3),
        asleep.pan,
        "直接借记",
        "-100.00",
    ]
    out = io.StringIO()
    csv.writer(out).writerows([[*columns, "付款卡号", "扣款方式", "扣款金额"], cells])
    file = SimpleUploadedFile("清单.csv", out.getvalue().encode(), "text/csv")
    headers = {"Authorization": f"Bearer {api.token}", **api.more, "Idempotency-Key": uuid.uuid4().hex}
    sent = api.client.post("/api/contribution-files", {"content": content, "file": file}, headers=headers)
    assert sent.status_code == 200, sent.content
    made = uuid.UUID(sent.json()["file"])
    runs.check_file(made, "990100")
    api.act("insurance.post_contributions", {"file": str(made)})
    assert kit.balance_of(asleep) == 10_000

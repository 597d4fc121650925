"""The counter: card, ID, state, one act, receipt; every refusal with its way on; nothing of the bureau's is seen."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from holders_kit import bank_kit, social

CCB = "990100-CCB-01"


def text(answer: Any) -> str:
    return answer.content.decode()


@pytest.fixture
def holder(house: Any) -> Any:
    return bank_kit.opened(bank_kit.person())


@pytest.fixture
def counter(office: Any) -> Any:
    """A counter of the branch with its devices; the teller is signed in and sits at it."""
    terminal = bank_kit.Terminal("CCB", outlet=CCB)
    client = office.client(f"teller.{CCB}")
    client.act("/bank/counter/", terminal=terminal.code)
    terminal.client = client
    return terminal


def read(counter: Any, holder: Any) -> str:
    assert counter.client.act("/bank/read/").status_code == 302
    counter.desk.insert_card(holder.virtual_card())
    assert counter.client.get("/bank/devices/").headers["Location"] == "/bank/customer/"
    return text(counter.client.get("/bank/customer/"))


def stand(counter: Any, holder: Any, name: str, pin: str = bank_kit.PIN, *, by: Any = None, **form: Any) -> Any:
    """Begin an act and let the customer do his part at the devices."""
    begun = counter.client.act(f"/bank/begin/{name}/", **form)
    assert begun.status_code == 302, text(begun)
    if name in ("activate", "unlock", "reset", "enable"):
        counter.desk.present_id((by or holder).virtual_person())
    counter.desk.insert_card(holder.virtual_card())
    if name != "unlock":
        counter.desk.enter_pin(pin)
    return counter.client.get("/bank/do/")


def test_a_card_is_read_activated_and_paid_from(counter: Any, holder: Any) -> None:
    page = read(counter, holder)
    assert "激活银行账户" in page
    assert "只收不付" in page
    assert holder.id_number not in page
    assert 'data-go="/bank/do/"' not in text(counter.client.get("/bank/live/"))
    assert "手机号" in text(stand(counter, holder, "activate"))
    wrong = counter.client.act("/bank/do/", phone="12")
    assert wrong.status_code == 422
    slip = text(counter.client.act("/bank/do/", phone="91300000001"))
    assert "激活凭条" in slip
    assert "913****0001" in slip or "9130" in slip
    paid_in = counter.client.act("/bank/deposit/", amount="500")
    assert "核对存款" in text(paid_in)
    assert "存款凭条" in text(counter.client.act("/bank/deposit/", amount="500", step="do"))
    assert "核对取款" in text(stand(counter, holder, "withdraw", amount="120.50"))
    slip = text(counter.client.act("/bank/do/"))
    assert "取款凭条" in slip
    assert "¥379.50" in slip
    stand(counter, holder, "balance")
    assert "¥379.50" in text(counter.client.act("/bank/do/"))
    assert bank_kit.balance_of(holder) == 379_50


def test_a_repeated_form_withdraws_once(counter: Any, holder: Any) -> None:
    bank_kit.activated(holder)
    bank_kit.pay_in(holder, 1000_00)
    read(counter, holder)
    much = counter.client.act("/bank/begin/withdraw/", amount="1000.01")
    assert much.status_code == 422
    assert "可用余额不足" in text(much), "before card and PIN"
    stand(counter, holder, "withdraw", amount="100")
    key = str(uuid.uuid4())
    for _ in range(2):
        assert "取款凭条" in text(counter.client.post("/bank/do/", {"key": key}))
    assert bank_kit.balance_of(holder) == 900_00


def test_before_activation_acts_are_closed_with_their_reason(counter: Any, holder: Any) -> None:
    page = read(counter, holder)
    assert "/bank/begin/withdraw/" not in page
    assert "现在只能存入" in page
    assert "/bank/deposit/" in page
    stand(counter, holder, "balance")
    refused = counter.client.act("/bank/do/")
    assert refused.status_code == 409
    assert "/bank/customer/" in text(refused)


def test_another_banks_card_is_sent_to_its_bank(counter: Any) -> None:
    other = bank_kit.opened(bank_kit.person(bank="ICBC"))
    counter.client.act("/bank/read/")
    counter.desk.insert_card(other.virtual_card())
    counter.client.get("/bank/devices/")
    refused = counter.client.get("/bank/customer/")
    assert refused.status_code in (403, 409)
    assert "工商银行" in text(refused)


def test_another_persons_id_is_refused_with_the_next_step(counter: Any, holder: Any) -> None:
    read(counter, holder)
    stand(counter, holder, "activate", by=bank_kit.person())
    refused = text(counter.client.act("/bank/do/", phone="91300000001"))
    assert "激活凭条" not in refused
    assert "接下来怎么办" in refused
    assert bank_kit.mirror_of(holder).status == "NOT_ACTIVATED"


def test_a_locked_pin_is_unlocked_by_id_and_card(counter: Any, holder: Any) -> None:
    bank_kit.activated(holder)
    for _ in range(3):
        read(counter, holder)
        stand(counter, holder, "balance", pin="246813")
        refused = text(counter.client.act("/bank/do/"))
    assert "锁" in refused
    page = read(counter, holder)
    assert "/bank/begin/unlock/" in page
    stand(counter, holder, "unlock")
    assert "密码解锁凭条" in text(counter.client.act("/bank/do/"))
    assert bank_kit.mirror_of(holder).restrictions == []


def test_the_social_side_is_enabled_at_the_counter_too(counter: Any, holder: Any) -> None:
    page = read(counter, holder)
    assert "/bank/begin/enable/" in page
    social(holder, "normal")
    assert "/bank/begin/enable/" not in text(counter.client.get("/bank/customer/"))


def test_paying_in_by_number_shows_nothing_of_the_account(counter: Any, holder: Any) -> None:
    client = counter.client
    client.act("/bank/next/")
    assert client.act("/bank/deposit/", number="9217019999999999999", amount="1", step="do").status_code == 422
    assert "现金每次最多 ¥50,000.00" in text(client.get("/bank/deposit/"))
    for step in ("", "do"):
        above = client.act("/bank/deposit/", number=holder.pan, amount="50000.01", step=step)
        assert (above.status_code, "每次存入的现金最多 50,000.00 元" in text(above)) == (422, True)
    assert "网点负责人" in text(above), "the way on"
    slip = text(client.act("/bank/deposit/", number=holder.pan, amount="88", step="do"))
    assert "¥88.00" in slip
    assert holder.pan not in slip
    assert "余额" not in slip.split("receipt-foot")[0].split("<article")[1]
    assert bank_kit.balance_of(holder) == 88_00


def test_the_next_customer_finds_a_clean_desk(counter: Any, holder: Any) -> None:
    read(counter, holder)
    counter.client.act("/bank/next/")
    assert counter.client.get("/bank/customer/").headers["Location"] == "/bank/"


def test_who_may_not_serve_sees_nothing(office: Any) -> None:
    assert office.client("clerk.990100").get("/bank/customer/").status_code in (403, 404)
    reviewer = office.client("bankreview.990100.CCB")
    assert "没有待复核的" in text(reviewer.get("/bank/approvals/"))
    assert "账是平的" in text(reviewer.get("/bank/books/"))


def test_no_number_stands_in_an_address(counter: Any, holder: Any) -> None:
    page = read(counter, holder)
    for secret in (holder.pan, str(holder.account), str(holder.card), str(holder.public)):
        assert secret not in page


def test_a_childs_guardian_activates_with_the_proof_of_relation(counter: Any, house: Any) -> None:
    from datetime import date

    child, parent = bank_kit.opened(bank_kit.person(birth=date(2019, 6, 1))), bank_kit.person()
    bank_kit.guardian_of(child, parent)
    read(counter, child)
    page = text(stand(counter, child, "activate", by=parent, method="guardian"))
    assert "关系证明" in page
    refused = text(counter.client.act("/bank/do/", phone="91300000001"))
    assert "激活凭条" not in refused
    stand(counter, child, "activate", by=parent, method="guardian")
    assert "激活凭条" in text(counter.client.act("/bank/do/", phone="91300000001", relation_proof="yes"))

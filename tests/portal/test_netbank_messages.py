"""Notices and top-ups on the bank's site: nothing that happened is missing, what is new is counted once (ACT-7)."""

from __future__ import annotations

import re
import uuid
from typing import Any

import life_kit as life
import pytest
from netbank_kit import BankClient, bank_kit, client_of, customers_kit, session_of
from test_netbank_site import api

pytestmark = pytest.mark.usefixtures("house")


def unread(one: customers_kit.Signed) -> tuple[int, list[dict[str, Any]]]:
    told = api(BankClient(), "GET", "/api/customer/notices", token=session_of(one)).json()
    return told["unread"], told["notices"]


@pytest.mark.row("ACT-7")
def test_each_movement_stop_change_and_refusal_is_told_and_counted_until_seen() -> None:
    from sscard.bank.acts import SetSettings, Transfer

    one, other = customers_kit.customer(fen=5_000_00), customers_kit.customer()
    client = client_of(one)
    home = client.get("/").content.decode()
    count = unread(one)[0]
    assert count >= 1
    assert f"{count} 条未读" in home
    assert "现金存入" in client.get("/messages/").content.decode()
    assert unread(one)[0] == 0
    assert "条未读" not in client.get("/").content.decode()
    too_much = Transfer(one.holder.account, 9_000_00, other.holder.pan, other.holder.name)
    bank_kit.refused(lambda: bank_kit.perform(one.caller, "bank.transfer", too_much))
    bank_kit.perform(
        one.caller, "bank.settings", SetSettings(one.holder.account, channels_off=("till",), notice_over_fen=100_00)
    )
    bank_kit.pay_in(one.holder, 99_99)
    bank_kit.pay_in(one.holder, 100_00)
    life.freeze(one.holder, "AMOUNT_FREEZE", amount_fen=1_00)
    found, lines = unread(one)
    assert [(line["kind"], line["what"], line["in_fen"]) for line in lines[:found]] == [
        ("restricted", "AMOUNT_FREEZE", 0), ("movement", "deposit", 100_00), ("changed", "bank.settings", 0),
        ("refused", "bank.transfer", 9_000_00),
    ]  # fmt: skip
    page = client_of(one, "en").get("/messages/").content.decode()
    assert "+¥100.00" in page
    assert "of ¥9,000.00" in page, "what was refused is told with its amount"
    assert "99.99" not in page, "he chose not to be told of small ones"
    assert unread(one)[0] == 0
    assert all(line["account"] == str(other.holder.account) for line in unread(other)[1]), "nobody else's"


@pytest.mark.row("ACT-7")
def test_a_top_up_is_asked_for_step_by_step_and_its_faults_stand_at_their_field() -> None:
    from sscard.bank.models import TransferOrder

    one = customers_kit.customer()
    client = client_of(one)
    assert "/recharge/pull/" in client.get("/recharge/").content.decode()
    assert client.get(f"/recharge/pull/?account={uuid.uuid4()}").status_code == 404
    bad = client.post("/recharge/pull/", {"step": "form", "from_bank": "CCB", "from_number": "12", "amount": "x"})
    assert bad.status_code == 422
    for place in ("from_bank", "amount"):
        assert f'href="#f-{place}"' in bad.content.decode()
    typed = {
        "from_bank": "ICBC",
        "from_number": "9217021234567890",
        "amount": "88.8",
        "account": str(one.holder.account),
    }
    check = client.post("/recharge/pull/", typed | {"step": "form"}).content.decode()
    assert "¥88.80" in check
    key = re.search(r'name="key" value="([^"]+)"', check).group(1)  # type: ignore[union-attr]
    wrong = client.post("/recharge/pull/", typed | {"step": "do", "from_number": "12", "key": "w" + key})
    assert 'href="#f-from_number"' in wrong.content.decode()
    for _ in range(2):
        done = client.post("/recharge/pull/", typed | {"step": "do", "key": key}).content.decode()
        assert "充值已提交" in done
    with bank_kit.in_bank(one.holder):
        (order,) = TransferOrder.objects.filter(person_id=one.holder.person_id)
    assert (order.way, order.amount_fen, order.state) == ("pull", 88_80, "waiting")
    assert "←" in client.get("/orders/").content.decode()

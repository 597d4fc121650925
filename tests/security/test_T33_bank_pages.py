"""T33 for the bank's site: no page, file or picture can be asked for larger than it is meant to be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "portal"))

from netbank_kit import BankClient, client_of, customers_kit

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one() -> customers_kit.Signed:
    return customers_kit.customer(fen=1_00)


def test_odd_addresses_are_answered_and_never_break(one: customers_kit.Signed) -> None:
    client = client_of(one)
    for query in (
        "before=99999999999999999999",
        "before=-1",
        "before=x",
        "from=9999-12-31&to=9999-12-31",
        "from=0001-01-01",
    ):
        assert client.get(f"/statement/?{query}").status_code in (200, 422), query
    assert client.get(f"/statement/?account={'a' * 5000}").status_code == 404
    assert client.get("/statement/?from=" + "1" * 4000).status_code == 422


def test_pictures_come_in_their_sizes_only() -> None:
    for size in (0, 1, 193, 4096, 10**9):
        assert BankClient().get(f"/icon-{size}.png").status_code == 404


def test_an_api_page_has_a_most(one: customers_kit.Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is asked for; the most itself is made small, so that the account has more."""
    from netbank_kit import bank_kit, session_of

    from sscard.bank import customers_notices
    from sscard.bank.savings import statement

    assert statement.MOST_LINES <= 500
    assert customers_notices.MOST <= 100
    monkeypatch.setattr(statement, "MOST_LINES", 3)
    monkeypatch.setattr(customers_notices, "MOST", 2)
    for fen in range(1, 5):
        bank_kit.pay_in(one.holder, fen)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {session_of(one)}"}
    answer = BankClient().get(f"/api/customer/accounts/{one.holder.account}/statement?limit=100000000", **headers)
    assert answer.status_code == 200
    assert len(answer.json()["lines"]) == 3
    told = BankClient().get("/api/customer/notices?limit=100000000", **headers)
    assert (told.status_code, len(told.json()["notices"])) == (200, 2)
    assert (
        BankClient().get(f"/api/customer/accounts/{one.holder.account}/statement?limit=x", **headers).status_code == 422
    )
    assert (
        BankClient().get(f"/api/customer/accounts/{one.holder.account}/statement?limit=-5", **headers).status_code
        == 200
    )


def test_guessing_one_time_codes_before_a_transfer_is_slowed_down(one: customers_kit.Signed) -> None:
    from netbank_kit import bank_kit

    other = bank_kit.activated(bank_kit.opened(bank_kit.person()))
    bank_kit.pay_in(one.holder, 5_000_00)
    client = client_of(one)
    values = {"step": "do", "to_name": other.name, "to_number": other.pan, "to_bank": "", "amount": "2000", "timing": "realtime",
              "account": str(one.holder.account), "code": "000000"}  # fmt: skip
    pages = [client.act("/transfer/", **values).content.decode() for _ in range(11)]
    assert "动态口令不对" in pages[0]
    assert "动态口令不对" not in pages[-1], "the eleventh is not even compared"
    assert bank_kit.balance_of(other) == 0

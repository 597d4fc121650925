"""Enrolment for the bank's site at the counter and at the kiosk: the slip's code works on the site, and is shown once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from netbank_kit import bank_kit, client_of, customers_kit

from pages_kit import HouseClient

CCB = "990100-CCB-01"


@pytest.fixture
def holder(house: Any) -> Any:
    return bank_kit.activated(bank_kit.opened(bank_kit.person()))


def signs_up_with(code: str, holder: Any) -> None:
    made = customers_kit.set_up(holder, code, f"user{bank_kit.next_number()}")
    assert made.customer.person_id == holder.person_id


def code_on(page: str) -> str:
    found = re.search(r">\s*([2-9A-Z]{5}) ([2-9A-Z]{5})\s*<", page)
    assert found, "no code on the page"
    return found[1] + found[2]


def test_at_the_counter(office: Any, holder: Any) -> None:
    counter = bank_kit.Terminal("CCB", outlet=CCB)
    client = office.client(f"teller.{CCB}")
    client.act("/bank/counter/", terminal=counter.code)
    client.act("/bank/read/")
    counter.desk.insert_card(holder.virtual_card())
    client.get("/bank/devices/")
    assert "/bank/begin/online/" in client.get("/bank/customer/").content.decode()
    assert client.act("/bank/begin/online/").status_code == 302
    counter.desk.present_id(holder.virtual_person())
    counter.desk.insert_card(holder.virtual_card())
    counter.desk.enter_pin(bank_kit.PIN)
    assert client.get("/bank/do/").status_code == 200
    slip = client.post("/bank/do/", {"key": "once"}).content.decode()
    code = code_on(slip)
    assert "https://ccb.localhost" in slip
    assert "/set-up/" in slip
    assert "网址的二维码" in slip
    again = client.post("/bank/do/", {"key": "once"}).content.decode()
    assert code[:5] not in again
    assert "已经显示过一次" in again
    signs_up_with(code, holder)


def test_the_teller_stops_it_at_once(office: Any, holder: Any) -> None:
    one = customers_kit.customer(holder)
    site = client_of(one)
    assert site.get("/").status_code == 200
    counter = bank_kit.Terminal("CCB", outlet=CCB)
    client = office.client(f"teller.{CCB}")
    client.act("/bank/counter/", terminal=counter.code)
    client.act("/bank/read/")
    counter.desk.insert_card(holder.virtual_card())
    client.get("/bank/devices/")
    assert "/bank/online/stop/" in client.get("/bank/customer/").content.decode()
    assert client.get("/bank/online/stop/").status_code == 200
    assert site.get("/").status_code == 200, "a look stops nothing"
    assert "网上银行已停用" in client.act("/bank/online/stop/").content.decode()
    assert site.get("/").status_code == 302
    assert client.act("/bank/online/stop/").status_code == 409


def test_at_the_kiosk(office: Any, holder: Any) -> None:
    kiosk = bank_kit.Terminal("CCB", kind="kiosk", outlet=CCB)
    one = office.book.programs[f"kiosk.{CCB}"]
    client = HouseClient()
    client.post("/terminal/sign-in/", {"name": one.name, "secret": one.secret, "terminal": kiosk.code})
    assert "开通网上银行" in client.get("/terminal/").content.decode()
    client.act("/terminal/begin/", matter="online")
    kiosk.desk.present_id(holder.virtual_person())
    kiosk.desk.insert_card(holder.virtual_card())
    kiosk.desk.enter_pin(bank_kit.PIN)
    assert client.get("/terminal/do/").status_code == 200
    screen = client.act("/terminal/do/").content.decode()
    assert "https://ccb.localhost" in screen
    assert "网址的二维码" in screen
    signs_up_with(code_on(screen), holder)

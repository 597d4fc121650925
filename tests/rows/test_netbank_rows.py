"""BNK-1, and ACT-5 and ACT-7 at the bank's site, through the outside."""

from __future__ import annotations

import secrets
import socket
import urllib.error
import urllib.request

import pytest

from rows_kit import Walked, refused
from sscard.sim.story import online
from tests_support import RunningHouse

pytestmark = pytest.mark.slow


def page(city: RunningHouse, path: str, host: str = "") -> tuple[int, str]:
    """A page as a browser without a session gets it, at the bureau's host or a bank's."""
    headers = {"Host": f"{host}:{city.port}"} if host else {}
    asked = urllib.request.Request(city.url + path, headers=headers)
    try:
        with urllib.request.urlopen(asked, context=city.tls()) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.row("BNK-1")
def test_the_banks_site_from_enrolment_to_statement(walked: Walked) -> None:
    walked.all_green("BNK-1", least=16)
    walked.all_green("ACT-7", least=7)


@pytest.mark.row("BNK-1")
def test_each_bank_has_its_own_installable_site_and_the_bureau_has_none_of_it(city: RunningHouse) -> None:
    for host, name in (
        ("ccb.localhost", "中国建设银行"),
        ("icbc.localhost", "中国工商银行"),
        ("abc.localhost", "中国农业银行"),
    ):
        status, seen = page(city, "/sign-in/", host)
        assert status == 200
        assert name in seen
        assert page(city, "/manifest.webmanifest", host)[0] == 200
        assert page(city, "/my/", host)[0] == 404
    assert page(city, "/manifest.webmanifest")[0] == 404
    assert "社会保障卡服务" in page(city, "/")[1]


@pytest.mark.row("BNK-1")
def test_the_certificate_is_good_for_the_banks_names(city: RunningHouse) -> None:
    for host in ("ccb.localhost", "icbc.localhost"):
        raw = socket.create_connection(("127.0.0.1", city.port))
        with raw, city.tls().wrap_socket(raw, server_hostname=host) as link:
            assert link.getpeercert()


@pytest.mark.row("ACT-5")
def test_the_customer_sees_whether_his_card_saves(walked: Walked) -> None:
    (own,) = online.online(walked.world).get("/api/customer/accounts")
    assert own["status"] == "ACTIVE"
    assert own["closed_because"] == ""
    teller = walked.world.staff(f"teller.{walked.world.place.branch}")
    at_counter = teller.get(f"/api/bank/accounts/{own['account_id']}/savings")
    assert own["savings"]["sentence"] == at_counter["sentence"]
    assert own["savings"]["has"] == at_counter["has"]


def test_a_customers_token_does_nothing_but_his_own_acts(walked: Walked) -> None:
    """T12, T27: no act of tellers, none for another's account, no field that is not asked for."""
    site, world = online.online(walked.world), walked.world
    no = refused(lambda: site.act("bank.deposit", amount_fen=100, account=world.hero.account))
    assert no.code == "control.not_allowed"
    other = world.heroes["other"].account
    mine = {"amount_fen": 100, "to_number": world.hero.plastic.pan, "to_name": world.hero.body.name}
    assert refused(lambda: site.act("bank.transfer", account=other, **mine)).code == "control.not_found"
    no = refused(lambda: site.act("bank.stop_online", account=None, customer=secrets.token_hex(4)))
    assert no.status == 422

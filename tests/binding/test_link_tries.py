"""How often a link may be asked for: a customer and a card are stopped long before their client is (T11, T18)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from binding_kit import Partner, calm, details, holder, link
from sscard.kernel import clock
from sscard.law import areas

WRONG = "090101190001019999"


def asked(partner: Partner, one: Any, **more: Any) -> tuple[int, str]:
    told = partner.par(one, authorization_details=json.dumps([details(one, **more)]))
    return told.status_code, told.json().get("code", "")


def value(name: str) -> int:
    return int(min(area.value(name, clock.today(area.code)) for area in areas.all_areas()))


@pytest.mark.requirement("RFC9126 2.3-1")
def test_one_customer_is_stopped_and_the_bank_goes_on(partner: Partner) -> None:
    calm()
    one, other, most = holder(), holder(), value("link_tries_customer")
    for number in range(most):
        assert (
            asked(partner, one, customer="fool", id_number=f"09010119000101{number:04d}")[1]
            == "binding.identity_mismatch"
        )
    refused = (429, "control.too_many_tries")
    assert asked(partner, one, customer="fool") == refused
    told = partner.par(one, authorization_details=json.dumps([details(one, customer="fool")]))
    assert told.json()["error"] == "temporarily_unavailable"
    assert 0 < int(told.headers["Retry-After"]) <= value("link_tries_seconds")
    assert asked(partner, one, customer="fool", card_number="X99999993", id_number=WRONG) == refused
    assert asked(partner, other, customer="wise")[0] == 201


def test_his_own_card_between_two_guesses_wins_nothing(partner: Partner) -> None:
    calm()
    one, seen = holder(), []
    for number in range(value("link_tries_customer")):
        assert asked(partner, one, customer="sly")[0] == 201
        seen.append(asked(partner, one, customer="sly", card_number=f"X9{number:06d}3")[1])
    assert set(seen) == {"binding.identity_mismatch"}
    assert asked(partner, one, customer="sly") == (429, "control.too_many_tries")


@pytest.mark.parametrize("there", [True, False])
def test_one_card_is_stopped_whoever_asks_and_an_unknown_one_likewise(partner: Partner, there: bool) -> None:
    calm()
    one = holder()
    card = one.card_number if there else "X99999993"
    told = []
    for number in range(value("link_tries_card") + 1):
        who = {"customer": f"c-{number}", "card_number": card, "id_number": f"09010119000202{number:04d}"}
        told.append(asked(partner, one, **who))
    assert told == [(400, "binding.identity_mismatch")] * value("link_tries_card") + [(429, "control.too_many_tries")]


@pytest.mark.usefixtures("partner")
def test_the_clients_own_limit_is_much_higher() -> None:
    assert value("link_tries_client") >= 100 * value("link_tries_customer")


def test_death_and_loss_that_the_bank_knows_of(partner: Partner) -> None:
    """Refused when asked for; what stands is suspended in the same transaction, and goes on when the report was wrong."""
    import life_kit

    from binding_kit import bank_kit, call
    from sscard.bank.acts_death import ReportDeath, RevokeDeath

    calm()
    one = holder()
    account = bank_kit.activated(bank_kit.opened(one.holder))
    linked, teller = link(partner, one), bank_kit.caller("teller", bank=account.bank, area=account.area)
    life_kit.with_two(teller, "bank.report_death", ReportDeath(account.account, "死亡证明 9-1"))
    assert call(partner, linked).json()["code"] == "binding.consent_suspended"
    assert asked(partner, one, customer="heir") == (400, "binding.holder_deceased")
    life_kit.with_two(teller, "bank.revoke_death", RevokeDeath(account.account, "更正 9-2"))
    assert call(partner, linked).status_code == 200

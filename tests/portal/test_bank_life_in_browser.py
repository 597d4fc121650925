"""The counter's pages for an account's life in a real browser, on phone and desktop, in both languages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from holders_kit import bank_kit

from pages_kit import LivePortal

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))
import life_kit as life

pytestmark = pytest.mark.slow
TELLER, REVIEWER = "teller.990100-CCB-01", "bankreview.990100.CCB"


@pytest.fixture(scope="module")
def holder(live_portal: LivePortal) -> Any:
    from sscard.bank.acts import Restrict

    made = bank_kit.activated(bank_kit.opened(bank_kit.person()))
    bank_kit.pay_in(made, 1_000_00)
    life.freeze(made, "AMOUNT_FREEZE", amount_fen=2_500_00, reason="执行案件", **life.COURT)
    life.report_lost(made)
    teller = bank_kit.caller("teller", bank="CCB")
    bank_kit.organisation(teller.organisation, "bank_branch", "990100", "CCB")
    order = Restrict(made.account, "FULL_FREEZE", "协助查询", "police", "云溪市公安局", "云公冻字9号")
    bank_kit.perform(teller, "bank.restrict", order)
    return made


def found(page: Any, url: str, number: str) -> None:
    page.goto(f"{url}/bank/find/")
    page.fill("#f-number", number)
    page.click("main button[type=submit]")
    page.wait_for_url("**/bank/customer/")


@pytest.mark.parametrize(("size", "lang"), [("phone", "zh"), ("desktop", "en")])
def test_the_counter_and_its_reviewer(live_portal: LivePortal, holder: Any, browser: Any, size: str, lang: str) -> None:
    page = live_portal.page(browser, size)
    live_portal.sign_in(page, TELLER, lang=lang)
    live_portal.look(page, "/bank/find/", "bank-find", size, lang)
    found(page, live_portal.url, holder.id_number)
    live_portal.check(page, "bank-life-customer", size, lang)
    for name in ("freeze", "death", "heirs"):
        live_portal.look(page, f"/bank/{name}/", f"bank-{name}", size, lang)
    page.goto(f"{live_portal.url}/bank/freeze/")
    page.click("main button[type=submit]")
    live_portal.check(page, "bank-freeze-faults", size, lang)
    live_portal.sign_in(page, REVIEWER, lang=lang)
    live_portal.look(page, "/bank/approvals/", "bank-life-approvals", size, lang)

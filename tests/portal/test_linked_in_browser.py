"""Document 002 in a real browser at phone size: from the bank's site to the bureau's page and back, then look, pay, un-bind."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from netbank_kit import COOKIE, session_of

import binding_kit
import linked_kit as kit
from sscard.verification import virtual_sms
from tests_support import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def bank_client(live_portal: Any, _module_house: House) -> str:
    assert os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    with _module_house.entered():
        kit.bank_as_client(live_portal.url)
    return str(live_portal.url)


def prove(page: Any, who: kit.Person, *, face: bool = False, amount: str = "") -> None:
    """At the bureau's page: by code or face, and agreed."""
    page.wait_for_url(lambda url: "/authorise/" in url)
    if face:
        page.check("#f-face")
        page.click("form[action$='/face/'] button")
        page.wait_for_url(lambda url: "/sandbox/face/" in url)
        assert ("同意绑定" in page.inner_text("main")) is not bool(amount)
        assert ("缴纳社会保险费" in page.inner_text("main")) is bool(amount)
        page.check("input[value=pass]")
        page.click("main button[type=submit]")
        page.click("main a.button")
        if amount:  # nobody agrees to money that he does not see
            assert amount in page.inner_text("form[action$='/agree/'] button")
            assert amount in page.inner_text("main .lead")
        page.click("form[action$='/agree/'] button")
        return
    page.click("form[action$='/code/'] button")
    page.wait_for_selector("#f-code")
    page.fill("#f-code", binding_kit.newest_code(who.linkable))
    page.click("form[action$='/agree/'] button")


@pytest.mark.row("BND-1")
@pytest.mark.row("BND-2")
@pytest.mark.row("BND-3")
def test_document_002_on_a_phone(live_portal: Any, bank_client: str, browser: Any, house: House) -> None:
    who = kit.person(fen=100_000)
    reference = f"ZJ{uuid.uuid4().hex[:12]}"
    charge = kit.charge(who.linkable.person_id, 38_000, reference)
    bank = f"https://ccb.localhost:{live_portal.port}"
    page = live_portal.page(browser, "phone")
    page.set_default_timeout(120_000)  # the first signed paper takes long on a busy machine
    cookies = ((COOKIE, session_of(who.signed)), ("__Host-sscard-lang", "zh"))
    page.context.add_cookies(
        [{"name": name, "value": value, "url": bank, "secure": True, "httpOnly": True} for name, value in cookies]
    )

    def check(name: str) -> None:
        live_portal.check(page, name, "phone", "zh")

    page.goto(f"{bank}/linked/bank-card/")
    page.click("main button[type=submit]")
    assert "自己就有银行账户" in page.content()
    assert "选填" not in page.content()
    page.goto(f"{bank}/card/")
    page.click("a[href='/linked/']")
    for need in ("社会保障卡", "身份证", "本行账户"):
        assert need in page.content()
    check("lk-start")
    page.click("a[href='/linked/bind/']")
    page.fill("#f-card_number", "1")
    page.click("main button[type=submit]")
    page.wait_for_selector(".summary-faults")
    check("lk-faults")
    page.fill("#f-card_number", who.linkable.card_number)
    page.fill("#f-id_number", who.linkable.id_number[:17])
    page.click("main button[type=submit]")
    assert "应有 18 位，您填了 17 位" in page.inner_text(".summary-faults")
    another = kit.person().linkable
    page.fill("#f-id_number", another.id_number)
    page.click("main button[type=submit]")
    page.click("form:not(.change) button[type=submit]:has-text('提交')")
    page.wait_for_selector(".notice-bad")  # the bureau's refusal stands above the form, which keeps what was typed
    assert "卡号和身份证号对不上" in page.inner_text(".notice-bad")
    assert "binding.identity_mismatch" in page.inner_text(".notice-bad")
    assert page.input_value("#f-card_number") == who.linkable.card_number
    assert page.input_value("#f-id_number") == another.id_number
    check("lk-mismatch")
    page.fill("#f-id_number", who.linkable.id_number)
    page.click("main button[type=submit]")
    page.wait_for_selector("input[name=step][value=submit]", state="attached")
    check("lk-check")
    page.click("form:not(.change) button[type=submit]:has-text('提交')")
    prove(page, who)
    page.wait_for_selector(".done-panel")
    assert page.url.startswith(bank)
    assert bank_client != bank
    check("lk-bound")
    page.click("main a[href^='/linked/']")
    page.wait_for_selector(f"input[value='{charge}']", state="attached")
    check("lk-card")
    page.goto(page.url + "records/")
    check("lk-records")
    page.goto(f"{bank}/linked/")  # what is bound comes first, another card is folded away
    assert page.inner_text("main a.button >> nth=0") == "查社保、缴费"
    assert not page.is_visible("a[href='/linked/bind/']")
    check("lk-linked")
    page.click("main a.button >> nth=0")
    page.click("form[action$='/pay/'] button")
    page.wait_for_url(lambda url: "/authorise/" in url)
    assert "380.00" in page.content()
    assert "只此一次" in page.inner_text("main")
    assert "查看应缴保费" not in page.inner_text("main")
    live_portal.check(page, "lk-pay-ask", "phone", "zh")
    page.click("form[action$='/code/'] button")  # the message names what is paid, not a link
    page.wait_for_selector("#f-code")
    said = virtual_sms.messages("990100", most=1)[0].text
    assert "缴纳社会保险费" in said
    assert "同意绑定" not in said
    assert "380.00" in said
    assert reference in said
    page.click("main a:has-text('换一种验证方式')")
    prove(page, who, face=True, amount="380.00")
    page.wait_for_selector(".done-panel, main form[action^='/linked/payments/']", timeout=120_000)
    if not page.query_selector(".done-panel"):  # a machine that is too busy to answer in time: in doubt, asked again
        page.click("main form[action^='/linked/payments/'] button")
        page.wait_for_selector(".done-panel")
    assert "缴费成功" in page.content()
    assert "2027.01–2027.12" in page.content()
    check("lk-paid")
    assert kit.bank_kit.balance_of(who.signed.holder) == 62_000
    page.goto(f"{bank}/linked/")
    page.click("a[href$='/end/']")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".done-panel")
    page.click("main a[href='/linked/']")  # what he signed, too, marked as ended
    page.click("summary:has-text('解除了的绑定')")
    assert "您在本行解除" in page.inner_text("main details")
    check("lk-ended")
    with page.expect_download() as fetched:
        page.click("main a[href$='/authorisation.pdf']")
    assert Path(fetched.value.path()).read_bytes().startswith(b"%PDF")
    page.click("main a[href='/linked/payments/']")  # what was paid stays the customer's
    check("lk-payments")
    page.click("main td a, main tbody a")
    assert page.query_selector("main a[href^='/linked/']:has-text('查社保')") is None
    with page.expect_download() as fetched:
        page.click("main a[href$='/receipt.pdf']")
    assert Path(fetched.value.path()).read_bytes().startswith(b"%PDF")
    page.goto(f"{bank}/linked/?lang=en")
    live_portal.check(page, "lk-start", "phone", "en")
    page.context.close()

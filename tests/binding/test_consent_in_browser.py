"""The pages of consent in a real browser: phone and desktop, both languages, axe, keyboard; the whole way with a code, with
the face check, and the holder's own list with its one click."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from requests_oauth2client import DPoPKey
from test_ciba import ask, later, poll
from test_consent_at_desk import asked, fresh_counter

from binding_kit import REDIRECT, Linkable, Linked, Partner, holder, newest_code, signed_in


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from pages_kit import ARGUMENTS, CHROMIUM

    # Playwright's loop runs in this thread; what Django does beside it waits for nothing.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def portal(partner: Partner) -> Any:
    from pages_kit import LivePortal

    return LivePortal(None, int(urlsplit(partner.url).port or 0), None)  # type: ignore[arg-type]


def open_request(partner: Partner, page: Any, one: Linkable, lang: str) -> None:
    uri = partner.par(one).json()["request_uri"]
    page.goto(f"{partner.url}/?lang={lang}")
    page.goto(f"{partner.url}/authorise?client_id={partner.client_id}&request_uri={uri}")


def back_from(page: Any, button: str) -> str:
    """Press a button that leads back to the client, where nobody serves: the address that the browser asks for."""
    with page.expect_request("https://bank.example/**") as asked:
        page.click(button)
    return str(asked.value.url)


@pytest.mark.row("BND-2")
def test_the_holder_agrees_by_code_and_by_face(partner: Partner, chromium: Any) -> None:
    live = portal(partner)
    for size, lang in (("phone", "zh"), ("desktop", "en")):
        one = holder()
        page = live.page(chromium, size)
        open_request(partner, page, one, lang)
        live.check(page, "consent-ask", size, lang)
        assert "request_uri" not in page.url
        page.locator("form[action$='/code/'] button").press("Enter")
        page.wait_for_selector("#f-code")
        live.check(page, "consent-code", size, lang)
        page.fill("#f-code", "12")
        page.click("form[action$='/agree/'] button")
        page.wait_for_selector("#f-code")
        page.fill("#f-code", newest_code(one))
        back = back_from(page, "form[action$='/agree/'] button")
        told = parse_qs(urlsplit(back).query)
        assert back.startswith(REDIRECT)
        assert told["code"]
        assert told["iss"] == [partner.url]
        page.context.close()
    one = holder()
    page = live.page(chromium, "phone")
    open_request(partner, page, one, "zh")
    page.check("#f-face")
    page.click("form[action$='/face/'] button")
    page.wait_for_url("**/sandbox/face/**")
    page.click("main form button[type=submit]")  # "it is he" is chosen already
    if "/authorise/" not in page.url:
        page.click("main a[href*='/authorise/']")
    page.wait_for_url("**/authorise/**/face/**")
    live.check(page, "consent-face", "phone", "zh")
    assert "code=" in back_from(page, "form[action$='/agree/'] button")
    page.context.close()


def test_declined_and_the_pages_of_errors(partner: Partner, chromium: Any) -> None:
    live = portal(partner)
    page = live.page(chromium, "phone")
    open_request(partner, page, holder(), "zh")
    assert "error=access_denied" in back_from(page, "form[action$='/decline/'] button")
    page.context.close()
    page = live.page(chromium, "phone")
    page.goto(f"{partner.url}/authorise?client_id={partner.client_id}&request_uri=urn:ietf:params:oauth:request_uri:x")
    live.check(page, "consent-unknown", "phone", "zh")
    page.context.close()


def agreed_on_his_own_page(partner: Partner, live: Any, chromium: Any, one: Linkable, token: str) -> Linked:
    """CIBA: the bank's counter asks, the holder finds the request on his telephone, compares the message and agrees."""
    value, key = ask(partner, one, message="KX-4821").json()["auth_req_id"], DPoPKey.generate()
    page = live.page(chromium, "phone")
    page.context.add_cookies([{"name": "__Host-sscard", "value": token, "url": partner.url, "secure": True}])
    page.goto(f"{partner.url}/my/consents/?lang=zh")
    live.check(page, "consents-waiting", "phone", "zh")
    page.click("main section.sheet a.button")
    assert "KX-4821" in page.inner_text("main")
    live.check(page, "consent-ciba", "phone", "zh")
    assert poll(partner, value, key).json()["error"] == "authorization_pending"
    page.click("form[action$='/code/'] button")
    page.wait_for_selector("#f-code")
    page.fill("#f-code", newest_code(one))
    page.click("form[action$='/agree/'] button")
    page.wait_for_url("**/my/consents/")
    page.context.close()
    later()
    told = poll(partner, value, key).json()
    return Linked(one, told, key, told["authorization_details"][0]["consent"])


@pytest.mark.row("BND-2")
def test_my_consents(partner: Partner, chromium: Any) -> None:
    from binding_kit import call

    one, live = holder(), portal(partner)
    _, token = signed_in(partner.url, one)
    linked = agreed_on_his_own_page(partner, live, chromium, one, token)
    call(partner, linked)
    for size, lang in (("phone", "zh"), ("desktop", "en")):
        page = live.page(chromium, size)
        page.context.add_cookies([{"name": "__Host-sscard", "value": token, "url": partner.url, "secure": True}])
        page.goto(f"{partner.url}/my/consents/?lang={lang}")
        live.check(page, "consents-mine", size, lang)
        page.goto(f"{partner.url}/my/consents/{linked.consent}/")
        live.check(page, "consent-renew", size, lang)
        page.goto(f"{partner.url}/my/consents/bank-card/")
        live.check(page, "consents-bank-card", size, lang)
        if size == "phone":
            page.context.close()
    page.goto(f"{partner.url}/my/consents/")
    page.click("form[action$='/end/'] button")
    page.wait_for_url("**/my/consents/?ended=1")
    live.check(page, "consents-ended", "desktop", "en")
    assert call(partner, linked).json()["code"] == "binding.consent_revoked"
    page.context.close()


@pytest.mark.row("BND-2")
def test_the_counters_page(partner: Partner, chromium: Any) -> None:
    """A clerk finds the request by the message of the other screen, beside original ID and card; the holder says yes."""
    live, counter = portal(partner), fresh_counter()
    for size, lang in (("desktop", "zh"), ("phone", "en")):
        message, key = f"KX-{size}", DPoPKey.generate()
        value = asked(partner, counter.holder, message) if size == "desktop" else ""
        page = live.page(chromium, size)
        page.context.add_cookies([{
            "name": "__Host-sscard", "value": counter.client.cookies["__Host-sscard"].value, "url": partner.url,
            "secure": True,
        }])  # fmt: skip
        page.goto(f"{partner.url}/?lang={lang}")
        page.goto(f"{partner.url}/desk/consent/")
        live.check(page, "desk-consent-choose", size, lang)
        page.check(f"input[value='{counter.desk.terminal}']")
        page.click("main form button[type=submit]")
        page.wait_for_selector("#f-message")
        counter.show()
        page.fill("#f-message", message)
        page.click("main form button[type=submit]")
        if not value:  # linked a moment ago: nothing waits here any more
            page.wait_for_selector("#f-message-error, .fault, [aria-invalid=true]")
            live.check(page, "desk-consent-none", size, lang)
            continue
        page.wait_for_selector("input[name=decision]")
        assert counter.holder.card.card_number not in page.content()
        live.check(page, "desk-consent-found", size, lang)
        page.check("input[name=decision][value=agree]")
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda at: at.endswith("/desk/consent/"))
        live.check(page, "desk-consent-done", size, lang)
        later()
        assert poll(partner, value, key).status_code == 200

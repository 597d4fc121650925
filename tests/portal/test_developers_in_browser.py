"""The developers' site in a real browser: from nothing to a sandbox with keys, its magic values, events, clock and reset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from pages_kit import LivePortal
from sscard.control import totp
from sscard.kernel import clock

pytestmark = pytest.mark.slow
PASSWORD = "纸灯笼-quiet-harbour-41"


@pytest.mark.parametrize(("size", "lang"), [("phone", "zh"), ("desktop", "en")])
def test_from_nothing_to_a_sandbox(live_portal: LivePortal, browser: Any, size: str, lang: str) -> None:
    page = live_portal.page(browser, size)
    page.goto(f"{live_portal.url}/developers/?lang={lang}")
    live_portal.check(page, "developers-front", size, lang)
    page.click('main a[href="/developers/register/"]')
    live_portal.check(page, "developers-register", size, lang)
    page.click("main button[type=submit]")
    live_portal.check(page, "developers-register-faults", size, lang)
    secret = page.inner_text(".before-field code").replace(" ", "")
    page.fill("#f-organisation", "远山软件")
    page.fill("#f-username", f"dev-{size}-{lang}")
    page.fill("#f-password", PASSWORD)
    page.fill("#f-totp_code", totp.code(secret, clock.real_now()))
    page.click("main button[type=submit]")
    live_portal.check(page, "developers-home", size, lang)
    page.click('main a[href="/developers/new/"]')
    page.fill("#f-name", "联调一")
    page.click("main button[type=submit]")
    live_portal.check(page, "developers-keys", size, lang)
    key = page.inner_text("dl code.secret >> nth=0")
    assert len(key) > 40
    page.click("main a.button")
    live_portal.check(page, "developers-overview", size, lang)
    base = page.url
    number = page.inner_text("main pre").partition("sbx")[2].partition(".")[0]
    with httpx.Client(verify=False) as http:
        filled = http.post(
            f"{live_portal.url}/api/sandbox/fill", auth=(f"sbx{number}.sandbox", key), json={}, timeout=120
        )
    assert filled.status_code == 200, filled.text
    page.goto(f"{base}clients/")
    page.click("main form.narrow button")  # nothing is filled in
    live_portal.check(page, "developers-clients-faults", size, lang)
    page.fill("#f-name", "远山软件")
    page.fill("#f-redirect_uris", "http://127.0.0.1:5000/back")
    page.click("main form.narrow button")
    live_portal.check(page, "developers-clients", size, lang)
    assert '"d": ' in page.inner_text("main pre")  # the private key, this once
    page.click("main section.sheet form button")
    assert page.locator("main section.sheet form").count() == 0
    for part in ("magic", "calls", "events", "conformance", "clock"):
        page.goto(f"{base}{part}/")
        live_portal.check(page, f"developers-{part}", size, lang)
    page.fill("#f-days", "8")
    page.click("main button[type=submit]")
    assert page.url == base
    page.goto(f"{base}events/")
    page.fill("#f-events", "card.*")
    page.click("main form.narrow >> nth=0 >> button")
    live_portal.check(page, "developers-endpoint-new", size, lang)
    assert "whsec_" in page.inner_text("main")
    page.goto(f"{base}events/")
    page.click("main section.sheet h2 a")
    live_portal.check(page, "developers-deliveries", size, lang)
    page.goto(f"{base}conformance/")
    page.click("main button[type=submit]")
    live_portal.check(page, "developers-run", size, lang)
    page.click("main button[type=submit]")
    live_portal.check(page, "developers-report", size, lang)
    with page.expect_download() as report:
        page.click('main a[href$="report.pdf"]')
    assert Path(report.value.path()).read_bytes().startswith(b"%PDF")
    page.goto(base)
    page.click("main button.button-danger")
    assert page.url == base
    for path, name in (("/developers/errors/", "errors"), ("/developers/errors/bank.frozen/", "error")):
        page.goto(f"{live_portal.url}{path}")
        live_portal.check(page, f"developers-{name}", size, lang)
    page.context.close()

"""A key ceremony and a carrier's life at the pages, in a real browser: three custodians, an auditor, a screen each."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pages_kit import IN_BOTH_LANGUAGES, LivePortal
from sscard.chip.psam import making
from sscard.keys.parties import KeyPair

pytestmark = pytest.mark.slow
AREA = "990100"
CUSTODIANS = tuple(f"{name}.{AREA}" for name in ("stock", "manager", "reviewer2"))
AUDITOR = f"clerk2.{AREA}"


@pytest.fixture
def screens(live_portal: LivePortal, browser: Any) -> Callable[[str], Any]:
    """A browser of his own for each person, in English."""
    opened: dict[str, Any] = {}

    def of(who: str) -> Any:
        if who not in opened:
            opened[who] = live_portal.page(browser, "desktop")
            live_portal.sign_in(opened[who], who, lang="en")
        return opened[who]

    return of


def agree(live: LivePortal, page: Any) -> None:
    """The first request that waits for this custodian."""
    page.goto(f"{live.url}/keys/")
    page.click("main a[href^='/approvals/']")
    page.wait_for_selector("form[action$='/approve/']")
    shown = page.locator("main dl").all_inner_texts() or [page.inner_text("main")]
    assert not re.search(r"(^|\n)(make|prove|psam|hsm|key_card|share|ministry)(\n|$)", "\n".join(shown)), (
        "in words, not codes"
    )
    page.click("form[action$='/approve/'] button[type=submit]")
    page.wait_for_load_state()


def send(page: Any, **values: str) -> None:
    for name, value in values.items():
        if page.locator(f"input[type=radio][name={name}]").count():
            page.check(f"input[name={name}][value='{value}']")
        else:
            page.fill(f"[name={name}]", value)
    page.click("main form button[type=submit]")
    page.wait_for_load_state()


@pytest.mark.row("ISS-11", part="key custody")
def test_keys_are_made_kept_and_lost(live_portal: LivePortal, screens: Callable[[str], Any], browser: Any) -> None:
    live, (first, second, _) = live_portal, CUSTODIANS
    page = screens(first)
    page.goto(f"{live.url}/keys/ceremonies/new/")
    send(page, subject=f"city:{AREA}")
    agree(live, screens(second))
    page.goto(f"{live.url}/keys/")
    page.click("a[href^='/keys/ceremonies/']:not([href$='/new/'])")
    ceremony = page.url
    for who in CUSTODIANS:
        his = screens(who)
        his.goto(ceremony)
        his.click("form[action$='/share/'] button")
        words = his.locator(".share-words li").all_inner_texts()
        assert len(words) == 33
        if who == first:
            live.check(his, "keys-share", "desktop", "en")
        his.goto(ceremony)
        his.fill("[name=words]", " ".join(reversed(words)))
        his.click("form[action$='/confirm/'] button")
        assert "not the share" in his.locator("[role=alert]").inner_text()
        his.fill("[name=words]", " ".join(words))
        his.click("form[action$='/confirm/'] button")
        his.wait_for_load_state()
        assert words[5] + " " + words[6] not in his.content()
    auditor = screens(AUDITOR)
    auditor.goto(ceremony)
    auditor.click("form[action$='/close/'] button")
    auditor.wait_for_load_state()
    assert re.search(r"Check value\s*[0-9A-F]{6}", auditor.locator("main").inner_text())

    page.goto(f"{live.url}/keys/carriers/new/")
    send(page, kind="psam", number="", origin="ours", holder="990100-BUREAU")
    assert page.locator(".error-summary, [role=alert]").count()
    send(page, kind="psam", number="PSAM-0001", origin="ministry", holder="990100-BUREAU")
    agree(live, screens(second))
    page.goto(f"{live.url}/keys/")
    page.click("main a[href^='/keys/carriers/']:not([href$='/new/'])")
    carrier = page.url
    page.click("a[href$='/hand-over/']")
    send(page, holder="PRODUCER-QINGHE", record="R-7", agreement="A-3", review="S-2", supervisor="Zhou")
    agree(live, screens(second))
    page.goto(f"{carrier}loss/")
    send(page, story="not in the courier's bag")
    assert "/keys/losses/" in page.url
    loss = page.url
    assert "SSSE/IRK*" in page.content()
    for office in ("superior", "ministry"):
        page.goto(f"{loss}report/")
        send(page, to=office, receipt=f"{office}-1")
    page.goto(f"{loss}close/")
    send(page, cause="found behind the seat")
    agree(live, screens(second))
    pair = KeyPair.fresh()
    page.goto(f"{live.url}/keys/receivers/new/")
    send(page, name="Plant one, machine 2", public="12")
    assert "128 hex digits" in page.content()
    send(page, name="Plant one, machine 2", public=pair.public.hex())
    agree(live, screens(second))
    page.goto(ceremony)
    made = re.search(rf"city:{AREA}#[0-9]+", page.content())
    assert made
    page.goto(f"{live.url}/keys/carriers/new/")
    send(page, kind="psam", number=f"{AREA}0000000001", origin="ministry", holder="990100-BUREAU", key_set=made[0])
    agree(live, screens(second))
    page.goto(f"{live.url}/keys/")
    links = page.locator("main a[href^='/keys/carriers/']:not([href$='/new/'])")
    found = {links.nth(at).get_attribute("href") for at in range(links.count())} - {carrier.removeprefix(live.url)}
    psam = live.url + found.pop()
    page.goto(psam)
    page.click("a[href$='/load/']")
    page.check(f"input[value='{pair.public.hex()}']")
    page.check("input[name=algorithm][value='3']")
    with page.expect_download() as waited:
        page.click("main form button[type=submit]")
    held = making.make(making.read(Path(waited.value.path())), pair.unwrap)
    assert (held.number, held.label) == (f"{AREA}0000000001", f"sscard {made[0]}")
    path = {name: one.removeprefix(live.url) for name, one in
            (("ceremony", ceremony), ("carrier", carrier), ("loss", loss))}  # fmt: skip
    paths = {"keys": "/keys/", **{f"keys-{name}": one for name, one in path.items()},
             "keys-new": "/keys/ceremonies/new/", "keys-hand": "/keys/carriers/new/", "keys-admit": "/keys/receivers/new/",
             "keys-strike": "/keys/receivers/strike/", "keys-retire": "/keys/sets/retire/",
             "keys-load": psam.removeprefix(live.url) + "load/"}  # fmt: skip
    for size, lang in IN_BOTH_LANGUAGES:
        eyes = live.page(browser, size)
        live.sign_in(eyes, first, lang=lang)
        for name, one in paths.items():
            live.look(eyes, one, name, size, lang)
        eyes.context.close()

"""A clerk enables a virtual card in a virtual reader: page → loopback → reader service → PC/SC → chip, in a real browser,
with the product's own programs."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from holders_kit import bank_kit  # noqa: F401 - puts the kits of rooms on the path

import chip_desk_kit as chips
import terminals_kit as kit
from chip_kit import contacts, present, reader_service, wait_for
from pages_kit import LivePortal, Office
from sscard.chip.reader.vpcd import InReader
from sscard.sim.devices import Desk, Server, Wallet
from sscard.sim.devices.making import equip

pytestmark = pytest.mark.slow
PORT = 17650
PAD = """
import sys
from pathlib import Path
typed = Path(sys.argv[1])
for line in sys.stdin:
    if line.startswith("GETPIN"):
        first, _, rest = typed.read_text().partition("\\n")
        typed.write_text(rest)
        print("D " + first if first else "ERR 83886179 cancelled", flush=True)
    print("OK", flush=True)
"""


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def pcscd() -> Iterator[None]:
    """Also the only one on this machine who has the service's usual port while it runs."""
    yield from reader_service()


@dataclass
class Hall:
    """A desk of the clerk's bureau: its simulated ID reader, its reader service, and a file that says what is typed there."""

    live: LivePortal
    desk: Desk
    typed: Path

    def types(self, *digits: str) -> None:
        self.typed.write_text("".join(f"{one}\n" for one in digits))


@pytest.fixture
def hall(live_portal: LivePortal, office: Office, tmp_path: Path, pcscd: None) -> Iterator[Hall]:
    trust = Path(os.environ["SSCARD_HOME"]) / "tls" / "authority.pem"
    admin, clerk = office.caller("system.990100"), office.caller("clerk.990100")
    wallet, code = Wallet(tmp_path / "wallet"), f"T-{uuid.uuid4().hex[:8]}"
    equip(admin, wallet, code, kind="bureau", organisation=clerk.organisation)
    (tmp_path / "pad.py").write_text(PAD)
    typed = tmp_path / "typed"
    command = [
        sys.executable, "-u", "-m", "sscard.app.command", "reader", "serve", "--terminal", code, "--server",
        live_portal.url, "--wallet", str(wallet.folder), "--trust", str(trust), "--pad",
        f"{sys.executable} {tmp_path / 'pad.py'} {typed}",
    ]  # fmt: skip
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    try:
        assert str(PORT) in service.stdout.readline()
        yield Hall(live_portal, Desk(Server(live_portal.url, trust), wallet, code), typed)
    finally:
        service.terminate()
        service.wait(20)
        service.stdout.close()


def press(page: Any, order: str) -> str:
    """A button of the reader, and what the page says when the order is done or refused."""
    page.click(f"[data-order={order}]")
    page.wait_for_function("() => ![...document.querySelectorAll('[data-order]')].some(one => one.disabled)")
    return str(page.inner_text("[data-said]"))


def open_matter(page: Any, live: LivePortal, path: str, terminal: str) -> None:
    page.goto(live.url + path)
    if "/desk/purpose/" in page.url:
        page.click("main form.narrow button[type=submit]")
        page.goto(live.url + path)
    page.check(f"input[value='{terminal}']")
    page.click("main button[type=submit]")
    page.wait_for_url("**session=**")


def test_a_card_is_enabled_and_its_password_changed(hall: Hall, browser: Any) -> None:
    live = hall.live
    li, wang = kit.resident(), kit.resident()
    chip, other = contacts(chips.image_of(li)), contacts(chips.image_of(wang))
    page = live.page(browser, "desktop")
    live.sign_in(page, "clerk.990100", lang="zh")
    open_matter(page, live, f"/cards/{li.card_id}/enable/", hall.desk.terminal)
    assert "没有" in press(page, "prove"), "no card in the reader"
    hall.desk.present_id(li.body)
    with InReader(other):
        wait_for(present, "the reader sees the other card")
        assert "✓" in press(page, "prove")
        page.click("main form button[type=submit]")
        assert li.row().social == "sealed", "the card on the page is not the one in the slot"
    wait_for(lambda: not present(), "the reader is empty")
    with InReader(chip):
        wait_for(present, "the reader sees the card")
        open_matter(page, live, f"/cards/{li.card_id}/enable/", hall.desk.terminal)
        hall.desk.present_id(li.body)
        assert "✓" in press(page, "prove")
        hall.types("123456", "123456")
        assert "123456" not in press(page, "password"), "easy to guess"
        hall.types(kit.PIN, kit.PIN)
        assert "✓" in press(page, "password")
        page.wait_for_selector("[data-live-end]")
        for size, lang in (("desktop", "zh"), ("phone", "en")):
            page.set_viewport_size({"width": 360, "height": 780} if size == "phone" else {"width": 1280, "height": 800})
            if lang == "en":
                page.goto(f"{page.url}&lang=en")
            live.check(page, "desk-reader", size, lang)
        assert kit.PIN not in page.content()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        assert (li.row().social, chip.card.image.secrets.pin.hex()) == ("normal", kit.PIN)
        # the second matter: its password changed, then looked at on the page
        open_matter(page, live, f"/cards/{li.card_id}/change-password/", hall.desk.terminal)
        assert "✓" in press(page, "prove")
        hall.types("740193", kit.OTHER_PIN, kit.OTHER_PIN)
        assert "5" in press(page, "password"), "five tries are left"
        hall.types(kit.PIN, kit.OTHER_PIN, kit.OTHER_PIN)
        assert "✓" in press(page, "password")
        live.check(page, "desk-change-password", "desktop", "en")
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        assert chip.card.image.secrets.pin.hex() == kit.OTHER_PIN
        page.goto(f"{live.url}/cards/{li.card_id}/unlock-password/")
        live.check(page, "desk-unlock-choose", "desktop", "en")
        live.look(page, "/passwords/", "passwords", "desktop", "en")
        page.set_viewport_size({"width": 360, "height": 780})
        live.look(page, "/passwords/?lang=zh", "passwords", "phone", "zh")
        # a page that reads no card may not even speak to the reader
        page.goto(f"{live.url}/desk/")
        reach = f"fetch('http://127.0.0.1:{PORT}/order', {{method: 'POST'}}).then(() => 'reached', () => 'refused')"
        assert page.evaluate(reach) == "refused"
    page.context.close()

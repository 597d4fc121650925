"""Virtual cards in a virtual reader at a bureau's desk, a bank's counter and a kiosk: page → loopback → reader service → PC/SC →
chip, in a real browser, with the product's own programs."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from holders_kit import bank_kit
from test_terminal_pages import CCB, kiosk_at

import chip_desk_kit as chips
import terminals_kit as kit
from chip_kit import contacts, present, reader_service, wait_for
from pages_kit import BOTH, LivePortal, Office
from sscard.chip.card.image import Image
from sscard.chip.personal import demo
from sscard.chip.personal.making import make
from sscard.chip.reader.transport import Powered
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
    """A terminal: its simulated ID reader, its reader service, and a file that says what is typed there."""

    live: LivePortal
    desk: Desk
    typed: Path

    def types(self, *digits: str) -> None:
        self.typed.write_text("".join(f"{one}\n" for one in digits))


@contextmanager
def serving(live: LivePortal, wallet: Wallet, code: str, folder: Path) -> Iterator[Hall]:
    """`sscard reader serve` for one terminal, as on its own machine."""
    trust = Path(os.environ["SSCARD_HOME"]) / "tls" / "authority.pem"
    (folder / "pad.py").write_text(PAD)
    typed = folder / "typed"
    command = [
        sys.executable, "-u", "-m", "sscard.app.command", "reader", "serve", "--terminal", code, "--server",
        live.url, "--wallet", str(wallet.folder), "--trust", str(trust), "--pad",
        f"{sys.executable} {folder / 'pad.py'} {typed}",
    ]  # fmt: skip
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    try:
        assert str(PORT) in service.stdout.readline()
        yield Hall(live, Desk(Server(live.url, trust), wallet, code), typed)
    finally:
        service.terminate()
        service.wait(20)
        service.stdout.close()


@pytest.fixture
def hall(live_portal: LivePortal, office: Office, tmp_path: Path, pcscd: None) -> Iterator[Hall]:
    """A desk of the clerk's bureau."""
    admin, clerk = office.caller("system.990100"), office.caller("clerk.990100")
    wallet, code = Wallet(tmp_path / "wallet"), f"T-{uuid.uuid4().hex[:8]}"
    equip(admin, wallet, code, kind="bureau", organisation=clerk.organisation)
    with serving(live_portal, wallet, code, tmp_path) as found:
        yield found


@contextmanager
def inside(card: Powered) -> Iterator[None]:
    """A card in the reader, and out again."""
    with InReader(card):
        wait_for(present, "the reader sees the card")
        yield
    wait_for(lambda: not present(), "the reader is empty")


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


@dataclass
class Tapped:
    """A card, and somebody who writes down what goes over its contacts."""

    card: Any
    heard: list[tuple[bytes, bytes]] = field(default_factory=list)

    def power_on(self) -> bytes:
        return bytes(self.card.power_on())

    def power_off(self) -> None:
        self.card.power_off()

    def transmit(self, raw: bytes) -> bytes:
        answer = bytes(self.card.transmit(raw))
        self.heard.append((raw, answer))
        return answer


@dataclass
class Replayed:
    """A card made of what was written down: it answers each command as the real one did, the last such first."""

    atr: bytes
    heard: list[tuple[bytes, bytes]]

    def power_on(self) -> bytes:
        return self.atr

    def power_off(self) -> None:
        pass

    def transmit(self, raw: bytes) -> bytes:
        same = [answer for command, answer in self.heard if command == raw]
        alike = [answer for command, answer in self.heard if command[:2] == raw[:2]]
        return [b"\x6d\x00", *alike, *same][-1]


def chip_of(holder: Any) -> Image:
    """The chip of a bank's customer: a made-up card under his card's code and bank number."""
    made = demo.order(sequence=bank_kit.next_number() % 400 + 1)
    payment = replace(made.payment, pan=holder.pan) if made.payment else None
    return make(replace(made, card_id_code=holder.card_id_code, pin="", payment=payment))


@pytest.fixture
def customer(house: Any) -> Any:
    return bank_kit.opened(bank_kit.person())


def tells_that_no_card_is_there(said: str) -> bool:
    """With the next step. A reader that was emptied a moment ago tells that the card was taken out."""
    return ("没有卡" in said and "请插入社会保障卡" in said) or ("被取出" in said and "请插回同一张卡" in said)


def last(page: Any, order: str, address: str) -> None:
    """The order that makes the evidence whole: the page leads on by itself."""
    page.click(f"[data-order={order}]")
    page.wait_for_url(f"**{address}")


def test_a_tellers_counter_enables_and_activates(
    live_portal: LivePortal, office: Office, browser: Any, tmp_path: Path, pcscd: None, customer: Any
) -> None:
    """Two acts with two passwords; a recorded card proves nothing; a card pulled out in the middle changes nothing."""
    terminal = bank_kit.Terminal("CCB", outlet=CCB)
    chip = contacts(chip_of(customer))
    tapped = Tapped(chip)
    page = live_portal.page(browser, "desktop")
    live_portal.sign_in(page, f"teller.{CCB}", lang="zh")
    page.goto(f"{live_portal.url}/bank/counter/")
    page.check(f"input[value='{terminal.code}']")
    page.click("main form button.button[type=submit]")

    def begin(name: str) -> None:
        page.goto(f"{live_portal.url}/bank/begin/{name}/")
        page.click("main form button.button[type=submit]")
        page.wait_for_url("**/bank/devices/")

    with serving(live_portal, terminal.desk.wallet, terminal.code, tmp_path) as counter:
        with inside(tapped):
            page.goto(f"{live_portal.url}/bank/")
            page.click("form[action='/bank/read/'] button[type=submit]")
            page.wait_for_url("**/bank/devices/")
            last(page, "prove", "/bank/customer/")
            assert customer.id_number not in page.content()
            begin("enable")
            counter.desk.present_id(customer.virtual_person())
            assert "✓" in press(page, "prove")
            counter.types("740193", "740193")
            last(page, "password", "/bank/do/")
            assert chip.card.image.secrets.pin.hex() == "740193"
            live_portal.check(page, "counter-reader-check", "desktop", "zh")
            page.click("main form button.button[type=submit]")
            page.wait_for_load_state()
            assert social_of(customer) == "normal"
            page.goto(f"{live_portal.url}/bank/customer/")
            begin("activate")
            counter.desk.present_id(customer.virtual_person())
        assert tells_that_no_card_is_there(press(page, "prove"))
        with inside(Replayed(chip.card.image.atr, tapped.heard)):
            said = press(page, "prove")
            assert "✓" not in said, "a recorded answer fits no other session"
            live_portal.check(page, "counter-replayed", "phone", "zh")
        with inside(tapped):
            assert "✓" in press(page, "prove")
            counter.types(bank_kit.PIN, bank_kit.PIN)
        assert tells_that_no_card_is_there(press(page, "password")), "pulled out between the two"
        assert bank_kit.mirror_of(customer).status == "NOT_ACTIVATED"
        with inside(tapped):
            last(page, "password", "/bank/do/")
            page.fill("[name=phone]", "91300000001")
            page.click("main form button.button[type=submit]")
            page.wait_for_load_state()
    assert bank_kit.mirror_of(customer).status == "ACTIVE"
    assert chip.card.image.secrets.pin.hex() == "740193", "the bank password never went to the chip"
    assert not [raw for raw, _ in tapped.heard if bytes.fromhex(bank_kit.PIN) in raw]
    page.goto(f"{live_portal.url}/bank/")
    page.context.close()


def social_of(holder: Any) -> str:
    from sscard.cards.models import Card
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=holder.area):
        return str(Card.objects.get(person_id=holder.person_id, card_id=holder.card).social)


def test_a_kiosk_enables_changes_and_activates(
    live_portal: LivePortal, office: Office, browser: Any, tmp_path: Path, pcscd: None, customer: Any
) -> None:
    """Alone before the screen: no service, no card, another kind of card, then the three acts one after the other."""
    kiosk = kiosk_at(office, CCB, "CCB")
    chip = contacts(chip_of(customer))
    tapped = Tapped(chip)
    page = live_portal.page(browser, "desktop")
    token = kiosk.client.cookies["__Host-sscard"].value
    page.context.add_cookies(
        [{"name": "__Host-sscard", "value": token, "url": live_portal.url, "secure": True, "httpOnly": True}]
    )

    def begin(matter: str) -> None:
        page.goto(f"{live_portal.url}/terminal/")
        page.click(f"button[value={matter}]")
        page.wait_for_url("**/terminal/devices/")

    def finish() -> str:
        with page.expect_navigation():
            page.click("main form button[type=submit]")
        return str(page.inner_text("h1"))

    page.goto(f"{live_portal.url}/terminal/?lang=zh")
    live_portal.check(page, "kiosk-start", BOTH, "zh")
    begin("enable")
    said = press(page, "prove")
    assert "没有应答" in said, "no reader service on this machine"
    assert "请启动" in said
    with serving(live_portal, kiosk.desk.wallet, kiosk.code, tmp_path) as terminal:
        assert tells_that_no_card_is_there(press(page, "prove"))
        with inside(Replayed(chip.card.image.atr, [])):
            assert "不是社会保障卡" in press(page, "prove")
        with inside(tapped):
            terminal.desk.present_id(customer.virtual_person())
            assert "✓" in press(page, "prove")
            live_portal.check(page, "kiosk-reader", BOTH, "zh")
            terminal.types("740193", "740193")
            last(page, "password", "/terminal/do/")
            assert "启用好了" in finish()
            assert (social_of(customer), chip.card.image.secrets.pin.hex()) == ("normal", "740193")
            begin("change")
            assert "✓" in press(page, "prove")
            terminal.types("111111", "853027", "853027")
            assert "5" in press(page, "password"), "wrong: five tries are left"
            terminal.types("740193", "853027", "853027")
            last(page, "password", "/terminal/do/")
            assert "已经修改" in finish()
            assert chip.card.image.secrets.pin.hex() == "853027"
            begin("activate")
        with inside(Replayed(chip.card.image.atr, tapped.heard)):
            terminal.desk.present_id(customer.virtual_person())
            assert "✓" not in press(page, "prove"), "a recorded answer fits no other session"
        assert bank_kit.mirror_of(customer).status == "NOT_ACTIVATED"
        with inside(tapped):
            assert "✓" in press(page, "prove")
            terminal.types(bank_kit.PIN, bank_kit.PIN)
            last(page, "password", "/terminal/do/")
            page.fill("[name=phone]", "91300000001")
            assert "激活好了" in finish()
    assert bank_kit.mirror_of(customer).status == "ACTIVE"
    assert chip.card.image.secrets.pin.hex() == "853027"
    page.context.close()

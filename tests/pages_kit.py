"""What the fixtures of the page tests are made of: signed-in clients, and the real portal in a real browser."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import Client

from axe_kit import serious_faults
from sscard.app import config as configuration
from sscard.app.children import dies_with_us
from sscard.app.processes import ALL, port_answers
from sscard.control import passwords, sessions, totp
from sscard.control.caller import Caller
from sscard.control.models import Staff
from sscard.kernel import clock
from sscard.sim import city
from tests_support import House, RunningHouse

TOO_SMALL = """[...document.querySelectorAll('body *')]
    .filter(e => !e.closest('svg, .sort-mark') && e.childElementCount === 0 && e.textContent.trim()
                 && parseFloat(getComputedStyle(e).fontSize) < 16).map(e => ['smaller than 16 px', e.outerHTML.slice(0, 80)])"""
PICTURES = Path(__file__).parents[1] / "build" / "pages"
PICTURES_WANTED = os.environ.get("SSCARD_PICTURES") == "1"
SIZES = {"phone": (360, 780), "desktop": (1280, 800)}
BOTH = "both"
"""In place of a size: a page is looked at on the phone and on the desktop."""
AXE_AT = {"zh": "phone", "en": "desktop"}
IN_BOTH_LANGUAGES = [(BOTH, "zh"), (BOTH, "en")]
SIGNED_IN_S = 600
"""A sign-in is used again for so long: unused for a quarter of an hour, as on a busy machine, a session of staff ends."""
CHROMIUM = Path(shutil.which("chromium-headless-shell") or "/usr/bin/chromium")
"""Without a window's frame, which costs a third of a page's processor time, where the system has it so."""
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--ignore-certificate-errors",
]  # fmt: skip


@dataclass(slots=True)
class Office:
    """The demo's offices, and their staff at the pages."""

    book: city.Book

    def staff(self, username: str) -> Staff:
        return Staff.objects.get(username=passwords.normal_name(username))

    def caller(self, username: str, **more: Any) -> Caller:
        return Caller.of_staff(self.staff(username), channel="page", **more)

    def client(
        self, username: str, *, lang: str = "zh", purpose: str = "counter", forgery_checks: bool = False
    ) -> HouseClient:
        """A client that is signed in and has said what for."""
        client = HouseClient(enforce_csrf_checks=forgery_checks, secure_by_default=True)
        store = sessions.SessionStore()
        sessions.begin(store, kind="staff", subject=self.staff(username).staff_id, purpose=purpose)
        client.cookies["__Host-sscard"] = store.session_key
        client.cookies["__Host-sscard-lang"] = lang
        return client


class HouseClient(Client):
    """Django's test client, always over TLS as cookies named __Host- need it."""

    def __init__(self, *, secure_by_default: bool = True, **more: Any) -> None:
        super().__init__(**more)
        self.secure = secure_by_default

    def request(self, **request: Any) -> Any:
        if self.secure:
            request |= {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}
        request["SERVER_NAME"] = "localhost"
        return super().request(**request)

    def act(self, path: str, **values: Any) -> Any:
        """Send a form with a fresh key."""
        return self.post(path, {"key": str(uuid.uuid4()), **values})


@dataclass(slots=True)
class LivePortal:
    """The portal from outside. Staff sign in once by their two factors; the cookie is used again after that."""

    house: House
    port: int
    book: city.Book
    cookies: dict[str, tuple[float, list[Any]]] = field(default_factory=dict)
    """Username → when he signed in, his cookie."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def page(self, browser: Any, size: str = "desktop", **more: Any) -> Any:
        width, height = SIZES["phone" if size == BOTH else size]
        more = {
            "ignore_https_errors": True,
            "reduced_motion": "reduce",
            **more,
        }  # else what moves is drawn all the time
        context = browser.new_context(viewport={"width": width, "height": height}, **more)
        opened = context.new_page()
        opened.trouble = []
        opened.on("pageerror", lambda error: opened.trouble.append(str(error)))
        opened.on("console", lambda said: opened.trouble.append(said.text) if "Content Security" in said.text else None)
        return opened

    def sign_in(self, page: Any, username: str, *, lang: str = "zh") -> None:
        """By the sign-in page with password and one-time code; later by the same session."""
        page.context.clear_cookies(name="__Host-sscard")  # else signing in would end the session of who was here before
        since, cookies = self.cookies.get(username, (-SIGNED_IN_S, []))
        if time.monotonic() - since < SIGNED_IN_S:
            page.context.add_cookies(cookies)
            page.goto(f"{self.url}/?lang={lang}")
            return
        one = self.book.staff[username]
        page.goto(f"{self.url}/sign-in/?lang={lang}")
        page.fill("#f-username", username)
        page.fill("#f-password", one.password)
        page.fill("#f-code", totp.code(one.totp, clock.real_now()))
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        # by address and not by domain: a cookie named __Host- belongs to one host
        cookies = [
            {"name": one["name"], "value": one["value"], "url": self.url}
            for one in page.context.cookies()
            if one["name"] == "__Host-sscard"
        ]
        self.cookies[username] = (time.monotonic(), cookies)

    def look(self, page: Any, path: str, name: str, size: str, lang: str) -> None:
        """Open a page, take its picture, and hold it to the rules of all pages."""
        page.goto(self.url + path)
        self.check(page, name, size, lang)

    def check(self, page: Any, name: str, size: str, lang: str) -> None:
        """Hold the open page to the rules of all pages, at one width or at BOTH without loading it again. A wrong one
        leaves its picture, `SSCARD_PICTURES=1` each one. At BOTH, axe looks at the phone in Chinese and at the desktop
        in English: it takes half of such a test's time, and a page is shown in both languages."""
        for one in SIZES if size == BOTH else (size,):
            if size == BOTH:
                width, height = SIZES[one]
                page.set_viewport_size({"width": width, "height": height})
            axe = size != BOTH or one == AXE_AT[lang]
            trouble = [*rules_broken(page, lang, axe=axe), *page.trouble]
            if trouble or PICTURES_WANTED:
                PICTURES.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=PICTURES / f"{name}-{one}-{lang}.png", full_page=True)
            assert trouble == [], (name, one)


def rules_broken(page: Any, lang: str, *, axe: bool = True) -> list[object]:
    """What the open page breaks of the rules of all pages (docs/pages.md); [] when it is right."""
    found: list[object] = []
    if axe:
        found += serious_faults(page)
    found += page.evaluate(TOO_SMALL)
    if page.get_attribute("html", "lang") != {"zh": "zh-CN", "en": "en"}[lang]:
        found.append("the language of the page")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found


@contextmanager
def portal_running(house: House, config: configuration.Config) -> Iterator[None]:
    portal = next(one for one in ALL if one.name == "portal")
    log = config.home / f"portal-{config.portal_port}.log"
    environ = {**house.environ, "SSCARD_PORTAL_PORT": str(config.portal_port)}
    with log.open("wb") as out:
        process = subprocess.Popen(
            portal.command(config), env=environ, stdout=out, stderr=out, preexec_fn=dies_with_us()
        )
    try:
        RunningHouse.wait_for(
            lambda: process.poll() is not None or port_answers(config.portal_bind, config.portal_port)
        )
        if process.poll() is not None:
            raise RuntimeError(f"the portal does not start:\n{log.read_text(errors='replace')[-2000:]}")
        yield
    finally:
        process.terminate()
        process.wait(30)


def PHOTO(content: bytes = b"") -> Any:
    """A small real PNG, or whatever else somebody calls a photo."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((190 - y, 205, 215) * 84) for y in range(105))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 84, 105, 8, 2, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return SimpleUploadedFile("photo.png", content or png, "image/png")

"""Known secrets are planted in every way in, then looked for where they must not be: logs, error answers, addresses, and
all text in the database. What is sealed or hashed may hold them; nothing else."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from security_kit import Town
    from tests_support import House

NAME = "夏侯梧桐"
PHONE = "93912345678"
STREET = "云溪市落星巷九十九号"
STAFF_PASSWORD = "canary-霜降-0451-lantern"
HOLDER_PASSWORD = "canary-谷雨-2290-kettle"
PIN = "905172"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
pytestmark = pytest.mark.asvs("v5.0.0-16.2.5")


def id_number() -> str:
    from datetime import date

    from sscard.codes import demo
    from sscard.codes.sex import Sex

    return demo.citizen_id(date(1948, 7, 29), Sex.FEMALE, 477, "090101")


class Planted:
    """The ways of one person and one clerk through the house, with everything that was said to them."""

    def __init__(self, town: Town) -> None:
        self.town, self.answers, self.secrets = town, [], {NAME, PHONE, STREET, STAFF_PASSWORD, HOLDER_PASSWORD, PIN}
        self.number = id_number()
        self.secrets.add(self.number)

    def said(self, answer: Any) -> Any:
        """Kept for the search: what was refused. What was granted may show a person his own things."""
        if answer.status_code >= 400:
            self.answers.append(answer.content.decode() + str(answer.headers))
        return answer

    def go(self) -> None:
        from pages_kit import PHOTO, HouseClient
        from security_kit import ONE, Api

        clerk = self.town.api(f"clerk.{ONE}", **{"Sscard-Purpose": "counter"})
        form = {
            "id_number": self.number, "name": NAME, "sex": "2", "birth_date": "1948-07-29", "nation": "01",
            "category": "resident", "phone": PHONE, "household_address": STREET,
        }  # fmt: skip
        done = clerk.act("people.register", {"form": form})
        assert done.status_code == 200, done.content.decode()
        person = done.json()["person"]
        self.said(
            clerk.act("people.register", {"form": {**form, "sex": "9", "nation": "77", "birth_date": "19480730"}})
        )
        self.said(clerk.act("people.register", {"form": form, "extra": f"{self.number} {NAME}"}))
        self.said(clerk.act("people.register", {"form": {**form, "phone": {"x": PHONE}}}))
        self.said(clerk.post("/api/acts/people.register", f'{{"form": "{self.number} {NAME} {PHONE}'))
        self.said(clerk.get(f"/api/people/{self.number}"))
        self.said(clerk.act("people.correct", {"person": person, "phone": f"{PHONE}0"}))
        code = clerk.act("people.invite_holder", {"person": person, "identity_seen": True}).json()["code"]
        self.secrets.add(code)
        self._sign_in(code)
        nobody = Api(HouseClient())
        for path in ("/api/session", "/api/holder-session"):
            self.said(nobody.post(path, {"username": self.number, "password": HOLDER_PASSWORD, "code": PIN}))
            self.said(nobody.post(path, {"username": self.number, "password": HOLDER_PASSWORD, "pin": PIN}))
        page = HouseClient()
        page.cookies["__Host-sscard"] = clerk.token
        page.raise_request_exception = False
        self.said(page.act("/people/new/", step="send", **{**form, "sex": "5"}))
        self.said(page.post(f"/people/{person}/photo/", {"photo": PHOTO(f"{self.number}{NAME}".encode())}))
        self.said(page.get("/desk/find/", {"text": self.number}))
        self._broken(page)
        self._staff_password(page)

    def _sign_in(self, code: str) -> None:
        from pages_kit import HouseClient
        from security_kit import Api
        from sscard.control import totp
        from sscard.kernel import clock

        secret = totp.new_secret()
        self.secrets.add(secret)
        body = {
            "id_number": self.number, "code": code, "password": "short", "totp_secret": secret,
            "totp_code": totp.code(secret, clock.real_now()),
        }  # fmt: skip
        nobody = Api(HouseClient())
        self.said(nobody.post("/api/holder-setup", body))
        self.said(nobody.post("/api/holder-setup", {**body, "password": HOLDER_PASSWORD, "code": "AAAAAAAA"}))
        made = nobody.post("/api/holder-setup", {**body, "password": HOLDER_PASSWORD})
        assert made.status_code == 200, made.content.decode()
        mine = Api(HouseClient(), made.json()["token"])
        self.secrets.add(mine.token)
        assert mine.get("/api/my/facts").json()["name"] == NAME  # the one place where it may stand in clear
        self.said(mine.act("people.change_own_password", {"old": HOLDER_PASSWORD, "new": self.number}))
        self.said(mine.act("people.change_own_password", {"old": "wrong", "new": HOLDER_PASSWORD}))

    def _staff_password(self, page: Any) -> None:
        from security_kit import PASSWORD

        self.secrets.add(PASSWORD)
        page.post("/password/", {"old": STAFF_PASSWORD, "new": PASSWORD})
        self.said(page.post("/password/", {"old": PASSWORD, "new": STAFF_PASSWORD}))

    def _broken(self, page: Any) -> None:
        """A fault inside with all of it in hand: the page and the log tell none of it."""
        from unittest.mock import patch

        from sscard.people import reads

        def broken(*_: Any, **__: Any) -> Any:
            name, number, pin = NAME, self.number, PIN
            raise RuntimeError(f"{number} {PHONE}") from ValueError(f"{name}{pin}"[:0])

        with patch.object(reads, "find", broken), patch("sscard.portal.desk.home.people.find", broken):
            self.said(page.post("/desk/find/", {"text": self.number}))


@pytest.fixture(scope="module")
def planted(_module_house: House, _founded: Town) -> tuple[Planted, str]:
    """Once: everything is sent, while the house's own log handler writes into memory."""
    from sscard.kernel.logs import Lines, Masked

    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Masked())
    handler.setFormatter(Lines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        with _module_house.entered():
            found = Planted(_founded)
            found.go()
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    return found, out.getvalue()


def test_refusals_were_many_and_hold_nothing(planted: tuple[Planted, str]) -> None:
    """But what the asker typed into a form's field, which the page shows him again to correct."""
    found, _ = planted
    problems = [one for one in found.answers if "<html" not in one]
    pages = [
        re.sub(r'(value="[^"]*")|(<textarea.*?</textarea>)', "", one, flags=re.S)
        for one in found.answers
        if "<html" in one
    ]
    assert len(problems) >= 12
    assert len(pages) >= 2
    for one in (*problems, *pages):
        assert [secret for secret in found.secrets if secret in one] == []


def test_the_log_holds_nothing(planted: tuple[Planted, str]) -> None:
    found, log = planted
    assert "Internal Server Error" in log, "the planted fault was logged"
    for line in log.splitlines():
        assert [secret for secret in found.secrets if secret in line] == [], line[:300]


def test_no_text_in_the_database_holds_them(planted: tuple[Planted, str], house: House) -> None:
    """Every column of every table, read by the superuser: text, JSON and bytes. Sealed columns hold cipher text."""
    found, _ = planted
    needles = {secret.encode() for secret in found.secrets}
    needles |= {secret.encode("unicode_escape") for secret in found.secrets}  # as JSON may write it
    hits, seen = [], 0
    with psycopg.connect(house.urls.admin) as connection:
        tables = [row[0] for row in connection.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )]  # fmt: skip
        for table in tables:
            for (row,) in connection.execute(f"select t::text from {table} t"):
                seen += 1
                data = row.encode()
                data += b"".join(bytes.fromhex(one) for one in re.findall(r"\\\\x((?:[0-9a-f]{2})+)", row))
                hits += [(table, needle.decode()) for needle in needles if needle in data]
    assert seen > 100
    assert hits == []


def test_addresses_name_nobody(planted: tuple[Planted, str]) -> None:
    """Ids of persons in addresses are random; numbers, names and phones go in bodies."""
    from test_T20_other_sites import patterns

    # the code on a handed-out paper opens its digest and nothing about a person; an error's code is one of a catalogue
    routes = [route for route in patterns() if "document-codes" not in route and "/errors/" not in route]
    holes = {hole for route in routes for hole in re.findall(r"<(?!int:)(?:\w+:)?(\w+)>", route)}
    assert holes & {"id_number", "phone", "pan", "pin", "card_number", "q", "text", "code"} == set()


def test_files_of_the_house_hold_nothing(planted: tuple[Planted, str], house: House) -> None:
    found, _ = planted
    for path in house.config.logs.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert [secret for secret in found.secrets if secret.encode() in data] == [], path

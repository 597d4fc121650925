"""CIBA at the counter: the clerk's page by HTTP, the holder's original ID and card at virtual devices, the client that polls."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from requests_oauth2client import DPoPKey
from test_ciba import ask, later, poll

import terminals_kit as kit
from binding_kit import Linked, Partner, call
from security_kit import Town

if TYPE_CHECKING:
    from pages_kit import HouseClient
    from sscard.sim.devices import Desk
    from tests_support import House

HERE = "/desk/consent/"


@dataclass
class Counter:
    """A clerk's browser beside a terminal with its devices, and a holder who was asked."""

    client: HouseClient
    desk: Desk
    holder: kit.Resident
    session: str = ""

    def text(self, answer: Any) -> str:
        assert answer.status_code < 500
        return str(answer.content.decode())

    def open(self) -> None:
        page = self.text(self.client.get(HERE))
        assert self.desk.terminal in page
        sent = self.client.post(HERE, {"step": "open", "terminal": self.desk.terminal, "key": uuid.uuid4().hex})
        assert sent.status_code == 302, sent.content
        self.session = sent["Location"].partition("session=")[2]

    def show(self, body: Any = None, *, copy: bool = False) -> None:
        """What the holder puts onto the reader and into the slot."""
        self.desk.present_id(body or self.holder.body, **({"source": "copy"} if copy else {}))
        self.desk.insert_card(self.holder.card)

    def post(self, step: str, message: str, **more: str) -> str:
        body = {"step": step, "session": self.session, "message": message, "key": uuid.uuid4().hex, **more}
        return self.text(self.client.post(HERE, body))


@pytest.fixture
def counter(house: House) -> Counter:
    return fresh_counter()


def fresh_counter() -> Counter:
    desk = kit.Town().settle().terminal()
    town, name = Town(), f"clerk.{secrets.token_hex(4)}"
    town.member(name, "clerk", "990100-BUREAU", kit.AREA)
    return Counter(town.page(name), desk, kit.resident(social="normal"))


def asked(partner: Partner, who: kit.Resident, message: str) -> str:
    one = SimpleNamespace(
        card_number=who.card.card_number, id_number=who.body.id_number, holder=SimpleNamespace(public=uuid.uuid4())
    )
    answer = ask(partner, one, message=message)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return str(answer.json()["auth_req_id"])


@pytest.mark.row("BND-2")
def test_agreed_at_the_counter(partner: Partner, counter: Counter) -> None:
    value, key = asked(partner, counter.holder, "KX-4182"), DPoPKey.generate()
    counter.open()
    missing = counter.post("find", "KX-4182")
    assert "f-message" in missing  # nothing was read yet: the page stays and says so
    counter.show()
    wrong = counter.post("find", "KX-4183")
    assert "确认码" in wrong
    assert "f-decision" not in wrong
    found = counter.post("find", "KX-4182")
    assert "f-decision" in found
    assert partner.organisation in found
    assert counter.holder.card.card_number not in found
    assert poll(partner, value, key).json()["error"] == "authorization_pending"
    undecided = counter.post("decide", "KX-4182")
    assert "f-decision" in undecided
    done = counter.post("decide", "KX-4182", decision="agree")
    assert re.search("已经同意", done)
    later()
    told = poll(partner, value, key)
    assert told.status_code == 200, told.text
    token = told.json()
    linked = Linked(None, token, key, token["authorization_details"][0]["consent"])  # type: ignore[arg-type]
    assert call(partner, linked, "/api/linked/status").status_code == 200
    from sscard.binding.models import Consent
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=kit.AREA):
        assert Consent.objects.get(person_id=counter.holder.person_id, consent_id=linked.consent).verified_by == "desk"
    again = counter.client.post(HERE, {"step": "find", "session": counter.session, "message": "KX-4182", "key": "k"})
    assert again.status_code >= 400, "the evidence has served"


def test_declined_at_the_counter(partner: Partner, counter: Counter) -> None:
    value = asked(partner, counter.holder, "no-7711")
    counter.open()
    counter.show()
    assert "没有同意" in counter.post("decide", "no-7711", decision="decline")
    assert poll(partner, value, DPoPKey.generate()).json()["error"] == "access_denied"


KIOSK = "/terminal/consent/"


@pytest.fixture
def kiosk(house: House) -> Counter:
    """A self-service terminal of the bureau's, signed in by its program."""
    from pages_kit import HouseClient

    desk = kit.Town().settle().terminal(kind="kiosk")
    program, client = Town().program("terminal", "990100-BUREAU", kit.AREA, "kiosk-secret"), HouseClient()
    answer = client.post(
        "/terminal/sign-in/", {"name": program.name, "secret": "kiosk-secret", "terminal": desk.terminal}
    )
    assert answer.status_code == 302, answer.content
    return Counter(client, desk, kit.resident(social="normal"))


@pytest.mark.row("BND-2")
def test_agreed_at_the_terminal_by_pressing_the_message_of_the_other_screen(partner: Partner, kiosk: Counter) -> None:
    value, key = asked(partner, kiosk.holder, "KX-9001"), DPoPKey.generate()
    kiosk.client.act("/terminal/begin/", matter="consent")
    assert kiosk.client.get(KIOSK).headers["Location"] == "/terminal/devices/", "nothing is shown before ID and card"
    kiosk.show()
    assert kiosk.client.get("/terminal/do/").headers["Location"] == KIOSK
    page = kiosk.text(kiosk.client.get(KIOSK))
    assert 'value="KX-9001"' in page
    assert 'name="decision"' not in page
    page = kiosk.text(kiosk.client.act(KIOSK, message="KX-9001"))
    assert partner.organisation in page
    assert 'name="decision" value="agree"' in page
    assert kiosk.holder.card.card_number not in page
    assert "已经同意" in kiosk.text(kiosk.client.act(KIOSK, message="KX-9001", decision="agree"))
    assert kiosk.client.get(KIOSK).headers["Location"] == "/terminal/", "nothing of it stays on the screen"
    later()
    assert poll(partner, value, key).status_code == 200


def test_at_the_terminal_a_stranger_sees_nothing_and_no_is_no(partner: Partner, kiosk: Counter) -> None:
    value = asked(partner, kiosk.holder, "KX-9002")
    kiosk.client.act("/terminal/begin/", matter="consent")
    kiosk.show(kit.resident(social="normal").body)
    answer = kiosk.client.get(KIOSK)
    assert answer.status_code >= 400
    assert "KX-9002" not in kiosk.text(answer)
    kiosk.client.act("/terminal/begin/", matter="consent")
    kiosk.show()
    assert "没有同意" in kiosk.text(kiosk.client.act(KIOSK, message="KX-9002", decision="decline"))
    assert poll(partner, value, DPoPKey.generate()).json()["error"] == "access_denied"
    kiosk.client.act("/terminal/begin/", matter="consent")
    kiosk.show()
    assert "binding.no_such_request" in kiosk.text(kiosk.client.get(KIOSK)), "with its code, for whoever asks for help"


def test_copies_strangers_and_other_roles_decide_nothing(partner: Partner, counter: Counter) -> None:
    value = asked(partner, counter.holder, "mine-5500")
    for body, copy in ((None, True), (kit.resident(social="normal").body, False)):
        counter.open()
        counter.show(body, copy=copy)
        for step in ("find", "decide"):
            assert "已经同意" not in counter.post(step, "mine-5500", decision="agree")
    town, name = Town(), f"reviewer.{secrets.token_hex(4)}"
    town.member(name, "reviewer", "990100-BUREAU", kit.AREA)
    assert town.page(name).get(HERE).status_code in (403, 404)
    assert poll(partner, value, DPoPKey.generate()).json()["error"] == "authorization_pending"

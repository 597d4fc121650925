"""A bank as a client of the bureau, a customer of it with a card that can be linked, and his charges."""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

for _room in ("bank", "portal"):
    sys.path.insert(0, str(Path(__file__).parent / _room))

import bank_kit  # noqa: E402
import customers_kit  # noqa: E402
import requests  # noqa: E402

import binding_kit  # noqa: E402

AREA = "990100"


@dataclass(slots=True)
class Person:
    """`linkable`: card and telephone. `signed`: his sign-in at the bank."""

    linkable: binding_kit.Linkable
    signed: customers_kit.Signed

    @property
    def account(self) -> uuid.UUID:
        return self.signed.holder.account


@dataclass(slots=True)
class Site:
    """A bank's API, asked under its host name."""

    url: str
    host: str
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Host": self.host, "Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex}
        session = requests.Session()
        session.verify, session.trust_env = False, False
        return session.request(method, self.url + path, json=body, headers=headers, timeout=60)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def bank_as_client(url: str, bank: str = "CCB") -> None:
    """Keys made at the bank, registered at the bureau, the number entered at the bank: as in docs/online-banking.md."""
    from sscard.bank.linked.client import MakeLinkClient, SetLinkClient
    from sscard.binding import clients
    from sscard.kernel import clock

    who = bank_kit.caller("bank_reviewer", bank=bank)
    port = url.rpartition(":")[2]
    redirect = f"https://{bank.lower()}.localhost:{port}/linked/back/"
    made = bank_kit.perform(who, "bank.make_link_client", MakeLinkClient(url, redirect)).answer
    bank_kit.organisation(bank, "bank", "", bank)
    client = clients.register(
        organisation=bank, name_zh=f"{bank}网上银行", name_en=f"{bank} on-line", redirect_uris=[redirect],
        jwks=made["jwks"], by=uuid.uuid4(), now=clock.real_now(),
    )  # fmt: skip
    bank_kit.perform(who, "bank.set_link_client", SetLinkClient(str(client.client_id)))


def person(*, fen: int = 100_000, social: str = "normal", activated: bool = True) -> Person:
    """With card, telephone, activated account and on-line banking."""
    one = binding_kit.holder(social=social)
    holder = bank_kit.opened(one.holder)
    if activated:
        holder = bank_kit.activated(holder)
    return Person(one, customers_kit.customer(holder, fen=fen))


def site(url: str, who: Person, bank: str = "ccb") -> Site:
    from netbank_kit import session_of

    port = url.rpartition(":")[2]
    return Site(url, f"{bank}.localhost:{port}", session_of(who.signed))


def charge(person_id: int, fen: int = 38_000, reference: str = "", insurance: str = "medical") -> uuid.UUID:
    from sscard.insurance.models import Charge
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work

    made = uuid.uuid4()
    with unit_of_work(area=AREA):
        Charge(
            person_id=person_id, charge_id=made, area_code=AREA, reference=reference or f"ZJ{made.hex[:12]}",
            insurance=insurance, first_month=202701, last_month=202712, amount_fen=fen, due_on=date(2099, 12, 31),
            file_id=uuid.uuid4(), changed_at=clock.real_now(),
        ).save(force_insert=True)  # fmt: skip
    return made


def agreed(url: str, asked: dict[str, Any], who: Person) -> dict[str, str]:
    """The holder's browser at the bureau's page, from the address that the bank gave to what it brings back."""
    browser = binding_kit.Browser(url)
    first = browser.get(asked["url"])
    assert first.status_code == 303, first.text
    return binding_kit.answer_of(browser.agree(browser.get(first.headers["Location"]), who.linkable))


def linked(url: str, who: Person, at: Site) -> str:
    """The whole way by the bank's API; the link's number."""
    body = {
        "card_number": who.linkable.card_number, "id_number": who.linkable.id_number, "account": str(who.account),
    }  # fmt: skip
    asked = at.ask("POST", "/api/customer/links", body)
    assert asked.status_code == 200, asked.text
    done = at.ask("POST", "/api/customer/links/finish", agreed(url, asked.json(), who))
    assert done.status_code == 200, done.text
    return str(done.json()["link"])

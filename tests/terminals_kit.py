"""A small town for tests of terminals and cards: two offices, a bank, people with cards, desks with virtual devices."""

from __future__ import annotations

import os
import secrets
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from sscard.cards import new_password, numbers
from sscard.cards.models import Card
from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control.caller import Caller
from sscard.control.door import perform
from sscard.control.models import Organisation
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.masked import mask_card, mask_id, mask_name
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index
from sscard.law import areas
from sscard.people import lookup
from sscard.people.models import Guardian, Person
from sscard.sim.devices import Desk, DeviceRefused, Enrolment, VirtualCard, VirtualPerson, Wallet
from sscard.sim.devices.making import equip, make_card
from sscard.terminals import acts, devices

AREA = "990100"
DISTRICTS = {"990100": "090101", "990200": "090201"}
PIN, OTHER_PIN = "830274", "291746"
ORGANISATIONS = (
    ("990100-BUREAU", "bureau", "990100", ""),
    ("990200-BUREAU", "bureau", "990200", ""),
    ("CCB-01", "bank_branch", "990100", "CCB"),
    ("ICBC-01", "bank_branch", "990100", "ICBC"),
)
_numbers = count(1)


def key() -> str:
    return f"t{next(_numbers)}-{secrets.token_hex(4)}"


def in_process(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The two device calls without HTTP between."""
    try:
        if path.endswith("/session"):
            return devices.current_session(body["device"], body["at"], body["mac"])
        if path.endswith("/chip"):
            return devices.open_chip(*(body[name] for name in ("device", "mac", "session", "step", "challenge")))
        if path.endswith("/password"):
            return new_password.judge(*(body[name] for name in ("device", "mac", "session", "block")))
        return devices.accept(body["device"], body["mac"], body["session"], body["kind"], body["payload"])
    except Refusal as refusal:
        raise DeviceRefused(refusal.code, {"zh": refusal.sentence()}, {"zh": refusal.next_step()}) from refusal


def staff(organisation: str = "990100-BUREAU", *roles: str, area: str = AREA, **more: Any) -> Caller:
    of = Organisation.objects.get(code=organisation)
    values: dict[str, Any] = {
        "kind": "staff",
        "id": uuid.uuid4(),
        "name": "甲",
        "channel": "page",
        "area": area,
        "organisation": of.code,
        "organisation_kind": of.kind,
        "bank": of.bank,
        "roles": frozenset(roles or ("clerk",)),
        "person_index": secrets.token_bytes(32),
    }
    return Caller(**{**values, **more})


@dataclass(slots=True)
class Town:
    wallet: Wallet = field(
        default_factory=lambda: Wallet(Path(tempfile.mkdtemp(prefix="wallet-", dir=os.environ["SSCARD_HOME"])))
    )
    admin: Caller | None = None

    def settle(self) -> Town:
        for code, kind, area, bank in ORGANISATIONS:
            Organisation.objects.get_or_create(
                code=code, defaults={"kind": kind, "area_code": area, "bank": bank, "name_zh": code, "name_en": code}
            )
        self.admin = staff("990100-BUREAU", "system_admin")
        return self

    def terminal(self, organisation: str = "990100-BUREAU", kind: str = "bureau") -> Desk:
        """A new terminal with all four devices enrolled."""
        code = f"T-{next(_numbers)}"
        area = Organisation.objects.get(code=organisation).area_code
        admin = self.admin if area == AREA else staff(f"{area}-BUREAU", "system_admin", area=area)
        equip(admin, self.wallet, code, kind=kind, organisation=organisation)
        return Desk(in_process, self.wallet, code)

    def enrol(self, terminal: str, kind: str) -> None:
        begun = Enrolment.begin(terminal, kind)
        request = acts.EnrolDevice(terminal, kind, begun.public)
        begun.finish(self.wallet, perform(self.admin, "terminals.enrol_device", request, key=key()).answer)


def open_session(
    who: Caller, desk: Desk, matter: str, wanted: tuple[str, ...] = ("id_reader", "card_slot", "pin_pad")
) -> uuid.UUID:
    request = acts.OpenSession(desk.terminal, matter, wanted)
    return uuid.UUID(perform(who, "terminals.open_session", request, key=key()).answer["session"])


@dataclass(frozen=True, slots=True)
class Resident:
    """A registered person with a card in hand, and both as virtual things."""

    person_id: int
    card_id: uuid.UUID
    area: str
    body: VirtualPerson
    card: VirtualCard

    def row(self) -> Card:
        with unit_of_work(area=self.area):
            return self.row_here()

    def row_here(self) -> Card:
        """Within a running unit of work."""
        return Card.objects.get(person_id=self.person_id, card_id=self.card_id)


def resident(
    birth: date = date(1990, 1, 1), *, area: str = AREA, production: str = "handed_out", social: str = "sealed"
) -> Resident:
    sequence = next(_numbers) % demo.PER_DAY + 1
    number = demo.citizen_id(birth, Sex.FEMALE, sequence, DISTRICTS[area])
    name, person_id, card_id = "王小明", ids.new_person_id(), ids.new_id()
    index, now, blank = blind_index("id_number", number), clock.real_now(), bytes(32)
    with unit_of_work(area=area):
        public = ids.new_id()
        Person(
            person_id=person_id, area_code=area, public_id=public, name_mask=mask_name(name), id_mask=mask_id(number),
            facts={"name": name, "id_number": number, "phone": demo.phone(sequence)}, id_kind="citizen", id_index=index,
            name_index=blank, like_phone=blank, like_address=blank, facts_index=blank, birth_date=birth, sex="2",
            category="resident", source="desk", created_at=now, changed_at=now,
        ).save(force_insert=True)  # fmt: skip
        assert lookup.put("id_number", index, area=area, person_id=person_id, object_id=public)
        made = numbers.make(areas.get(area), person_id=person_id, card_id=card_id)
        lookup.put("card", card_id, area=area, person_id=person_id, object_id=card_id)
        Card(
            person_id=person_id, card_id=card_id, area_code=area, facts=made.facts(), bank="CCB",
            card_number_mask=mask_card(made.card_number), production=production, social=social, created_at=now,
            changed_at=now,
        ).save(force_insert=True)  # fmt: skip
    pan = demo.pan_of("CCB", 1000 + next(_numbers))
    body = VirtualPerson.of(name, number)
    card = make_card(made.card_id_code, made.card_number, pan)
    return Resident(person_id, card_id, area, body, card)


def guardian_of(child: Resident, guardian: Resident) -> None:
    with unit_of_work(area=child.area):
        Guardian(
            person_id=child.person_id, guardian_person_id=guardian.person_id, area_code=child.area, relation="mother",
            since=clock.real_now(),
        ).save(force_insert=True)  # fmt: skip

"""A small virtual world for the bank's tests: persons, cards, terminals with virtual devices, tellers, programs."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sscard.codes import demo
from sscard.codes.sex import Sex

T = TypeVar("T")
PIN = "730591"
_next = count(1)


def next_number() -> int:
    """A number that is new in this run."""
    return next(_next)


def caller(
    role: str, *, bank: str = "", area: str = "990100", organisation: str = "", kind: str = "", **more: Any
) -> Any:
    from sscard.control.caller import Caller

    staff = role in ("teller", "clerk", "bank_reviewer", "system_admin")
    return Caller(
        kind=more.pop("caller_kind", "staff" if staff else "program"),
        id=uuid.uuid4(),
        name=role,
        channel=more.pop("channel", "page" if staff else "api"),
        area=area,
        organisation=organisation or f"{area}-{bank or 'BUREAU'}-01",
        organisation_kind=kind or ("bank_branch" if bank else "bureau"),
        bank=bank,
        roles=frozenset({role}),
        person_index=uuid.uuid4().bytes * 2 if staff else None,
        **more,
    )


def organisation(code: str, kind: str, area: str, bank: str = "") -> None:
    from sscard.control.models import Organisation

    Organisation.objects.get_or_create(
        code=code, defaults={"kind": kind, "area_code": area, "bank": bank, "name_zh": code, "name_en": code}
    )


@dataclass
class Holder:
    """A registered person with a card that was handed out."""

    area: str
    bank: str
    person_id: int
    public: uuid.UUID
    card: uuid.UUID
    name: str
    id_number: str
    birth: date
    card_id_code: str
    account: uuid.UUID = field(default_factory=uuid.uuid4)
    pan: str = ""

    def virtual_person(self) -> Any:
        from sscard.sim.devices import VirtualPerson

        return VirtualPerson.of(self.name, self.id_number, "2036-01-01")

    def virtual_card(self, **more: Any) -> Any:
        from sscard.kernel.keyclient import keys
        from sscard.keys.parties import KeyPair
        from sscard.sim.devices import VirtualCard

        pair = KeyPair.fresh()
        key = pair.unwrap(keys().card_key_for(self.card_id_code, pair.public)).hex()
        return VirtualCard(
            **{"card_id_code": self.card_id_code, "card_number": "X90000001", "key": key, "pan": self.pan, **more}
        )


def person(
    area: str = "990100", bank: str = "CCB", birth: date = date(1990, 5, 20), *, production: str = "handed_out"
) -> Holder:
    """Registered, with a card; the account is opened by `opened`."""
    from sscard.cards.models import Card
    from sscard.codes import card_identification_code, names
    from sscard.kernel import clock, ids
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.masked import mask_id, mask_name
    from sscard.kernel.sealed import blind_index
    from sscard.people import lookup
    from sscard.people.models import Person

    number = next(_next)
    district = {"990100": "090101", "990200": "090201"}[area]
    sequence = (number - 1) % demo.PER_DAY + 1  # each module has a database of its own
    id_number, name = demo.citizen_id(birth, Sex.FEMALE, sequence, district), "李小花"
    code = card_identification_code.construct(area, number.to_bytes(4, "big"), uuid.uuid4().bytes[:4])
    made = Holder(area, bank, ids.new_person_id(), ids.new_id(), ids.new_id(), name, id_number, birth, code)
    now = clock.now(area)
    with unit_of_work(area=area):
        Person(
            person_id=made.person_id, area_code=area, public_id=made.public,
            facts={"name": name, "id_number": id_number, "phone": f"9{number:010d}"},
            name_mask=mask_name(name), id_mask=mask_id(id_number), id_kind="citizen", phone_mask=f"9{number:010d}"[:3] + "****",
            id_index=blind_index("id_number", id_number), name_index=blind_index("name", names.compact(name)),
            birth_date=birth, sex="2", nation="01", category="resident", source="desk", created_at=now, changed_at=now,
        ).save(force_insert=True)  # fmt: skip
        Card(
            person_id=made.person_id, card_id=made.card, area_code=area, facts={"card_id_code": code}, bank=bank,
            card_number_mask="*****0001", production=production, social="sealed", created_at=now, changed_at=now,
        ).save(force_insert=True)  # fmt: skip
        lookup.put("person", made.public, area=area, person_id=made.person_id)
        lookup.put("id_number", blind_index("id_number", id_number), area=area, person_id=made.person_id)
        lookup.put("card", made.card, area=area, person_id=made.person_id, object_id=made.card)
        lookup.put(
            "card_id_code", blind_index("card_id_code", code), area=area, person_id=made.person_id, object_id=made.card
        )
    return made


def guardian_of(child: Holder, guardian: Holder) -> None:
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work
    from sscard.people.models import Guardian

    with unit_of_work(area=child.area):
        Guardian.objects.create(
            person_id=child.person_id,
            guardian_person_id=guardian.person_id,
            area_code=child.area,
            relation="mother",
            since=clock.now(child.area),
        )


def line(holder: Holder, number: int = 1, **more: Any) -> Any:
    from sscard.bank.acts import OpeningLine

    return OpeningLine(**{
        "line": number, "person": holder.public, "card": holder.card, "name": holder.name,
        "id_number": holder.id_number,
        "branch": f"{holder.area}-{holder.bank}-01", **more,
    })  # fmt: skip


def OpeningLineOf(number: int) -> Any:
    """A line about nobody, for tests of the form alone."""
    from sscard.bank.acts import OpeningLine

    id_number = demo.citizen_id(date(1990, 5, 20), Sex.FEMALE, number, "090101")
    return OpeningLine(number, uuid.uuid4(), uuid.uuid4(), "李小花", id_number)


def perform(who: Any, name: str, request: Any, *, key: str = "", area: str | None = None) -> Any:
    from sscard.control import door

    return door.perform(who, name, request, key=key or uuid.uuid4().hex, purpose="test", area=area)


def opened(holder: Holder) -> Holder:
    """With its account open, asleep."""
    from sscard.bank.acts import OpenAccounts
    from sscard.bank.reads import numbers_of
    from sscard.control.door import reading

    program = caller("bank_program", bank=holder.bank, area=holder.area)
    done = perform(program, "bank.open_accounts", OpenAccounts(holder.bank, uuid.uuid4().hex, (line(holder),)))
    result = done.answer["lines"][0]
    assert result["result"] == "opened", result
    holder.account = uuid.UUID(result["account"])
    with reading(program, right="bank.file", purpose="test") as inside:
        holder.pan = numbers_of(inside, [holder.account])[holder.account].pan
    return holder


class Terminal:
    """A counter or kiosk of a bank (or bureau) with all four devices."""

    def __init__(self, bank: str = "CCB", area: str = "990100", kind: str = "counter", outlet: str = "") -> None:
        from sscard.sim.devices import Desk, Enrolment, Wallet
        from sscard.terminals.acts import EnrolDevice, Register

        self.outlet = outlet or (f"{area}-{bank}-01" if bank else f"{area}-B01")
        organisation(self.outlet, "bank_branch" if bank else "outlet", area, bank)
        self.kind, self.code = kind, f"T-{uuid.uuid4().hex[:8]}"
        admin = caller("system_admin", area=area)
        perform(admin, "terminals.register", Register(self.code, kind, self.outlet, self.outlet))
        wallet = Wallet(Path(tempfile.mkdtemp(prefix="wallet-", dir=os.environ["SSCARD_HOME"])))
        for device in ("id_reader", "card_slot", "pin_pad", "camera"):
            begun = Enrolment.begin(self.code, device)
            answer = perform(admin, "terminals.enrol_device", EnrolDevice(self.code, device, begun.public)).answer
            begun.finish(wallet, answer)
        self.desk = Desk(_in_process, wallet, self.code)
        role = "teller" if kind != "kiosk" else "terminal"
        self.caller = caller(role, bank=bank, area=area, organisation=self.outlet)

    def session(self, matter: str, *wanted: str, who: Any = None) -> uuid.UUID:
        from sscard.terminals.acts import OpenSession

        answer = perform(who or self.caller, "terminals.open_session", OpenSession(self.code, matter, wanted)).answer
        return uuid.UUID(answer["session"])

    def present(
        self,
        matter: str,
        holder: Holder,
        pin: str = PIN,
        *,
        by: Any = None,
        source: str = "original",
        who: Any = None,
        look: Any = None,
    ) -> uuid.UUID:
        """The holder stands here: ID, card and PIN as the matter wants them. `by`: whose ID lies on the reader."""
        wanted = (
            ["card_slot", "pin_pad"]
            if matter in ("bank.withdraw", "bank.balance")
            else ["id_reader", "card_slot", "pin_pad"]
        )
        wanted = [w for w in wanted if pin or w != "pin_pad"] + (["camera"] if look else [])
        session = self.session(matter, *wanted, who=who)
        if "id_reader" in wanted:
            self.desk.present_id((by or holder).virtual_person(), source=source)
        self.desk.insert_card(holder.virtual_card())
        if pin:
            self.desk.enter_pin(pin)
        if look:
            self.desk.look(look.virtual_person())
        return session


def _in_process(path: str, body: Any) -> dict[str, Any]:
    from sscard.terminals import devices

    if path.endswith("session"):
        return devices.current_session(body["device"], body["at"], body["mac"])
    if path.endswith("/password"):
        from sscard.cards.new_password import judge

        return judge(body["device"], body["mac"], body["session"], body["block"])
    return devices.accept(body["device"], body["mac"], body["session"], body["kind"], body["payload"])


@lru_cache(maxsize=32)
def _counter(database: str, bank: str, area: str) -> Terminal:
    return Terminal(bank, area)


def counter_of(holder: Holder) -> Terminal:
    """A counter of the holder's bank for what a test needs done before it begins: one a database, as enrolling four devices
    costs more than the matter itself. Who tests the counter, or works in threads, takes a `Terminal` of his own."""
    return _counter(os.environ["SSCARD_DATABASE_NAME"], holder.bank, holder.area)


def activated(holder: Holder, terminal: Terminal | None = None) -> Holder:
    from sscard.bank.acts import Activate

    terminal = terminal or counter_of(holder)
    session = terminal.present("bank.activate", holder)
    perform(terminal.caller, "bank.activate", Activate(holder.account, session, "91300000001"), area=holder.area)
    return holder


MOST_CASH_FEN = 5_000_000
"""What a teller of the demo's banks takes in at once."""


def pay_in(holder: Holder, fen: int) -> Any:
    """In cash at the counter, or what is too much for that by an agency's payment."""
    from sscard.bank.acts import Deposit

    role = "teller" if fen <= MOST_CASH_FEN else "bank_program"
    return perform(caller(role, bank=holder.bank, area=holder.area), "bank.deposit", Deposit(fen, holder.account))


@contextmanager
def in_bank(holder: Holder) -> Any:
    from sscard.kernel.db import bank_role, unit_of_work

    with unit_of_work(area=holder.area), bank_role(f"bank:{holder.bank}"):
        yield


def balance_of(holder: Holder) -> int:
    from sscard.ledger import reads

    with in_bank(holder):
        found = reads.balance(holder.person_id, holder.account)
    assert found is not None
    return found.balance_fen


def mirror_of(holder: Holder) -> Any:
    from sscard.bank.models import AccountStatus
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=holder.area):
        return AccountStatus.objects.get(account_id=holder.account)


def refused(job: Callable[[], Any]) -> Any:
    """The refusal that the job must end in; its texts are whole."""
    from sscard.kernel.refusals import Refusal

    with pytest.raises(Refusal) as found:
        job()
    refusal = found.value
    for lang in ("zh", "en"):
        assert refusal.next_step(lang), refusal.code
        assert "…" not in refusal.sentence(lang) + refusal.next_step(lang), refusal.sentence(lang)
    return refusal


def codes_of(refusal: Any) -> set[str]:
    return {fault.code for fault in refusal.faults} or {refusal.code}


def in_threads(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """All at once, each with a connection of its own; exceptions are handed back."""

    def run(job: Callable[[], T]) -> T | Exception:
        from django.db import connections

        try:
            return job()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: run(job), jobs))

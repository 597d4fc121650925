"""An issuing office for tests: staff with indexes of their own, persons, a producer with real keys, the bank's file side."""

from __future__ import annotations

import itertools
import os
import secrets
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sscard.bank import file_program, files
from sscard.chip.personal import demo as demo_card
from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control import acts as control_acts
from sscard.control.caller import Caller
from sscard.control.door import Outcome, perform, reading
from sscard.control.inside import Inside
from sscard.control.models import Approval, Organisation
from sscard.issuing import acts, package, producers, reads
from sscard.issuing.models import Application, Batch, CardPosition, OfficeDecision
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many
from sscard.people import guardians, registry
from sscard.people.models import Person
from sscard.sim import ministry
from sscard.sim.producer import Producer, set_up

AREA, BUREAU, HALL, BRANCH = "990100", "990100-BUREAU", "990100-B01", "990100-CCB-01"
MAKER, PRODUCT, CHIP, COS = "PRODUCER-YUNSHAN", "YS-3", "SC3-80", "YCOS-3.1"
PHOTO = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    + (358).to_bytes(4, "big")
    + (441).to_bytes(4, "big")
    + b"\x08\x03\x00\x00\x00" * 2
)
PAPERS = ("household_book", "id_card")
BARE = {"PATH": "", **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}}
"""What the producer's program gets of this process's environment: where its code lies."""
_sequence = itertools.count(1)
_days = itertools.count(1)


def staff(*roles: str, organisation: str = BUREAU, kind: str = "bureau", **more: Any) -> Caller:
    values: dict[str, Any] = {
        "kind": "staff",
        "id": uuid.uuid4(),
        "name": "王某",
        "channel": "page",
        "area": AREA,
        "organisation": organisation,
        "organisation_kind": kind,
        "roles": frozenset(roles),
        "person_index": secrets.token_bytes(32),
    }
    return Caller(**{**values, **more})


def program(role: str, organisation: str, kind: str, **more: Any) -> Caller:
    return Caller(
        kind="program", id=uuid.uuid4(), name=f"{organisation} program", channel="api", area=more.pop("area", AREA),
        organisation=organisation, organisation_kind=kind, roles=frozenset({role}), **more,
    )  # fmt: skip


def do(caller: Caller, request: Any, *, key: str = "", area: str | None = None) -> Outcome:
    return perform(caller, NAMES[type(request)], request, key=key or uuid.uuid4().hex, area=area)


NAMES = {
    acts.Apply: "issuing.apply",
    acts.ApplyMany: "issuing.apply_many",
    acts.Check: "issuing.check",
    acts.CheckCampaign: "issuing.check_campaign",
    acts.WithdrawApplication: "issuing.withdraw",
    acts.MakeBatch: "issuing.make_batch",
    acts.DissolveBatch: "issuing.dissolve_batch",
    acts.WriteAccountFile: "issuing.write_account_file",
    acts.ReadAccountAnswer: "issuing.read_account_answer",
    acts.RegisterProducer: "issuing.register_producer",
    acts.RegisterExamination: "issuing.register_examination",
    acts.ImportDecision: "issuing.import_decision",
    acts.ReleaseBatch: "issuing.release_batch",
    acts.TakePackage: "issuing.take_package",
    acts.RecallBatch: "issuing.recall_batch",
    acts.ReceiveReturn: "issuing.receive_return",
    acts.ReceiveShipment: "issuing.receive_shipment",
    acts.SendToOutlet: "issuing.send_to_outlet",
    acts.ReceiveAtOutlet: "issuing.receive_at_outlet",
    acts.HandOver: "issuing.hand_over",
    acts.Destroy: "issuing.destroy",
    acts.ReportMissing: "issuing.report_missing",
    acts.FindCard: "issuing.find_card",
    acts.WriteOff: "issuing.write_off",
    control_acts.Approve: "control.approve",
}


def refused(caller: Caller, request: Any, **more: Any) -> Refusal:
    """The refusal that this request meets; it has a sentence in both languages and a next step."""
    with pytest.raises(Refusal) as caught:
        do(caller, request, **more)
    refusal = caught.value
    assert refusal.sentence("zh"), refusal.code
    assert refusal.sentence("en"), refusal.code
    assert refusal.next_step("zh"), f"{refusal.code} tells no next step"
    return refusal


def approve(checker: Caller, outcome: Outcome) -> dict[str, Any]:
    with unit_of_work(area=checker.area):
        waiting = Approval.objects.get(approval_id=outcome.waiting)
    request = control_acts.Approve(waiting.approval_id, bytes(waiting.digest).hex())
    return do(checker, request).answer


def together(maker: Caller, checker: Caller, request: Any) -> dict[str, Any]:
    return approve(checker, do(maker, request))


@cache
def report_of(
    supplier: str = "yunshan", product: str = PRODUCT, chip: str = CHIP, cos: str = COS, area: str = AREA
) -> tuple[bytes, str]:
    """A good card's report and its signature; the suite takes a second, so one for the whole run."""
    return ministry.examined(demo_card.card(area=area), supplier, "yunshan-1", product, chip, cos, MAKER)


def put_passes_on_file() -> None:
    """The three audits of the product that these tests order, decided by the ministry's office; once."""
    with unit_of_work(area=AREA):
        if OfficeDecision.objects.filter(area_code=AREA, number="T-1").exists():
            return
    report = report_of()
    maker, checker = staff("area_manager"), staff("reviewer")
    together(maker, checker, acts.RegisterExamination(*report))
    together(maker, checker, acts.ImportDecision(*ministry.decide(*report, number="T-1", on=date(2020, 6, 28))))


@dataclass(frozen=True, slots=True)
class Resident:
    person_id: int
    public_id: uuid.UUID
    id_number: str
    index: bytes


@dataclass
class Office:
    """Clerks, reviewer and stock keepers of the bureau, each a human of his own."""

    clerk: Caller
    clerk2: Caller
    reviewer: Caller
    stock: Caller
    folder: Path
    wallet: Path
    maker: Producer
    residents: list[Resident] = field(default_factory=list)

    @classmethod
    def open(cls) -> Office:
        for code, kind, bank in (
            (BUREAU, "bureau", ""), (HALL, "outlet", ""), (BRANCH, "bank_branch", "CCB"), ("CCB", "bank", "CCB"),
            ("ICBC", "bank", "ICBC"), (MAKER, "producer", ""), ("PRODUCER-OTHER", "producer", ""),
        ):  # fmt: skip
            area = "" if kind in ("bank", "producer") else AREA
            Organisation.objects.get_or_create(
                code=code, defaults={"kind": kind, "bank": bank, "area_code": area, "name_zh": code, "name_en": code}
            )
        folder = Path(tempfile.mkdtemp(prefix="issuing-", dir=os.environ["SSCARD_HOME"]))
        for name in ("inbox", "outbox", "plant"):
            (folder / name).mkdir()
        public = set_up(folder / "plant", MAKER)
        maker = Producer(folder / "plant")
        maker.trust(producers.trust(AREA))
        office = cls(
            staff("clerk"), staff("clerk"), staff("reviewer"), staff("stock_keeper"), folder, folder / "wallet", maker
        )
        office.register_producer(public)
        put_passes_on_file()
        return office

    def register_producer(self, public: dict[str, str], **more: Any) -> None:
        request = acts.RegisterProducer(
            **{
                "producer": MAKER, "supplier": "yunshan", "plant": "yunshan-1", "signing": public["signing"],
                "receiving": public["receiving"], "qualified_until": date(2099, 1, 1), **more,
            }
        )  # fmt: skip
        together(staff("area_manager"), staff("security_admin"), request)

    def people(self, count: int, *, photo: bool = True, birth: date | None = None, **more: str) -> list[Resident]:
        """Fresh residents of their own numbers, ready to apply."""
        day = birth or date(1960 + next(_days) % 35, 1 + next(_days) % 12, 1 + next(_days) % 28)
        numbers = []
        for _ in range(count):
            step = next(_sequence)
            born = birth or date.fromordinal(day.toordinal() + step // 400)
            numbers.append((demo.citizen_id(born, Sex.FEMALE, step % 400 + 1), born))
        rows = [_row(number, born, more) for number, born in numbers]
        with unit_of_work(area=AREA):
            inside = Inside(caller=self.clerk, area_code=AREA, act="test")
            done = registry.register_many(inside, rows, source="desk", ignore_likeness=True)
            ids = [one.person_id for one in done]
            assert all(ids), "registered"
            if photo:
                _photos(inside, ids)  # type: ignore[arg-type]
        indexes = blind_many("id_number", [number for number, _ in numbers])
        found = [
            Resident(one.person_id, one.public_id, number, index)  # type: ignore[arg-type]
            for one, (number, _), index in zip(done, numbers, indexes, strict=True)
        ]
        self.residents += found
        return found

    def guard(self, child: Resident, guardian: Resident) -> None:
        with unit_of_work(area=AREA):
            inside = Inside(caller=self.clerk, area_code=AREA, act="test")
            row = {"guardian_id": guardian.id_number, "guardian_relation": "母亲"}
            assert guardians.link_many(inside, [(child.person_id, row)]) == 1

    # --- the steps ------------------------------------------------------------------------------------------------------

    def apply(self, who: Resident, *, by: Caller | None = None, **more: Any) -> uuid.UUID:
        request = acts.Apply(
            **{"person": who.public_id, "bank": "CCB", "outlet": HALL, "papers": PAPERS, **more}  # type: ignore[arg-type]
        )
        return uuid.UUID(do(by or self.clerk, request).answer["application"])

    def checked(self, people: list[Resident], **more: Any) -> list[uuid.UUID]:
        with unit_of_work(area=AREA):  # what other tests left waiting would get into this batch
            Application.objects.filter(state="checked").update(state="withdrawn")
        found = [self.apply(one, **more) for one in people]
        for one in found:
            do(self.reviewer, acts.Check(one))
        return found

    def batch(self, **more: Any) -> uuid.UUID:
        request = acts.MakeBatch(**{"bank": "CCB", "producer": MAKER, "product": PRODUCT, "chip": CHIP, **more})
        return uuid.UUID(do(self.clerk, request).answer["batch"])

    def answer(self, batch: uuid.UUID) -> bytes:
        """The opening file out, and the bank's own program answers it."""
        once = do(self.clerk, acts.WriteAccountFile(batch)).once
        opening, answer = self.folder / once["name"], self.folder / f"{once['name']}.answer"
        files.keep(opening, once["file"])
        bank = program("bank_program", "CCB", "bank", bank="CCB")
        file_program.answer_file(bank, opening, answer, check=files.checked_for_area(AREA))
        return answer.read_bytes()

    def accounted(self, people: list[Resident], **more: Any) -> uuid.UUID:
        self.checked(people, **more)
        batch = self.batch(most=len(people))
        do(self.clerk, acts.ReadAccountAnswer(batch, self.answer(batch)))
        return batch

    def release(self, batch: uuid.UUID) -> dict[str, Any]:
        return together(self.clerk, self.reviewer, acts.ReleaseBatch(batch, self.view(batch).ordered))

    def released(self, people: list[Resident], **more: Any) -> uuid.UUID:
        batch = self.accounted(people, **more)
        self.release(batch)
        return batch

    def package(self, batch: uuid.UUID) -> Path:
        once = do(program("producer_program", MAKER, "producer"), acts.TakePackage(batch)).once
        path = self.folder / "inbox" / f"{batch}.package"
        path.write_bytes(once["package"])
        return path

    def produce(self, batch: uuid.UUID, *, spoil: str = "0%", missing: str = "0%", seed: int = 1) -> bytes:
        """The producer as a program of its own."""
        self.package(batch)
        command = [
            sys.executable, "-m", "sscard.app.command", "producer", "run", "--inbox", str(self.folder / "inbox"),
            "--outbox", str(self.folder / "outbox"), "--home", str(self.folder / "plant"), "--wallet", str(self.wallet),
            "--spoil", spoil, "--missing", missing, "--seed", str(seed),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=BARE)
        assert done.returncode == 0, done.stdout + done.stderr
        return (self.folder / "outbox" / f"{batch}.return").read_bytes()

    def returned(self, people: list[Resident], **more: Any) -> uuid.UUID:
        quality = {name: more.pop(name) for name in ("spoil", "missing", "seed") if name in more}
        batch = self.released(people, **more)
        do(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(batch, self.produce(batch, **quality)))
        return batch

    def stocked(self, people: list[Resident], **more: Any) -> uuid.UUID:
        batch = self.returned(people, **more)
        for box in self.boxes(batch):
            do(self.stock, acts.ReceiveShipment(box["seal"], box["cards"]))
        return batch

    def at_hall(self, people: list[Resident], **more: Any) -> list[uuid.UUID]:
        """Cards at the hall, in the order of their people."""
        batch = self.stocked(people, **more)
        sent = do(self.stock, acts.SendToOutlet(HALL, f"HALL-{uuid.uuid4().hex[:8]}", batch)).answer
        do(self.clerk2, acts.ReceiveAtOutlet(sent["seal"], sent["cards"]))
        return [self.card_of(one) for one in people]

    def hand_over(self, card: uuid.UUID, who: Resident, *, by: Caller | None = None, **more: Any) -> Outcome:
        request = acts.HandOver(
            **{"card": card, "outlet": HALL, "document": "id_card", "id_number": who.id_number, **more}
        )
        return do(by or self.clerk2, request)

    # --- looking ----------------------------------------------------------------------------------------------------

    def view(self, batch: uuid.UUID) -> reads.BatchView:
        with reading(self.clerk, right="issuing.view", purpose="test") as inside:
            return reads.batch(inside, batch)

    def boxes(self, batch: uuid.UUID) -> list[dict[str, Any]]:
        with reading(self.stock, right="issuing.view", purpose="test") as inside:
            return [box for box in reads.boxes(inside, receiver=BUREAU) if box["batch"] == str(batch)]

    def where(self, card: uuid.UUID) -> reads.Where:
        with reading(self.clerk, right="issuing.where", purpose="test") as inside:
            return reads.where(inside, card)

    def card_of(self, who: Resident) -> uuid.UUID:
        with unit_of_work(area=AREA):
            return CardPosition.objects.get(person_id=who.person_id).card_id

    def application(self, application: uuid.UUID) -> Application:
        with unit_of_work(area=AREA):
            return Application.objects.get(application_id=application)

    def row(self, batch: uuid.UUID) -> Batch:
        with unit_of_work(area=AREA):
            return Batch.objects.get(batch_id=batch)

    def sealed(self, batch: uuid.UUID) -> bytes:
        return package.read(self.row(batch))


def _row(number: str, born: date, more: dict[str, str]) -> dict[str, str | None]:
    return {
        "name": "测试甲", "id_number": number, "id_type": "resident_id", "phone": "93000000007",
        "household_address": "云溪市", "live_address": None, "birth_date": f"{born:%Y%m%d}", "sex": "2", "nation": "01",
        "category": "employee", "employer_code": None, "old_id_number": None, **more,
    }  # fmt: skip


def _photos(inside: Inside, persons: list[int]) -> None:
    from sscard.kernel import ids
    from sscard.kernel.sealed import seal_many
    from sscard.people.models import Photo

    rows = [
        Photo(
            person_id=one, photo_id=ids.new_id(), area_code=AREA, image=PHOTO, media_type="image/png",
            taken_at=inside.now,
        )
        for one in persons
    ]  # fmt: skip
    seal_many(rows, "image")
    Photo.objects.bulk_create(rows)
    Person.objects.filter(person_id__in=persons).update(has_photo=True)

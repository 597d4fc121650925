"""A small town for the tests of abuses: offices of two areas and two banks, their staff, residents with sign-ins.

All staff share one password hash (made once), each has an authenticator of his own. `Api` and the page clients are
Django's test client over TLS; sessions are real rows.
"""

# ruff: noqa: E402 - the kits of rooms lie in their folders, which come onto the path first
from __future__ import annotations

import json
import secrets
import sys
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

for _room in ("bank", "portal"):
    sys.path.insert(0, str(Path(__file__).parent / _room))

import bank_kit
import holders_kit

from pages_kit import HouseClient
from sscard.control import passwords, sessions, totp
from sscard.control.caller import Caller
from sscard.control.models import Approval, Organisation, Program, Session, Staff, StaffRole
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.people import lookup
from sscard.people.models import HolderAccount

ONE, TWO = "990100", "990200"
PASSWORD = "四月的河边-paper-lantern-58"
NATIONAL = {"ministry_reviewer": ("MOHRSS-IT", "ministry_office")}
OFFICE = (
    "clerk", "reviewer", "stock_keeper", "area_manager", "system_admin", "security_admin", "audit_admin",
)  # fmt: skip
Answer = Any


@cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)


@dataclass(slots=True)
class Api:
    """The JSON API with one bearer token."""

    client: HouseClient
    token: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.client.get(path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str) -> Answer:
        data = body if isinstance(body, str | bytes) else json.dumps(body or {}, default=str)
        headers.setdefault("Idempotency-Key", uuid.uuid4().hex)
        return self.client.post(path, data, content_type=content_type, headers=self._headers(headers))

    def act(self, name: str, body: Any = None, **headers: str) -> Answer:
        return self.post(f"/api/acts/{name}", body, **headers)

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**own, **self.more, **headers}


@dataclass(frozen=True, slots=True)
class Resident:
    """A person of `area` with a card of CCB, an account, and a sign-in of his own."""

    holder: bank_kit.Holder
    account: HolderAccount

    @property
    def id_number(self) -> str:
        return self.holder.id_number


@dataclass
class Town:
    """`staff` by "role.area"; bank people by "teller.CCB" and the like."""

    staff: dict[str, Staff] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls) -> Town:
        town = cls()
        for code, kind in (("MOHRSS", "ministry"), ("MOHRSS-IT", "ministry_office")):
            town.organisation(code, kind, "")
        for area in (ONE, TWO):
            town.organisation(f"{area}-BUREAU", "bureau", area)
            town.organisation(f"{area}-EMP-1", "employer", area)
            for role in OFFICE:
                town.member(f"{role}.{area}", role, f"{area}-BUREAU", area)
            town.member(f"employer_handler.{area}", "employer_handler", f"{area}-EMP-1", area)
        for bank in ("CCB", "ICBC"):
            town.organisation(bank, "bank", "", bank)
            town.organisation(f"{ONE}-{bank}-01", "bank_branch", ONE, bank)
            town.member(f"teller.{bank}", "teller", f"{ONE}-{bank}-01", ONE)
            town.member(f"bank_reviewer.{bank}", "bank_reviewer", bank, ONE)
        town.member("ministry_reviewer", "ministry_reviewer", "MOHRSS-IT", "")
        return town

    @staticmethod
    def organisation(code: str, kind: str, area: str, bank: str = "") -> None:
        Organisation.objects.get_or_create(
            code=code, defaults={"kind": kind, "area_code": area, "bank": bank, "name_zh": code, "name_en": code}
        )

    def member(self, username: str, role: str, organisation: str, area: str, **more: Any) -> Staff:
        """`person_index` may be given: a second account of one person."""
        secret = totp.new_secret()
        more.setdefault("person_index", secrets.token_bytes(32))
        staff = Staff(
            username=passwords.normal_name(username), organisation_id=organisation, area_code=area, display_name="钱某",
            totp=secret, password=_hash(), **more,
        )  # fmt: skip
        staff.save(force_insert=True)
        StaffRole.objects.create(staff=staff, person_index=staff.person_index, role=role, area_code=area)
        self.staff[username], self.secrets[username] = staff, secret
        return staff

    def fresh(self, role: str = "clerk", area: str = ONE, **more: Any) -> str:
        """Another member of the bureau, for tests that use an account up; his user name."""
        name = f"{role}.{uuid.uuid4().hex[:10]}"
        self.member(name, role, f"{area}-BUREAU", area, **more)
        return name

    def code(self, username: str, step: int = 0) -> str:
        return totp.code(self.secrets[username], clock.real_now() + timedelta(seconds=30 * step))

    def caller(self, username: str, **more: Any) -> Caller:
        staff = Staff.objects.get(staff_id=self.staff[username].staff_id)
        return Caller.of_staff(staff, channel="page", **more)

    def api(self, username: str, **headers: str) -> Api:
        """Signed in; this ends the account's earlier session, as staff have one."""
        store = sessions.SessionStore()
        sessions.begin(store, kind="staff", subject=self.staff[username].staff_id, purpose="counter")
        return Api(HouseClient(), str(store.session_key), {"Sscard-Purpose": "counter", **headers})

    def page(self, username: str, *, forgery_checks: bool = False) -> HouseClient:
        client = HouseClient(enforce_csrf_checks=forgery_checks)
        client.cookies["__Host-sscard"] = self.api(username).token
        return client

    def program(self, role: str, organisation: str, area: str, secret: str) -> Program:
        return Program.objects.create(
            program_id=ids.new_id(), name=f"{role}.{uuid.uuid4().hex[:8]}", organisation_id=organisation,
            area_code=area, role=role, secret_hash=sessions.token_hash(secret),
        )  # fmt: skip


def resident(area: str = ONE, *, account: bool = True) -> Resident:
    holder = bank_kit.person(area)
    if account:
        bank_kit.opened(holder)
    return Resident(holder, holders_kit.with_sign_in(holder))


def holder_api(who: Resident) -> Api:
    return Api(HouseClient(), holders_kit.session_of(who.account))


def holder_page(who: Resident) -> HouseClient:
    return holders_kit.client_of(who.account)


def holder_code(who: Resident, step: int = 0) -> str:
    from sscard.kernel.sealed import open_one

    class Door:
        def opened(self, *_: object) -> None:
            return

    with unit_of_work(area=who.holder.area):
        account = HolderAccount.objects.get(person_id=who.holder.person_id)
    return totp.code(open_one(account, "totp", Door()), clock.real_now() + timedelta(seconds=30 * step))


def things(who: Resident, town: Town) -> dict[str, uuid.UUID]:
    """One object of each kind that belongs to this resident or his area."""
    from sscard.control import door
    from sscard.control.acts_registry import find
    from sscard.insurance.models import ContributionFile
    from sscard.issuing.acts import ReleaseBatch
    from sscard.issuing.models import Application, Batch
    from sscard.people import imports
    from sscard.people.models import DuplicateCase, ImportRun

    area, now = who.holder.area, clock.real_now()
    clerk = town.staff[f"clerk.{area}"]
    made = {"made_by": clerk.staff_id, "made_at": now}
    workbook = imports.inbox() / f"{ids.new_id()}-faults.xlsx"
    workbook.write_bytes(b"PK")
    file = {
        **made, "organisation": f"{area}-BUREAU", "made_by_name": "钱某", "file_name": "a.csv", "file_path": "a.csv",
        "file_digest": b"d" * 32, "state": "checked", "faults_path": json.dumps([workbook.name]), "area_code": area,
    }  # fmt: skip
    new = {name: ids.new_id() for name in ("application", "batch", "import", "contributions", "approval", "case")}
    with unit_of_work(area=area):
        ImportRun.objects.create(import_id=new["import"], **file)
        ContributionFile.objects.create(file_id=new["contributions"], content="contributions", **file)
        DuplicateCase(
            case_id=new["case"], area_code=area, kind="same_number_other_person", row={"name": "李小花"},
            row_index=secrets.token_bytes(32), opened_at=now,
            masks={"incoming": {**dict.fromkeys(("name", "id", "phone"), "*"), "birth_date": "19900101"}},
        ).save(force_insert=True)  # fmt: skip
        Batch.objects.create(
            batch_id=new["batch"], area_code=area, number=new["batch"].hex[:12], organisation=f"{area}-BUREAU",
            bank="CCB", state="accounted", producer="PRODUCER-NONE", product="P", chip="C", due_on=now.date(), **made,
        )  # fmt: skip
        Application(
            person_id=who.holder.person_id, application_id=new["application"], area_code=area, bank="CCB",
            outlet=f"{area}-B01", state="applied", way="desk", applied_by=clerk.staff_id,
            applied_person=bytes(clerk.person_index), applied_name="钱某", applied_at=now, changed_at=now,
        ).save(force_insert=True)  # fmt: skip
        lookup.put("application", new["application"], area=area, person_id=who.holder.person_id)
        act, asked = find("issuing.release_batch"), ReleaseBatch(new["batch"], 1)
        body = door.canonical(act, asked, area)
        Approval(
            approval_id=new["approval"], area_code=area, organisation=f"{area}-BUREAU", act="issuing.release_batch",
            request=body, digest=door.digest(body), summary={"mark": new["approval"].hex}, maker=clerk.staff_id,
            maker_person=bytes(clerk.person_index), maker_name="钱某", made_at=now, expires_at=now + timedelta(hours=9),
        ).save(force_insert=True)  # fmt: skip
    return {
        **new, "person": who.holder.public, "card": who.holder.card, "account": who.holder.account,
        "holder": who.account.holder_id,
    }  # fmt: skip


def later(monkeypatch: Any, by: timedelta) -> None:
    """Move the machine's clock as the house reads it."""
    from sscard.kernel import clock as module

    start = module.real_now
    monkeypatch.setattr(module, "real_now", lambda: start() + by)


def live_sessions(subject: uuid.UUID) -> int:
    return Session.objects.filter(subject=subject).count()


def at_once(job: Callable[[], Any], times: int) -> Sequence[Any]:
    """The same in parallel, each with a connection of its own; a refusal is handed back."""
    from django.db import connections

    from sscard.kernel.refusals import Refusal

    def run(_: int) -> Any:
        try:
            return job()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))

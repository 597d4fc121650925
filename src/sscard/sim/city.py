"""A demo city's offices: organisations, staff with sign-ins, programs. Made once; made again it changes nothing.

Sign-ins are random for each installation and kept in the state folder for the demo's owner only; nothing here has a default
password, and none of it is made in production.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control import passwords, totp
from sscard.control.models import Organisation, Program, Staff, StaffRole
from sscard.control.sessions import token_hash
from sscard.kernel.ids import new_id
from sscard.kernel.sealed import blind_index
from sscard.law import areas
from sscard.law.area import Area

NATIONAL = (
    ("MOHRSS", "ministry", "人力资源和社会保障部（演示）", "Ministry of Human Resources and Social Security (demo)"),
    ("MOHRSS-IT", "ministry_office", "部信息化领导小组办公室（演示）", "Ministry's informatisation office (demo)"),
)
CHECKERS = (("school", "技能培训学校", "Skills School"), ("hospital", "人民医院", "People's Hospital"))
"""Third parties that check the card as a credential."""
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", ("安宁", "书言", "清和", "明远", "若水", "知行", "怀瑾", "思齐")


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody of the demo signs in. `totp` is the authenticator's secret."""

    username: str
    password: str
    totp: str
    role: str
    name: str
    organisation: str
    area: str
    id_number: str


@dataclass(frozen=True, slots=True)
class ProgramKey:
    """How a program of the demo signs in."""

    name: str
    secret: str
    role: str
    organisation: str
    area: str


class Book:
    """The demo's book of sign-ins: one file, readable by its owner only."""

    def __init__(self, home: Path) -> None:
        self.path = home / "demo" / "signins.json"
        self.staff: dict[str, SignIn] = {}
        self.programs: dict[str, ProgramKey] = {}
        if self.path.is_file():
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            self.staff = {name: SignIn(**one) for name, one in stored["staff"].items()}
            self.programs = {name: ProgramKey(**one) for name, one in stored["programs"].items()}

    def save(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = {
            "note": "demo sign-ins, made for this installation only",
            "staff": {name: asdict(one) for name, one in self.staff.items()},
            "programs": {name: asdict(one) for name, one in self.programs.items()},
        }
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False, indent=1)


def found(home: Path) -> Book:
    """Found the offices of all areas that have a pack. Returns the book of sign-ins."""
    book = Book(home)
    for code, kind, zh, en in NATIONAL:
        _organisation(code, kind, zh, en)
    _member(book, "ministry", "ministry_reviewer", "MOHRSS-IT", "", 1)
    for number, area in enumerate(areas.all_areas(), start=1):
        _area(book, area, number * 100)
    book.save()
    return book


def _area(book: Book, area: Area, seed: int) -> None:
    code = area.code
    bureau = f"{code}-BUREAU"
    _organisation(bureau, "bureau", area.issuer_name("zh"), area.issuer_name("en"), code)
    office = [
        ("clerk", "clerk"), ("clerk2", "clerk"), ("reviewer", "reviewer"), ("reviewer2", "reviewer"),
        ("stock", "stock_keeper"), ("manager", "area_manager"), ("system", "system_admin"),
        ("security", "security_admin"), ("security2", "security_admin"), ("auditor", "audit_admin"),
    ]  # fmt: skip
    for place, (name, role) in enumerate(office, start=1):
        _member(book, f"{name}.{code}", role, bureau, code, seed + place)
    for name, role in (
        ("stock", "key_custodian"), ("manager", "key_custodian"), ("reviewer2", "key_custodian"), ("clerk2", "key_auditor"),
    ):  # fmt: skip
        _also(f"{name}.{code}", role)
    for outlet in area.outlets():
        if outlet.kind == "bureau":
            _organisation(outlet.code, "outlet", outlet.name.zh, outlet.name.en, outlet.area_code, parent=bureau)
    place = 20
    for bank in area.banks(date.today()):  # noqa: DTZ011 - which banks to found does not hang on a zone
        _organisation(bank.code, "bank", bank.name.zh, bank.name.en, bank=bank.code)
        for outlet in area.outlets(kind="bank", bank=bank.code):
            _organisation(
                outlet.code, "bank_branch", outlet.name.zh, outlet.name.en, outlet.area_code, bank.code, bank.code
            )
            place += 1
            _member(book, f"teller.{outlet.code}", "teller", outlet.code, outlet.area_code, seed + place)
            if outlet.terminal:
                _program(book, f"kiosk.{outlet.code}", "terminal", outlet.code, outlet.area_code)
        place += 1
        _member(book, f"bankreview.{code}.{bank.code}", "bank_reviewer", bank.code, code, seed + place)
        _program(book, f"bankfiles.{code}.{bank.code}", "bank_program", bank.code, code)
    for permit in area.permits.production:
        supplier = f"PRODUCER-{permit.supplier.upper()}"
        _organisation(supplier, "producer", permit.supplier_name.zh, permit.supplier_name.en)
        _program(book, f"producer.{permit.supplier}", "producer_program", supplier, "")
    employer = f"{code}-EMP-1"
    credit = demo.credit_code(int(code[2:]) + 1, code)
    _organisation(
        employer, "employer", f"{area.name()}青禾机械厂", f"{area.name('en')} Qinghe Works", code, credit=credit
    )
    _member(book, f"employer.{code}", "employer_handler", employer, code, seed + 60)
    _program(book, f"checker.{employer}", "checker_program", employer, code)
    for place, (kind, zh, en) in enumerate(CHECKERS, start=61):
        one = f"{code}-{kind.upper()}-1"
        _organisation(one, kind, f"{area.name()}{zh}", f"{area.name('en')} {en}", code)
        _member(book, f"{kind}.{code}", "credential_checker", one, code, seed + place)
        _program(book, f"checker.{one}", "checker_program", one, code)


def _organisation(
    code: str, kind: str, zh: str, en: str, area: str = "", bank: str = "", parent: str = "", credit: str = ""
) -> None:
    Organisation.objects.get_or_create(
        code=code,
        defaults={
            "kind": kind, "name_zh": zh, "name_en": en, "area_code": area, "bank": bank,
            "parent_id": parent or None, "credit_code": credit,
        },
    )  # fmt: skip


def _member(book: Book, username: str, role: str, organisation: str, area: str, number: int) -> None:
    """A member of staff, a made-up person with a made-up number, his own random password and authenticator."""
    if username in book.staff and Staff.objects.filter(username=passwords.normal_name(username)).exists():
        return
    id_number = demo.citizen_id(date(1980, 1, 1), Sex.MALE, number % 499 + 1, "090101" if number < 200 else "090201")
    index = blind_index("id_number", id_number)
    password, secret = passwords.one_time() + "-" + secrets.token_hex(2), totp.new_secret()
    name = FAMILY[number % len(FAMILY)] + GIVEN[number // 7 % len(GIVEN)]
    staff = Staff(
        username=passwords.normal_name(username),
        organisation_id=organisation,
        area_code=area,
        display_name=name,
        person_index=index,
        totp=secret,
        password=passwords.hashed(password),
    )
    staff.save(force_insert=True)
    StaffRole.objects.create(staff=staff, person_index=index, role=role, area_code=area)
    book.staff[username] = SignIn(username, password, secret, role, name, organisation, area, id_number)


def _also(username: str, role: str) -> None:
    """A second duty of somebody who is there: a small office keeps its keys with the people it has."""
    staff = Staff.objects.get(username=passwords.normal_name(username))
    StaffRole.objects.get_or_create(
        staff=staff, role=role, area_code=staff.area_code, defaults={"person_index": staff.person_index}
    )


def _program(book: Book, name: str, role: str, organisation: str, area: str) -> None:
    if name in book.programs and Program.objects.filter(name=name).exists():
        return
    secret = secrets.token_urlsafe(24)
    Program.objects.create(
        program_id=new_id(), name=name, organisation_id=organisation, area_code=area, role=role,
        secret_hash=token_hash(secret),
    )  # fmt: skip
    book.programs[name] = ProgramKey(name, secret, role, organisation, area)

"""Tenants: opening a sandbox with its keys, resetting it, acting in it as anybody, moving its clock.

A reset gives the sandbox a fresh area and takes the numbers out of the old one; keys, staff and endpoints move along, so
that nothing changes for the software but that the data are as on the first day.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from sscard.bank import life_jobs
from sscard.bank.acts_idle import EXPIRED, RUN_OUT, UNUSED
from sscard.bank.acts_money import Deposit
from sscard.binding import clients
from sscard.control import door, sessions
from sscard.control.acts import MoveClock
from sscard.control.caller import Caller, system
from sscard.control.models import ClockOffset, Organisation, Program, Staff, StaffRole
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.copies import Copy
from sscard.partners.models import Delivery, Endpoint, MagicPerson, Sandbox, SandboxArea
from sscard.partners.sandbox import magic
from sscard.partners.sandbox.seeding import BANK, Seed
from sscard.people.models import Lookup

ORIGINAL = "990100"
MOST_SANDBOXES = 5
MOST_RESETS_A_DAY = 20
AREAS_FROM, AREAS_TO = 991001, 999899
ROLES = {
    "clerk": "bureau", "reviewer": "bureau", "stock_keeper": "bureau", "teller": "branch", "bank_reviewer": "bank",
}  # fmt: skip
"""Whom a sandbox's software may act as, and where he works. Administrators and the ministry are not among them."""
KEYS = {"sandbox": "partner", "bank_program": "bank", "bureau_program": "bureau", "checker_program": "school"}
"""Role of a program → whose it is."""

offered = False
"""Port, filled by the app: never in production."""


def _not_later(_sandbox: uuid.UUID) -> None:
    return None


fill_later: Callable[[uuid.UUID], None] = _not_later
"""Port, filled by `jobs`: the worker fills what nobody waited for."""


def is_sandbox_code(area: str) -> bool:
    """Can this be the area of a sandbox? Costs nothing."""
    return area.isascii() and area.isdigit() and AREAS_FROM <= int(area) <= AREAS_TO


def copy_of(area: str) -> Copy | None:
    """Port of room law: the sandbox area of this code."""
    if not is_sandbox_code(area):
        return None
    found = SandboxArea.objects.filter(area_code=area, retired_at=None).first()
    if found is None:
        return None
    return Copy(area, found.original, magic.bank_mark(found.number), magic.district(found.number))


def require_offered() -> None:
    if not offered:
        raise Refusal("control.not_found")


def next_area(number: int) -> str:
    """A code that no sandbox ever had. Codes that end in 00 are cities."""
    used = set(SandboxArea.objects.values_list("area_code", flat=True))
    for code in range(AREAS_FROM, AREAS_TO + 1):
        if code % 100 and str(code) not in used:
            SandboxArea.objects.create(area_code=str(code), number=number, original=ORIGINAL)
            return str(code)
    raise Refusal("partners.sandboxes_full")


def next_number() -> int:
    last = Sandbox.objects.order_by("-number").values_list("number", flat=True).first() or magic.FIRST - 1
    if last >= magic.LAST:
        raise Refusal("partners.sandboxes_full")
    return last + 1


# -- who is in it ----------------------------------------------------------------------------------------------------
def codes_of(sandbox: Sandbox) -> dict[str, str]:
    """Organisation codes of this sandbox."""
    mark, area = magic.bank_mark(sandbox.number), sandbox.area_code
    bank = BANK + mark
    return {
        "partner": sandbox.organisation,
        "bureau": f"SBX{sandbox.number}-BUREAU",
        "bank": bank,
        "branch": f"{area}-{bank}-01",
        "school": f"SBX{sandbox.number}-SCHOOL",
    }


def settle_organisations(sandbox: Sandbox) -> None:
    """The bureau, the bank, the branch and a school that checks cards, in the sandbox's present area."""
    codes, name = codes_of(sandbox), sandbox.name
    for kind, area, bank, of in (
        ("bureau", sandbox.area_code, "", "bureau"),
        ("bank", "", codes["bank"], "bank"),
        ("branch", sandbox.area_code, codes["bank"], "bank_branch"),
        ("school", sandbox.area_code, "", "school"),
    ):
        Organisation.objects.update_or_create(
            code=codes[kind],
            defaults={
                "kind": of, "area_code": area, "bank": bank, "name_zh": f"{name}（沙盒）"[:120],
                "name_en": f"{name} (sandbox)"[:120],
            },
        )  # fmt: skip


def make_keys(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    """A program and its key for each role; told once. Older keys of the same names end."""
    found, codes = {}, codes_of(sandbox)
    for role, at in KEYS.items():
        name, secret = f"sbx{sandbox.number}.{role}", secrets.token_urlsafe(32)
        Program.objects.update_or_create(
            name=name,
            defaults={
                "organisation_id": codes[at], "area_code": sandbox.area_code, "role": role, "active": True,
                "secret_hash": sessions.token_hash(secret),
            },
        )  # fmt: skip
        found[role] = {"name": name, "key": secret}
    return found


def staff_of(sandbox: Sandbox, role: str) -> Staff:
    """The sandbox's own member of staff in this role, made when he is first asked for. He has no password: nobody signs in
    as him but through the sandbox's key."""
    name = f"SBX{sandbox.number}.{role.upper()}"
    found = Staff.objects.filter(username=name).first()
    if found is not None:
        return found
    with transaction.atomic():
        staff = Staff(
            username=name, organisation_id=codes_of(sandbox)[ROLES[role]], area_code=sandbox.area_code,
            display_name=f"{role} {sandbox.number}"[:60], person_index=secrets.token_bytes(32), password="",
        )  # fmt: skip
        staff.save(force_insert=True)
        StaffRole.objects.create(staff=staff, person_index=staff.person_index, role=role, area_code=sandbox.area_code)
    return staff


def session_as(sandbox: Sandbox, who: str) -> dict[str, str]:
    """A bearer token of a role of `ROLES`, or of a magic person as holder (`holder:<code>`)."""
    require_ready(sandbox)
    store = sessions.SessionStore()
    if who in ROLES:
        sessions.begin(store, kind="staff", subject=staff_of(sandbox, who).staff_id)
        return {"token": str(store.session_key), "kind": "staff", "as": who}
    kind, _, code = who.partition(":")
    found = MagicPerson.objects.filter(area_code=sandbox.area_code, code=code).first() if kind == "holder" else None
    if found is None or found.holder is None:
        raise Refusal("partners.nobody_such", roles=", ".join([*ROLES, "holder:<code>"]))
    sessions.begin(store, kind="holder", subject=found.holder)
    return {"token": str(store.session_key), "kind": "holder", "as": who}


def require_ready(sandbox: Sandbox) -> None:
    if not sandbox.ready:
        raise Refusal("partners.not_ready")


# -- what takes several acts -----------------------------------------------------------------------------------------
def fill(sandbox_id: uuid.UUID) -> Sandbox:
    """After opening or reset: the magic persons and their money. Can be repeated, also by two at once: what is there stays."""
    sandbox = Sandbox.objects.get(sandbox_id=sandbox_id)
    mark = f"{sandbox.sandbox_id}-{sandbox.area_code}"
    if not sandbox.ready:
        door.perform(system(sandbox.area_code), "partners.seed", Seed(sandbox_id), key=f"seed-{mark}")
    accounts = dict(MagicPerson.objects.filter(area_code=sandbox.area_code).values_list("code", "account"))
    payer = _program(sandbox, "bank_program")
    for one in magic.PERSONS:
        if one.balance_fen:
            door.perform(
                payer, "bank.deposit", Deposit(one.balance_fen, accounts[one.code]), key=f"seed-{mark}-{one.code}"
            )
    return Sandbox.objects.get(sandbox_id=sandbox_id)


def _program(sandbox: Sandbox, role: str) -> Caller:
    program = Program.objects.select_related("organisation").get(name=f"sbx{sandbox.number}.{role}")
    return Caller.of_program(program, channel="job", area=sandbox.area_code)


def move_on(sandbox: Sandbox) -> None:
    """Inside the act of a reset: into a fresh area. Numbers leave the old one, so that they are free in the new one."""
    old = sandbox.area_code
    sandbox.area_code, sandbox.ready = next_area(sandbox.number), False
    sandbox.reset_at, sandbox.resets = clock.real_now(), sandbox.resets + 1
    sandbox.save(update_fields=["area_code", "ready", "reset_at", "resets"])
    SandboxArea.objects.filter(area_code=old).update(retired_at=clock.real_now())
    holders = MagicPerson.objects.filter(area_code=old).values_list("holder", flat=True)
    for holder in holders:
        if holder is not None:
            sessions.end_sessions(holder)
    Lookup.objects.filter(area_code=old).delete()
    MagicPerson.objects.filter(area_code=old).delete()
    ClockOffset.objects.filter(area_code=old).delete()
    settle_organisations(sandbox)
    clients.move_tenant(old, sandbox.area_code)
    Program.objects.filter(area_code=old).update(area_code=sandbox.area_code)
    people = Staff.objects.filter(area_code=old, username__startswith=f"SBX{sandbox.number}.")
    StaffRole.objects.filter(staff__in=list(people)).update(area_code=sandbox.area_code)
    branch = codes_of(sandbox)["branch"]
    people.filter(roles__role="teller").update(organisation_id=branch)
    Staff.objects.filter(area_code=old, username__startswith=f"SBX{sandbox.number}.").update(
        area_code=sandbox.area_code
    )
    endpoints = Endpoint.objects.filter(sandbox=sandbox.sandbox_id)
    Delivery.objects.filter(endpoint__in=list(endpoints), state="waiting").update(state="given_up")
    endpoints.update(area_code=sandbox.area_code)


def move_clock(sandbox: Sandbox, hours: int, key: str) -> dict[str, Any]:
    """Forward, and do at once what the nights between would have done: what runs out, runs out."""
    who = Caller(
        kind="system", id=sandbox.sandbox_id, name=sandbox.name, channel="api", area=sandbox.area_code,
        roles=frozenset({"system_admin"}),
    )  # fmt: skip
    outcome = door.perform(who, "control.move_clock", MoveClock(hours), key=key)
    if not outcome.replayed:
        for bank in areas.get(sandbox.area_code).banks(clock.today(sandbox.area_code)):
            life_jobs.sweep(sandbox.area_code, bank.code, UNUSED, EXPIRED, RUN_OUT)
    moved = timedelta(hours=outcome.answer["offset_hours"])
    return {**outcome.answer, "now": (clock.real_now() + moved).isoformat(), "replayed": outcome.replayed}


def new_organisation(name: str) -> Organisation:
    """A partner that registered itself."""
    return Organisation.objects.create(
        code=f"P-{ids.new_reference(8)}", kind="partner", name_zh=name[:120], name_en=name[:120]
    )

"""Acts of control itself: the second person's decision, staff and roles, the sandbox clock."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from sscard.control import area_packs, door, passwords, totp  # noqa: F401 - the act of area packs registers too
from sscard.control.acts_registry import act, find
from sscard.control.inside import Inside
from sscard.control.models import Approval, ClockOffset, Organisation, Staff, StaffRole
from sscard.control.rights import ROLES_AT, decide
from sscard.control.sessions import end_sessions
from sscard.kernel import clock, words
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import open_one


@dataclass(frozen=True, slots=True)
class Approve:
    """`digest` is the hex digest shown to the second person: he signs exactly this request."""

    approval: uuid.UUID
    digest: str


@act("control.approve", right="control.own_account", clause="M47-6")
def approve(inside: Inside, request: Approve) -> dict[str, Any]:
    waiting = _waiting(inside, request.approval)
    if not decide(inside.caller, find(waiting.act).approve_right):
        raise Refusal("control.not_allowed", act=waiting.act)
    if inside.caller.person_index is None or bytes(waiting.maker_person) == inside.caller.person_index:
        raise Refusal("control.own_request")
    if not hmac.compare_digest(bytes(waiting.digest).hex(), request.digest.strip().lower()):
        raise Refusal("control.digest_differs")
    body = open_one(waiting, "request", inside)
    if door.digest(body) != bytes(waiting.digest):
        raise Refusal("control.digest_differs")
    inside.object = f"approval:{waiting.approval_id}"
    answer = door.run_approved(inside, waiting, body)
    _close(inside, waiting, "used")
    return answer


@dataclass(frozen=True, slots=True)
class Reject:
    approval: uuid.UUID
    reason: str


@act("control.reject", right="control.own_account", clause="M47-6")
def reject(inside: Inside, request: Reject) -> dict[str, Any]:
    waiting = _waiting(inside, request.approval)
    if not decide(inside.caller, find(waiting.act).approve_right):
        raise Refusal("control.not_allowed", act=waiting.act)
    if inside.caller.person_index is None or bytes(waiting.maker_person) == inside.caller.person_index:
        raise Refusal("control.own_request")
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    inside.object = f"approval:{waiting.approval_id}"
    _close(inside, waiting, "rejected", request.reason)
    inside.emit("approval.rejected", {"approval": str(waiting.approval_id), "act": waiting.act})
    return {"approval": str(waiting.approval_id), "state": "rejected"}


@dataclass(frozen=True, slots=True)
class Withdraw:
    approval: uuid.UUID


@act("control.withdraw", right="control.own_account", clause="M47-6")
def withdraw(inside: Inside, request: Withdraw) -> dict[str, Any]:
    waiting = _waiting(inside, request.approval)
    if waiting.maker != inside.caller.id:
        raise Refusal("control.not_found")
    waiting.state = "withdrawn"
    waiting.save(update_fields=["state"])
    return {"approval": str(waiting.approval_id), "state": "withdrawn"}


def _waiting(inside: Inside, approval: uuid.UUID) -> Approval:
    """The waiting request under lock, if this caller's organisation may see it at all."""
    found = Approval.objects.select_for_update().filter(approval_id=approval).first()
    if found is None or not same_house(inside, found.organisation):
        raise Refusal("control.not_found")
    if found.state != "waiting":
        closed = words.text("state", f"control.approval.{found.state}", "zh")
        raise Refusal("control.approval_closed", state=found.state, state_zh=closed)
    if found.expires_at <= clock.real_now():
        raise Refusal("control.approval_expired")
    return found


def same_house(inside: Inside, organisation: str) -> bool:
    """A bank's request is checked in that bank, a bureau's in that bureau's area, the ministry's in the ministry."""
    theirs = Organisation.objects.get(code=organisation)
    caller = inside.caller
    if theirs.bank or caller.bank:
        return theirs.bank == caller.bank
    national = ("ministry", "ministry_office")
    if theirs.kind in national or caller.organisation_kind in national:
        return theirs.kind == caller.organisation_kind
    if theirs.kind == "producer" or caller.organisation_kind == "producer":
        return theirs.code == caller.organisation
    return theirs.area_code == caller.area


def may_look(inside: Inside, waiting: Approval) -> bool:
    """Its maker, and whoever of the same house could decide it, may see that it waits."""
    if waiting.maker == inside.caller.id:
        return True
    right = find(waiting.act).approve_right
    return inside.caller.kind == "staff" and decide(inside.caller, right) and same_house(inside, waiting.organisation)


def _close(inside: Inside, waiting: Approval, state: str, reason: str = "") -> None:
    waiting.state, waiting.reason = state, reason[:300]
    waiting.checker, waiting.checker_person = inside.caller.id, inside.caller.person_index
    waiting.checker_name, waiting.checked_at = inside.caller.name, inside.now
    waiting.save(update_fields=["state", "reason", "checker", "checker_person", "checker_name", "checked_at"])


NAME_MOST = 60


@dataclass(frozen=True, slots=True)
class CreateStaff:
    """A new account. `id_number` is the person's own (for four eyes and the own-record rule) and is kept as index only."""

    username: str
    display_name: str
    organisation: str
    area: str
    id_number: str
    roles: tuple[str, ...]


def _check_new_staff(inside: Inside, request: CreateStaff) -> None:
    """All that is wrong with the request; an organisation that is not of this house is as good as none."""
    from sscard.codes import person_number

    faults = []
    at = Organisation.objects.filter(code=request.organisation, active=True).first()
    if at is None or not same_house(inside, at.code):
        faults.append(Fault("organisation", "control.organisation_unknown", {}))
    elif wrong := sorted(set(request.roles) - ROLES_AT[at.kind]):
        faults += [Fault("roles", "control.role_not_here", {"role": role[:30]}) for role in wrong]
    if request.area != inside.caller.area:
        faults.append(Fault("area", "control.area_not_yours", {}))
    username = passwords.normal_name(request.username)
    for place, text in (("username", username), ("display_name", request.display_name.strip())):
        if not 1 <= len(text) <= NAME_MOST or not text.isprintable():
            faults.append(Fault(place, "control.name_length", {"most": NAME_MOST}))
    if Staff.objects.filter(username=username).exists():
        faults.append(Fault("username", "control.username_taken", {}))
    try:
        person_number.parse(request.id_number)
    except Refusal as refusal:
        faults += refusal.faults or [Fault("id_number", refusal.code, refusal.facts)]
    refuse_if_any(faults)


@act("control.create_staff", right="control.staff_manage", clause="M47-6", four_eyes=True, check=_check_new_staff,
     summary=lambda r: {"username": r.username, "roles": list(r.roles)})  # fmt: skip
def create_staff(inside: Inside, request: CreateStaff) -> dict[str, Any]:
    from sscard.codes import person_number
    from sscard.kernel.sealed import blind_index

    _check_new_staff(inside, request)
    username = passwords.normal_name(request.username)
    index = blind_index("id_number", person_number.parse(request.id_number).number)
    if index in (inside.caller.person_index, inside.maker_person):
        raise Refusal("control.own_record")
    secret, first_password = totp.new_secret(), passwords.one_time()
    staff = Staff(
        username=username,
        display_name=request.display_name.strip(),
        organisation=Organisation.objects.get(code=request.organisation),
        area_code=request.area,
        person_index=index,
        totp=secret,
        password=make_password(first_password),
        must_change_password=True,
    )
    staff.save(force_insert=True)
    for role in request.roles:
        _grant(inside, staff, role, request.area)
    inside.once.update(first_password=first_password, totp_uri=totp.uri(secret, username))
    return {"staff": str(staff.staff_id), "username": username}


@dataclass(frozen=True, slots=True)
class GrantRole:
    staff: uuid.UUID
    role: str
    area: str


def _check_grant(inside: Inside, request: GrantRole) -> None:
    staff = _staff(inside, request.staff)
    if bytes(staff.person_index) in (inside.caller.person_index, inside.maker_person):
        raise Refusal("control.own_record")
    if request.role not in ROLES_AT[staff.organisation.kind]:
        raise Refusal("control.role_not_here", role=request.role[:30])
    if request.area != staff.area_code:
        raise Refusal("control.area_not_yours")


@act("control.grant_role", right="control.staff_manage", clause="M47-6", four_eyes=True, check=_check_grant,
     summary=lambda r: {"staff": str(r.staff), "role": r.role})  # fmt: skip
def grant_role(inside: Inside, request: GrantRole) -> dict[str, Any]:
    _check_grant(inside, request)
    staff = _staff(inside, request.staff)
    _grant(inside, staff, request.role, request.area)
    end_sessions(staff.staff_id)
    return {"staff": str(staff.staff_id), "role": request.role}


@dataclass(frozen=True, slots=True)
class DisableStaff:
    staff: uuid.UUID
    reason: str


@act("control.disable_staff", right="control.staff_manage", clause="M47-6")
def disable_staff(inside: Inside, request: DisableStaff) -> dict[str, Any]:
    staff = _staff(inside, request.staff)
    if bytes(staff.person_index) == inside.caller.person_index:
        raise Refusal("control.own_record")
    staff.active = False
    staff.save(update_fields=["active"])
    end_sessions(staff.staff_id)
    inside.detail["reason"] = request.reason
    return {"staff": str(staff.staff_id), "active": False}


def _staff(inside: Inside, staff_id: uuid.UUID) -> Staff:
    """An account of the caller's own house, under lock; another one is not there."""
    staff = (
        Staff.objects.select_related("organisation").select_for_update(of=("self",)).filter(staff_id=staff_id).first()
    )
    if staff is None or staff.area_code != inside.caller.area or not same_house(inside, staff.organisation_id):
        raise Refusal("control.not_found")
    return staff


def _grant(inside: Inside, staff: Staff, role: str, area: str) -> None:
    """The database itself refuses two administrators' roles for one person."""
    try:
        with transaction.atomic():
            StaffRole.objects.create(
                staff=staff, person_index=staff.person_index, role=role, area_code=area, granted_by=inside.caller.id
            )
    except IntegrityError as error:
        if "exclusive_admins" in str(error):
            raise Refusal("control.exclusive_admins") from None
        raise Refusal("control.role_has") from None


@dataclass(frozen=True, slots=True)
class MoveClock:
    """Move a sandbox area's clock forward by whole hours."""

    hours: int


@act("control.move_clock", right="control.clock_move")
def move_clock(inside: Inside, request: MoveClock) -> dict[str, Any]:
    if not inside.area.sandbox:
        raise Refusal("control.clock_not_sandbox")
    if not 0 < request.hours <= 24 * 366 * 30:
        raise Refusal("control.clock_backwards")
    row, _ = ClockOffset.objects.get_or_create(area_code=inside.area_code)
    row.seconds += int(timedelta(hours=request.hours).total_seconds())
    row.save()
    transaction.on_commit(lambda: clock.forget(inside.area_code))
    return {"area": inside.area_code, "offset_hours": row.seconds // 3600}

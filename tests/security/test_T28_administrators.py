"""T28: three administrators who exclude each other, at the act and in the database; traces that stay."""

from __future__ import annotations

import itertools
import secrets
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import IntegrityError, transaction

from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from security_kit import Town
    from tests_support import House

ADMINS = ("system_admin", "security_admin", "audit_admin")
PAIRS = list(itertools.permutations(ADMINS, 2))
TRACES = ("control_auditrow", "control_auditsubject", "control_auditlink")
pytestmark = pytest.mark.asvs("v5.0.0-8.2.1")


def granted(town: Town, staff: uuid.UUID, role: str) -> dict[str, object]:
    from security_kit import ONE
    from sscard.control.acts import Approve, GrantRole
    from sscard.control.door import perform
    from sscard.control.models import Approval
    from sscard.kernel.db import unit_of_work

    maker, checker = town.caller(f"security_admin.{ONE}"), town.caller(f"area_manager.{ONE}")
    asked = perform(maker, "control.grant_role", GrantRole(staff, role, ONE), key=uuid.uuid4().hex)
    with unit_of_work(area=ONE):
        waiting = Approval.objects.get(approval_id=asked.waiting)
    request = Approve(waiting.approval_id, bytes(waiting.digest).hex())
    return perform(checker, "control.approve", request, key=uuid.uuid4().hex).answer


@pytest.mark.parametrize("has, wanted", PAIRS)
def test_one_person_cannot_be_given_two(town: Town, has: str, wanted: str) -> None:
    name = town.fresh(has)
    with pytest.raises(Refusal) as caught:
        granted(town, town.staff[name].staff_id, wanted)
    assert caught.value.code == "control.exclusive_admins"
    assert town.staff[name].role_names() == {has}


@pytest.mark.parametrize("has, wanted", PAIRS)
def test_nor_by_a_second_account_of_the_same_person(town: Town, has: str, wanted: str) -> None:
    first = town.staff[town.fresh(has)]
    second = town.fresh("clerk", person_index=bytes(first.person_index))
    with pytest.raises(Refusal) as caught:
        granted(town, town.staff[second].staff_id, wanted)
    assert caught.value.code == "control.exclusive_admins"


def test_the_pair_is_refused_at_the_making_of_an_account(town: Town) -> None:
    from security_kit import ONE
    from sscard.control.acts import Approve, CreateStaff
    from sscard.control.door import perform
    from sscard.control.models import Approval, Staff
    from sscard.kernel.db import unit_of_work

    request = CreateStaff(f"two.{uuid.uuid4().hex[:8]}", "丙", f"{ONE}-BUREAU", ONE, number(7), ADMINS[:2])
    asked = perform(town.caller(f"security_admin.{ONE}"), "control.create_staff", request, key=uuid.uuid4().hex)
    with unit_of_work(area=ONE):
        waiting = Approval.objects.get(approval_id=asked.waiting)
    approve = Approve(waiting.approval_id, bytes(waiting.digest).hex())
    with pytest.raises(Refusal) as caught:
        perform(town.caller(f"reviewer.{ONE}"), "control.approve", approve, key=uuid.uuid4().hex)
    assert caught.value.code == "control.exclusive_admins"
    assert not Staff.objects.filter(username=request.username.upper()).exists()


def number(serial: int) -> str:
    from datetime import date

    from sscard.codes import demo
    from sscard.codes.sex import Sex

    return demo.citizen_id(date(1979, 3, 3), Sex.MALE, serial, "090101")


@pytest.mark.parametrize("has, wanted", PAIRS)
def test_the_database_refuses_the_pair_itself(town: Town, has: str, wanted: str) -> None:
    from security_kit import ONE
    from sscard.control.models import StaffRole

    name = town.fresh(has)
    staff = town.staff[name]
    with pytest.raises(IntegrityError, match="exclusive_admins"), transaction.atomic():
        StaffRole.objects.create(staff=staff, person_index=staff.person_index, role=wanted, area_code=ONE)


def test_the_database_refuses_a_role_under_somebody_elses_index(town: Town) -> None:
    """The role's index must be the account's own, or the exclusion could be written past."""
    from security_kit import ONE
    from sscard.control.models import StaffRole

    staff = town.staff[town.fresh("system_admin")]
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRole.objects.create(staff=staff, person_index=secrets.token_bytes(32), role="audit_admin", area_code=ONE)


def test_a_security_administrator_gives_himself_nothing(town: Town) -> None:
    from security_kit import ONE

    own = town.staff[f"security_admin.{ONE}"]
    with pytest.raises(Refusal) as caught:
        granted(town, own.staff_id, "clerk")
    assert caught.value.code == "control.own_record"


def test_what_each_administrator_may_not_do() -> None:
    """System: no business data. Security: no business data, keys or areas. Audit: changes nothing at all."""
    from sscard.control.acts_registry import acts
    from sscard.control.rights import declared

    changing = {one.right for one in acts().values()} - {"control.own_account"}
    rights = {role: {right for right, roles in declared().items() if role in roles} for role in ADMINS}
    assert rights["audit_admin"] & changing == set()
    business = ("people.", "cards.", "bank.", "insurance.", "ledger.")
    for role in ADMINS:
        assert [one for one in rights[role] if one.startswith(business)] == []
    assert rights["security_admin"] <= {"control.approve", "control.staff_manage", "control.staff_view"}


@pytest.mark.asvs("v5.0.0-16.4.2")
@pytest.mark.parametrize("table", TRACES)
@pytest.mark.parametrize("role", ["app", "report", "backup", "sealer"])
@pytest.mark.parametrize("verb", ["update {} set audit_id = audit_id", "delete from {}", "truncate {}"])
def test_no_role_of_the_house_changes_a_trace(house: House, table: str, role: str, verb: str) -> None:
    with psycopg.connect(getattr(house.urls, role)) as connection:
        for enter in ("", "set role sscard_bank"):
            if enter and role != "app":
                continue
            connection.execute(enter or "select 1")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(verb.format(table))
            connection.rollback()

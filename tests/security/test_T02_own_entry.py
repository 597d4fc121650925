"""T02: nobody approves his own entry, through whatever channel; the database holds it too."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection

from sscard.kernel.db import unit_of_work

if TYPE_CHECKING:
    from issuing_kit import Office


@pytest.fixture
def office(house: object) -> Iterator[Office]:
    from issuing_kit import Office

    found = Office.open()
    yield found
    shutil.rmtree(found.folder)


@pytest.mark.parametrize("channel", ["page", "api", "file", "job"])
def test_an_own_application_is_not_checked_through_another_channel(office: Office, channel: str) -> None:
    from issuing_kit import refused, staff
    from sscard.issuing import acts

    (one,) = office.people(1)
    application = office.apply(one)
    same = staff("reviewer", person_index=office.clerk.person_index, channel=channel)
    assert refused(same, acts.Check(application)).code == "control.own_request"
    nobody = replace(same, person_index=None)
    assert refused(nobody, acts.Check(application)).code == "control.four_eyes_needs_person"
    assert office.application(application).state == "applied"


@pytest.mark.parametrize("channel", ["page", "api", "job"])
def test_an_own_release_is_not_approved_through_another_channel(office: Office, channel: str) -> None:
    from issuing_kit import approve, do, program, refused, staff
    from sscard.issuing import acts

    batch = office.accounted(office.people(1))
    waiting = do(office.clerk, acts.ReleaseBatch(batch, 1))
    same = staff("reviewer", person_index=office.clerk.person_index, channel=channel)
    with pytest.raises(Exception, match=r"control\.own_request"):
        approve(same, waiting)
    machine = program("stock_keeper", "990100-BUREAU", "bureau")
    assert refused(machine, acts.ReleaseBatch(batch, 1)).code == "control.four_eyes_needs_person"
    assert office.view(batch).state == "accounted"


def test_the_database_refuses_one_person_twice(office: Office) -> None:
    (one,) = office.people(1)
    application = office.apply(one)
    sql = (
        "update issuing_application set state = 'checked', checked_by = %s, checked_person = applied_person"
        " where application_id = %s"
    )
    with pytest.raises(IntegrityError, match="two_persons"), unit_of_work(area="990100"), connection.cursor() as cursor:
        cursor.execute(sql, [uuid.uuid4(), application])


def test_the_database_refuses_a_checked_application_without_a_checker(office: Office) -> None:
    (one,) = office.people(1)
    application = office.apply(one)
    sql = "update issuing_application set state = 'checked' where application_id = %s"
    with pytest.raises(IntegrityError, match="is_checked"), unit_of_work(area="990100"), connection.cursor() as cursor:
        cursor.execute(sql, [application])


def test_the_database_refuses_a_batch_released_by_one_person(office: Office) -> None:
    batch = office.released(office.people(1))
    sql = "update issuing_batch set release_checker_person = released_person where batch_id = %s"
    with pytest.raises(IntegrityError, match="two_persons"), unit_of_work(area="990100"), connection.cursor() as cursor:
        cursor.execute(sql, [batch])

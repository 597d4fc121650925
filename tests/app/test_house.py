"""The tests' own ground: used as the app's role, with real commits, and no rows shared between modules."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

from sscard.app.doctor import examine
from tests_support import House


def test_django_works_as_the_app_and_owns_nothing(house: House) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_database()")
        assert cursor.fetchone() == ("sscard_app", house.database)
        cursor.execute("select count(*) from pg_tables where schemaname = 'public' and tableowner <> 'sscard_owner'")
        assert cursor.fetchone() == (0,)
        cursor.execute("select count(*) from django_migrations")
        assert cursor.fetchone()[0] > 0


def test_a_program_started_with_its_environment_uses_the_same_database(house: House) -> None:
    code = "from sscard.app import config; print(config.load().urls().app == input())"
    said = subprocess.run(
        [sys.executable, "-c", code],
        input=house.urls.app,
        env=house.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "True"


def test_a_fresh_house_is_another_database(house: House, fresh_house: House) -> None:
    assert fresh_house.database != house.database
    with psycopg.connect(fresh_house.urls.owner) as connection:
        assert connection.info.dbname == fresh_house.database


@pytest.mark.django_db
def test_the_mark_gives_the_house_and_no_transaction_around_the_test() -> None:
    from django.db import connection

    assert connection.settings_dict["USER"] == "sscard_app"
    assert not connection.in_atomic_block


def test_every_finding_of_the_doctor_has_its_sentences(house: House) -> None:
    found = examine(house.config)
    assert found
    for one in found:
        for language in ("zh", "en"):
            assert "…" not in one.sentence(language)

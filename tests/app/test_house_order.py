"""The house's own order: acts, words, tables; as declared and as the database tells."""

from __future__ import annotations

from typing import Any

from django.db import connection

from sscard.app import check


def test_acts_words_and_tables_are_in_order() -> None:
    assert check.faults() == []


def test_the_database_obeys_the_classes(house: Any) -> None:
    with connection.cursor() as cursor:
        assert list(check.database_faults(cursor)) == []

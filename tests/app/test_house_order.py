"""The house's own order: acts, words, tables; as declared and as the database tells."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.db import connection

from sscard.app import check


def test_acts_words_and_tables_are_in_order() -> None:
    """In a process of its own: other tests register acts that are only theirs."""
    done = subprocess.run([sys.executable, "-m", "sscard.app.check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_database_obeys_the_classes(house: Any) -> None:
    with connection.cursor() as cursor:
        assert list(check.database_faults(cursor)) == []

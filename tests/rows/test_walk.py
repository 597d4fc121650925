"""`sscard walk` and `sscard otp` as people run them."""

from __future__ import annotations

import pytest

from rows_kit import Walked
from tests_support import RunningHouse

pytestmark = pytest.mark.slow


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_the_same_seed_tells_the_same_text(city: RunningHouse, walked: Walked) -> None:
    """Of other people, on another day of theirs: `walked` was told before, with the same seed."""
    again = city.command("walk", "--seed", str(walked.world.seed))
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-1000:]
    assert again.stdout == walked.text
    assert last_line(again.stdout) == "Story complete: 15 of 15 rows green"
    assert "\x1b[" not in again.stdout


def test_the_other_area_and_the_other_language(city: RunningHouse) -> None:
    done = city.command("walk", "--seed", "7", "--area", "990200", "--lang", "zh")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "激活成功" in done.stdout


@pytest.mark.parametrize("document", ["001", "003"])
def test_the_documents_journeys(city: RunningHouse, document: str) -> None:
    done = city.command("walk", "--seed", "7", "--document", document)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "The document's step 1".lower() in done.stdout.lower()
    assert " later MED-1" in done.stdout


def test_the_journey_of_the_savings_function(city: RunningHouse, saved: Walked) -> None:
    there = city.command("walk", "--seed", "7", "--document", "004", "--lang", "en", "--area", "990200")
    assert there.returncode == 0, there.stdout[-3000:] + there.stderr[-1000:]
    for text in (there.stdout, saved.text):
        for number in range(1, 8):
            assert f"the document's step {number}:" in text
        assert "○" not in text, "everything that document 004 tells is there"
        for row in ("ACT-7", "BNK-1"):
            assert any(line.split()[:1] == [row] and "✓" in line for line in text.splitlines())
        assert "–." not in text


def test_an_unknown_document_is_refused_with_a_sentence(city: RunningHouse) -> None:
    done = city.command("walk", "--document", "009")
    assert done.returncode == 1
    assert "001, 002" in done.stderr


def test_codes_for_the_demos_people(city: RunningHouse) -> None:
    done = city.command("otp", "clerk.990100", "--code-only")
    assert done.returncode == 0
    assert done.stdout.strip().isdigit()
    assert len(done.stdout.strip()) == 6
    assert city.command("otp", "nobody").returncode == 1

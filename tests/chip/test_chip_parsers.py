"""Bytes of strangers at every parser of the chip: the short form of `make fuzz` (bench/fuzz.py runs it by coverage)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chip_fuzz_kit import TARGETS, chunks, joined, mutated

ROUNDS = {"tlv": 3000, "apdu": 3000, "psam": 1500, "terminal": 1500, "card": 120, "files": 400, "cardfile": 150}
FOUND_BY_FUZZING = {
    "terminal": ("043b6d000002900002900002900002900002900002900002900002900002900002900002900002900002900002900002",),
    "cardfile": (b'{"format":"\xdb"}'.hex(), "5b" * 3000),
}
"""Inputs that once raised what they must not."""


@pytest.mark.parametrize("name", TARGETS)
def test_mutations_of_good_messages(name: str) -> None:
    """The same inputs each time, so that a failure can be looked at; chance is hypothesis' and atheris' part."""
    target, chance = TARGETS[name], random.Random(7)
    for raw in target.corpus:
        target.run(raw)
    for _ in range(ROUNDS[name]):
        raw = mutated(chance.choice(target.corpus), chance)
        try:
            target.run(raw)
        except Exception as error:
            raise AssertionError(f"{name}: {raw.hex()}") from error


@pytest.mark.parametrize("name", sorted(FOUND_BY_FUZZING))
def test_what_fuzzing_found_stays_mended(name: str) -> None:
    for raw in FOUND_BY_FUZZING[name]:
        TARGETS[name].run(bytes.fromhex(raw))


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(set(TARGETS) - {"card", "cardfile"})), raw=st.binary(max_size=300))
def test_any_bytes(name: str, raw: bytes) -> None:
    TARGETS[name].run(raw)


@given(st.lists(st.binary(max_size=255), max_size=8))
def test_a_conversation_comes_back(messages: list[bytes]) -> None:
    assert list(chunks(joined(*messages))) == messages

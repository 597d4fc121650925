"""CHP-2: a card of the running city in a reader. A file of its own: the city is there before the reader service is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chip_kit import inserted, reader_service
from rows_kit import Walked
from sscard.cli.card import app


@pytest.fixture
def pcscd(walked: Walked) -> Iterator[None]:
    yield from reader_service()


@pytest.mark.slow
@pytest.mark.row("CHP-2", part="virtual card")
@pytest.mark.usefixtures("pcscd")
def test_a_card_of_the_running_city_goes_into_a_reader(walked: Walked, tmp_path: Path) -> None:
    """The hero's card of the story: the same numbers on the chip as in the house; not for areas that are no sandbox."""
    world = walked.world
    (held, *_) = sorted((world.home / "wallet" / "cards").iterdir())
    card = world.wallet.card(held)
    environ = {**world.environ}
    command = [sys.executable, "-m", "sscard.app.command", "card", "make", "--out", str(tmp_path / "card.json"),
               "--of", card.card_number, "--area", card.card_id_code[:6]]  # fmt: skip
    made = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stderr
    with inserted(str(tmp_path / "card.json")):
        read = CliRunner().invoke(app, ["read", "--psam", "test", "--full", "--json"])
    told = json.loads(read.stdout)
    assert told["genuine"] is True
    assert told["files"]["SSSE/EF05"]["values"]["card_id_code"] == card.card_id_code
    assert told["files"]["SSSE/EF05"]["values"]["card_number"] == card.card_number
    refused = subprocess.run(
        [*command[:-1], "650100"], env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert refused.returncode == 1
    assert refused.stderr

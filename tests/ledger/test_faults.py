"""kill -9 of the database and of the clients under load: nothing acknowledged is lost, nothing is doubled.

The short form of `make drill`: 20,000 operations of 128 clients in two processes, two kills of the database, one of a
client process. And the control: with commits that do not wait for the disk, the same checker finds loss.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))


@pytest.fixture(scope="module")
def own_server() -> Iterator[tuple[Any, dict[str, str]]]:
    from ledger_faults import own_server

    with own_server() as found:
        yield found


def trial(server: tuple[Any, dict[str, str]], folder: Path, **more: Any) -> Any:
    from ledger_faults import Trial

    postgres, environ = server
    return Trial(postgres, postgres.config.database_name, folder, environ, **more)


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    own_server: tuple[Any, dict[str, str]], tmp_path: Path
) -> None:
    run = trial(own_server, tmp_path, operations=20_000, kills_of_server=2, kills_of_clients=1)
    verdict = run.run()
    assert verdict.faults == []
    assert verdict.operations == 20_000
    assert (run.restarts, run.watched > 10) == (3, True)


def test_checker_finds_loss_when_commits_do_not_wait_for_the_disk(
    own_server: tuple[Any, dict[str, str]], tmp_path: Path
) -> None:
    run = trial(own_server, tmp_path, operations=6_000, kills_of_server=2, safe=False, seed=100)
    assert run.run().counts["lost"] > 0

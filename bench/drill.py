"""`make drill`: the long form of tests/ledger/test_faults.py. A million operations, twenty kills of the database and ten of
client processes, then the whole history is checked; and a control run in which the checker must find loss.

    DRILL_OPERATIONS=100000 DRILL_KILLS=4 make drill        shorter
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

OPERATIONS = int(os.environ.get("DRILL_OPERATIONS", "1000000"))
KILLS = int(os.environ.get("DRILL_KILLS", "20"))


def main() -> int:
    from ledger_faults import Trial, own_server

    with own_server() as (server, environ), tempfile.TemporaryDirectory() as folder:
        good, control = Path(folder) / "good", Path(folder) / "control"
        good.mkdir()
        control.mkdir()
        database = server.config.database_name
        run = Trial(
            server,
            database,
            good,
            environ,
            operations=OPERATIONS,
            kills_of_server=KILLS,
            kills_of_clients=KILLS // 2,
            customers=1_000,
            whole_sum=False,
        )
        verdict = run.run()
        print(
            f"{verdict.operations:,} operations in {run.seconds:,.0f} s, {KILLS} kills of the database, {KILLS // 2} of"
            f" clients, {run.watched:,} looks from outside: {len(verdict.faults)} faults",
            flush=True,
        )
        for fault in verdict.faults:
            print("  ", fault)
        lossy = Trial(
            server, database, control, environ, operations=10_000, kills_of_server=2, safe=False, seed=10_000_000
        )
        lost = lossy.run().counts["lost"]
        print(f"control with commits that do not wait for the disk: {lost} acknowledged lost, found by the checker")
        return 1 if verdict.faults or verdict.operations != OPERATIONS or not lost else 0


if __name__ == "__main__":
    sys.exit(main())

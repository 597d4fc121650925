"""Fuzzing of everything of the chip that reads bytes of strangers: `make fuzz`, 60 s a parser.

By coverage with atheris (libFuzzer) where it is installed (requirements/dev.txt has it where it has a wheel); else by
mutation of the corpus. Each parser runs in a process of its own; an input that breaks one is left in build/fuzz and named.
Exit code 1 when one did.

    .venv/bin/python bench/fuzz.py [--seconds 60] [parser …]
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT = ROOT / "build" / "fuzz"
PARSERS = ("tlv", "apdu", "card", "psam", "files", "cardfile", "terminal")
MOST_BYTES = 8192


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked.add_argument("parser", nargs="*", choices=[*PARSERS, []])
    given = asked.parse_args()
    wanted = given.parser or list(PARSERS)
    if given.one:
        return _one(wanted[0], given.seconds)
    LEFT.mkdir(parents=True, exist_ok=True)
    by = "atheris" if importlib.util.find_spec("atheris") else "mutation of the corpus; atheris is not installed"
    print(f"{len(wanted)} parsers, {given.seconds} s each, by {by}", flush=True)
    broken = []
    for name in wanted:
        command = [sys.executable, __file__, "--one", "--seconds", str(given.seconds), name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=given.seconds * 3 + 120)
        told = [one for one in (done.stdout + done.stderr).splitlines() if one.strip()]
        print(f"{'ok ' if done.returncode == 0 else 'BAD'} {name:9} {told[-1] if told else ''}", flush=True)
        if done.returncode:
            broken.append(name)
            print("\n".join(told[-25:]), flush=True)
    return 1 if broken else 0


def _one(name: str, seconds: int) -> int:
    """One parser, in this process."""
    sys.path.insert(0, str(ROOT / "tests"))
    if importlib.util.find_spec("atheris"):
        return _by_coverage(name, seconds)
    from chip_fuzz_kit import TARGETS, mutated

    chance = random.Random()  # noqa: S311 - inputs of a test
    target, end, runs = TARGETS[name], time.monotonic() + seconds, 0
    while time.monotonic() < end:
        raw = mutated(chance.choice(target.corpus), chance)
        runs += 1
        try:
            target.run(raw)
        except Exception:
            traceback.print_exc()
            (LEFT / f"{name}-mutation").write_bytes(raw)
            return 1
    print(f"{runs} runs")
    return 0


def _by_coverage(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["sscard.chip", "sscard.keys"]):
        from chip_fuzz_kit import TARGETS
    target, seeds = TARGETS[name], LEFT / "corpus" / name
    seeds.mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(target.corpus):
        (seeds / f"seed-{number}").write_bytes(raw)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MOST_BYTES}",
        "-timeout=10",
        f"-artifact_prefix={LEFT}/{name}-",
    ]
    atheris.Setup([sys.argv[0], *options, str(seeds)], target.run)
    atheris.Fuzz()  # ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m sscard.app.rows_check`: the rows of the mission, and whether what is called done is proved.

`rows.toml` says how far each row is; acceptance tests are marked `@pytest.mark.row("ISS-6", part="straight path")`. A row
called done without a marked test, a part called built without one, and a mark that names neither are faults: exit code 1.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STATES = ("planned", "part", "done")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    what: str
    state: str
    parts: tuple[str, ...]


def rows(path: Path = ROOT / "rows.toml") -> list[Row]:
    """The rows in the mission's order."""
    with path.open("rb") as file:
        found = tomllib.load(file)
    return [Row(name, one["what"], one["state"], tuple(one.get("parts", ()))) for name, one in found.items()]


def marks(folder: Path = ROOT / "tests") -> Counter[tuple[str, str]]:
    """(row, part) → number of marked tests; a mark of a class or a module counts once."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.row":
                found[_mark(node)] += 1
    return found


def _mark(node: ast.Call) -> tuple[str, str]:
    values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
    texts = [ast.literal_eval(argument) for argument in node.args]
    name = str(values.get("id", texts[0] if texts else ""))
    return name, str(values.get("part", texts[1] if len(texts) > 1 else "") or "")


def faults(known: list[Row], proved: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """What is called done without a proof, and proofs of what nobody knows."""
    by_name = {row.name: row for row in known}
    for row in known:
        if row.state not in STATES:
            yield f"{row.name}: state {row.state!r} is none of {', '.join(STATES)}"
        if (row.state == "part") != bool(row.parts):
            yield f"{row.name}: parts stand with a row in state part, and only there"
        if row.state == "done" and not any(name == row.name for name, _ in proved):
            yield f"{row.name} is called done, and no test is marked with it"
        for part in row.parts:
            if not proved.get((row.name, part)):
                yield f"{row.name}: part {part!r} is called built, and no test is marked with it"
    for name, part in proved:
        if name not in by_name:
            yield f"a test is marked with {name!r}, which is no row"
        elif part and part not in by_name[name].parts:
            yield f"a test is marked with part {part!r} of {name}, which rows.toml does not name"


def main() -> int:
    known, proved = rows(), marks()
    for row in known:
        tests = sum(count for (name, _), count in proved.items() if name == row.name)
        print(
            f"{row.name:<7} {row.state:<8} {tests or '':>3}  {row.what}"
            + (f" [{'; '.join(row.parts)}]" if row.parts else "")
        )
    count = Counter(row.state for row in known)
    print(f"\n{len(known)} rows: " + ", ".join(f"{count[state]} {state}" for state in STATES))
    wrong = list(faults(known, proved))
    for one in wrong:
        print(f"wrong: {one}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

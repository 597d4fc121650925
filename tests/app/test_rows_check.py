"""The table of rows can't claim what no test proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscard.app.rows_check import Row, faults, marks, rows


def test_the_tables_of_this_checkout_are_right() -> None:
    assert list(faults(rows(), marks())) == []


@pytest.mark.parametrize(
    ("row", "proved", "wrong"),
    [
        (Row("A-1", "", "done", ()), {}, "no test"),
        (Row("A-1", "", "part", ("x",)), {("A-1", "y"): 1}, "part 'x' is called built"),
        (Row("A-1", "", "part", ("x",)), {("A-1", "x"): 1, ("A-1", "z"): 1}, "part 'z'"),
        (Row("A-1", "", "done", ()), {("A-1", ""): 1, ("B-9", ""): 1}, "no row"),
        (Row("A-1", "", "soon", ()), {}, "none of"),
        (Row("A-1", "", "part", ()), {}, "only there"),
    ],
)
def test_each_kind_of_fault_is_found(row: Row, proved: dict[tuple[str, str], int], wrong: str) -> None:
    assert any(wrong in one for one in faults([row], proved))


def test_marks_are_read_from_the_source(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        'import pytest\n@pytest.mark.row("A-1")\ndef test_a(): ...\n@pytest.mark.row("A-2", part="p")\ndef test_b(): ...\n'
    )
    assert dict(marks(tmp_path)) == {("A-1", ""): 1, ("A-2", "p"): 1}

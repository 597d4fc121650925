"""docs/fapi.md: no requirement without a test, no mark without a requirement, and the page is current."""

from __future__ import annotations

import importlib.util
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def _script() -> Any:
    loader = SourceFileLoader("fapi_table", str(ROOT / "scripts" / "fapi"))
    spec = importlib.util.spec_from_loader("fapi_table", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_requirement_is_proved_and_the_page_is_current() -> None:
    script = _script()
    register = tomllib.loads((Path(__file__).parent / "requirements.toml").read_text("utf-8"))
    known = {name for lines in register.values() for name in lines}
    proved = script.proofs()
    assert known - set(proved) == set(), "lines without a test"
    assert set(proved) - known == set(), "marks that are no line"
    assert (ROOT / "docs" / "fapi.md").read_text("utf-8") == script.page(), "run scripts/fapi --write"

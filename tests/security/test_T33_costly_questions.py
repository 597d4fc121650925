"""T33: a costly question ends by itself and stops nobody else: a query that never comes back, long statements by the dozen, and
patterns that a text could keep busy for ever."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from re import _parser as parser  # the standard library's own reading of a pattern
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "portal"))

import money_routes_kit as sources
from netbank_kit import bank_kit, client_of, customers_kit, session_of

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one(house: Any) -> customers_kit.Signed:
    return customers_kit.customer(fen=1_00)


def test_a_query_that_never_comes_back_is_ended_and_the_next_one_is_answered(
    one: customers_kit.Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscard.bank.savings import statement
    from sscard.kernel import db

    within: Any = db.unit_of_work.__wrapped__  # type: ignore[attr-defined]
    monkeypatch.setitem(within.__kwdefaults__, "statement_timeout_ms", 300)
    client = client_of(one, raise_request_exception=False)
    token = {"HTTP_AUTHORIZATION": f"Bearer {session_of(one)}"}
    path = f"/api/customer/accounts/{one.holder.account}/statement"
    with monkeypatch.context() as slow:
        slow.setattr(statement, "_LINES", f"select q.* from (select pg_sleep(9) offset 0) s, ({statement._LINES}) q")
        page, told = client.get("/statement/"), client.get(path, **token)
        assert "这次查询用的时间太长" in page.content.decode()
        assert told.json()["code"] == "kernel.took_too_long"
        for answer in (page, told):
            assert answer.status_code == 503
    assert client.get("/statement/").status_code == 200
    assert client.get(path, **token).status_code == 200


def test_every_unit_of_work_has_its_time_and_the_fast_lane_too() -> None:
    from django.db import connection

    from sscard.control.door import reading
    from sscard.kernel.db import STATEMENT_TIMEOUT_MS
    from sscard.ledger import lane_wire

    with (
        reading(bank_kit.caller("teller", bank="CCB"), right="bank.view", purpose="test"),
        connection.cursor() as cursor,
    ):
        cursor.execute("show statement_timeout")
        assert cursor.fetchone() == (f"{STATEMENT_TIMEOUT_MS // 1000}s",)
    assert 0 < max(STATEMENT_TIMEOUT_MS, lane_wire.STATEMENT_TIMEOUT_MS) <= 30_000


def test_long_statements_are_set_two_at_a_time_and_short_ones_always(
    one: customers_kit.Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that are being set are stood for by the places that they take."""
    from sscard.bank.savings import statement_file

    client = client_of(one)
    for _ in range(statement_file.MOST_LONG_AT_ONCE):
        assert statement_file._room.acquire(blocking=False)
    try:
        assert client.get("/statement.pdf").content.startswith(b"%PDF-")
        monkeypatch.setattr(statement_file, "LONG_LINES", 0)
        told = client.get("/statement.pdf")
        assert (told.status_code, "过半分钟再试" in told.content.decode()) == (429, True)
        assert client.get("/statement.csv").status_code == 200
        assert client.get("/statement/").status_code == 200
    finally:
        for _ in range(statement_file.MOST_LONG_AT_ONCE):
            statement_file._room.release()
    assert client.get("/statement.pdf").content.startswith(b"%PDF-")
    assert statement_file._room.acquire(blocking=False), "and the place is given back"
    statement_file._room.release()


# -- patterns ---------------------------------------------------------------------------------------------------------------
def _patterns() -> Iterator[tuple[str, str]]:
    """Every pattern that the product writes down: for `re`, and for the fields of pydantic."""
    for module, path in sources.MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            owner = getattr(getattr(node.func, "value", None), "id", "")
            given = [*node.args[:1]] if owner == "re" and name != "escape" else []
            given += [one.value for one in node.keywords if one.arg in ("pattern", "regex")]
            for one in given:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield module, one.value


def _endless(parsed: Any, inside: bool = False) -> bool:
    """A repeat without end within another: what takes a machine exponential time, unless each turn of the outer one begins with
    a sign of its own, as in a(·a)*."""
    for op, argument in parsed:
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            _, most, item = argument
            endless = most is parser.MAXREPEAT
            if (inside and endless) or _endless(item, inside or (endless and not _begins_with_a_sign(item))):
                return True
        elif (name == "SUBPATTERN" and _endless(argument[3], inside)) or (
            name == "BRANCH" and any(_endless(branch, inside) for branch in argument[1])
        ):
            return True
    return False


def _begins_with_a_sign(parsed: Any) -> bool:
    op, argument = next(iter(parsed), ("", None))
    if str(op) == "SUBPATTERN":
        return _begins_with_a_sign(argument[3])
    return str(op) == "LITERAL" and not chr(argument).isalnum()


def test_no_pattern_has_a_repeat_without_end_inside_another() -> None:
    assert _endless(parser.parse(r"^(\d+)*$"))
    assert _endless(parser.parse(r"^(a|b+)*$"))
    found = list(_patterns())
    assert len(found) > 40
    nested = {(module, one) for module, one in found if _endless(parser.parse(one))}
    assert nested == set()

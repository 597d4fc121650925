"""T27: areas, organisations and banks do not see each other; where the code forgets, the database's own wall stands."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from security_kit import Town
    from tests_support import House

LISTS = ("batches", "stock", "boxes", "applications", "campaigns", "duplicates", "approvals", "people?q=李小花")
PAGES = ("desk/", "imports/", "applications/", "batches/", "stock/", "approvals/", "doubts/", "office/staff/", "audit/")
ROLES = ("clerk", "reviewer", "stock_keeper", "area_manager", "security_admin", "audit_admin", "employer_handler")
pytestmark = pytest.mark.asvs("v5.0.0-8.4.1")


@pytest.fixture(scope="module")
def elsewhere(_module_house: Any, _founded: Town) -> dict[str, uuid.UUID]:
    """Things of the other area, which nobody of area one may meet; and some of our own, so that lists are not empty."""
    from security_kit import TWO, resident, things

    with _module_house.entered():
        things(resident(account=False), _founded)
        return things(resident(TWO), _founded)


def marks(elsewhere: dict[str, uuid.UUID]) -> list[str]:
    return [mark for one in elsewhere.values() for mark in (str(one), one.hex)]


@pytest.mark.parametrize("role", [*ROLES, "teller", "bank_reviewer", "ministry_reviewer", "holder"])
def test_lists_hold_nothing_of_another_area(town: Town, elsewhere: dict[str, uuid.UUID], role: str) -> None:
    from security_kit import ONE, holder_api, resident

    if role == "holder":
        api = holder_api(resident(account=False))
    elif role in ("teller", "bank_reviewer"):
        api = town.api(f"{role}.CCB")
    else:
        api = town.api(role if role == "ministry_reviewer" else f"{role}.{ONE}")
    api.client.cookies["__Host-sscard"] = api.token
    for path in (*(f"/api/{one}" for one in LISTS), *(f"/{one}" for one in PAGES)):
        answer = api.get(path)
        assert answer.status_code in (200, 302, 403, 404), path
        text = answer.content.decode()
        assert [mark for mark in marks(elsewhere) if mark in text] == [], path


@pytest.mark.parametrize("area", ["990200", "990300", "999999", "٩٩٠٢٠٠", "' or 1"])
def test_an_own_area_cannot_be_changed_by_a_header(town: Town, elsewhere: dict[str, uuid.UUID], area: str) -> None:
    from security_kit import ONE

    api = town.api(f"clerk.{ONE}")
    mine = api.get("/api/batches").json()
    assert (
        api.client.get(
            "/api/batches",
            headers={"Authorization": f"Bearer {api.token}", "Sscard-Area": area.encode().decode("latin-1")},
        ).json()
        == mine
    )


def test_what_waits_for_a_second_person_is_seen_by_its_own_house_only(town: Town) -> None:
    """Same area, other organisations: a bank, an employer, the holder do not see the bureau's requests, nor it theirs."""
    from security_kit import ONE, holder_api, resident, things

    one = resident(account=False)
    mark = things(one, town)["approval"].hex
    seen = {name: mark in town.api(name).get("/api/approvals").content.decode() for name in (
        f"clerk.{ONE}", f"reviewer.{ONE}", f"stock_keeper.{ONE}", f"employer_handler.{ONE}", "teller.CCB",
        "bank_reviewer.CCB", "ministry_reviewer",
    )}  # fmt: skip
    assert [name for name, yes in seen.items() if yes] == [
        f"clerk.{ONE}",
        f"reviewer.{ONE}",
    ]  # its maker, and a checker
    assert holder_api(one).get("/api/approvals").json() == []


def test_security_administrators_stay_in_their_own_house(town: Town) -> None:
    """Another area's staff, a bank's, the ministry's: as if they were not there. New accounts only in the own house."""
    from security_kit import ONE, TWO

    api = town.api(f"security_admin.{ONE}")
    for name in (f"clerk.{TWO}", "teller.CCB", "bank_reviewer.ICBC", "ministry_reviewer"):
        staff = str(town.staff[name].staff_id)
        for act, body in (
            ("control.disable_staff", {"staff": staff, "reason": "x"}),
            ("control.grant_role", {"staff": staff, "role": "clerk", "area": ONE}),
        ):
            answer = api.act(act, body)
            assert (answer.status_code, answer.json()["code"]) == (404, "control.not_found"), (name, act)
    own = str(town.staff[f"clerk.{ONE}"].staff_id)
    for role, area, code in (
        ("clerk", TWO, "control.area_not_yours"),
        ("teller", ONE, "control.role_not_here"),
        ("ministry_reviewer", ONE, "control.role_not_here"),
        ("system", ONE, "control.role_not_here"),
        ("holder", ONE, "control.role_not_here"),
    ):
        answer = api.act("control.grant_role", {"staff": own, "role": role, "area": area})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    body = {"username": "x1", "display_name": "甲", "id_number": "090101198001010014", "roles": ["clerk"], "area": ONE}
    for organisation in (f"{TWO}-BUREAU", "CCB", f"{ONE}-CCB-01", "MOHRSS", "NOBODY", ""):
        faults = api.act("control.create_staff", {**body, "organisation": organisation}).json()["faults"]
        assert "control.organisation_unknown" in {fault["code"] for fault in faults}, organisation
    faults = api.act("control.create_staff", {**body, "organisation": f"{ONE}-BUREAU", "area": TWO}).json()["faults"]
    assert "control.area_not_yours" in {fault["code"] for fault in faults}


# --- the second wall: the database itself ----------------------------------------------------------------------------


def walls() -> dict[str, list[Any]]:
    """The house's tables by what row-level security compares."""
    from sscard.kernel.tables import BANK, guard_of, house_models, role_of

    found: dict[str, list[Any]] = {"area_code": [], "book": [], "bank": []}
    for model in house_models():
        if guard := guard_of(model):
            found[guard].append(model)
        if role_of(model) == BANK:
            found["bank"].append(model)
    return found


@contextmanager
def as_app(house: House, *settings: tuple[str, str], role: str = "") -> Iterator[psycopg.Connection[Any]]:
    """A plain connection of the app's role, past all code of ours."""
    with psycopg.connect(house.urls.app) as connection:
        for name, value in settings:
            connection.execute("select set_config(%s, %s, true)", [name, value])
        if role:
            connection.execute(f"set local role {role}")
        yield connection
        connection.rollback()


def count(connection: psycopg.Connection[Any], table: str, where: str = "true") -> int:
    row = connection.execute(f"select count(*) from {table} where {where}").fetchone()
    assert row
    return int(row[0])


def test_every_table_is_forced_and_views_ask_as_their_caller(house: House) -> None:
    guarded = {model._meta.db_table for name in ("area_code", "book") for model in walls()[name]}
    assert len(guarded) > 25
    with psycopg.connect(house.urls.owner) as connection:
        rows = connection.execute(
            "select relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text,"
            " (select count(*) from pg_policy where polrelid = c.oid) from pg_class c"
            " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        ).fetchall()
        views = connection.execute(
            "select relname, coalesce(reloptions::text, '') from pg_class where relkind in ('v', 'm')"
            " and relnamespace = 'public'::regnamespace"
        ).fetchall()
        powers = connection.execute(
            "select rolname from pg_roles where rolname like 'sscard%' and (rolsuper or rolbypassrls or rolcreaterole)"
            " and rolname <> 'sscard_admin'"
        ).fetchall()
    table = {name: (security, forced, owner, policies) for name, security, forced, owner, policies in rows}
    assert {name: table[name] for name in guarded if not (table[name][0] and table[name][1] and table[name][3])} == {}
    assert {owner for _, _, owner, _ in table.values()} == {"sscard_owner"}
    assert [name for name, options in views if "security_invoker=true" not in options.replace("=on", "=true")] == []
    assert powers == []


def test_without_an_area_there_are_no_rows_and_with_another_one_none_of_ours(
    house: House, town: Town, elsewhere: dict[str, uuid.UUID]
) -> None:
    from security_kit import ONE, TWO
    from sscard.kernel.tables import APP, role_of

    tables = [model._meta.db_table for model in walls()["area_code"] if role_of(model) == APP]
    filled = 0
    for table in tables:
        with as_app(house) as nowhere:
            assert count(nowhere, table) == 0, table
        with as_app(house, ("sscard.area", ONE)) as here:
            assert count(here, table, f"area_code <> '{ONE}'") == 0, table
        with as_app(house, ("sscard.area", TWO)) as there:
            assert count(there, table, f"area_code <> '{TWO}'") == 0, table
            filled += count(there, table) > 0
        with as_app(house, ("sscard.area", f"{ONE}' or 'a' = 'a")) as tricked:
            assert count(tricked, table) == 0, table
    assert filled >= 8, "the town has things of the other area"


def test_rows_cannot_be_written_or_moved_into_another_area(
    house: House, town: Town, elsewhere: dict[str, uuid.UUID]
) -> None:
    from security_kit import ONE, TWO

    with as_app(house, ("sscard.area", ONE)) as connection:
        moved = connection.execute("update people_person set nation = '02' where area_code = %s", [TWO]).rowcount
        gone = connection.execute("delete from issuing_application where area_code = %s", [TWO]).rowcount
        assert (moved, gone) == (0, 0)
    for statement in (
        "update people_person set area_code = %s",
        "update issuing_batch set area_code = %s",
        "insert into insurance_employer (area_code, code, name) values (%s, 'X', 'x')",
    ):
        with as_app(house, ("sscard.area", ONE)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement, [TWO])


def test_an_area_of_one_transaction_is_forgotten_in_the_next(house: House, elsewhere: dict[str, uuid.UUID]) -> None:
    from security_kit import TWO

    with psycopg.connect(house.urls.app) as connection:
        with connection.transaction():
            connection.execute("select set_config('sscard.area', %s, true)", [TWO])
            assert count(connection, "people_person") > 0
        assert count(connection, "people_person") == 0


def test_the_banks_tables_are_closed_to_everybody_but_the_banks_role(house: House) -> None:
    tables = [model._meta.db_table for model in walls()["bank"]]
    assert len(tables) >= 6
    for table in tables:
        for role in ("app", "report"):
            with psycopg.connect(getattr(house.urls, role)) as connection:
                connection.execute("select set_config('sscard.area', '990100', true)")
                connection.execute("select set_config('sscard.book', 'bank:CCB', true)")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select 1 from {table}")


def test_one_banks_book_is_closed_to_another_bank(house: House, town: Town, elsewhere: dict[str, uuid.UUID]) -> None:
    """`elsewhere` brought accounts at CCB."""
    tables = [model._meta.db_table for model in walls()["book"]]
    filled = 0
    for table in tables:
        with as_app(house, ("sscard.book", "bank:CCB"), role="sscard_bank") as own:
            filled += count(own, table) > 0
            assert count(own, table, "book <> 'bank:CCB'") == 0
        for book in ("", "bank:ICBC", "bank:", "%"):
            with as_app(house, ("sscard.book", book), role="sscard_bank") as other:
                assert count(other, table, "book = 'bank:CCB'") == 0, table
    assert filled >= 2


def test_the_banks_role_opens_nothing_of_the_bureau(house: House) -> None:
    """Inside the bank's acts, persons' facts and sessions are out of reach."""
    for table in (
        "people_person",
        "people_holderaccount",
        "control_session",
        "control_staff",
        "insurance_contribution",
    ):
        inside = as_app(house, ("sscard.area", "990100"), role="sscard_bank")
        with inside as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select 1 from {table}")


def test_another_banks_teller_learns_nothing_of_an_account(town: Town) -> None:
    from security_kit import resident

    one = resident()
    own = town.api("teller.CCB").get(f"/api/bank/accounts/{one.holder.account}")
    other = town.api("teller.ICBC").get(f"/api/bank/accounts/{one.holder.account}")
    assert own.status_code == 200
    assert other.status_code in (403, 404, 409)
    for secret in (str(one.holder.public), str(one.holder.card), one.holder.name, one.holder.pan[-4:]):
        assert secret not in other.content.decode()

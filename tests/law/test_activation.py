"""Signed packs come into force by two persons, earlier ones are kept, and every process reads the newest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from law_pack_making import AREAS, Signer, copy_area, edit
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.law import activation, areas
from sscard.law.models import ActiveArea, AreaPack

ON = date(2026, 11, 21)
SIGNER = Signer()
pytestmark = pytest.mark.usefixtures("law_house")


@pytest.fixture
def law_house(fresh_house: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(activation, "trusted_signers", lambda: SIGNER.trusted)
    monkeypatch.setattr(
        areas, "active_packs", areas.ActivePacks(activation.digests_in_force, activation.files_in_force)
    )
    monkeypatch.setattr(areas, "_digests", {})
    areas.forget()
    yield
    monkeypatch.undo()
    areas.forget()


def activate(archive: bytes, maker: str = "maker", checker: str = "checker") -> dict[str, str | int]:
    with unit_of_work():
        return activation.activate(archive, maker, checker, ON)


def changed(tmp_path: Path, days: int, version: int) -> bytes:
    """The first demo area with other days of a temporary loss report."""
    folder = copy_area(tmp_path / str(version))
    edit(
        folder,
        "parameters.toml",
        'from = 2020-01-01, value = 7, source = "演示地区管理细则 demo rules of 990100" }]\nformal',
        f'from = 2020-01-01, value = {days}, source = "new" }}]\nformal',
    )
    edit(folder, "cases.toml", "expect = 7\n", f"expect = {days}\n")
    return SIGNER.pack(folder, version)


def test_a_pack_comes_into_force_and_the_earlier_one_is_kept(tmp_path: Path) -> None:
    assert areas.get("990100").value("temp_loss_days", ON) == 7
    archive = SIGNER.pack(AREAS / "990100")
    first = activate(archive)
    assert (first["version"], first["previous_version"]) == (1, 0)
    second = activate(changed(tmp_path, 9, 2))
    assert (second["version"], second["previous_version"]) == (2, 1)
    assert areas.get("990100").value("temp_loss_days", ON) == 9
    assert areas.get("990200").value("temp_loss_days", ON) == 5
    rows = AreaPack.objects.order_by("version")
    assert [(row.version, row.state, row.signer) for row in rows] == [
        (1, "earlier", "tester"),
        (2, "in_force", "tester"),
    ]
    assert rows[0].digest == first["digest"]
    assert bytes(rows[0].archive) == archive


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_or_equal_version_is_refused_and_nothing_changes(tmp_path: Path, version: int) -> None:
    activate(changed(tmp_path, 9, 2))
    with pytest.raises(Refusal) as refused:
        activate(SIGNER.pack(AREAS / "990100", version))
    assert (refused.value.code, refused.value.facts["current"]) == ("law.pack_older", 2)
    assert [pack.version for pack in AreaPack.objects.all()] == [2]
    assert areas.get("990100").value("temp_loss_days", ON) == 9


def test_one_person_is_not_two() -> None:
    with pytest.raises(Refusal) as refused:
        activate(SIGNER.pack(AREAS / "990100"), "same", "same")
    assert refused.value.code == "law.pack_same_person"
    assert not AreaPack.objects.exists()


def test_the_database_holds_the_two_persons_and_the_version_too() -> None:
    activate(SIGNER.pack(AREAS / "990100"))
    row = AreaPack.objects.values().get()
    for change in ({"maker": "x", "checker": "x", "version": 7}, {"version": 1}, {"version": 0}):
        with pytest.raises(DatabaseError), transaction.atomic():
            AreaPack.objects.create(**{**row, "id": None, **change})


def test_packs_in_force_cannot_be_changed_or_removed() -> None:
    activate(SIGNER.pack(AREAS / "990100"))
    for statement in ("update law_areapack set version = 9", "delete from law_areapack"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AreaPack.objects.get().version == 1


def test_a_pack_of_a_stranger_or_with_failing_examples_is_refused(tmp_path: Path) -> None:
    folder = edit(copy_area(tmp_path), "cases.toml", "expect = 7\n", "expect = 8\n")
    for archive, code in (
        (Signer("stranger").pack(AREAS / "990100"), "law.pack_signer_unknown"),
        (SIGNER.pack(folder), "law.pack_faulty"),
    ):
        with pytest.raises(Refusal) as refused:
            activate(archive)
        assert refused.value.code == code
    assert not ActiveArea.objects.exists()


def test_what_is_rolled_back_was_never_in_force(tmp_path: Path) -> None:
    archive = changed(tmp_path, 9, 2)
    with unit_of_work():
        activation.activate(archive, "maker", "checker", ON)
        transaction.set_rollback(True)
    assert not AreaPack.objects.exists()
    assert areas.get("990100").value("temp_loss_days", ON) == 7


def test_a_new_city_comes_as_a_pack_alone(tmp_path: Path) -> None:
    folder = copy_area(tmp_path, "990300").rename(tmp_path / "990400")
    edit(folder, "area.toml", 'code = "990300"', 'code = "990400"')
    edit(folder, "area.toml", '青禾市"', '新苗市"')
    text = (folder / "outlets.toml").read_text().replace('area_code = "990300"', 'area_code = "990400"')
    (folder / "outlets.toml").write_text(text)
    archive = SIGNER.pack(folder)
    assert activation.changes(activation.inspect(archive)) == []
    activate(archive)
    assert areas.get("990400").name() == "新苗市"
    assert "990400" in {area.code for area in areas.all_areas()}


def test_maker_and_checker_see_what_would_change(tmp_path: Path) -> None:
    found = activation.changes(activation.inspect(changed(tmp_path, 9, 2)))
    assert {(d.file, d.key, d.before, d.after) for d in found} >= {
        ("area.toml", "version", 1, 2),
        ("parameters.toml", "temp_loss_days.2020-01-01.value", 7, 9),
    }


def test_a_pack_that_was_changed_in_the_database_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    activate(changed(tmp_path, 9, 2))
    row = AreaPack.objects.get()
    spoiled = bytes(row.archive).replace(b"value = 9, source", b"value = 8, source")
    monkeypatch.setattr(AreaPack.objects, "get", lambda **_: type("Row", (), {"archive": spoiled})())
    areas.forget()
    with pytest.raises(Refusal) as refused:
        areas.get("990100")
    assert refused.value.code == "law.pack_not_archive"


def test_the_banks_role_may_ask_what_holds() -> None:
    activate(SIGNER.pack(AREAS / "990100"))
    areas.forget()
    with unit_of_work(), connection.cursor() as cursor:
        cursor.execute("set local role sscard_bank")
        assert areas.get("990100").value("temp_loss_days", ON) == 7


def test_an_event_loop_reads_the_pack_in_force_too(tmp_path: Path) -> None:
    activate(changed(tmp_path, 9, 2))
    areas.forget()

    async def ask() -> int:
        return int(areas.get("990100").value("temp_loss_days", ON))

    assert asyncio.run(ask()) == 9

"""T21: what a poisoned roster brings in stands on every page as text, in a real browser; exported cells are text."""

from __future__ import annotations

import csv
import io
import os
import uuid
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests_support import House, free_port

if TYPE_CHECKING:
    from security_kit import Town

SCRIPT = "<script>window.poisoned=1;alert(1)</script>"
IMAGE = '<img src=x onerror="window.poisoned=1;alert(2)">'
LEAVE = "\"'></textarea></td><svg onload=alert(3)>"
LINK = "javascript:alert(4)//{{7*7}}${7*7}"
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", '=HYPERLINK("http://x.example","y")')
pytestmark = pytest.mark.asvs("v5.0.0-1.2.1")


def number(serial: int) -> str:
    from sscard.codes import demo
    from sscard.codes.sex import Sex

    return demo.citizen_id(date(1962, 2, 3), Sex.MALE, serial, "090101")


def roster() -> bytes:
    """One good row, rows with poison in free text, and rows with formulas and scripts for names."""
    from sscard.people.roster.columns import COLUMNS

    heads = [column.zh for column in COLUMNS] + [SCRIPT, IMAGE]
    rows = []
    plain = {"sex": "1", "birth_date": "19620203", "nation": "01", "category": "resident"}
    for at, (one, two) in enumerate((("青禾路1号", "青禾路2号"), (SCRIPT, IMAGE), (LEAVE, LINK)), 1):
        rows.append({**plain, "id_number": number(at), "name": "吴安宁", "phone": f"9390000000{at}",
                     "household_address": f"云溪市{one}", "live_address": f"云溪市{two}", "remark": one})  # fmt: skip
    for at, text in enumerate((*FORMULAS, SCRIPT, IMAGE), 20):
        rows.append({**plain, "id_number": number(at), "name": text, "remark": text, "phone": text})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([row.get(column.name, "") for column in COLUMNS] + [SCRIPT, FORMULAS[0]])
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def poisoned(_module_house: House, _founded: Town) -> dict[str, Any]:
    """The roster went in; its jobs ran; a look with a poisoned purpose was refused; a holder signs in."""
    import holders_kit

    from security_kit import ONE
    from sscard.control.door import perform
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.sealed import blind_index
    from sscard.people import imports, lookup
    from sscard.people.models import ImportRun, Person

    with _module_house.entered():
        stored, digest = imports.store_upload([roster()], ".csv")
        clerk = _founded.caller(f"clerk.{ONE}")
        asked = imports.ReceiveRoster(stored, digest, f"{IMAGE}{SCRIPT}.csv")
        run = uuid.UUID(perform(clerk, "people.receive_roster", asked, key="t21").answer["import"])
        imports.check_run(run, ONE)
        perform(clerk, "people.register_roster", imports.RegisterRoster(run), key="t21-go")
        imports.register_run(run, ONE)
        with unit_of_work(area=ONE):
            done = ImportRun.objects.get(import_id=run)
            found = lookup.find("id_number", blind_index("id_number", number(1)))
            assert found, (done.state, done.good, done.bad, done.fault_counts, done.notice)
            person = Person.objects.get(person_id=found.person_id)
            person.facts = {  # the rules refuse such addresses; what an older system brought may hold them all the same
                "id_number": number(1), "name": "吴安宁", "phone": "93900000001",
                "household_address": f"{SCRIPT}{LEAVE}", "live_address": f"{IMAGE}{LINK}",
            }  # fmt: skip
            person.name_mask = "<b>吴</b>"
            person.save()
        api = _founded.api(f"clerk.{ONE}")
        answer = api.client.get(
            f"/api/people/{person.public_id}",
            headers={"Authorization": f"Bearer {api.token}", "Sscard-Purpose": IMAGE},
        )
        assert answer.json()["code"] == "api.purpose_unknown"  # free text never gets into the trail
        holder = type("Who", (), {"area": ONE, "person_id": person.person_id})
        session = holders_kit.session_of(holders_kit.with_sign_in(holder))  # type: ignore[arg-type]
        return {
            "run": run,
            "person": person.public_id,
            "holder": session,
            "books": imports.faults_files(done),
            "rows": (done.good, done.bad),
        }


@pytest.fixture(scope="module")
def portal(_module_house: House, _founded: Town) -> Iterator[str]:
    from pages_kit import portal_running
    from sscard.app import config as configuration
    from sscard.app.tls import ensure_certificate

    with _module_house.entered():
        config = configuration.load({**os.environ, "SSCARD_PORTAL_PORT": str(free_port())})
        ensure_certificate(config)
        with portal_running(_module_house, config):
            yield f"https://localhost:{config.portal_port}"


@pytest.fixture(scope="module")
def browser(poisoned: dict[str, Any]) -> Iterator[Any]:
    """While it runs, this thread has an event loop of the browser's, so Django is told that we know."""
    from playwright.sync_api import sync_playwright

    from pages_kit import ARGUMENTS, CHROMIUM

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        found = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


def opened(browser: Any, portal: str, session: str) -> tuple[Any, list[str]]:
    """A page with this session, and the list of all that should not happen on it."""
    context = browser.new_context(ignore_https_errors=True)
    context.add_cookies([{"name": "__Host-sscard", "value": session, "url": portal, "secure": True, "httpOnly": True}])
    page, trouble = context.new_page(), []
    page.on("dialog", lambda one: (trouble.append(f"dialog {one.message}"), one.dismiss()))
    page.on("pageerror", lambda one: trouble.append(f"script {one}"))
    page.on("console", lambda one: trouble.append(one.text) if "Content Security" in one.text else None)
    page.on("request", lambda one: trouble.append(one.url) if not one.url.startswith((portal, "data:")) else None)
    return page, trouble


def test_the_clerks_screens_show_poison_as_text(
    town: Town, poisoned: dict[str, Any], portal: str, browser: Any
) -> None:
    from security_kit import ONE

    page, trouble = opened(browser, portal, town.api(f"clerk.{ONE}").token)
    person, run = poisoned["person"], poisoned["run"]
    shown = ""
    for path in (
        f"/people/{person}/", f"/people/{person}/looks/", f"/people/{person}/correct/", "/imports/",
        f"/imports/{run}/", "/desk/",
    ):  # fmt: skip
        answer = page.goto(portal + path)
        assert answer.status == 200, path
        shown += page.evaluate("document.body.innerText")
        assert page.evaluate("window.poisoned") is None
    for field in ("household_address", "live_address"):
        page.goto(f"{portal}/people/{person}/")
        told = page.evaluate(
            """async field => {
                const form = new URLSearchParams({field});
                const mark = document.querySelector('input[name=csrfmiddlewaretoken]');
                form.set('csrfmiddlewaretoken', mark.value);
                const answer = await fetch('reveal/', {method: 'POST', body: form});
                return [answer.status, await answer.text()];
            }""",
            field,
        )
        assert told[0] == 200
        page.set_content(told[1])  # the page for browsers without script, with the value in it
        shown += page.evaluate("document.body.innerText")
    for text in (SCRIPT, IMAGE):
        assert text in shown, "the poison is there, as text"
    assert trouble == []


def test_the_holders_pages_show_it_as_text_too(town: Town, poisoned: dict[str, Any], portal: str, browser: Any) -> None:
    page, trouble = opened(browser, portal, poisoned["holder"])
    shown = ""
    for path in ("/my/", "/my/data/", "/my/looked/", "/my/records/", "/my/money/"):
        assert page.goto(portal + path).status == 200
        shown += page.evaluate("document.body.innerText")
        assert page.evaluate("window.poisoned") is None
    assert "<b>吴</b>" in shown, "the poison is there, as text"
    assert trouble == []


@pytest.mark.asvs("v5.0.0-1.2.10")
def test_exported_cells_are_text(poisoned: dict[str, Any], house: House) -> None:
    """No formula, no link, nothing outside in the workbook; the cells hold what the file had."""
    from sscard.people import imports

    assert poisoned["books"]
    assert poisoned["rows"] == (1, 10)
    text = ""
    for name in poisoned["books"]:
        with zipfile.ZipFile(Path(imports.inbox()) / name) as book:
            parts = {entry: book.read(entry).decode("utf-8", "replace") for entry in book.namelist()}
        assert not [entry for entry in parts if "externalLink" in entry or "vbaProject" in entry]
        for entry, xml in parts.items():
            if entry.startswith("xl/worksheets/sheet"):
                assert "<f>" not in xml
                assert "<f " not in xml
                assert "hyperlink" not in xml
            assert 'TargetMode="External"' not in xml
        text += "".join(parts.values())
    assert "cmd|" in text
    assert "&lt;script&gt;" in text

"""Bulk import: hand in a file, watch the dry run, see what is wrong and fetch it as a workbook, register what is good.

The work goes on without this page; whoever comes back finds it in the list.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.insurance.models import ContributionFile
from sscard.kernel import clock, words
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import imports
from sscard.people.imports import DropRoster, ReceiveRoster, RegisterRoster
from sscard.people.models import DuplicateCase, ImportRun
from sscard.portal import looks
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Field, Link, Progress, Tile
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, Table, table_of

RIGHT = "people.import"
AT_WORK = ("checking", "registering")
MOST_RUNS = 200


@for_staff(RIGHT)
def runs(request: HttpRequest, at: AtPage) -> HttpResponse:
    """All files of the area, the newest first."""
    with at.reading(RIGHT, "imports") as inside:
        found = list(ImportRun.objects.filter(area_code=inside.area_code).order_by("-made_at")[:MOST_RUNS])
    return at.render(
        "portal/desk/imports.html", title=at.word("imports.title"), table=runs_table(request, at, found), here="/imports/",
    )  # fmt: skip


def runs_table(request: HttpRequest, at: AtPage, found: list[ImportRun], *, links: bool = True) -> Table:
    """A file's name is what somebody typed: it is shown as text, whatever stands in it."""
    columns = [
        Column("file", at.word("imports.file")), Column("at", at.word("imports.at"), "moment"),
        Column("who", at.word("imports.who")), Column("state", at.word("imports.state"), "state"),
        Column("rows", at.word("imports.rows"), "number"), Column("good", at.word("imports.good"), "number"),
        Column("bad", at.word("imports.bad"), "number"), Column("queued", at.word("imports.queued"), "number"),
    ]  # fmt: skip
    rows = [
        Row(
            {
                "file": one.file_name, "at": one.made_at, "who": one.made_by_name, "state": f"people.import.{one.state}",
                "rows": one.rows, "good": one.good, "bad": one.bad, "queued": one.queued,
            },
            url=f"/imports/{one.import_id}/" if links else "",
            tone="bad" if one.state == "failed" else "plain",
        )
        for one in found
    ]  # fmt: skip
    around: dict[str, Any] = {"empty_url": "/imports/new/", "empty_label": at.word("imports.new")} if links else {}
    return table_of(
        request, at.word("imports.caption"), columns, rows, sort="-at", empty_text=at.word("imports.empty"), **around
    )


@for_staff(RIGHT)
def upload(request: HttpRequest, at: AtPage) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            faults = (Fault("file", "portal.file_missing"),)
        else:
            try:
                stored, digest = imports.store_upload(sent.chunks(), Path(str(sent.name)).suffix)
                made = at.perform(
                    "people.receive_roster", ReceiveRoster(stored, digest, str(sent.name)), purpose="roster"
                )
            except Refusal as refusal:
                faults = faults_of(refusal, {"people.roster_too_big": "file"})
            else:
                return HttpResponseRedirect(f"/imports/{made.answer['import']}/")
    field = Field("file", at.word("imports.choose"), kind="file", hint=at.word("imports.choose_hint"))
    return at.render(
        "portal/form.html", title=at.word("imports.new"), lead=at.word("imports.lead"), fields=[field], values={},
        faults=faults, action="/imports/new/", submit_label=at.word("imports.check"), upload=True,
        hidden={"key": fresh_key()}, cancel_url="/imports/", here="/imports/",
        crumbs=[Link(at.word("imports.nav"), "/imports/"), Link(at.word("imports.new"))],
    )  # fmt: skip


@for_staff(RIGHT)
def run_page(request: HttpRequest, at: AtPage, run: uuid.UUID) -> HttpResponse:
    """At work: the bar. Checked: counts, faults, what to do. Done: the result and the queue."""
    with at.reading(RIGHT, "imports") as inside:
        found = _run(inside.area_code, run)
        doubts = DuplicateCase.objects.filter(import_id=run, state="open").count()
    crumbs = [Link(at.word("imports.nav"), "/imports/"), Link(found.file_name)]
    base: dict[str, Any] = {"run": found, "crumbs": crumbs, "here": "/imports/", "title": found.file_name}
    if found.state in AT_WORK:
        return at.render(
            "portal/desk/import_work.html", work=_progress(found), work_label=at.word(f"imports.work.{found.state}"),
            work_url=f"/imports/{run}/progress/", back_url="/imports/", back_label=at.word("imports.back"), **base,
        )  # fmt: skip
    notice = said_by_reader(found, at)
    return at.render(
        "portal/desk/import_run.html", tiles=_tiles(found, doubts, at), faults_table=faults_table(request, at, found),
        workbooks=[f"/imports/{run}/faults/{n}/" for n in range(1, len(imports.faults_files(found)) + 1)],
        key=fresh_key(), notices=[], notice=notice, state=f"people.import.{found.state}", doubts=doubts, **base,
    )  # fmt: skip


def _run(area: str, run: uuid.UUID) -> ImportRun:
    found = ImportRun.objects.filter(import_id=run, area_code=area).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def _progress(run: ImportRun) -> Progress:
    """While the dry run counts, nobody knows how many rows there will be: the bar then shows the rows read."""
    if run.state == "registering":
        return Progress(run.done_rows - min(run.bad, run.done_rows), 0, max(run.rows, 1), started=run.made_at)
    return Progress(run.done_rows, 0, max(run.done_rows + 1, run.rows), started=run.made_at)


@for_staff(RIGHT)
def progress(request: HttpRequest, at: AtPage, run: uuid.UUID) -> HttpResponse:
    """The live part of the page; when the work is over it leads on."""
    with at.reading(RIGHT, "imports") as inside:
        found = _run(inside.area_code, run)
    label = at.word(f"imports.work.{found.state}") if found.state in AT_WORK else at.word("imports.over")
    go = "" if found.state in AT_WORK else f"/imports/{run}/"
    return looks.render(
        request, "portal/desk/import_progress.html", title="", work=_progress(found), work_label=label, go=go
    )


@for_staff(RIGHT)
def faults_file(request: HttpRequest, at: AtPage, run: uuid.UUID, number: int) -> FileResponse:
    """The workbook of bad rows with all faults beside them: correct it there and hand it in again."""
    with at.reading(RIGHT, "correction") as inside:
        found = _run(inside.area_code, run)
        inside.detail |= {"what": "faults_workbook", "import": str(run), "rows": found.bad}
    return workbook(imports.faults_files(found), number, found.made_at)


def workbook(names: Sequence[str], number: int, made_at: datetime) -> FileResponse:
    """One of the workbooks that a dry run left in the inbox. Raises control.not_found."""
    path = imports.inbox() / Path(names[number - 1]).name if 0 < number <= len(names) else None
    if path is None or not path.is_file():
        raise Refusal("control.not_found")
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"faults-{made_at.astimezone(clock.CHINA):%Y%m%d}-{number}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )  # fmt: skip


@for_staff(RIGHT)
def register(request: HttpRequest, at: AtPage, run: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("people.register_roster", RegisterRoster(run), purpose="roster")
    return HttpResponseRedirect(f"/imports/{run}/")


@for_staff(RIGHT)
def drop(request: HttpRequest, at: AtPage, run: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("people.drop_roster", DropRoster(run), purpose="roster")
    return HttpResponseRedirect("/imports/")


def _tiles(run: ImportRun, doubts: int, at: AtPage) -> list[Tile]:
    def tile(name: str, count: int, tone: str = "plain", url: str = "", note: str = "") -> Tile:
        return Tile(at.word(f"imports.{name}"), f"{count:,}", url, note, tone)

    bad = tile("bad", run.bad, "bad" if run.bad else "plain", note=at.word("imports.bad_note"))
    if run.state != "done":
        return [tile("rows", run.rows), tile("good", run.good, "good", note=at.word("imports.good_note")), bad]
    return [
        tile("new_rows", run.new, "good"), tile("changed", run.changed), tile("same", run.same), bad,
        tile("queued", run.queued, "wait" if doubts else "plain", "/doubts/", at.word("imports.queued_note", open=doubts)),
    ]  # fmt: skip


def faults_table(request: HttpRequest, at: AtPage, run: ImportRun | ContributionFile) -> Table | None:
    """How often each fault occurs, worst first."""
    if not run.fault_counts:
        return None
    columns = [Column("fault", at.word("imports.fault")), Column("count", at.word("imports.count"), "number")]
    examples = next((one["examples"] for one in run.notice if "examples" in one), {})
    rows = [
        Row({"fault": _fault(code, at.lang, examples.get(code, {})), "count": count})
        for code, count in dict(run.fault_counts).items()
    ]
    return table_of(
        request, at.word("imports.by_fault"), columns, rows, sort="-count", prefix="faults_", filterable=False
    )


def _fault(code: str, lang: str, example: Mapping[str, str]) -> str:
    """The fault as its first row had it, so that nothing in the sentence stays open."""
    if lang in example:
        return example[lang]
    return words.text(("fault", "refusal"), code, lang) if words.has(("fault", "refusal"), code) else code


def said_by_reader(run: ImportRun | ContributionFile, at: AtPage) -> list[str]:
    """What the reader of the file had to say: why it could not be read, or columns that it passed over."""
    said: list[str] = []
    for one in run.notice:
        if "code" in one:
            refusal = Refusal.from_dict(one)
            said += [refusal.sentence(at.lang), *(fault.sentence(at.lang) for fault in refusal.faults)]
            said.append(refusal.next_step(at.lang))
        elif one.get("unknown_columns"):
            columns = at.word("frame.comma").join(one["unknown_columns"])
            said.append(at.word("imports.unknown_columns", columns=columns))
    return [line for line in said if line]

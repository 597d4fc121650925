"""Files of contributions, account statements and charges: handed in, checked in a dry run, posted or dropped; bad rows come back
as a workbook. The work goes on without this page."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.insurance import runs
from sscard.insurance.files.columns import CONTENTS
from sscard.insurance.models import ContributionFile
from sscard.insurance.runs import DropContributions, PostContributions, ReceiveContributions
from sscard.kernel.refusals import Fault, Refusal
from sscard.people import imports
from sscard.portal import looks
from sscard.portal.desk.imports import faults_table, said_by_reader, workbook
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Field, Link, Progress, Tile
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, table_of

RIGHT, HERE = "insurance.import", "/contributions/"
AT_WORK = ("checking", "posting")
MOST_FILES = 200


@for_staff(RIGHT)
def files(request: HttpRequest, at: AtPage) -> HttpResponse:
    """All files of the area, the newest first."""
    with at.reading(RIGHT, "imports") as inside:
        found = list(ContributionFile.objects.filter(area_code=inside.area_code).order_by("-made_at")[:MOST_FILES])
    columns = [
        Column("file", at.word("imports.file")), Column("what", at.word("contribution_files.what")),
        Column("at", at.word("imports.at"), "moment"), Column("who", at.word("imports.who")),
        Column("state", at.word("imports.state"), "state"), Column("good", at.word("imports.good"), "number"),
        Column("bad", at.word("imports.bad"), "number"),
    ]  # fmt: skip
    rows = [
        Row(
            {
                "file": one.file_name, "what": at.word(f"contribution_files.of.{one.content}"), "at": one.made_at,
                "who": one.made_by_name, "state": f"insurance.file.{one.state}", "good": one.good, "bad": one.bad,
            },
            url=f"{HERE}{one.file_id}/",
            tone="bad" if one.state == "failed" else "plain",
        )
        for one in found
    ]  # fmt: skip
    table = table_of(
        request, at.word("contribution_files.caption"), columns, rows, sort="-at",
        empty_text=at.word("contribution_files.empty"), empty_url=f"{HERE}new/", empty_label=at.word("contribution_files.new"),
    )  # fmt: skip
    return at.render(
        "portal/desk/contributions.html", title=at.word("contribution_files.nav"), lead=at.word("contribution_files.list_lead"),
        table=table, here=HERE,
    )  # fmt: skip


@for_staff(RIGHT)
def upload(request: HttpRequest, at: AtPage) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    content = request.POST.get("content", "contributions")
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            faults = (Fault("file", "portal.file_missing"),)
        else:
            try:
                stored, digest = imports.store_upload(sent.chunks(), Path(str(sent.name)).suffix)
                asked = ReceiveContributions(stored, digest, str(sent.name), content)
                made = at.perform("insurance.receive_contributions", asked, purpose="contributions")
            except Refusal as refusal:
                faults = faults_of(refusal, {"people.roster_too_big": "file", "insurance.content_unknown": "content"})
            else:
                return HttpResponseRedirect(f"{HERE}{made.answer['file']}/")
    options = tuple((one, at.word(f"contribution_files.of.{one}"), "") for one in CONTENTS)
    fields = [
        Field("content", at.word("contribution_files.what"), kind="radio", options=options),
        Field("file", at.word("imports.file"), kind="file", hint=at.word("imports.choose_hint")),
    ]
    return at.render(
        "portal/form.html", title=at.word("contribution_files.new"), lead=at.word("contribution_files.lead"), fields=fields,
        values={"content": content}, faults=faults, action=f"{HERE}new/", submit_label=at.word("imports.check"), upload=True,
        hidden={"key": fresh_key()}, cancel_url=HERE, here=HERE,
        crumbs=[Link(at.word("contribution_files.nav"), HERE), Link(at.word("contribution_files.new"))],
    )  # fmt: skip


@for_staff(RIGHT)
def file_page(request: HttpRequest, at: AtPage, file: uuid.UUID) -> HttpResponse:
    """At work: the bar. Checked: counts, faults, what to do. Done: the result."""
    with at.reading(RIGHT, "imports") as inside:
        found = _file(inside.area_code, file)
    base = {
        "title": found.file_name, "here": HERE, "run": found, "path": request.path,
        "crumbs": [Link(at.word("contribution_files.nav"), HERE), Link(found.file_name)],
    }  # fmt: skip
    if found.state in AT_WORK:
        return at.render(
            "portal/desk/import_work.html", work=_progress(found), work_label=at.word(f"contribution_files.work.{found.state}"),
            work_url=f"{request.path}progress/", back_url=HERE, back_label=at.word("imports.back"), **base,
        )  # fmt: skip
    return at.render(
        "portal/desk/contribution_file.html", tiles=_tiles(found, at), faults_table=faults_table(request, at, found),
        what=at.word(f"contribution_files.of.{found.content}"), notice=said_by_reader(found, at), key=fresh_key(),
        state=f"insurance.file.{found.state}",
        workbooks=[f"{request.path}faults/{n}/" for n in range(1, len(runs.faults_files(found)) + 1)], **base,
    )  # fmt: skip


def _file(area: str, file: uuid.UUID) -> ContributionFile:
    found = ContributionFile.objects.filter(file_id=file, area_code=area).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def _progress(run: ContributionFile) -> Progress:
    return Progress(run.done_rows, 0, max(run.done_rows + 1, run.rows), started=run.made_at)


def _tiles(run: ContributionFile, at: AtPage) -> list[Tile]:
    told = [("rows", run.rows, "plain"), ("good", run.good, "good")]
    if run.state == "done":
        told = [("new_rows", run.new, "good"), ("changed", run.changed, "plain"), ("same", run.same, "plain")]
    told.append(("bad", run.bad, "bad" if run.bad else "plain"))
    return [Tile(at.word(f"imports.{name}"), f"{number:,}", "", "", tone) for name, number, tone in told]


@for_staff(RIGHT)
def progress(request: HttpRequest, at: AtPage, file: uuid.UUID) -> HttpResponse:
    """The live part of the page; when the work is over it leads on."""
    with at.reading(RIGHT, "imports") as inside:
        found = _file(inside.area_code, file)
    going = found.state in AT_WORK
    label = at.word(f"contribution_files.work.{found.state}") if going else at.word("imports.over")
    go = "" if going else f"{HERE}{file}/"
    return looks.render(
        request, "portal/desk/import_progress.html", title="", work=_progress(found), work_label=label, go=go
    )


@for_staff(RIGHT)
def faults_file(request: HttpRequest, at: AtPage, file: uuid.UUID, number: int) -> FileResponse:
    """The workbook of bad rows with all faults beside them."""
    with at.reading(RIGHT, "correction") as inside:
        found = _file(inside.area_code, file)
        inside.detail |= {"what": "faults_workbook", "file": str(file), "rows": found.bad}
    return workbook(runs.faults_files(found), number, found.made_at)


@for_staff(RIGHT)
def post(request: HttpRequest, at: AtPage, file: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("insurance.post_contributions", PostContributions(file), purpose="contributions")
    return HttpResponseRedirect(f"{HERE}{file}/")


@for_staff(RIGHT)
def drop(request: HttpRequest, at: AtPage, file: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("insurance.drop_contributions", DropContributions(file), purpose="contributions")
    return HttpResponseRedirect(HERE)

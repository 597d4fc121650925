"""The area at a glance for its managers: imports and batches, counts only."""

from __future__ import annotations

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from sscard.control.rights import decide
from sscard.issuing.models import Application, Batch
from sscard.people.models import DuplicateCase, ImportRun
from sscard.portal.desk.imports import runs_table
from sscard.portal.shapes import Tile
from sscard.portal.signed import AtPage, for_staff

RIGHT = "control.area_pack"
SHOWN = 20


@for_staff(RIGHT)
def overview(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "overview") as inside:
        runs = list(ImportRun.objects.filter(area_code=inside.area_code).order_by("-made_at")[:SHOWN])
        registered = ImportRun.objects.filter(area_code=inside.area_code).aggregate(n=Sum("new"))["n"] or 0
        sums = Batch.objects.filter(area_code=inside.area_code).aggregate(
            ordered=Sum("ordered"),
            good=Sum("good"),
            spoiled=Sum("spoiled"),
            missing=Sum("missing"),
            handed=Sum("handed_over"),
        )
        waiting = Application.objects.filter(area_code=inside.area_code, state="applied").count()
        doubts = DuplicateCase.objects.filter(area_code=inside.area_code, state="open").count()
    figures = [
        ("registered", registered, "plain"), ("waiting", waiting, "plain"), ("doubts", doubts, "plain"),
        ("ordered", sums["ordered"] or 0, "plain"), ("good", sums["good"] or 0, "good"),
        ("spoiled", sums["spoiled"] or 0, "plain"), ("missing", sums["missing"] or 0, "bad" if sums["missing"] else "plain"),
        ("handed", sums["handed"] or 0, "good"),
    ]  # fmt: skip
    tiles = [Tile(at.word(f"office.figure.{name}"), f"{number:,}", "", "", tone) for name, number, tone in figures]
    return at.render(
        "portal/office/overview.html", title=at.word("office.nav"), tiles=tiles, here="/office/",
        table=runs_table(request, at, runs, links=decide(at.caller, "people.import")),
    )  # fmt: skip

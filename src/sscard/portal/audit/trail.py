"""Is the trail whole? The last anchored head, how much waits for the sealer, and the check itself."""

from __future__ import annotations

from datetime import datetime

import psycopg
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sscard.control import sealer, verifier
from sscard.control.models import AuditLink
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.shapes import Tile
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.tables import Column, Row, table_of

RIGHT = "control.audit_read"
MOST_AT_A_PAGE = 200_000
"""Links that are checked while somebody waits; longer trails are checked by the command line."""
MOST_FAULTS = 200


@for_staff(RIGHT)
def trail(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "audit") as inside:
        last = AuditLink.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        if request.method == "POST":
            inside.detail["what"] = "audit_verify"
    head = None
    for head in sealer.heads(settings.CONFIG.home / "audit" / "heads.jsonl"):  # noqa: B007 - the last one is wanted
        pass
    tiles = [Tile(at.word("audit.links"), f"{last:,}")]
    if head is not None:
        said = looks.show_moment(datetime.fromisoformat(head["at"]), at.lang) if "at" in head else ""
        tiles.append(Tile(at.word("audit.anchored"), f"{int(head['seq']):,}", "", said))
    report = _verify(last) if request.method == "POST" else None
    faults = None
    if report is not None:
        tiles.append(Tile(at.word("audit.unsealed"), f"{report.unsealed:,}", "", at.word("audit.unsealed_note")))
        tone = "good" if report.sound else "bad"
        tiles.insert(0, Tile(at.word("audit.faults"), f"{len(report.faults):,}", "", "", tone))
        columns = [
            Column("kind", at.word("audit.kind")),
            Column("place", at.word("audit.place")),
            Column("said", at.word("audit.said")),
        ]
        rows = [
            Row({"kind": kind, "place": place, "said": zh if at.lang == "zh" else en}, tone="bad")
            for kind, place, en, zh in report.faults[:MOST_FAULTS]
        ]
        faults = table_of(request, at.word("audit.faults"), columns, rows, filterable=False) if rows else None
    return at.render(
        "portal/audit/trail.html",
        title=at.word("audit.nav_trail"),
        lead=at.word("audit.trail_lead"),
        tiles=tiles,
        report=report,
        faults_table=faults,
        here="/audit/trail/",
    )


def _verify(links: int) -> verifier.Report:
    if links > MOST_AT_A_PAGE:
        raise Refusal("portal.trail_long", links=f"{links:,}")
    config = settings.CONFIG
    with psycopg.connect(config.urls().sealer, autocommit=True) as connection:
        return verifier.verify(connection, config.home / "audit" / "heads.jsonl")

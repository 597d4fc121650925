"""The clerk's queue of on-line registrations, masked; a person who lost the reference is found by his number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.codes.errors import NumberFault
from sscard.kernel.refusals import Fault
from sscard.people import self_reads
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.tables import Asked, Column, Row, Table

RIGHT = "people.view_entries"
HERE = "/people/self/"
PER_PAGE = 50


@for_staff(RIGHT)
def queue(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Those that wait, the oldest first; the others behind the link. A number is asked for in the body of a POST."""
    decided = request.GET.get("state") == "decided"
    word = at.word
    columns = (
        Column("name", word("entry.queue.name"), sortable=False), Column("id", word("person.id_number"), "code", False),
        Column("made_at", word("entry.queue.made"), "moment"), Column("until", word("entry.queue.until"), "day", False),
        Column("evidence", word("entry.queue.evidence"), sortable=False), Column("state", word("review.state"), "state", False),
    )  # fmt: skip
    asked = Asked.of(request, columns, sort="made_at")
    number = request.POST.get("id_number", "").strip()
    faults: tuple[Fault, ...] = ()
    try:
        rows, total = _rows(at, asked, decided=decided, number=number)
    except NumberFault as fault:
        rows, total, faults = (), 0, (Fault("id_number", fault.code, fault.facts),)
    shown = "decided" if decided else "waiting"
    table = Table(
        word(f"entry.queue.caption_{shown}"), columns, rows, asked, total, PER_PAGE, filterable=False,
        empty_text=word("entry.queue.none_found" if number else "entry.queue.empty"),
    )  # fmt: skip
    other = "waiting" if decided else "decided"
    return at.render(
        "portal/entry/queue.html", title=word("entry.queue.nav"), lead=word("entry.queue.lead"), table=table, here=HERE,
        find=Field("id_number", word("entry.queue.find"), hint=word("entry.queue.find_hint"), width="20", required=False),
        values={"id_number": number}, faults=faults, other=other, other_label=word(f"entry.queue.see_{other}"), shown=shown,
    )  # fmt: skip


def _rows(at: AtPage, asked: Asked, *, decided: bool, number: str) -> tuple[tuple[Row, ...], int]:
    with at.reading(RIGHT, "") as inside:
        found = self_reads.waiting(inside, decided=decided, id_number=number)
        if number:
            inside.detail["what"] = "search"
        total = found.count()
        begin = (min(asked.page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
        order = "-made_at" if asked.descending else "made_at"
        page = list(found.order_by(order, "entry_id")[begin : begin + PER_PAGE])
        now = inside.now
    lines = tuple(
        Row(
            {
                "name": one.masks["name"], "id": one.masks["id_number"], "made_at": one.made_at, "until": one.expires_at,
                "evidence": at.word(f"entry.queue.{'yes' if one.has_evidence else 'no'}"),
                "state": f"self_entry.{'expired' if one.state == 'waiting' and one.expires_at <= now else one.state}",
            },
            url=f"{HERE}{one.entry_id}/",
        )
        for one in page
    )  # fmt: skip
    return lines, total

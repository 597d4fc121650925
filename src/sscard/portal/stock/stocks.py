"""What lies where: stock by outlet, boxes on their way, and the cards that wait at an outlet to be fetched."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.control.rights import decide
from sscard.issuing import reads as issuing
from sscard.law import areas
from sscard.portal import purposes
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.stock import whereabouts
from sscard.portal.tables import Column, Row, Table, table_of

VIEW = "issuing.receive_at_outlet"


@for_staff(VIEW)
def stock(request: HttpRequest, at: AtPage) -> HttpResponse:
    """What lies where, counted twice; what is on its way to whom."""
    with at.reading(VIEW, "stock") as inside:
        lines, boxes = issuing.stock(inside), issuing.boxes(inside)
    if at.caller.bank:  # a bank's branch sees what is its own
        lines = [one for one in lines if one["organisation"] == at.caller.organisation]
        boxes = [one for one in boxes if one["receiver"] == at.caller.organisation]
    codes = {one["organisation"] for one in lines} | {b[end] for b in boxes for end in ("sender", "receiver")}
    names = whereabouts.places_of(codes, at.caller.area, at.lang)
    return at.render(
        "portal/stock/stock.html",
        title=at.word("stock.nav"),
        lead=at.word("stock.lead"),
        here="/stock/",
        table=_stock_table(request, at, lines, names),
        boxes=_box_table(request, at, boxes, names),
        may_send=decide(at.caller, "issuing.send_to_outlet"),
        counts=[
            Link(
                at.word("stock.ends.count_of", place=names.get(one["organisation"], one["organisation"])),
                f"/stock/count/{one['organisation']}/",
            )
            for one in lines
            if one["cards"]
        ],
    )


def _stock_table(request: HttpRequest, at: AtPage, lines: list[dict[str, Any]], names: dict[str, str]) -> Table:
    outlets = {one.code for one in areas.get(at.caller.area).outlets()}
    columns = [
        Column("place", at.word("stock.place")),
        Column("cards", at.word("stock.cards"), "number"),
        Column("counted", at.word("stock.counted"), "number"),
        Column("state", at.word("stock.agree"), "state"),
    ]
    rows = [
        Row(
            {
                "place": names.get(one["organisation"], one["organisation"]),
                "cards": one["cards"],
                "counted": one["counted"],
                "state": "stock.even" if one["cards"] == one["counted"] else "stock.uneven",
            },
            url=f"/stock/outlet/{one['organisation']}/" if one["organisation"] in outlets else "",
            tone="plain" if one["cards"] == one["counted"] else "bad",
        )
        for one in lines
    ]
    return table_of(
        request,
        at.word("stock.caption"),
        columns,
        rows,
        sort="place",
        prefix="s_",
        filterable=False,
        empty_text=at.word("stock.empty"),
    )


def _box_table(request: HttpRequest, at: AtPage, boxes: list[dict[str, Any]], names: dict[str, str]) -> Table:
    columns = [
        Column("seal", at.word("stock.seal"), "code"),
        Column("from", at.word("stock.sender")),
        Column("to", at.word("stock.receiver")),
        Column("cards", at.word("stock.cards"), "number"),
        Column("at", at.word("stock.sent_at"), "moment"),
        Column("receipt", at.word("stock.receipt"), "code"),
    ]
    rows = [
        Row(
            {
                "seal": one["seal"],
                "from": names.get(one["sender"], one["sender"]),
                "at": one["sent_at"],
                "to": names.get(one["receiver"], one["receiver"]),
                "cards": one["cards"],
                "receipt": one["sent_receipt"],
            },
            url=f"/stock/receive/{one['shipment']}/",
        )
        for one in boxes
    ]
    return table_of(
        request,
        at.word("stock.boxes"),
        columns,
        rows,
        sort="at",
        prefix="b_",
        empty_text=at.word("stock.boxes_empty"),
        filterable=False,
    )


@for_staff("issuing.hand_over")
@purposes.asked
def outlet(request: HttpRequest, at: AtPage, outlet: str) -> HttpResponse:
    """The cards that wait to be fetched, those that wait longest on top."""
    with at.reading("issuing.hand_over", purposes.of(request)) as inside:
        found = issuing.at_outlet(inside, outlet)
        name = inside.area.outlet(outlet).name.of(at.lang)
    columns = [Column("name", at.word("person.name")), Column("since", at.word("stock.since_when"), "moment")]
    rows = [Row({"name": one["name"], "since": one["since"]}, url=f"/cards/{one['card']}/hand-over/") for one in found]
    return at.render(
        "portal/review/list.html",
        title=name,
        lead=at.word("stock.outlet_lead"),
        here="/stock/",
        table=table_of(
            request, at.word("stock.waiting"), columns, rows, sort="since", empty_text=at.word("stock.nobody_waits")
        ),
        crumbs=[Link(at.word("stock.nav"), "/stock/"), Link(name)],
    )

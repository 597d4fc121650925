"""The first page of the day: search in focus, what waits, what is due, what failed, what was done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel.refusals import Fault, Refusal
from sscard.people import reads as people
from sscard.portal import purposes
from sscard.portal.desk import dashboard
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, own_path
from sscard.portal.tables import Column, Row, table_of


@for_staff("people.view")
def home(request: HttpRequest, at: AtPage) -> HttpResponse:
    return _page(request, at)


def _page(request: HttpRequest, at: AtPage, *, text: str = "", refusal: Refusal | None = None) -> HttpResponse:
    with at.reading("people.view", "dashboard") as inside:
        board = dashboard.gather(inside, at)
    faults = (Fault("text", refusal.code, refusal.facts),) if refusal else ()
    return at.render(
        "portal/desk/home.html", title=at.word("desk.title"), board=board, values={"text": text}, faults=faults,
        purpose=purposes.said(purposes.of(request), at.lang), status=refusal.status if refusal else 200, here="/desk/",
    )  # fmt: skip


@for_staff("control.own_account")
def purpose(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Asked once a session; it can be changed at any time."""
    going = own_path(request.POST.get("next") or request.GET.get("next") or "", "/desk/")
    if request.method != "POST":
        return _ask_purpose(at, purposes.PAGE, {"next": going})
    if purposes.choose(request):
        return HttpResponseRedirect(going)
    return _ask_purpose(at, purposes.PAGE, {"next": going}, (Fault("purpose", "portal.purpose_missing"),))


def _ask_purpose(at: AtPage, action: str, hidden: dict[str, str], faults: tuple[Fault, ...] = ()) -> HttpResponse:
    options = tuple((code, at.word(f"purpose.{code}"), at.word(f"purpose.{code}_hint")) for code in purposes.PURPOSES)
    field = Field("purpose", at.word("desk.purpose_question"), kind="radio", options=options)
    return at.render(
        "portal/form.html", title=at.word("desk.purpose_title"), lead=at.word("desk.purpose_lead"), fields=[field],
        values={"purpose": purposes.of(at.request) or "counter"}, faults=faults, action=action,
        submit_label=at.word("desk.purpose_button"), hidden=hidden, here="/desk/",
    )  # fmt: skip


@for_staff("people.view")
def find(request: HttpRequest, at: AtPage) -> HttpResponse:
    """By ID number or full name, sent in the body: nothing personal stands in an address or a log."""
    if request.method != "POST":
        return HttpResponseRedirect("/desk/")
    text = request.POST.get("text", "")
    if not purposes.of(request) and not purposes.choose(request):
        return _ask_purpose(
            at, "/desk/find/", {"text": text}
        )  # the words searched for go along, and are stored nowhere
    try:
        with at.reading("people.view", purposes.of(request)) as inside:
            inside.detail["what"] = "search"
            found = people.find(inside, text)
    except Refusal as refusal:
        if refusal.code != "people.search_short":
            raise
        return _page(request, at, text=text, refusal=refusal)
    if len(found) == 1:
        return HttpResponseRedirect(f"/people/{found[0].public_id}/")
    columns = [
        Column("name", at.word("person.name")), Column("id", at.word("person.id_number"), "code"),
        Column("born", at.word("person.birth_date"), "day"), Column("phone", at.word("person.phone"), "code"),
        Column("category", at.word("person.category")),
    ]  # fmt: skip
    rows = [
        Row(
            {
                "name": one.name, "id": one.id_number, "born": one.birth_date, "phone": one.phone,
                "category": at.word(f"category.{one.category}"),
            },
            url=f"/people/{one.public_id}/",
        )
        for one in found
    ]  # fmt: skip
    table = table_of(request, at.word("desk.found"), columns, rows, filterable=False) if rows else None
    return at.render(
        "portal/desk/found.html", title=at.word("desk.found_title", count=len(found)), table=table,
        values={"text": text}, crumbs=[Link(at.word("desk.nav"), "/desk/"), Link(at.word("desk.found"))],
        here="/desk/",
    )  # fmt: skip

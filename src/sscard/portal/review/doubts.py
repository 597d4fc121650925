"""Suspected duplicates side by side: one person proposes, a second one decides, and a decision can be undone."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control.inside import Inside
from sscard.control.models import Approval
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import open_one
from sscard.people import reads as people
from sscard.people.duplicates import DECISIONS, DecideDuplicate, UndoDuplicate
from sscard.people.models import DuplicateCase
from sscard.portal import purposes
from sscard.portal.shapes import Field, Link
from sscard.portal.side_by_side import Pair, pairs
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Asked, Column, Row, Table

RIGHT = "people.decide_duplicate"
PER_PAGE = 50
PLACES = {"people.case_decision": "decision", "control.reason_missing": "reason"}
COMPARED = ("name", "id_number", "birth_date", "phone")
IN_FULL = ("name", "id_number", "birth_date", "phone", "household_address", "live_address", "employer_name")


@for_staff(RIGHT)
def queue(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Open cases, the oldest first; decided ones behind the link."""
    state = "decided" if request.GET.get("state") == "decided" else "open"
    columns = (
        Column("incoming", at.word("doubts.incoming"), sortable=False), Column("id", at.word("person.id_number"), "code", False),
        Column("kind", at.word("doubts.kind_head"), sortable=False), Column("opened_at", at.word("doubts.opened"), "moment"),
        Column("state", at.word("review.state"), "state", False),
    )  # fmt: skip
    asked = Asked.of(request, columns, sort="opened_at")
    with at.reading(RIGHT, "") as inside:
        rows = DuplicateCase.objects.filter(area_code=inside.area_code, state=state)
        total = rows.count()
        order = "-opened_at" if asked.descending else "opened_at"
        begin = (min(asked.page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
        found = list(rows.order_by(order, "case_id")[begin : begin + PER_PAGE])
    lines = tuple(
        Row(
            {
                "incoming": one.masks["incoming"]["name"], "id": one.masks["incoming"]["id"],
                "kind": at.word(f"doubts.kind.{one.kind}"), "opened_at": one.opened_at, "state": f"doubt.{one.state}",
            },
            url=f"/doubts/{one.case_id}/",
        )
        for one in found
    )  # fmt: skip
    table = Table(
        at.word(f"doubts.caption_{state}"), columns, lines, asked, total, PER_PAGE, filterable=False,
        empty_text=at.word("doubts.empty"),
    )  # fmt: skip
    other = "open" if state == "decided" else "decided"
    return at.render(
        "portal/review/doubts.html", title=at.word("review.nav_doubts"), lead=at.word("doubts.lead"), table=table,
        other=other, other_label=at.word(f"doubts.see_{other}"), here="/doubts/",
    )  # fmt: skip


@for_staff(RIGHT)
@purposes.asked
def detail(request: HttpRequest, at: AtPage, case: uuid.UUID) -> HttpResponse:
    """Masked side by side; POST `full` opens both in clear, which is written down like every opening."""
    full = request.method == "POST" and request.POST.get("full") == "yes"
    return _detail(request, at, case, full=full)


def _detail(
    request: HttpRequest, at: AtPage, case: uuid.UUID, *, full: bool = False, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    with at.reading("people.view", purposes.of(request)) as inside:
        one = DuplicateCase.objects.filter(case_id=case, area_code=inside.area_code).first()
        if one is None:
            raise Refusal("control.not_found")
        ours = people.by_id(inside, one.person_id, what="duplicate") if one.person_id else None
        lines = _in_full(inside, one, ours, at) if full else _masked(one, at)
        waiting = _proposal(one)
        following = (
            DuplicateCase.objects.filter(area_code=inside.area_code, state="open", opened_at__gte=one.opened_at)
            .exclude(case_id=case).order_by("opened_at", "case_id").values_list("case_id", flat=True).first()
        )  # fmt: skip
    options = tuple(
        (name, at.word(f"doubts.decision.{name}"), at.word(f"doubts.decision.{name}_hint"))
        for name in DECISIONS[one.kind]
    )
    fields = (
        [Field("decision", at.word("doubts.question"), kind="radio", options=options)] if one.state == "open" else []
    )
    fields.append(
        Field("reason", at.word("doubts.reason"), kind="textarea", hint=at.word("doubts.reason_hint"), maxlength=300)
    )
    return at.render(
        "portal/review/doubt.html", title=at.word(f"doubts.kind.{one.kind}"), one=one, pairs=lines, fields=fields, full=full,
        values={name: request.POST.get(name, "") for name in ("decision", "reason")}, faults=faults, key=fresh_key(),
        state=f"doubt.{one.state}", waiting=waiting, ours=ours, following=following, here="/doubts/",
        decided=at.word(f"doubts.decision.{one.decision}") if one.decision else "",
        crumbs=[Link(at.word("review.nav_doubts"), "/doubts/"), Link(at.word(f"doubts.kind.{one.kind}"))],
    )  # fmt: skip


def _proposal(one: DuplicateCase) -> Approval | None:
    """A proposal that a second person has not decided yet."""
    return Approval.objects.filter(
        act__in=("people.decide_duplicate", "people.undo_duplicate"), state="waiting", summary__case=str(one.case_id)
    ).first()


def _masked(one: DuplicateCase, at: AtPage) -> list[Pair]:
    sides = [dict(one.masks.get(name) or {}) for name in ("incoming", "ours")]
    for side in sides:
        side |= {"id_number": side["id"]} if "id" in side else {}
    return pairs(at, COMPARED, *sides)


def _in_full(inside: Inside, one: DuplicateCase, ours: Any, at: AtPage) -> list[Pair]:
    row = open_one(one, "row", inside)
    inside.detail["what"] = "unmask"
    facts = dict(people.facts(inside, ours)) if ours else {}
    if ours:
        facts["birth_date"] = ours.birth_date.strftime("%Y%m%d")
    return pairs(at, IN_FULL, row, facts)


@for_staff(RIGHT)
def decide(request: HttpRequest, at: AtPage, case: uuid.UUID) -> HttpResponse:
    """The first person's proposal; nothing changes before the second has signed it."""
    wanted = DecideDuplicate(case, request.POST.get("decision", ""), request.POST.get("reason", ""))
    return _propose(request, at, case, "people.decide_duplicate", wanted)


@for_staff(RIGHT)
def undo(request: HttpRequest, at: AtPage, case: uuid.UUID) -> HttpResponse:
    wanted = UndoDuplicate(case, request.POST.get("reason", ""))
    return _propose(request, at, case, "people.undo_duplicate", wanted)


def _propose(request: HttpRequest, at: AtPage, case: uuid.UUID, act: str, wanted: Any) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        at.perform(act, wanted, purpose=purposes.of(request) or "check")
    except Refusal as refusal:
        if refusal.code not in PLACES:
            raise
        return _detail(request, at, case, faults=(Fault(PLACES[refusal.code], refusal.code, refusal.facts),))
    return HttpResponseRedirect(f"/doubts/{case}/")

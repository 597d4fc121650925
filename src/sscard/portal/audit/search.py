"""Searching the trail: by who, act, result and day in the address; about a person only by his number, with a purpose."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from sscard.codes import person_number
from sscard.codes.errors import NumberFault
from sscard.control.acts_registry import acts
from sscard.control.models import AuditRow, AuditSubject, Staff
from sscard.control.tables.audit import GATEWAY
from sscard.kernel import clock, words
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import blind_index
from sscard.people import lookup
from sscard.people.reads import true_person
from sscard.portal import looks, purposes
from sscard.portal.desk.person import verb
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.stock.whereabouts import names_of
from sscard.portal.tables import Asked, Column, Row, Table

RIGHT = "control.audit_read"
PER_PAGE = 50
MOST = 10_000
"""Rows that a search pages through; who needs more narrows it by day."""
GATEWAY_BACK = timedelta(days=7)
RESULTS = ("ok", "refused", "waiting")
READINGS = (
    "people.view",
    "people.view_self",
    "people.view_entries",
    "people.entry_state",
    "issuing.where",
    "issuing.view",
    "insurance.view",
    "control.audit_read",
)


@for_staff(RIGHT)
def search(request: HttpRequest, at: AtPage) -> HttpResponse:
    chosen = {name: request.GET.get(name, "") for name in ("who", "verb", "result", "day", "trace")}
    columns = _columns(at)
    asked = Asked.of(request, columns, sort="-at")
    with at.reading(RIGHT, "audit") as inside:
        rows = _chosen(AuditRow.objects.filter(area_code=inside.area_code), chosen)
        total = min(rows[:MOST].count(), MOST)
        begin = (min(asked.page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
        found = list(
            rows.order_by("occurred_at" if asked.descending is False and asked.sort else "-occurred_at")[
                begin : begin + PER_PAGE
            ]
        )
        inside.detail = {"what": "audit_search", "asked": {name: value for name, value in chosen.items() if value}}
    staff = Staff.objects.filter(area_code=at.caller.area).order_by("username")
    fields = [
        Field(
            "who",
            at.word("audit.who"),
            kind="select",
            required=False,
            options=(
                ("", at.word("audit.anybody"), ""),
                *((str(s.staff_id), s.display_name, s.username) for s in staff),
            ),
        ),
        Field(
            "verb",
            at.word("audit.verb"),
            kind="select",
            required=False,
            options=(
                ("", at.word("audit.anything"), ""),
                *sorted(((n, verb(n, at.lang), "") for n in (*acts(), *READINGS)), key=lambda o: o[1]),
            ),
        ),
        Field(
            "result",
            at.word("audit.result"),
            kind="select",
            required=False,
            options=(
                ("", at.word("audit.any_result"), ""),
                *((one, looks.state_word(f"audit.{one}", at.lang), "") for one in RESULTS),
            ),
        ),
        Field("day", at.word("audit.day"), kind="date", required=False),
        Field(
            "trace", at.word("audit.trace"), required=False, hint=at.word("audit.trace_hint"), maxlength=64, width="20"
        ),
    ]
    table = Table(
        at.word("audit.caption"),
        columns,
        _lines(found, at),
        asked,
        total,
        PER_PAGE,
        filterable=False,
        empty_text=at.word("audit.empty"),
    )
    return at.render(
        "portal/audit/search.html",
        title=at.word("audit.nav"),
        fields=fields,
        values=chosen,
        table=table,
        here="/audit/",
        person_field=_person_field(at),
        purpose=purposes.said(purposes.of(request), at.lang),
    )


def _person_field(at: AtPage) -> Field:
    return Field("id_number", at.word("audit.person"), hint=at.word("audit.person_hint"), width="20")


def _chosen(rows: QuerySet[AuditRow], chosen: dict[str, str]) -> QuerySet[AuditRow]:
    """The rows that fit; whatever is no id, act, result or day asks for nothing."""
    try:
        rows = rows.filter(actor=uuid.UUID(chosen["who"])) if chosen["who"] else rows
    except ValueError:
        rows = rows.none()
    if chosen["verb"]:
        rows = rows.filter(verb=chosen["verb"])
    if trace := chosen["trace"].strip():
        rows = rows.filter(request_id=trace) if chosen["day"] else _of_trace(rows, trace)
    if chosen["result"] in RESULTS:
        rows = rows.filter(result=chosen["result"])
    try:
        day = date.fromisoformat(chosen["day"]) if chosen["day"] else None
    except ValueError:
        return rows.none()
    if day is not None:
        begin = timezone.make_aware(datetime.combine(day, time.min), clock.CHINA)
        rows = rows.filter(occurred_at__gte=begin, occurred_at__lt=begin + timedelta(days=1))
    return rows


def _of_trace(rows: QuerySet[AuditRow], trace: str) -> QuerySet[AuditRow]:
    """By its index; of the machines' fast side, which has none, the last days. With a day it is found among that day's rows."""
    same = AuditRow.objects.filter(request_id=trace)
    indexed = same.filter(~Q(channel=GATEWAY) & ~Q(request_id=""))
    since = clock.real_now() - GATEWAY_BACK
    lately = rows.filter(request_id=trace, channel=GATEWAY, occurred_at__gte=since)
    ids = [*indexed.values_list("audit_id", flat=True)[:MOST], *lately.values_list("audit_id", flat=True)[:MOST]]
    return rows.filter(audit_id__in=ids)


def _columns(at: AtPage) -> tuple[Column, ...]:
    return (
        Column("at", at.word("person.look_at"), "moment"),
        Column("who", at.word("audit.who"), sortable=False),
        Column("what", at.word("audit.verb"), sortable=False),
        Column("why", at.word("person.look_why"), sortable=False),
        Column("result", at.word("audit.result"), "state", False),
        Column("reason", at.word("audit.reason"), sortable=False),
    )


def _lines(found: list[AuditRow], at: AtPage) -> tuple[Row, ...]:
    return tuple(
        Row(
            {
                "at": one.occurred_at,
                "who": one.actor_name or at.word("audit.nobody"),
                "what": verb(one.verb, at.lang),
                "why": purposes.said(one.purpose, at.lang),
                "result": f"audit.{one.result}",
                "reason": _reason(one.reason, at.lang),
            },
            url=f"/audit/{one.audit_id}/",
            tone="bad" if one.result == "refused" else "plain",
        )
        for one in found
    )


def _reason(code: str, lang: str) -> str:
    return words.text(("refusal", "fault"), code, lang) if code and words.has(("refusal", "fault"), code) else code


@for_staff(RIGHT)
@purposes.asked
def about_person(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Everything about one person, by his number in the form's body. The search itself stands in his "who looked"."""
    if request.method != "POST":
        return HttpResponseRedirect("/audit/")
    try:
        number = person_number.parse(request.POST.get("id_number", "")).number
    except NumberFault as fault:
        return _not_found(at, (Fault("id_number", fault.code, fault.facts),))
    columns = _columns(at)
    with at.reading(RIGHT, purposes.of(request)) as inside:
        hit = lookup.find("id_number", blind_index("id_number", number))
        if hit is None or hit.area != inside.area_code:
            inside.detail["what"] = "audit_search"
            return _not_found(at, (Fault("id_number", "portal.nobody_of_number"),))
        person = true_person(hit.person_id)
        inside.about(person, what="audit_search")
        ids = AuditSubject.objects.filter(person_id=person).order_by("-occurred_at").values_list("audit_id", flat=True)
        found = list(AuditRow.objects.filter(audit_id__in=list(ids[: PER_PAGE * 4])).order_by("-occurred_at"))
    table = Table(
        at.word("audit.about"),
        columns,
        _lines(found, at),
        Asked(request.GET, "/audit/"),
        len(found),
        PER_PAGE * 4,
        filterable=False,
        empty_text=at.word("audit.empty"),
    )
    return at.render(
        "portal/audit/person.html",
        title=at.word("audit.about"),
        table=table,
        here="/audit/",
        crumbs=[Link(at.word("audit.nav"), "/audit/"), Link(at.word("audit.about"))],
    )


def _not_found(at: AtPage, faults: tuple[Fault, ...]) -> HttpResponse:
    return at.render(
        "portal/form.html",
        title=at.word("audit.about"),
        fields=[_person_field(at)],
        values={},
        faults=faults,
        action="/audit/person/",
        submit_label=at.word("audit.find"),
        hidden={},
        cancel_url="/audit/",
        here="/audit/",
    )


@for_staff(RIGHT)
def detail(request: HttpRequest, at: AtPage, row: uuid.UUID) -> HttpResponse:
    """One row as it was written."""
    with at.reading(RIGHT, "audit") as inside:
        one = AuditRow.objects.filter(audit_id=row, area_code=inside.area_code).first()
        if one is None:
            raise Refusal("control.not_found")
        inside.detail |= {"what": "audit_row", "row": str(row)}
    offices = names_of((one.organisation,), at.lang)
    shown: list[tuple[str, Any]] = [
        ("when", looks.show_moment(one.occurred_at, at.lang)),
        ("who", one.actor_name),
        ("office", offices.get(one.organisation, one.organisation)),
        (
            "roles",
            at.word("frame.comma").join(
                at.word(f"front.role.{r}") if words.has("page", f"front.role.{r}") else r
                for r in one.roles.split(",")
                if r
            ),
        ),
        ("verb", f"{verb(one.verb, at.lang)} ({one.verb})"),
        ("object", one.object),
        ("why", purposes.said(one.purpose, at.lang)),
        ("result", looks.state_word(f"audit.{one.result}", at.lang)),
        ("reason", _reason(one.reason, at.lang)),
        ("channel", one.channel),
        ("address", one.address),
        ("request", one.request_id),
        ("detail", json.dumps(one.detail, ensure_ascii=False) if one.detail else ""),
    ]
    lines = [Answer(at.word(f"audit.field.{name}"), str(value)) for name, value in shown if value]
    return at.render(
        "portal/audit/row.html",
        title=at.word("audit.row"),
        lines=lines,
        here="/audit/",
        mac=bytes(one.mac).hex(),
        crumbs=[Link(at.word("audit.nav"), "/audit/"), Link(at.word("audit.row"))],
    )

"""What holds in the area today, each value with its source; and the sandbox's clock."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control.acts import MoveClock
from sscard.kernel import clock, words
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.law.parameters import PARAMETERS
from sscard.portal import looks
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, table_of

HOURS = {"day": 24, "week": 24 * 7, "month": 24 * 30, "year": 24 * 365}


@for_staff("control.area_pack")
def values(request: HttpRequest, at: AtPage) -> HttpResponse:
    area, on = areas.get(at.caller.area), clock.today(at.caller.area)
    columns = [
        Column("name", at.word("office.value_name")), Column("value", at.word("office.value")),
        Column("source", at.word("office.source")),
    ]  # fmt: skip
    rows = [
        Row({"name": _label(at, name), "value": _said(at, area.value(name, on)), "source": area.source(name, on)})
        for name in PARAMETERS
    ]
    approval = area.approval_on(on)
    lines = [
        Answer(at.word("office.area"), f"{area.name(at.lang)} ({area.code})"),
        Answer(at.word("office.version"), str(area.version)),
        Answer(at.word("office.approval"), looks.state_word(f"area.{approval.state}", at.lang), note=approval.number),
        Answer(at.word("office.today"), looks.show_day(on, at.lang)),
    ]
    return at.render(
        "portal/office/values.html", title=at.word("office.nav_values"), lead=at.word("office.values_lead"), lines=lines,
        table=table_of(request, at.word("office.nav_values"), columns, rows, sort="name", per_page=200), here="/office/values/",
    )  # fmt: skip


def _label(at: AtPage, name: str) -> str:
    """The value's name in words; one that has none yet as the pack calls it."""
    return at.word(f"value.{name}") if words.has("page", f"value.{name}") else name


def _said(at: AtPage, value: Any) -> str:
    if value is None:
        return at.word("office.off")
    if isinstance(value, bool):
        return at.word("office.yes" if value else "office.no")
    if isinstance(value, tuple | list | frozenset):
        return at.word("frame.comma").join(_said(at, one) for one in value)
    text = str(value)
    return at.word(f"value_choice.{text}") if words.has("page", f"value_choice.{text}") else text


@for_staff("control.clock_move")
def move_clock(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Forward only, in sandbox areas only."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        hours = HOURS.get(request.POST.get("by", ""), 0)
        try:
            at.perform("control.move_clock", MoveClock(hours), purpose="sandbox")
        except Refusal as refusal:
            faults = faults_of(refusal, {"control.clock_backwards": "by", "control.clock_not_sandbox": "by"})
        else:
            return HttpResponseRedirect("/office/clock/")
    now = looks.show_moment(clock.now(at.caller.area), at.lang)
    real = looks.show_moment(clock.real_now(), at.lang)
    options = tuple((name, at.word(f"office.by_{name}"), "") for name in HOURS)
    return at.render(
        "portal/form.html", title=at.word("office.nav_clock"), lead=at.word("office.clock_lead", now=now, real=real),
        fields=[Field("by", at.word("office.by"), kind="radio", options=options)], values={"by": "day"}, faults=faults,
        action="/office/clock/", submit_label=at.word("office.move"), hidden={"key": fresh_key()}, here="/office/clock/",
    )  # fmt: skip

"""What the dashboard tells: queues, deadlines and failures, stock, and today's acts with the trend of seven days.

Counts only: no record is opened, so nothing of it is written to anybody's "who looked".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from sscard.control.inside import Inside
from sscard.control.models import Approval, AuditRow, Organisation
from sscard.control.rights import decide
from sscard.issuing.models import Application, Batch, StockLine
from sscard.kernel import clock
from sscard.people.models import DuplicateCase, ImportRun
from sscard.portal.shapes import Notice, Tile
from sscard.portal.signed import AtPage
from sscard.portal.tables import Column, Row, Table, table_of

DAYS = 7
SOON = timedelta(hours=24)
OLD_DOUBT = timedelta(days=3)
COUNTED = ("people.register", "issuing.apply", "issuing.hand_over", "cards.enable")
"""Acts whose number of the day stands on the dashboard."""


@dataclass(frozen=True, slots=True)
class Board:
    queues_title: str
    queues: list[Tile]
    alarms: list[Notice]
    today_title: str
    today: list[Tile]
    stock: Table | None


def gather(inside: Inside, at: AtPage) -> Board:
    """Inside a reading of the area."""
    return Board(
        at.word("desk.queues"), _queues(inside, at), _alarms(inside, at),
        at.word("desk.today"), _today(inside, at), _stock(inside, at),
    )  # fmt: skip


def _queues(inside: Inside, at: AtPage) -> list[Tile]:
    tiles = []
    if decide(at.caller, "people.decide_duplicate"):
        open_ = DuplicateCase.objects.filter(state="open").count()
        tiles.append(_queue(at, "doubts", open_, "/doubts/"))
    if decide(at.caller, "people.import"):
        running = ImportRun.objects.filter(state__in=("checking", "checked", "registering")).count()
        tiles.append(_queue(at, "imports", running, "/imports/"))
    if decide(at.caller, "control.approve"):
        waiting = Approval.objects.filter(state="waiting", expires_at__gt=clock.real_now()).count()
        tiles.append(_queue(at, "approvals", waiting, "/approvals/"))
    states = Application.objects.filter(state__in=("applied", "checked")).values_list("state").annotate(n=Count("*"))
    found = dict(states)
    if decide(at.caller, "issuing.check"):
        tiles.append(_queue(at, "applications", found.get("applied", 0), "/applications/"))
    if decide(at.caller, "issuing.make_batch"):
        tiles.append(_queue(at, "to_order", found.get("checked", 0), "/batches/"))
    return tiles


def _queue(at: AtPage, name: str, count: int, url: str) -> Tile:
    return Tile(
        at.word(f"desk.queue.{name}"), f"{count:,}", url, at.word(f"desk.queue.{name}_note"),
        "wait" if count else "plain",
    )  # fmt: skip


def _alarms(inside: Inside, at: AtPage) -> list[Notice]:
    """Deadlines and failures, each with the page where it is dealt with."""
    now, found = clock.real_now(), []
    if decide(at.caller, "people.decide_duplicate"):
        old = DuplicateCase.objects.filter(state="open", opened_at__lt=inside.now - OLD_DOUBT).count()
        found += _alarm(at, "old_doubts", old, "wait", "/doubts/", days=OLD_DOUBT.days)
    due = Approval.objects.filter(state="waiting", expires_at__range=(now, now + SOON)).count()
    if decide(at.caller, "control.approve"):
        found += _alarm(at, "approvals_end", due, "wait", "/approvals/")
    if decide(at.caller, "people.import"):
        since = inside.now - timedelta(days=DAYS)
        failed = ImportRun.objects.filter(state="failed", made_at__gt=since).count()
        found += _alarm(at, "imports_failed", failed, "bad", "/imports/")
    if decide(at.caller, "issuing.view"):
        open_ = Batch.objects.exclude(state__in=("received", "recalled", "dissolved"))
        late = open_.filter(due_on__lt=inside.today).count()
        soon = open_.filter(due_on__range=(inside.today, inside.today + timedelta(days=3))).count()
        missing = Batch.objects.aggregate(n=Sum("missing"))["n"] or 0
        found += _alarm(at, "batches_late", late, "bad", "/batches/")
        found += _alarm(at, "batches_soon", soon, "wait", "/batches/")
        found += _alarm(at, "cards_missing", missing, "bad", "/batches/")
    return found


def _alarm(at: AtPage, name: str, count: int, tone: str, url: str, **facts: Any) -> list[Notice]:
    if not count:
        return []
    title = at.word(f"desk.alarm.{name}", count=f"{count:,}", **facts)
    return [Notice(title, at.word(f"desk.alarm.{name}_text"), tone, url, at.word("desk.alarm.open"))]


def _today(inside: Inside, at: AtPage) -> list[Tile]:
    """The last seven days of the area's audit trail; a roster's persons are counted by its run, which is one act."""
    first = inside.today - timedelta(days=DAYS - 1)
    begin = timezone.make_aware(datetime.combine(first, time.min), clock.CHINA)
    rows = (
        AuditRow.objects.filter(area_code=inside.area_code, occurred_at__gte=begin, result="ok", verb__in=COUNTED)
        .annotate(day=TruncDate("occurred_at", tzinfo=clock.CHINA))
        .values_list("verb", "day")
        .annotate(n=Count("*"))
    )
    counted = {(verb, day): number for verb, day, number in rows}
    by_file = ImportRun.objects.filter(made_at__gte=begin).annotate(day=TruncDate("made_at", tzinfo=clock.CHINA))
    for day, new in by_file.values_list("day").annotate(n=Sum("new")):
        counted["people.register", day] = counted.get(("people.register", day), 0) + new
    days = [first + timedelta(days=step) for step in range(DAYS)]
    tiles = []
    for name in COUNTED:
        trend = tuple(counted.get((name, day), 0) for day in days)
        tiles.append(
            Tile(
                at.word(f"desk.done.{name.replace('.', '_')}"),
                f"{trend[-1]:,}",
                "",
                at.word("desk.trend"),
                "plain",
                trend,
            )
        )
    return tiles


def _stock(inside: Inside, at: AtPage) -> Table | None:
    if not decide(at.caller, "issuing.view"):
        return None
    sums = StockLine.objects.filter(cards__gt=0).values_list("organisation").annotate(n=Sum("cards"))
    held = dict(sums)
    names = {one.code: one.name(at.lang) for one in Organisation.objects.filter(code__in=held)}
    columns = [Column("place", at.word("stock.place")), Column("cards", at.word("stock.cards"), "number")]
    rows = [Row({"place": names.get(code, code), "cards": number}) for code, number in held.items()]
    return table_of(
        at.request, at.word("stock.caption"), columns, rows, sort="-cards", prefix="stock_", filterable=False,
        empty_text=at.word("stock.empty"),
    )  # fmt: skip

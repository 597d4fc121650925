"""`{% load sscard %}`: the components of the house. Arguments and examples stand in docs/pages.md.

Each tag reads `lang` from the page (given by the context processor `sscard.portal.looks.context`) and takes facts from
`sscard.portal.shapes`. The markup of a component is `templates/portal/parts/<name>.html`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sscard.kernel.refusals import Fault
from sscard.portal import charts, icons, looks, shapes, tables

register = template.Library()


def _lang(context: Context) -> str:
    return str(context.get("lang") or looks.language(context.get("request")))


def _page(context: Context, **more: Any) -> dict[str, Any]:
    """What a component's template always has."""
    return {"lang": _lang(context), "request": context.get("request"), **more}


# ---- words and values


@register.simple_tag(takes_context=True)
def t(context: Context, code: str, **facts: Any) -> str:
    """A text of the page furniture, `[page.<code>]` in some room's words.toml."""
    return looks.word(code, _lang(context), **facts)


@register.simple_tag(takes_context=True)
def status(context: Context, code: str = "", text: str = "", tone: str = "") -> SafeString:
    """A state as a tag: its word and its tone come from the table of state words, or are given."""
    shown = text or looks.state_word(code, _lang(context))
    colour = tone or (looks.state_tone(code) if code else "plain")
    return format_html('<strong class="status status-{}">{}</strong>', colour, shown)


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | datetime | int | str | None) -> SafeString | str:
    """A day (or month as YYYYMM) in the reader's way, as a `time` element."""
    return _time(value, looks.show_day(value, _lang(context)))


@register.simple_tag(takes_context=True)
def month_name(context: Context, month: int) -> str:
    """A month YYYYMM without its year, where a heading names the year."""
    return f"{date(month // 100, month % 100, 1):%B}" if _lang(context) == "en" else f"{month % 100}月"


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | str | None) -> SafeString | str:
    """A moment to the minute, China's time."""
    return _time(value, looks.show_moment(value, _lang(context)))


def _time(value: date | datetime | int | str | None, shown: str) -> SafeString | str:
    if not shown:
        return ""
    if isinstance(value, int):
        machine = f"{value // 100}-{value % 100:02d}"
    else:
        machine = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return format_html('<time datetime="{}">{}</time>', machine, shown)


@register.simple_tag
def money(fen: int | None, bare: bool = False) -> SafeString | str:
    """Fen as ¥1,234.50 in figures of one width; `bare` without the sign, in tables whose head says yuan."""
    if fen is None:
        return ""
    shown = looks.show_money(fen)
    return format_html('<span class="figure">{}</span>', shown.replace("¥", "") if bare else shown)


@register.simple_tag
def count(value: int) -> str:
    """A count with its thousands apart: 10,000."""
    return f"{value:,}"


@register.simple_tag
def number(value: str) -> SafeString:
    """A long number, grouped in fours."""
    return format_html('<span class="figure">{}</span>', looks.grouped(str(value)))


@register.simple_tag(takes_context=True)
def choice_url(context: Context, **choice: str) -> str:
    """This address with a choice (`lang` or `elder`) added; what it asks of its tables stays."""
    request = context.get("request")
    query = request.GET.copy() if request is not None and request.method == "GET" else QueryDict(mutable=True)
    for name, value in choice.items():
        query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag
def icon(name: str, size: int = 24) -> SafeString:
    """A line drawing from `icons.PATHS`; hidden from screen readers, since a word stands beside it."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{1}"/></svg>',
        size,
        icons.PATHS[name],
    )


@register.inclusion_tag("portal/parts/masked.html", takes_context=True)
def masked(
    context: Context, label: str, value: str, reveal_url: str = "", field: str = "", shown: str = "", about: str = ""
) -> dict[str, Any]:
    """A masked value with its eye button. The button posts `field` (and `about`) to `reveal_url`: a recorded read."""
    return _page(context, label=label, value=value, reveal_url=reveal_url, field=field, shown=shown, about=about)


# ---- forms


@register.inclusion_tag("portal/parts/error_summary.html", takes_context=True)
def error_summary(context: Context) -> dict[str, Any]:
    """All faults of the form (`faults` of the page), each a link to its field and with its name, in the order of the
    fields (`fields` of the page). Nothing when there is none."""
    lang = _lang(context)
    labels = {one.name: one.label for one in context.get("fields") or () if isinstance(one, shapes.Field)}
    order = {name: number for number, name in enumerate(labels)}
    lines = [
        {
            "place": fault.place,
            "label": labels.get(fault.place, ""),
            "sentence": fault.sentence(lang),
            "advice": fault.advice(lang),
        }
        for fault in sorted(context.get("faults") or (), key=lambda fault: order.get(fault.place, len(order)))
    ]
    return _page(context, lines=lines)


@register.inclusion_tag("portal/parts/field.html", takes_context=True)
def field(context: Context, name: str | shapes.Field, label: str = "", **more: Any) -> dict[str, Any]:
    """A question: a `Field`, or name, label and any of Field's other facts. Typed values (`values`) are kept."""
    asked = name if isinstance(name, shapes.Field) else shapes.Field(name, label, **more)
    lang = _lang(context)
    faults: Sequence[Fault] = [fault for fault in context.get("faults") or () if fault.place == asked.name]
    values = context.get("values") or {}
    value = "" if asked.kind in ("password", "file") else values.get(asked.name, asked.value)
    described = [f"h-{asked.name}"] * bool(asked.hint) + [f"e-{asked.name}"] * bool(faults)
    return _page(
        context,
        field=asked,
        value=value,
        chosen={str(one) for one in value} if isinstance(value, list | tuple | set) else {str(value)},
        errors=[fault.sentence(lang) for fault in faults],
        described=" ".join(described),
        input_type={"phone": "tel", "date": "date", "password": "password", "file": "file", "search": "search"}.get(
            asked.kind, "text"
        ),
        inputmode={"digits": "numeric", "phone": "tel", "money": "decimal"}.get(asked.kind, ""),
    )


@register.inclusion_tag("portal/parts/answers.html", takes_context=True)
def answers(context: Context, lines: Sequence[shapes.Answer], heading: str = "") -> dict[str, Any]:
    """Check-your-answers, or any summary of label and value with change links."""
    return _page(context, answers=lines, heading=heading)


@register.inclusion_tag("portal/parts/task_list.html", takes_context=True)
def task_list(context: Context, tasks: Sequence[shapes.Task]) -> dict[str, Any]:
    """Steps of a longer matter with the state of each."""
    return _page(context, tasks=tasks, done=sum(task.state == "done" for task in tasks))


@register.inclusion_tag("portal/parts/acts.html", takes_context=True)
def acts(context: Context, acts: Sequence[shapes.Act]) -> dict[str, Any]:
    """What may be done now, and greyed what may not, with the reason and the next step."""
    return _page(
        context, allowed=[act for act in acts if act.allowed], refused=[act for act in acts if not act.allowed]
    )


# ---- data


@register.inclusion_tag("portal/parts/data_table.html", takes_context=True)
def data_table(context: Context, table: tables.Table) -> dict[str, Any]:
    """A table that is sorted, filtered and paged by the address."""
    return _page(context, table=table)


@register.simple_tag(takes_context=True)
def cell(context: Context, column: tables.Column, value: Any) -> Any:
    """A value of a table in the way of its column."""
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return money(value)
    if column.kind == "day":
        return day(context, value)
    if column.kind == "moment":
        return moment(context, value)
    if column.kind == "state":
        return status(context, value)
    if column.kind == "code":
        return format_html('<span class="figure">{}</span>', value)
    return f"{value:,}" if column.kind == "number" and isinstance(value, int) else value


@register.inclusion_tag("portal/parts/tiles.html", takes_context=True)
def tiles(context: Context, tiles: Sequence[shapes.Tile], heading: str = "") -> dict[str, Any]:
    """Today's figures with their trend."""
    found = [{"tile": tile, "points": charts.spark_points(tile.trend)} for tile in tiles]
    return _page(context, tiles=found, heading=heading)


@register.inclusion_tag("portal/parts/progress.html", takes_context=True)
def progress(context: Context, work: shapes.Progress, label: str) -> dict[str, Any]:
    """Long work: done, failed, left, and the failures as a file."""
    return _page(context, work=work, label=label)


# ---- the card and its money


@register.inclusion_tag("portal/parts/card.html", takes_context=True)
def card_picture(context: Context, card: shapes.CardFace, prefix: str = "card") -> dict[str, Any]:
    """Front and back of the card; the bank's mark stands where the area has it, and a sentence says where."""
    return _page(
        context,
        card=card,
        prefix=prefix,
        social_number=looks.grouped(card.social_number),
        card_number=card.card_number,
        bank_number=looks.grouped(card.bank_number),
        mark_at=card.bank_mark if card.bank_code else "no_bank",
    )


@register.inclusion_tag("portal/parts/stations.html", takes_context=True)
def stations(context: Context, stations: Sequence[shapes.Station], heading: str = "") -> dict[str, Any]:
    """The card's way as a line of stations."""
    return _page(context, stations=stations, heading=heading)


@register.inclusion_tag("portal/parts/two_switches.html", takes_context=True)
def two_switches(context: Context, social: shapes.Switch, bank: shapes.Switch) -> dict[str, Any]:
    """The social-security side and the bank side, each with its state and its own act."""
    return _page(context, switches=(social, bank))


@register.inclusion_tag("portal/parts/contributions.html", takes_context=True)
def contributions(
    context: Context, year: int, records: Sequence[shapes.Contribution], until: int = 12
) -> dict[str, Any]:
    """A year of the five insurances: twelve bars and a table beside. `until`: last month that could be booked."""
    return _page(
        context,
        year=charts.contribution_year(year, records, until=until),
        insurances=charts.INSURANCES,
        ground=charts.PLOT_TOP + charts.BAR_HEIGHT,
        width=charts.PLOT_LEFT * 2 + charts.PLOT_WIDTH,
        height=charts.PLOT_TOP + charts.BAR_HEIGHT + 36,
        bar_width=charts.BAR_WIDTH,
    )


@register.inclusion_tag("portal/parts/balances.html", takes_context=True)
def balances(context: Context, medical: shapes.Balance, bank: shapes.Balance) -> dict[str, Any]:
    """Medical account and bank account side by side, never one sum."""
    return _page(context, balances=(medical, bank))


@register.inclusion_tag("portal/parts/parts_bar.html", takes_context=True)
def parts_bar(context: Context, parts: Sequence[shapes.Part], label: str) -> dict[str, Any]:
    """A sum as a bar that is cut into its parts, with the parts as a list."""
    return _page(context, label=label, pieces=charts.pieces(parts), total=sum(part.fen for part in parts))


# ---- devices


@register.inclusion_tag("portal/parts/devices.html", takes_context=True)
def devices(
    context: Context, devices: Sequence[shapes.Device], live_url: str = "", heading: str = ""
) -> dict[str, Any]:
    """The devices beside the screen. With `live_url` the script fetches the same part again every two seconds."""
    return _page(context, devices=devices, live_url=live_url, heading=heading)


@register.simple_tag(takes_context=True)
def insurance(context: Context, code: str) -> str:
    """The name of one of the five insurances."""
    return looks.word(f"insurance.{code}", _lang(context))


@register.simple_tag(takes_context=True)
def fault_text(context: Context, fault: Fault) -> str:
    """The sentence of a fault."""
    return fault.sentence(_lang(context))

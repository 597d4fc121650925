"""The producers of the area: which keys each has and until when it is qualified; new keys are registered by two persons."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse

from sscard.control.models import Organisation
from sscard.issuing.acts import RegisterProducer
from sscard.issuing.models import ProducerKey
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.ends import waits
from sscard.portal.stock.whereabouts import names_of
from sscard.portal.tables import Column, Row, table_of

RIGHT, HERE = "issuing.register_producer", "/office/producers/"
TEXTS = ("producer", "supplier", "plant", "signing", "receiving", "qualified_until")


@for_staff(RIGHT)
def producers(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "producers") as inside:
        today = inside.today
        found = list(ProducerKey.objects.filter(area_code=inside.area_code, active=True))
    names = names_of((one.organisation for one in found), at.lang)
    columns = [
        Column("name", at.word("producers.name")), Column("supplier", at.word("producers.supplier")),
        Column("plant", at.word("producers.plant")), Column("until", at.word("producers.until"), "day"),
        Column("since", at.word("producers.since"), "moment"),
    ]  # fmt: skip
    rows = [
        Row(
            {
                "name": names.get(one.organisation, one.organisation), "supplier": one.supplier, "plant": one.plant,
                "until": one.qualified_until, "since": one.registered_at,
            },
            tone="bad" if one.qualified_until < today else "plain",
        )
        for one in found
    ]  # fmt: skip
    table = table_of(
        request, at.word("producers.caption"), columns, rows, sort="name", empty_text=at.word("producers.empty"),
        empty_url=f"{HERE}new/", empty_label=at.word("producers.new"),
    )  # fmt: skip
    return at.render(
        "portal/office/producers.html",
        title=at.word("producers.nav"),
        lead=at.word("producers.lead"),
        table=table,
        here=HERE,
    )


@for_staff(RIGHT)
def register(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The public halves of its keys, as its program printed them; both sides compare the fingerprints."""
    typed = {name: request.POST.get(name, "").strip() for name in TEXTS}
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        until = _day(typed["qualified_until"])
        if until is None:
            faults = (Fault("qualified_until", "portal.day_wrong"),)
        else:
            asked = RegisterProducer(**{**typed, "qualified_until": until})  # type: ignore[arg-type]
            try:
                return waits(at, at.perform("issuing.register_producer", asked, purpose="producers"), HERE)
            except Refusal as refusal:
                faults = faults_of(refusal)
    known = Organisation.objects.filter(kind="producer", active=True).order_by("code")
    fields = [
        Field(
            "producer",
            at.word("producers.name"),
            kind="select",
            options=tuple((o.code, o.name(at.lang), "") for o in known),
        ),
        Field("supplier", at.word("producers.supplier"), hint=at.word("producers.permit_hint"), width="20"),
        Field("plant", at.word("producers.plant"), hint=at.word("producers.permit_hint"), width="20"),
        Field("signing", at.word("producers.signing"), hint=at.word("producers.key_hint")),
        Field("receiving", at.word("producers.receiving"), hint=at.word("producers.key_hint")),
        Field("qualified_until", at.word("producers.until"), kind="date"),
    ]
    return at.render(
        "portal/form.html", title=at.word("producers.new"), lead=at.word("producers.new_lead"), fields=fields, faults=faults,
        values=typed, action=f"{HERE}new/", submit_label=at.word("producers.submit"), hidden={"key": fresh_key()},
        cancel_url=HERE, here=HERE, crumbs=[Link(at.word("producers.nav"), HERE), Link(at.word("producers.new"))],
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

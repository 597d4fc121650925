"""Putting a signed area pack into force: opened and checked at once, signed by a second person, in force from the next day's
start by the area's clock. Which packs have been in force stands below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.control.area_packs import ActivatePack
from sscard.kernel.refusals import Fault, Refusal
from sscard.law.models import AreaPack
from sscard.portal import errors
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.ends import waits
from sscard.portal.tables import Column, Row, table_of

RIGHT, HERE = "control.area_pack", "/office/pack/"
MOST_BYTES = 4 * 1024 * 1024


@for_staff(RIGHT)
def pack(request: HttpRequest, at: AtPage) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    notices, status = [], 200
    if request.method == "POST":
        sent: Any = request.FILES.get("archive")
        if sent is None:
            faults = (Fault("archive", "portal.file_missing"),)
        else:
            asked = ActivatePack(bytes(sent.read(MOST_BYTES + 1))[:MOST_BYTES])
            try:
                return waits(at, at.perform("control.activate_pack", asked, purpose="area_pack"), HERE)
            except Refusal as refusal:  # all that is wrong with the pack, each with its file and place
                notices, status = [errors.refused_notice(request, refusal)], refusal.status
                faults = tuple(Fault("archive", one.code, one.facts) for one in errors.beside(refusal))
    with at.reading(RIGHT, "area_pack") as inside:
        found = list(AreaPack.objects.filter(area_code=inside.area_code).order_by("-version"))
        states = [one.state for one in found]
    columns = [
        Column("version", at.word("packs.version"), "number"), Column("signer", at.word("packs.signer")),
        Column("since", at.word("packs.since"), "day"), Column("state", at.word("packs.state")),
    ]  # fmt: skip
    rows = [
        Row(
            {"version": one.version, "signer": one.signer, "since": one.active_from, "state": at.word(f"packs.{state}")}
        )
        for one, state in zip(found, states, strict=True)
    ]
    table = table_of(
        request, at.word("packs.caption"), columns, rows, sort="-version", empty_text=at.word("packs.empty")
    )
    field = Field("archive", at.word("packs.file"), kind="file", hint=at.word("packs.file_hint"))
    return at.render(
        "portal/office/pack.html", title=at.word("packs.nav"), lead=at.word("packs.lead"), fields=[field], values={},
        faults=faults, notices=notices,
        status=status, action=HERE, submit_label=at.word("packs.submit"), upload=True,
        hidden={"key": fresh_key()}, table=table, here=HERE,
    )  # fmt: skip

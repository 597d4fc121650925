"""A new batch: which bank's checked applications, and which qualified producer with which permitted product makes their cards."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.issuing.acts import (
    MakeBatch,
)
from sscard.issuing.models import Application, ProducerKey
from sscard.issuing.rules import MOST_CARDS
from sscard.kernel import clock
from sscard.kernel.refusals import Fault
from sscard.law import areas
from sscard.portal.review.applications import naming
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.whereabouts import names_of


@dataclass(frozen=True, slots=True)
class Maker:
    """A producer and a product that the area may order today."""

    producer: str
    product: str
    chip: str

    @property
    def code(self) -> str:
        return "|".join((self.producer, self.product, self.chip))


def _makers(area: str) -> list[Maker]:
    """Selected and qualified producers with a permit for a product, today."""
    on = clock.today(area)
    keys = list(ProducerKey.objects.filter(area_code=area, active=True, qualified_until__gte=on))
    return [
        Maker(key.organisation, permit.product, permit.chip)
        for permit in areas.get(area).production_permits(on)
        for key in keys
        if (key.supplier, key.plant) == (permit.supplier, permit.plant)
    ]


@for_staff("issuing.make_batch")
def make(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The oldest checked applications of one bank, for one producer."""
    faults: tuple[Fault, ...] = ()
    with at.reading("issuing.make_batch", "batches") as inside:
        makers = _makers(inside.area_code)
        ready = {
            bank: Application.objects.filter(area_code=inside.area_code, state="checked", bank=bank).count()
            for bank in {one.code for one in inside.area.banks(inside.today)}
        }
    if request.method == "POST":
        chosen = next((one for one in makers if one.code == request.POST.get("maker")), None)
        most = request.POST.get("most", "").strip() or str(MOST_CARDS)
        if chosen is None:
            faults += (Fault("maker", "portal.maker_missing"),)
        if request.POST.get("bank") not in ready:
            faults += (Fault("bank", "portal.bank_missing"),)
        if not most.isdecimal() or not 0 < int(most[:9]) <= MOST_CARDS:
            faults += (Fault("most", "portal.count_wrong", {"most": MOST_CARDS}),)
        if not faults and chosen:
            wanted = MakeBatch(request.POST["bank"], chosen.producer, chosen.product, chosen.chip, int(most))
            made = at.perform("issuing.make_batch", wanted, purpose="batch")
            return HttpResponseRedirect(f"/batches/{made.answer['batch']}/")
    banks, _ = naming(at)
    names = names_of((one.producer for one in makers), at.lang)
    bank_options = tuple(
        (code, banks.get(code, code), at.word("batch.ready_of", count=f"{ready[code]:,}")) for code in sorted(ready)
    )
    maker_options = tuple(
        (one.code, names.get(one.producer, one.producer), f"{one.product} · {one.chip}") for one in makers
    )
    fields = [
        Field("bank", at.word("apply.bank"), kind="radio", options=bank_options),
        Field("maker", at.word("batch.maker"), kind="radio", options=maker_options, hint=at.word("batch.maker_hint")),
        Field(
            "most",
            at.word("batch.most"),
            kind="digits",
            width="6",
            required=False,
            hint=at.word("batch.most_hint", most=MOST_CARDS),
        ),
    ]
    return at.render(
        "portal/form.html",
        title=at.word("batch.new"),
        lead=at.word("batch.new_lead"),
        fields=fields,
        faults=faults,
        values={name: request.POST.get(name, "") for name in ("bank", "maker", "most")},
        action="/batches/new/",
        submit_label=at.word("batch.make"),
        hidden={"key": fresh_key()},
        cancel_url="/batches/",
        here="/batches/",
        crumbs=[Link(at.word("batch.nav"), "/batches/"), Link(at.word("batch.new"))],
    )

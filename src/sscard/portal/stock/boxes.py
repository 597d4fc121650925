"""Sealed boxes: sent to an outlet, counted and receipted by another person."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sscard.cards.models import Card
from sscard.issuing import reads as issuing
from sscard.issuing.acts import ReceiveAtOutlet, ReceiveShipment, SendToOutlet
from sscard.issuing.models import CardPosition, Shipment
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock import whereabouts

VIEW = "issuing.receive_at_outlet"
MOST_TICKED = 500
SEND_PLACES = {
    "issuing.seal_form": "seal",
    "issuing.seal_used": "seal",
    "issuing.nothing_to_send": "outlet",
    "issuing.outlet_unknown": "outlet",
}
BOX_PLACES = {"issuing.box_count": "counted", "issuing.seal_broken": "remark", "issuing.not_in_box": "counted"}


@for_staff("issuing.send_to_outlet")
def send(request: HttpRequest, at: AtPage) -> HttpResponse:
    """All of a batch's cards in stock whose holders chose the outlet, in one sealed box."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        batch = request.POST.get("batch", "")
        wanted = SendToOutlet(
            request.POST.get("outlet", ""), request.POST.get("seal", "").strip(), uuid_of(batch) if batch else None
        )
        try:
            made = at.perform("issuing.send_to_outlet", wanted, purpose="distribution")
        except Refusal as refusal:
            faults = faults_of(refusal, SEND_PLACES)
        else:
            lines = [
                Answer(at.word("stock.seal"), str(made.answer["seal"])),
                Answer(at.word("stock.cards"), f"{made.answer['cards']:,}"),
            ]
            return at.render(
                "portal/done.html",
                title=at.word("stock.sent"),
                number=made.answer["receipt"],
                lines=lines,
                here="/stock/",
                sentence=at.word("stock.sent_text"),
                next_steps=[Link(at.word("stock.nav"), "/stock/")],
            )
    with at.reading("issuing.view", "stock") as inside:
        batches = [one for one in issuing.batches(inside) if one.in_stock]
        outlets = inside.area.outlets()
    options = tuple(
        (str(one.batch), one.number, at.word("stock.in_stock", count=f"{one.in_stock:,}")) for one in batches
    )
    fields = [
        Field("batch", at.word("batch.nav"), kind="select", options=options or (("", at.word("stock.empty"), ""),)),
        Field(
            "outlet",
            at.word("apply.outlet"),
            kind="select",
            options=tuple((o.code, o.name.of(at.lang), "") for o in outlets),
        ),
        Field("seal", at.word("stock.seal"), hint=at.word("stock.seal_hint"), width="20"),
    ]
    return at.render(
        "portal/form.html",
        title=at.word("stock.send"),
        lead=at.word("stock.send_lead"),
        fields=fields,
        faults=faults,
        values={name: request.POST.get(name, "") for name in ("batch", "outlet", "seal")},
        action="/stock/send/",
        submit_label=at.word("stock.send"),
        hidden={"key": fresh_key()},
        cancel_url="/stock/",
        here="/stock/",
        crumbs=[Link(at.word("stock.nav"), "/stock/"), Link(at.word("stock.send"))],
    )


@for_staff(VIEW)
def receive(request: HttpRequest, at: AtPage, shipment: uuid.UUID) -> HttpResponse:
    """Count, look at the seal, sign for it. What is missing is ticked card by card on its number."""
    with at.reading(VIEW, "stock") as inside:
        box = Shipment.objects.filter(area_code=inside.area_code, shipment_id=shipment).first()
        if box is None or box.state != "sent":
            raise Refusal("control.not_found")
        content = _content(box)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        counted = request.POST.get("counted", "").strip()
        intact, remark = request.POST.get("seal_intact") == "yes", request.POST.get("remark", "")
        missing = tuple(uuid_of(one) for one in request.POST.getlist("missing"))
        if not counted.isdecimal() or len(counted) > 6:
            faults = (Fault("counted", "portal.count_wrong", {"most": box.cards}),)
        else:
            act, kind = (
                ("issuing.receive_shipment", ReceiveShipment)
                if box.batch_id
                else ("issuing.receive_at_outlet", ReceiveAtOutlet)
            )
            try:
                made = at.perform(act, kind(box.seal, int(counted), intact, missing, remark), purpose="distribution")
            except Refusal as refusal:
                faults = faults_of(refusal, BOX_PLACES)
            else:
                return at.render(
                    "portal/done.html",
                    title=at.word("stock.received"),
                    number=made.answer["receipt"],
                    here="/stock/",
                    sentence=at.word("stock.received_text", count=made.answer["counted"]),
                    next_steps=[Link(at.word("stock.nav"), "/stock/")],
                )
    names = whereabouts.places_of({box.sender, box.receiver}, at.caller.area, at.lang)
    fields = [
        Field(
            "counted",
            at.word("stock.counted_now"),
            kind="digits",
            width="6",
            hint=at.word("stock.counted_hint", told=box.cards),
        ),
        Field(
            "seal_intact",
            at.word("stock.seal_state"),
            kind="radio",
            options=(
                ("yes", at.word("stock.seal_whole"), ""),
                ("no", at.word("stock.seal_torn"), ""),
            ),
        ),
        Field(
            "remark",
            at.word("stock.remark"),
            kind="textarea",
            required=False,
            hint=at.word("stock.remark_hint"),
            maxlength=200,
        ),
    ]
    if any(fault.place == "counted" for fault in faults):
        fields.insert(
            1,
            Field(
                "missing",
                at.word("stock.missing"),
                kind="checkbox",
                options=content,
                required=False,
                hint=at.word("stock.missing_hint"),
            ),
        )
    lines = [
        Answer(at.word("stock.seal"), box.seal),
        Answer(at.word("stock.sender"), names.get(box.sender, box.sender)),
        Answer(at.word("stock.receiver"), names.get(box.receiver, box.receiver)),
    ]
    return at.render(
        "portal/stock/receive.html",
        title=at.word("stock.receive"),
        lines=lines,
        fields=fields,
        faults=faults,
        here="/stock/",
        values={
            "counted": request.POST.get("counted", ""),
            "seal_intact": request.POST.get("seal_intact", "yes"),
            "remark": request.POST.get("remark", ""),
            "missing": request.POST.getlist("missing"),
        },
        action=f"/stock/receive/{shipment}/",
        submit_label=at.word("stock.receive"),
        hidden={"key": fresh_key()},
        cancel_url="/stock/",
        crumbs=[Link(at.word("stock.nav"), "/stock/"), Link(box.seal)],
    )


def _content(box: Shipment) -> tuple[tuple[str, str, str], ...]:
    """The cards of a box, to tick those that are not in it: masked numbers."""
    ids = CardPosition.objects.filter(shipment_id=box.shipment_id, place="transit").values_list("card_id", flat=True)
    cards = Card.objects.filter(card_id__in=list(ids[:MOST_TICKED])).order_by("card_number_mask")
    return tuple((str(one.card_id), one.card_number_mask, "") for one in cards)

"""The register of carriers, their ledger, and losses with their two reports."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control.rights import decide
from sscard.kernel.refusals import Fault, Refusal
from sscard.keys import custody, reads
from sscard.keys.models import Carrier
from sscard.portal import looks
from sscard.portal.forms import faults_of
from sscard.portal.keys.home import CUSTODY, VIEW, crumbs, sent
from sscard.portal.shapes import Act, Answer, Field
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, table_of


@dataclass(frozen=True, slots=True)
class Form:
    """An act as a form: its name, its request, its fields. `from_states`: where a carrier must be."""

    act: str
    request: Callable[..., Any]
    fields: tuple[str, ...]
    from_states: tuple[str, ...] = ()


MOVES = {
    "hand-over": Form("keys.hand_over", custody.HandOver, ("holder", *custody.ITEMS), ("kept",)),
    "take-back": Form("keys.take_back", custody.TakeBack, ("holder", "remark"), ("away",)),
    "destroy": Form("keys.destroy_carrier", custody.DestroyCarrier, ("record",), ("kept",)),
    "loss": Form("keys.report_loss", custody.ReportLoss, ("story",), ("kept", "away")),
}
SETTLES = {
    "report": Form("keys.report_sent", custody.ReportSent, ("to", "receipt")),
    "close": Form("keys.close_loss", custody.CloseLoss, ("cause",)),
}
LONG = ("story", "cause", "remark")
OPTIONAL = ("remark", "key_set")


@for_staff(CUSTODY)
def new(request: HttpRequest, at: AtPage) -> HttpResponse:
    names = ("kind", "number", "origin", "holder", "key_set")
    form = Form("keys.register_carrier", custody.RegisterCarrier, names)
    return _asked(request, at, form, at.word("keys.new_carrier"), "/keys/carriers/new/", "/keys/")


@for_staff(VIEW)
def detail(request: HttpRequest, at: AtPage, which: uuid.UUID) -> HttpResponse:
    with at.reading(VIEW, "keys") as inside:
        one = reads.carrier(inside, which)
        entries = list(one.entries.order_by("at"))
        losses = list(one.losses.all())
        names = reads.names({e.maker for e in entries} | {e.checker for e in entries})
    facts = [
        Answer(at.word("keys.carrier_kind"), at.word(f"keys.carrier.{one.kind}")),
        Answer(at.word("keys.origin"), at.word("keys.the_ministry") if one.origin == custody.MINISTRY else one.origin),
        Answer(at.word("keys.holder"), one.holder),
    ]
    if one.key_set:
        facts.append(Answer(at.word("keys.set"), one.key_set))
    columns = (Column("at", at.word("keys.when"), "moment"), Column("act", at.word("keys.entry")),
               Column("holder", at.word("keys.holder")), Column("items", at.word("keys.items")),
               Column("who", at.word("keys.signed_by")))  # fmt: skip
    comma = at.word("frame.comma")
    rows = [
        Row({"at": e.at, "act": at.word(f"keys.entry_{e.act}"), "holder": e.holder,
             "items": comma.join(at.word("keys.item_is", item=at.word(f"keys.{name}"), value=getattr(e, name))
                                 for name in custody.ITEMS if getattr(e, name)) or e.remark,
             "who": comma.join(names.get(who, "") for who in (e.maker, e.checker) if who)})
        for e in entries
    ]  # fmt: skip
    return at.render(
        "portal/keys/record.html", title=one.number, state=f"keys.carrier.{one.state}", facts=facts, here="/keys/",
        acts=_acts(at, one, [str(loss.loss_id) for loss in losses]), crumbs=crumbs(at, one.number),
        table=table_of(request, at.word("keys.ledger"), columns, rows, filterable=False),
    )  # fmt: skip


def _acts(at: AtPage, one: Carrier, losses: list[str]) -> list[Act]:
    found = [Act(at.word("keys.to_loss"), f"/keys/losses/{loss}/", primary=True) for loss in losses]
    if decide(at.caller, CUSTODY):
        if one.kind == "psam" and one.state == "kept" and one.key_set:
            found.append(Act(at.word("keys.do_load"), f"/keys/carriers/{one.carrier_id}/load/"))
        found += [Act(at.word(f"keys.do_{name}"), f"/keys/carriers/{one.carrier_id}/{name}/")
                  for name, form in MOVES.items() if one.state in form.from_states]  # fmt: skip
    return found


@for_staff(CUSTODY)
def move(request: HttpRequest, at: AtPage, which: uuid.UUID, name: str) -> HttpResponse:
    if name not in MOVES:
        raise Refusal("control.not_found")
    back = f"/keys/carriers/{which}/"
    return _asked(request, at, MOVES[name], at.word(f"keys.do_{name}"), f"{back}{name}/", back, which)


@for_staff(VIEW)
def loss(request: HttpRequest, at: AtPage, which: uuid.UUID) -> HttpResponse:
    """What the carrier reaches, and whether both offices know."""
    with at.reading(VIEW, "keys") as inside:
        one = reads.loss(inside, which)
    comma = at.word("frame.comma")
    facts = [
        Answer(at.word("keys.carrier_word"), f"{at.word(f'keys.carrier.{one.carrier.kind}')} {one.carrier.number}"),
        Answer(at.word("keys.raised"), looks.show_moment(one.raised_at, at.lang)),
        Answer(at.word("keys.story"), one.story),
        Answer(at.word("keys.exposed"), comma.join(one.exposed) or at.word("keys.exposed_none"),
               note=at.word("keys.nationwide") if any(key.endswith("*") for key in one.exposed) else ""),
        Answer(at.word("keys.cards"), f"{one.cards:,}"),
        Answer(at.word("keys.people"), f"{one.people:,}"),
        *(_report(at, one, office) for office in custody.TO),
    ]  # fmt: skip
    if one.cause:
        facts.append(Answer(at.word("keys.cause"), one.cause))
    may = decide(at.caller, CUSTODY) and one.closed_at is None
    out = one.superior_at is not None and one.ministry_at is not None
    acts = []
    if may and not out:
        acts.append(Act(at.word("keys.do_report"), f"/keys/losses/{which}/report/", primary=True))
    if may:
        acts.append(Act(at.word("keys.do_close"), f"/keys/losses/{which}/close/", allowed=out,
                        reason="" if out else at.word("keys.close_later")))  # fmt: skip
    return at.render(
        "portal/keys/record.html", title=at.word("keys.loss_of", number=one.carrier.number), here="/keys/", facts=facts,
        state="keys.loss.closed" if one.closed_at else "keys.loss.open", acts=acts, table=None,
        crumbs=crumbs(at, one.carrier.number), warning="" if out else at.word("keys.report_now"),
    )  # fmt: skip


def _report(at: AtPage, one: Any, office: str) -> Answer:
    when, receipt = getattr(one, f"{office}_at"), getattr(one, f"{office}_receipt")
    said = at.word("keys.report_done", at=looks.show_moment(when, at.lang), receipt=receipt) if when else ""
    return Answer(at.word(f"keys.to_{office}"), said or at.word("keys.report_open"))


@for_staff(CUSTODY)
def settle(request: HttpRequest, at: AtPage, which: uuid.UUID, name: str) -> HttpResponse:
    if name not in SETTLES:
        raise Refusal("control.not_found")
    back = f"/keys/losses/{which}/"
    return _asked(request, at, SETTLES[name], at.word(f"keys.do_{name}"), f"{back}{name}/", back, which)


def _asked(
    request: HttpRequest, at: AtPage, form: Form, title: str, action: str, back: str, which: uuid.UUID | None = None
) -> HttpResponse:
    """The form; its faults beside the fields; done or sent to the second custodian."""
    values = {name: request.POST.get(name, "").strip() for name in form.fields}
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            wanted = form.request(**values) if which is None else form.request(which, **values)
            outcome = at.perform(form.act, wanted, purpose="keys")
        except Refusal as refusal:
            faults = faults_of(refusal)
        else:
            if outcome.waiting:
                return sent(at)
            found = outcome.answer.get("loss")
            return HttpResponseRedirect(f"/keys/losses/{found}/" if found else back)
    return at.render(
        "portal/form.html", title=title, fields=[_field(at, name) for name in form.fields], values=values, faults=faults,
        action=action, submit_label=at.word("keys.submit"), hidden={"key": fresh_key()}, cancel_url=back, here="/keys/",
        crumbs=crumbs(at, title),
    )  # fmt: skip


def _field(at: AtPage, name: str) -> Field:
    label, required = at.word("keys.set" if name == "key_set" else f"keys.{name}"), name not in OPTIONAL
    if name == "kind":
        options = tuple((one, at.word(f"keys.carrier.{one}"), "") for one in Carrier.KINDS)
        return Field(name, at.word("keys.carrier_kind"), kind="radio", options=options)
    if name == "to":
        return Field(
            name, label, kind="radio", options=tuple((one, at.word(f"keys.to_{one}"), "") for one in custody.TO)
        )
    if name == "origin":
        return Field(name, label, hint=at.word("keys.origin_hint"), width="20")
    if name == "number":
        return Field(name, label, hint=at.word("keys.number_hint"), width="20")
    if name == "key_set":
        return Field(name, label, hint=at.word("keys.set_hint"), required=False, width="20")
    return Field(
        name,
        label,
        kind="textarea" if name in LONG else "text",
        required=required,
        maxlength=300 if name in LONG else 120,
    )

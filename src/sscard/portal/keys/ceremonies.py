"""A ceremony step by step: open, take one's share, read it back, bring it again, close."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control.rights import decide
from sscard.kernel.refusals import Fault, Refusal
from sscard.keys import reads
from sscard.keys.holding import MAKE, PROVE, OfCeremony, OpenCeremony, WithWords
from sscard.keys.models import Ceremony
from sscard.portal import looks
from sscard.portal.keys.home import CUSTODY, VIEW, crumbs, sent
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, table_of

ACTS = {
    "confirm": "keys.confirm_share", "give": "keys.give_share", "close": "keys.close_ceremony",
    "cancel": "keys.cancel_ceremony",
}  # fmt: skip
WITH_WORDS = ("confirm", "give")


@for_staff(CUSTODY)
def new(request: HttpRequest, at: AtPage) -> HttpResponse:
    level = f"city:{at.caller.area}" if at.caller.area else "ministry"
    choices = [(level, at.word("keys.make_new", level=level), at.word("keys.make_hint"))]
    choices += [(one.name, at.word("keys.prove_it", name=one.name), "") for one in reads.sets(at.caller.area)
                if one.name.startswith(level) and one.state != "retired"]  # fmt: skip
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        subject = request.POST.get("subject", "")
        if subject in {value for value, _, _ in choices}:
            at.perform("keys.open_ceremony", OpenCeremony(PROVE if "#" in subject else MAKE, subject), purpose="keys")
            return sent(at)
        faults = (Fault("subject", "portal.answer_missing"),)
    return at.render(
        "portal/form.html", title=at.word("keys.new"), lead=at.word("keys.new_lead"), faults=faults, values=request.POST,
        fields=[Field("subject", at.word("keys.subject"), kind="radio", options=tuple(choices))], here="/keys/",
        action="/keys/ceremonies/new/", submit_label=at.word("keys.ask_second"), hidden={"key": fresh_key()},
        cancel_url="/keys/", crumbs=crumbs(at, at.word("keys.new")),
    )  # fmt: skip


@for_staff(VIEW)
def detail(request: HttpRequest, at: AtPage, which: uuid.UUID) -> HttpResponse:
    return _detail(request, at, which)


def _detail(request: HttpRequest, at: AtPage, which: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    with at.reading(VIEW, "keys") as inside:
        one = reads.ceremony(inside, which)
        steps = list(one.steps.order_by("at"))
    mine = {step.step for step in steps if step.actor == at.caller.id}
    custodian = decide(at.caller, CUSTODY) and one.state == "open"
    columns = (Column("at", at.word("keys.when"), "moment"), Column("who", at.word("keys.who")),
               Column("step", at.word("keys.step")))  # fmt: skip
    rows = [Row({"at": s.at, "who": s.actor_name, "step": at.word(f"keys.step_{s.step}")}) for s in steps]
    return at.render(
        "portal/keys/ceremony.html", title=at.word(f"keys.kind_{one.kind}"), one=one, facts=_facts(at, one),
        state=f"keys.ceremony.{one.state}", here="/keys/", key=fresh_key(), crumbs=crumbs(at, one.key_set or one.subject),
        steps=table_of(request, at.word("keys.steps"), columns, rows, filterable=False),
        may_take=custodian and one.kind == "make" and "share" not in mine,
        may_confirm=custodian and one.kind == "make" and "share" in mine and "confirmed" not in mine,
        may_give=custodian and one.kind == "prove" and "given" not in mine,
        may_close=decide(at.caller, "keys.witness") and one.state == "open", may_cancel=custodian,
        refusal_text=refusal.sentence(at.lang) if refusal else "",
        refusal_next=refusal.next_step(at.lang) if refusal else "", status=refusal.status if refusal else 200,
    )  # fmt: skip


def _facts(at: AtPage, one: Ceremony) -> list[Answer]:
    lines = [
        Answer(at.word("keys.subject"), one.key_set or one.subject),
        Answer(at.word("keys.quorum"), at.word("keys.quorum_of", need=one.need, of=one.of)),
        Answer(at.word("keys.custodians"), at.word("frame.comma").join((one.opened_name, one.with_name))),
        Answer(at.word("keys.opened"), looks.show_moment(one.opened_at, at.lang)),
    ]
    if one.auditor_name:
        lines.append(Answer(at.word("keys.auditor"), one.auditor_name))
    if one.kcv:
        lines.append(Answer(at.word("keys.kcv"), one.kcv.upper(), note=at.word("keys.kcv_note")))
    return lines


@for_staff(CUSTODY)
def share(request: HttpRequest, at: AtPage, which: uuid.UUID) -> HttpResponse:
    """The words of one's own share. They are in this answer and nowhere else; a second asking gets none."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        outcome = at.perform("keys.take_share", OfCeremony(which), purpose="keys")
    except Refusal as refusal:
        return _detail(request, at, which, refusal)
    if "share" not in outcome.once:
        return HttpResponseRedirect(f"/keys/ceremonies/{which}/")
    answer = at.render(
        "portal/keys/share.html", title=at.word("keys.your_share"), words=outcome.once["share"].split(), which=which,
        here="/keys/", key=fresh_key(),
    )  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


@for_staff(VIEW)
def step(request: HttpRequest, at: AtPage, which: uuid.UUID, step: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if step not in ACTS:
        raise Refusal("control.not_found")
    wanted: Any = WithWords(which, request.POST.get("words", "")) if step in WITH_WORDS else OfCeremony(which)
    try:
        at.perform(ACTS[step], wanted, purpose="keys")
    except Refusal as refusal:
        if not refusal.code.startswith("keys."):
            raise
        return _detail(request, at, which, refusal)
    return HttpResponseRedirect(f"/keys/ceremonies/{which}/")

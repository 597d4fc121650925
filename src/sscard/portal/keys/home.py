"""Everything about keys at a glance: what waits, sets, ceremonies, carriers, losses."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from sscard.control.models import Approval
from sscard.control.rights import decide
from sscard.kernel.keyclient import keys
from sscard.keys import reads
from sscard.keys.models import Carrier, Ceremony, KeyLoss
from sscard.law import areas
from sscard.portal.desk.person import verb
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.tables import Column, Row, Table, table_of

VIEW, CUSTODY = "keys.view", "keys.custody"


@for_staff(VIEW)
def overview(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(VIEW, "keys") as inside:
        waiting = reads.waiting(inside) if decide(at.caller, CUSTODY) else []
        losses, carriers, ceremonies = reads.losses(inside), reads.carriers(inside), reads.ceremonies(inside)
    sets = reads.sets(at.caller.area)
    sandbox = bool(at.caller.area) and areas.get(at.caller.area).sandbox
    return at.render(
        "portal/keys/home.html", title=at.word("keys.nav"), lead=at.word("keys.lead"), here="/keys/",
        may=decide(at.caller, CUSTODY), waiting=_waiting(request, at, waiting) if waiting else None,
        losses=_losses(request, at, losses) if losses else None, sets=_sets(request, at, sets), test_keys=sandbox,
        ceremonies=_ceremonies(request, at, ceremonies), carriers=_carriers(request, at, carriers),
        machines=_machines(request, at),
    )  # fmt: skip


def _waiting(request: HttpRequest, at: AtPage, found: list[Approval]) -> Table:
    columns = (Column("act", at.word("review.act")), Column("who", at.word("review.maker")),
               Column("expires", at.word("review.expires"), "moment"))  # fmt: skip
    rows = [
        Row({"act": verb(one.act, at.lang), "who": one.maker_name, "expires": one.expires_at},
            url=f"/approvals/{one.approval_id}/", tone="wait")
        for one in found
    ]  # fmt: skip
    return table_of(request, at.word("keys.waiting"), columns, rows, prefix="w_", filterable=False)


def _sets(request: HttpRequest, at: AtPage, found: list[reads.SetLine]) -> Table:
    columns = (Column("name", at.word("keys.set"), "code"), Column("state", at.word("review.state"), "state"),
               Column("kcv", at.word("keys.kcv"), "code"), Column("made", at.word("keys.made"), "moment"))  # fmt: skip
    rows = [
        Row({"name": one.name, "state": f"keys.set.{one.state}", "kcv": one.kcv.upper(),
             "made": datetime.fromisoformat(one.made_at)})
        for one in found
    ]  # fmt: skip
    return table_of(
        request, at.word("keys.sets"), columns, rows, prefix="s_", filterable=False, empty_text=at.word("keys.no_sets")
    )


def _machines(request: HttpRequest, at: AtPage) -> Table:
    columns = (Column("name", at.word("keys.machine")), Column("public", at.word("keys.public"), "code"),
               Column("at", at.word("keys.admitted"), "moment"))  # fmt: skip
    rows = [
        Row({"name": one["name"], "public": f"{one['public'][:16]}…", "at": datetime.fromisoformat(one["admitted_at"])})
        for one in keys().receivers()
    ]
    return table_of(
        request, at.word("keys.machines"), columns, rows, prefix="m_", filterable=False,
        empty_text=at.word("keys.no_machines"),
    )  # fmt: skip


def _ceremonies(request: HttpRequest, at: AtPage, found: list[Ceremony]) -> Table:
    columns = (Column("kind", at.word("keys.kind")), Column("subject", at.word("keys.subject"), "code"),
               Column("state", at.word("review.state"), "state"), Column("at", at.word("keys.opened"), "moment"))  # fmt: skip
    rows = [
        Row({"kind": at.word(f"keys.kind_{one.kind}"), "subject": one.key_set or one.subject,
             "state": f"keys.ceremony.{one.state}", "at": one.opened_at}, url=f"/keys/ceremonies/{one.ceremony_id}/")
        for one in found
    ]  # fmt: skip
    return table_of(
        request, at.word("keys.ceremonies"), columns, rows, sort="-at", prefix="c_", filterable=False,
        empty_text=at.word("keys.no_ceremonies"),
    )  # fmt: skip


def _carriers(request: HttpRequest, at: AtPage, found: list[Carrier]) -> Table:
    columns = (Column("kind", at.word("keys.carrier_kind")), Column("number", at.word("keys.number"), "code"),
               Column("holder", at.word("keys.holder")), Column("state", at.word("review.state"), "state"))  # fmt: skip
    rows = [
        Row({"kind": at.word(f"keys.carrier.{one.kind}"), "number": one.number, "holder": one.holder,
             "state": f"keys.carrier.{one.state}"}, url=f"/keys/carriers/{one.carrier_id}/",
            tone="bad" if one.state == "lost" else "plain")
        for one in found
    ]  # fmt: skip
    return table_of(
        request, at.word("keys.carriers"), columns, rows, sort="number", prefix="p_",
        empty_text=at.word("keys.no_carriers"),
    )  # fmt: skip


def _losses(request: HttpRequest, at: AtPage, found: list[KeyLoss]) -> Table:
    columns = (Column("number", at.word("keys.number"), "code"), Column("at", at.word("keys.raised"), "moment"),
               Column("cards", at.word("keys.cards"), "number"), Column("state", at.word("review.state"), "state"))  # fmt: skip
    rows = [
        Row({"number": one.carrier.number, "at": one.raised_at, "cards": one.cards,
             "state": "keys.loss.closed" if one.closed_at else "keys.loss.open"}, url=f"/keys/losses/{one.loss_id}/",
            tone="plain" if one.closed_at else "bad")
        for one in found
    ]  # fmt: skip
    return table_of(request, at.word("keys.losses"), columns, rows, sort="-at", prefix="l_", filterable=False)


def crumbs(at: AtPage, label: str) -> list[Link]:
    return [Link(at.word("keys.nav"), "/keys/"), Link(label)]


def sent(at: AtPage) -> HttpResponse:
    """After a request that a second custodian decides."""
    return at.render(
        "portal/done.html", title=at.word("keys.sent"), sentence=at.word("keys.sent_text"), here="/keys/",
        next_steps=[Link(at.word("review.nav_mine"), "/approvals/mine/"), Link(at.word("keys.nav"), "/keys/")],
    )  # fmt: skip

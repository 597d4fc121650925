"""Handing out the holder's sign-up code: against the original ID, shown once, kept nowhere in clear."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sscard.kernel.refusals import Fault, Refusal
from sscard.people.holders import InviteHolder
from sscard.portal import purposes
from sscard.portal.desk.changing import crumbs, head
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import AtPage, for_staff, fresh_key


@for_staff("people.invite_holder")
@purposes.asked
def invite(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        seen = request.POST.get("identity_seen") == "yes"
        try:
            outcome = at.perform("people.invite_holder", InviteHolder(person, seen), purpose=purposes.of(request))
        except Refusal as refusal:
            faults = faults_of(refusal, {"people.identity_not_seen": "identity_seen"})
        else:
            return _slip(at, person, outcome.once.get("code", ""), outcome.answer["valid_days"])
    name = head(at, person, purposes.of(request))
    field = Field(
        "identity_seen", at.word("invite.seen"), kind="checkbox", options=(("yes", at.word("invite.seen_yes"), ""),)
    )
    return at.render(
        "portal/form.html", title=at.word("invite.title"), lead=at.word("invite.lead"), fields=[field], values={},
        faults=faults, action=f"/people/{person}/invite/", submit_label=at.word("invite.button"), here="/desk/",
        hidden={"key": fresh_key()}, cancel_url=f"/people/{person}/", crumbs=crumbs(at, person, name, at.word("invite.title")),
    )  # fmt: skip


def _slip(at: AtPage, person: uuid.UUID, code: str, days: int) -> HttpResponse:
    """The slip for the holder. A repeat of the same request has no code: it was shown and is gone."""
    if not code:
        return at.render(
            "portal/done.html", title=at.word("invite.gone"), sentence=at.word("invite.gone_text"), here="/desk/"
        )
    shown = f"{code[:4]} {code[4:]}"
    lines = [
        Answer(at.word("invite.code"), shown, note=at.word("invite.code_note")),
        Answer(at.word("invite.valid"), at.word("invite.days", days=days)),
        Answer(at.word("invite.how"), at.word("invite.how_text")),
    ]
    return at.render(
        "portal/desk/slip.html", title=at.word("invite.slip"), organisation=at.area_name, lines=lines, here="/desk/",
        sentence=at.word("invite.slip_text"), back_url=f"/people/{person}/", back_label=at.word("invite.back"),
    )  # fmt: skip

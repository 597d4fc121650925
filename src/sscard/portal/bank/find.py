"""A customer whose card is not here (lost, swallowed, forgotten): found by card, account or ID number, at his own bank."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank.reads_life import find_customer
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.bank import counter
from sscard.portal.bank.counter import PURPOSE, Desk
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key


@for_staff("bank.view")
def find(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The look is recorded. The number stays in no address and on no page."""
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            with at.reading("bank.view", PURPOSE) as inside:
                found = find_customer(inside, request.POST.get("number", ""))
        except Refusal as refusal:
            faults = faults_of(refusal, {"bank.number_unknown": "number"})
        else:
            counter.clear(at)
            counter.put(at, Desk(area=found.area_code, card=str(found.card_id), account=str(found.account_id)))
            return HttpResponseRedirect("/bank/customer/")
    field = Field("number", at.word("counter.find.number"), hint=at.word("counter.find.hint"))
    return at.render(
        "portal/form.html",
        title=at.word("counter.find.title"),
        lead=at.word("counter.find.lead"),
        fields=[field],
        values={},
        faults=faults,
        action="/bank/find/",
        submit_label=at.word("counter.find.submit"),
        hidden={"key": fresh_key()},
        cancel_url="/bank/",
        crumbs=[Link(at.word("counter.nav"), "/bank/"), Link(at.word("counter.find.title"))],
        here="/bank/",
    )

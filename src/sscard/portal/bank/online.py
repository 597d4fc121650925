"""Stopping a customer's on-line banking at the counter: his phone is gone, or somebody knows his password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank.acts import StopOnline
from sscard.portal.bank import counter
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.bank.customer import seen_now
from sscard.portal.shapes import Answer, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

CUSTOMER, HERE = "/bank/customer/", "/bank/online/stop/"


@for_staff("bank.stop_online")
def stop(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Asked once more, then at once; all his devices are signed out."""
    on_desk = counter.desk(at)
    if not on_desk.card:
        return HttpResponseRedirect("/bank/")
    title = at.word("counter.do.stop_online")
    if request.method == "POST":
        at.perform("bank.stop_online", StopOnline(counter.account(on_desk)), purpose=PURPOSE, area=on_desk.area)
        return at.render(
            "portal/done.html", title=at.word("counter.stopped_online"), sentence=at.word("counter.done.stop_online"),
            next_steps=[Link(at.word("counter.back_to_customer"), CUSTOMER)], here="/bank/",
        )  # fmt: skip
    return at.render(
        "portal/check.html", title=title, lines=[Answer(at.word("counter.name"), seen_now(at).name)],
        warning=at.word("counter.done.stop_online"), action=HERE, submit_label=title, hidden={"key": fresh_key()},
        crumbs=[Link(at.word("counter.nav"), "/bank/"), Link(at.word("counter.customer_crumb"), CUSTOMER), Link(title)],
        here="/bank/",
    )  # fmt: skip

"""Top-up: the ways money comes into the account, with the number that another bank asks for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from sscard.bank import customers_reads
from sscard.kernel import clock
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.netbank import which
from sscard.portal.netbank.signed import AtBank, for_customer


@for_customer
def recharge(request: HttpRequest, at: AtBank) -> HttpResponse:
    return _page(at)


def _page(at: AtBank, shown: str = "", value: str = "") -> HttpResponse:
    """`shown`: which field the eye has just revealed, for browsers without script, with its `value`."""
    with at.reading() as inside:
        account, _ = which.chosen(inside, at.request)
    area = areas.get(at.caller.area)
    places = area.outlets(kind="bank", bank=at.bank)
    own = area.bank(at.bank, clock.today(area.code))
    return at.render(
        "netbank/recharge.html",
        title=at.word("recharge.title"),
        lead=at.word("recharge.lead"),
        account=account.account_id,
        number=which.short(account),
        shown=value if shown == "number" else "",
        name_shown=value if shown == "name" else "",
        name=account.name_mask,
        bank=own.name.of(at.lang),
        places=[
            {
                "name": one.name.of(at.lang),
                "address": one.address.of(at.lang),
                "hours": one.hours.of(at.lang),
                "terminal": one.terminal,
            }
            for one in places
        ],
        here="/",
    )


@for_customer
def number(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The whole number or name, for giving it to another bank: a recorded look of the customer himself."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wanted = uuid_of(request.POST.get("about", ""))
    with at.reading() as inside:
        account, field = customers_reads.account(inside, wanted), request.POST.get("field", "number")
        if field == "name":
            value = customers_reads.holder_name(inside, account)
        else:
            value = looks.grouped(customers_reads.number(inside, account))
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": value, "said": ""})
    return _page(at, field, value)

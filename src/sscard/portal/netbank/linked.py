"""Social security card binding (社保卡绑定, document 002): what you need, the form, check your answers, away to the bureau,
back, bound; and un-bound again."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank import customers_reads
from sscard.bank.customers_reads import OnlineAccount
from sscard.bank.linked import authorisations, linking, looking, paying, receipts
from sscard.bank.linked.wire import BureauRefused
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import errors, looks
from sscard.portal.middleware import CSP
from sscard.portal.netbank import which
from sscard.portal.netbank.signed import AtBank, for_customer, page
from sscard.portal.shapes import Answer, Field, Link, Notice

FIELDS = ("card_number", "id_number", "account")
HERE = "/linked/"
MENDED_HERE = ("binding.identity_mismatch", "binding.account_not_activated")
"""What the bureau refuses and the form can put right: a number typed wrong, another account chosen."""


ENDED = {"customer": "customer", "binding.consent_revoked": "holder", "binding.consent_expired": "expired"}
"""Why a link is over, as it is written down → as it is said."""


@for_customer
def bills(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The entry 缴费: charges are paid inside the link of a card. With one card straight to its charges; with none it says so."""
    links = looking.links(at.caller)
    if len(links) == 1:
        return HttpResponseRedirect(f"{HERE}{links[0].link}/")
    word = at.word("linked.bills_which" if links else "linked.bills_none")
    return _start(at, links, title=at.word("nav.bills"), lead=word)


@for_customer
def start(request: HttpRequest, at: AtBank) -> HttpResponse:
    links = looking.links(at.caller)
    return _start(
        at, links, title=at.word("linked.title"), lead=at.word("linked.lead_bound" if links else "linked.lead")
    )


def _start(at: AtBank, links: list[looking.LinkView], *, title: str, lead: str) -> HttpResponse:
    """The cards that are linked; and what one needs to link one: three things."""
    with at.reading() as inside:
        numbers = {one.account_id: which.short(one) for one in customers_reads.accounts(inside)}
    over = [one for one in looking.links(at.caller, ended=True) if one.ended_at is not None]
    needs = [
        Answer(at.word(f"linked.need.{name}"), at.word(f"linked.need.{name}_hint"))
        for name in ("card", "id", "account")
    ]
    return at.render(
        "netbank/linked.html",
        title=title,
        lead=lead,
        links=[(one, numbers.get(one.account, "")) for one in links],
        ended=[(one, at.word(f"linked.ended.{ENDED.get(one.ended_because, 'over')}")) for one in over],
        needs=needs,
        paid=bool(looking.all_payments(at.caller)),
        here="/card/",
        crumbs=[*at.crumbs(("nav.card", "/card/")), Link(title)],
    )


@for_customer
def bind(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The form, then check your answers, then away to the bureau's page."""
    with at.reading() as inside:
        every = customers_reads.accounts(inside)
    step = request.POST.get("step", "")
    if request.method != "POST" or step == "change":
        return _form(at, every)
    account, faults = _chosen(at, every)
    if faults or account is None:
        return _form(at, every, faults)
    if step != "submit":
        return _check(at, account)
    typed = _typed(at)
    try:
        asked = linking.begin(
            at.caller, card_number=typed["card_number"], id_number=typed["id_number"], account=account.account_id
        )
    except BureauRefused as refusal:
        if refusal.bureau_code not in MENDED_HERE:
            raise
        return _form(at, every, refused=refusal)
    return away(asked.url)


def away(url: str) -> HttpResponse:
    """To the bureau's page. The policy lets a form of ours end there and nowhere else."""
    return may_lead_to(HttpResponseRedirect(url, status=303), url)


def may_lead_to(answer: HttpResponse, url: str) -> HttpResponse:
    parts = urlsplit(url)
    answer["Content-Security-Policy"] = CSP.replace(
        "form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return answer


def to_bureau(at: AtBank, answer: HttpResponse) -> HttpResponse:
    """A page with a form that ends at the bureau's page."""
    with at.reading() as inside:
        return may_lead_to(answer, linking.keys_of(inside).issuer)


def _typed(at: AtBank) -> dict[str, str]:
    return {name: at.request.POST.get(name, "").strip() for name in FIELDS}


def _chosen(at: AtBank, every: list[OnlineAccount]) -> tuple[OnlineAccount | None, tuple[Fault, ...]]:
    typed = _typed(at)
    found = next((one for one in every if str(one.account_id) == typed["account"]), None)
    if found is None:
        raise Refusal("control.not_found")
    return found, tuple(linking.form_faults(typed["card_number"], typed["id_number"]))


def _form(
    at: AtBank, every: list[OnlineAccount], faults: tuple[Fault, ...] = (), refused: BureauRefused | None = None
) -> HttpResponse:
    """`refused`: what the bureau said to the numbers that stand here, and which can be put right here."""
    options = which.options(every, at.lang)
    fields = [
        Field("card_number", at.word("linked.card_number"), hint=at.word("linked.card_number_hint"), width="20"),
        Field("id_number", at.word("linked.id_number"), hint=at.word("linked.id_number_hint"), width="20"),
        Field("account", at.word("linked.account"), kind="radio", options=options, hint=at.word("linked.account_hint")),
    ]
    values = _typed(at) if at.request.method == "POST" else {"account": options[0][0] if options else ""}
    return at.render(
        "netbank/linked_form.html",
        title=at.word("linked.form"),
        lead=at.word("linked.form_lead"),
        fields=fields,
        values=values,
        faults=faults,
        notices=[errors.refused_notice(at.request, refused)] if refused else [],
        status=refused.status if refused else 200,
        hidden={"step": "check"},
        action="/linked/bind/",
        submit_label=at.word("linked.next"),
        cancel_url=HERE,
        here="/card/",
    )


def _check(at: AtBank, account: OnlineAccount) -> HttpResponse:
    typed = _typed(at)
    lines = [
        Answer(at.word("linked.card_number"), typed["card_number"]),
        Answer(at.word("linked.id_number"), typed["id_number"]),
        Answer(at.word("linked.account"), which.named(account, at.lang)),
        Answer(at.word("linked.what"), at.word("linked.what_text"), note=at.word("linked.what_long")),
    ]
    answer = at.render(
        "netbank/linked_check.html",
        title=at.word("linked.check"),
        lines=lines,
        hidden={**typed, "step": "submit"},
        change=typed,
        action="/linked/bind/",
        warning=at.word("linked.check_warning"),
        submit_label=at.word("linked.submit"),
        here="/card/",
    )
    return to_bureau(at, answer)


def back(request: HttpRequest) -> HttpResponse:
    """Where the bureau sends the browser. The bank's cookie does not come along from another site, so this page, which does
    nothing, leads on from within this site."""
    given = {name: request.GET[name] for name in ("code", "state", "iss", "error") if name in request.GET}
    lang = looks.language(request)
    return page(
        request,
        "netbank/linked_back.html",
        title=looks.word("netbank.linked.back", lang),
        going=f"/linked/finish/?{urlencode(given)}",
    )


@for_customer
def finish(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The customer is back: bound or paid, or nothing at all. A request serves once, for him who began it."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    given = {name: request.GET.get(name, "") for name in ("code", "state", "iss", "error")}
    came = linking.back(at.caller, state=given["state"], issuer=given["iss"])
    if not given["code"]:
        (paying if came.payment else linking).declined(at.caller, came, given["error"])
        raise Refusal("bank.link_declined")
    if came.payment is not None:
        paid = paying.finish(at.caller, came, given["code"])
        return HttpResponseRedirect(f"/linked/payments/{paid.payment}/", status=303)
    link = authorisations.finish(at.caller, came, given["code"])
    return HttpResponseRedirect(f"/linked/{link}/bound/", status=303)


@for_customer
def bound(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    found = next((one for one in looking.links(at.caller) if one.link == link), None)
    if found is None:
        raise Refusal("control.not_found")
    return at.render(
        "portal/done.html",
        title=at.word("linked.bound"),
        sentence=at.word("linked.bound_text"),
        lines=[
            Answer(at.word("linked.card_number"), found.card_mask),
            Answer(at.word("linked.since"), looks.show_moment(found.linked_at, at.lang)),
        ],
        next_steps=[
            Link(at.word("linked.to_records"), f"/linked/{link}/"),
            Link(at.word("linked.to_paper"), f"/linked/{link}/authorisation.pdf"),
        ],
        here="/card/",
    )


@for_customer
def authorisation(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    return pdf(authorisations.authorisation(at.caller, link), "authorisation")


def pdf(file: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


@for_customer
def unbind(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    """Asked once more, then ended at the bureau and here."""
    found = next((one for one in looking.links(at.caller) if one.link == link), None)
    if found is None:
        raise Refusal("control.not_found")
    if request.method == "POST":
        receipts.unlink(at.caller, link)
        return at.render(
            "portal/done.html",
            title=at.word("linked.unbound"),
            sentence=at.word("linked.unbound_text"),
            next_steps=[Link(at.word("linked.ended.list"), HERE), Link(at.word("linked.pay.all"), f"{HERE}payments/")],
            here="/card/",
        )
    return at.render(
        "portal/check.html",
        title=at.word("linked.unbind"),
        lines=[Answer(at.word("linked.card_number"), found.card_mask)],
        hidden={},
        action=request.path,
        warning=at.word("linked.unbind_warning"),
        submit_label=at.word("linked.unbind"),
        here="/card/",
    )


@for_customer
def bank_card(request: HttpRequest, at: AtBank) -> HttpResponse:
    """Putting another bank's card in place of the card's own account: it cannot be done, and this says why and what can."""
    if request.method == "POST":
        raise Refusal("bank.link_own_bank_card")
    return at.render(
        "portal/form.html",
        title=at.word("linked.bank_card"),
        lead=at.word("linked.bank_card_lead"),
        fields=[Field("bank", at.word("linked.bank_card_bank"), width="20", required=False)],
        values={},
        notices=[Notice(at.word("linked.bank_card_no_number"), tone="plain")],
        action=request.path,
        submit_label=at.word("linked.bank_card_ask"),
        cancel_url=HERE,
        here="/card/",
    )

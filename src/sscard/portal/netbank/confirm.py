"""The second factor once more, before money leaves or a limit is raised: the authenticator's code, or a passkey."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import customers, customers_passkeys
from sscard.bank.savings import terms
from sscard.control import sessions
from sscard.control.caller import Caller
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.my.passkeys import site_of
from sscard.portal.netbank.signed import AtBank, address, for_customer
from sscard.portal.shapes import Field
from sscard.portal.signed import fresh_key

ASKED = "netbank_passkey_proof"
"""The open question in the session; it serves once."""
BACK_TO = ("/settings/limits/",)
WRONG = ("bank.code_wrong", "people.passkey_wrong", "people.passkey_late")


def fresh_proof(at: AtBank, minutes: int) -> bool:
    """The second factor was given a moment ago: it need not be given again for a corrected amount."""
    last = at.caller.extra.get(customers.STEPPED_UP)
    return bool(last and clock.real_now() - last < timedelta(minutes=minutes) - timedelta(seconds=30))


def code_field(at: AtBank, hint: str = "transfer.code_hint", *, required: bool = True) -> Field:
    return Field("code", at.word("code"), kind="digits", hint=at.word(hint), width="10", required=required,
                 autocomplete="one-time-code")  # fmt: skip


def passkey_options(at: AtBank) -> str:
    """A question for the browser, kept in the session; "" for a customer without a passkey."""
    with at.reading() as inside:
        asked = customers_passkeys.ask_proof(inside, site_of(at.request))
    if asked is None:
        return ""
    at.request.session[ASKED] = asked.token
    return asked.options


def step_up(at: AtBank) -> Caller:
    """What the form brought, `answer` of a passkey or `code`. The session goes on under a new token (T19). The caller as the
    door shall see him. Raises the refusals of WRONG."""
    customer = customers.customer_of(at.bank, at.caller.id)
    if customer is None:
        raise Refusal("control.not_found")
    post, session = at.request.POST, at.request.session
    token = session.pop(ASKED, "")
    if post.get("answer"):
        given = customers_passkeys.step_up(customer, token, post["answer"], address=address(at.request))
    else:
        given = customers.step_up(customer, post.get("code", ""), address=address(at.request))
    session[customers.STEPPED_UP] = given.isoformat()
    sessions.cycle(session)
    return customers.caller_of(
        customer, session=at.caller.session, address=at.caller.address, request_id=at.caller.request_id,
        extra={customers.STEPPED_UP: given},
    )  # fmt: skip


@for_customer
def confirm(request: HttpRequest, at: AtBank) -> HttpResponse:
    """A page of its own, for pages whose form would lose what was typed: it leads back there."""
    wanted = request.POST.get("back") or request.GET.get("back", "")
    back = wanted if wanted in BACK_TO else "/"
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            step_up(at)
        except Refusal as refusal:
            if refusal.code not in WRONG:
                raise
            faults = (Fault("code", refusal.code, refusal.facts),)
        else:
            return HttpResponseRedirect(back)
    with at.reading() as inside:
        minutes = terms.of(at.caller.area, at.bank, inside.today).step_up_minutes
    return at.render(
        "netbank/confirm.html", title=at.word("confirm.title"), lead=at.word("confirm.lead", minutes=minutes),
        fields=[code_field(at)], values={}, faults=faults, hidden={"back": back, "key": fresh_key()}, action="/confirm/",
        submit_label=at.word("confirm.submit"), cancel_url=back, passkey_options=passkey_options(at), here="/settings/",
    )  # fmt: skip

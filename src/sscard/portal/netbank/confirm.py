"""The second factor once more, before money leaves or a limit is raised: the authenticator's code, or a passkey. It is given for
one order or one change of settings (`matter`), and serves once."""

from __future__ import annotations

from sscard.bank import customers, customers_passkeys
from sscard.control import sessions
from sscard.control.caller import Caller
from sscard.kernel.refusals import Refusal
from sscard.portal.my.passkeys import site_of
from sscard.portal.netbank.signed import AtBank, address
from sscard.portal.shapes import Field

ASKED = "netbank_passkey_proof"
"""The open question in the session; it serves once."""
WRONG = ("bank.code_missing", "bank.code_wrong", "people.passkey_wrong", "people.passkey_late")


def code_field(at: AtBank) -> Field:
    return Field("code", at.word("code"), kind="digits", hint=at.word("transfer.code_hint"), width="10",
                 autocomplete="one-time-code")  # fmt: skip


def passkey_options(at: AtBank) -> str:
    """A question for the browser, kept in the session; "" for a customer without a passkey."""
    with at.reading() as inside:
        asked = customers_passkeys.ask_proof(inside, site_of(at.request))
    if asked is None:
        return ""
    at.request.session[ASKED] = asked.token
    return asked.options


def given_for(at: AtBank, matter: str) -> bool:
    """This session has given it for this matter, used or not: a second press of the same button asks for no second code."""
    return at.caller.extra.get(customers.STEPPED_UP_FOR) == matter


def forget(at: AtBank) -> None:
    """It is asked for anew: what was given before has served, or was for something else."""
    for name in (customers.STEPPED_UP, customers.STEPPED_UP_FOR):
        at.request.session.pop(name, None)


def step_up(at: AtBank, matter: str) -> Caller:
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
    customers.keep_proof(session, given, matter)
    sessions.cycle(session)
    return customers.caller_of(
        customer, session=at.caller.session, address=at.caller.address, request_id=at.caller.request_id,
        extra=customers.stepped_up(session),
    )  # fmt: skip

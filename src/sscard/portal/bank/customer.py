"""The customer's card as it stands, and what can be done now: masks only, nothing of the bureau's beyond the switch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import rules
from sscard.bank.reads import AccountView
from sscard.bank.reads_life import RestrictionLine
from sscard.bank.states import Restriction, Status
from sscard.control.rights import decide
from sscard.kernel.refusals import Refusal
from sscard.ledger.permits import Permit
from sscard.portal import evidence
from sscard.portal.bank import counter, life
from sscard.portal.bank.counter import LOOK, PURPOSE
from sscard.portal.evidence import Seen
from sscard.portal.shapes import Act, Answer, Link
from sscard.portal.signed import AtPage, for_staff


def seen_now(at: AtPage) -> Seen:
    """The card at the desk as it stands now; read from the slot the first time, by its public id afterwards."""
    on_desk = counter.desk(at)
    if on_desk.card:
        return evidence.again(at.caller, on_desk.area, on_desk.card, PURPOSE)
    if on_desk.matter != LOOK:
        raise Refusal("portal.no_customer")
    seen = evidence.card_in(at.caller, on_desk.session, PURPOSE)
    account = str(seen.account.view.account_id) if seen.account else ""
    counter.put(at, replace(on_desk, area=seen.area, card=str(seen.card), account=account))
    return seen


@for_staff("bank.view")
def customer(request: HttpRequest, at: AtPage) -> HttpResponse:
    on_desk = counter.desk(at)
    if not on_desk.session and not on_desk.card:
        return HttpResponseRedirect("/bank/")
    seen = seen_now(at)
    account = seen.account
    found = life.restrictions(at, seen)
    return at.render(
        "portal/bank/customer.html",
        title=at.word("counter.customer", name=seen.name) if seen.name else at.word("counter.customer_no_account"),
        lead=_lead(at, account.view) if account else at.word("counter.no_account"),
        lines=_lines(at, seen),
        acts=_acts(at, seen, found),
        status_code=f"bank.{account.view.status}" if account else "",
        tone=_tone(account.view) if account else "plain",
        ordered=life.lines(at, found),
        restrictions=[f"bank.{one}" for one in account.view.restrictions] if account else [],
        crumbs=[Link(at.word("counter.nav"), "/bank/"), Link(at.word("counter.customer_crumb"))],
        here="/bank/",
    )


def short(mask: str) -> str:
    """An account's mask as people read it at a counter: its last four places."""
    return f"**** {mask[-4:]}"


def _lead(at: AtPage, view: AccountView) -> str:
    if view.restrictions and view.status in (Status.NOT_ACTIVATED, Status.ACTIVE):
        return at.word("counter.state_restricted")
    return at.word(f"counter.state.{view.status}")


def _tone(view: AccountView) -> str:
    if view.restrictions:
        return "bad"
    return {Status.ACTIVE: "good", Status.CLOSED: "plain"}.get(view.status, "wait")


def _lines(at: AtPage, seen: Seen) -> list[Answer]:
    lines = []
    if seen.account:
        view = seen.account.view
        lines += [
            Answer(at.word("counter.account_number"), short(view.pan_mask)),
            Answer(at.word("counter.phone"), seen.account.phone_mask or at.word("counter.phone_none")),
        ]
    social = at.word("counter.social_on" if seen.social == "normal" else f"counter.social_{_social(seen)}")
    return [*lines, Answer(at.word("counter.social"), social)]


def _social(seen: Seen) -> str:
    return "sealed" if seen.social == "sealed" else "other"


def _acts(at: AtPage, seen: Seen, found: list[RestrictionLine]) -> list[Act]:
    """The one thing that is due stands first; what is closed now says why and what opens it."""
    acts = list(_bank_acts(at, seen, found)) if seen.account else []
    if decide(at.caller, "cards.enable"):
        acts.append(_enable(at, seen))
    return acts


def _bank_acts(at: AtPage, seen: Seen, found: list[RestrictionLine]) -> Iterable[Act]:
    assert seen.account is not None
    view = seen.account.view
    if view.status is Status.NOT_ACTIVATED:
        yield Act(
            at.word("counter.do.activate"),
            "/bank/begin/activate/",
            hint=at.word("counter.hint.activate"),
            primary=True,
        )
    yield from life.due(at, seen, found)
    yield _may(at, view, "deposit", Permit.CREDIT, "/bank/deposit/")
    yield _may(at, view, "withdraw", Permit.COUNTER_CASH_OUT, "/bank/begin/withdraw/")
    yield _may(at, view, "balance", Permit.COUNTER_INQUIRY, "/bank/begin/balance/")
    if decide(at.caller, "bank.savings_serve"):
        yield Act(at.word("savings.desk.do"), "/bank/savings/", hint=at.word("savings.desk.do_hint"))
    active = view.status is Status.ACTIVE
    locked = Restriction.PIN_LOCKED in view.restrictions
    reason = at.word("counter.why.asleep_pin")
    if active and locked:
        yield Act(
            at.word("counter.do.unlock"), "/bank/begin/unlock/", hint=at.word("counter.hint.unlock"), primary=True
        )
    elif active:
        yield Act(at.word("counter.do.unlock"), allowed=False, reason=at.word("counter.why.not_locked"))
    yield Act(
        at.word("counter.do.reset"),
        "/bank/begin/reset/" if active else "",
        allowed=active,
        reason="" if active else reason,
        hint=at.word("counter.hint.reset"),
    )
    yield Act(
        at.word("counter.do.online"),
        "/bank/begin/online/" if active else "",
        allowed=active,
        reason="" if active else at.word("counter.why.asleep_online"),
        hint=at.word("counter.hint.online"),
    )
    if active:
        yield Act(at.word("counter.do.stop_online"), "/bank/online/stop/", hint=at.word("counter.hint.stop_online"))
    yield from life.rarer(at, seen, found)


def _may(at: AtPage, view: AccountView, name: str, permit: Permit, url: str) -> Act:
    code = rules.why_not(view.status, view.restrictions, permit)
    if code is None:
        return Act(at.word(f"counter.do.{name}"), url, hint=at.word(f"counter.hint.{name}"))
    why = Refusal(code)
    return Act(
        at.word(f"counter.do.{name}"),
        allowed=False,
        reason=why.sentence(at.lang),
        next_label=why.next_step(at.lang),
    )


def _enable(at: AtPage, seen: Seen) -> Act:
    if seen.social == "sealed":
        return Act(at.word("counter.do.enable"), "/bank/begin/enable/", hint=at.word("counter.hint.enable"))
    why = at.word("counter.why.enabled" if seen.social == "normal" else "counter.why.social_other")
    return Act(at.word("counter.do.enable"), allowed=False, reason=why)

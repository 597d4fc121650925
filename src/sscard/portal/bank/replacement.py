"""A new card of the same bank: the order for it, and the money that had to stay behind and can move now. Activating the new
card stands on the customer's page, as every activation does."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import acts as bank
from sscard.bank.acts_replace import REASONS
from sscard.cards import reads as cards
from sscard.cards.models import Card
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import clauses
from sscard.portal import errors, looks
from sscard.portal.bank import counter
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.bank.customer import seen_now, short
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

CUSTOMER, HERE, COMPLETE = "/bank/customer/", "/bank/replace/", "/bank/replace/complete/"
RIGHT = "bank.replace_account"
OVER = ("cancelled", "formal_loss")
USABLE = ("made", "outlet_stock", "handed_out")


@for_staff(RIGHT)
def replace(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Which new card, and why. Nothing moves before the new card is activated."""
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    others = _new_cards(at)
    if not others:
        raise Refusal("bank.no_new_card")
    if request.method != "POST":
        return _form(at, others)
    post = request.POST
    faults = []
    if post.get("card", "") not in {str(one.card_id) for one in others}:
        faults.append(Fault("card", "bank.replace_card"))
    if post.get("reason") not in REASONS:
        faults.append(Fault("reason", "bank.replace_reason"))
    if faults:
        return _form(at, others, tuple(faults))
    asked = bank.ReplaceAccount(_account(at), uuid_of(post["card"]), post["reason"])
    try:
        done = at.perform(RIGHT, asked, purpose=PURPOSE, area=counter.desk(at).area or None).answer
    except Refusal as refusal:
        return _refused(at, refusal)
    kept = "kept" if done["number_kept"] else "changed"
    return _done(
        at, "replace", at.word(f"counter.replaced.{kept}"),
        [Answer(at.word("counter.account_number"), short(done["pan_mask"]))],
    )  # fmt: skip


@for_staff(RIGHT)
def complete(request: HttpRequest, at: AtPage) -> HttpResponse:
    """What was frozen on the old account is free now: it follows to the new one, which is active."""
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    if request.method != "POST":
        return at.render(
            "portal/check.html",
            title=at.word("counter.do.complete"),
            lines=[Answer(at.word("counter.name"), seen_now(at).name)],
            action=COMPLETE,
            submit_label=at.word("counter.submit.complete"),
            hidden={"key": fresh_key()},
            warning=at.word("counter.before.complete"),
            crumbs=_crumbs(at, "complete"),
            here="/bank/",
        )
    try:
        outcome = at.perform(
            "bank.complete_replacement", bank.CompleteReplacement(_account(at)), purpose=PURPOSE,
            area=counter.desk(at).area or None,
        )  # fmt: skip
    except Refusal as refusal:
        return _refused(at, refusal)
    moved = outcome.once.get("moved_fen")
    lines = [Answer(at.word("counter.moved"), looks.show_money(moved))] if moved else []
    return _done(at, "complete", at.word("counter.replaced.moved"), lines)


def _new_cards(at: AtPage) -> list[Card]:
    """Cards of the same person that could take the old one's place, the newest first."""
    seen, area = seen_now(at), counter.desk(at).area or None
    with at.reading("bank.view", PURPOSE, area=area) as inside:
        every = cards.cards_of(inside, seen.person_id)
    current = seen.account.view.card_id if seen.account else seen.card
    return [
        one
        for one in every
        if one.card_id != current and one.production in USABLE and one.social not in OVER and one.bank == at.caller.bank
    ]


def _account(at: AtPage) -> uuid.UUID:
    return counter.account(counter.desk(at))


def _form(at: AtPage, others: list[Card], faults: tuple[Fault, ...] = ()) -> HttpResponse:
    card_options = tuple(
        (
            str(one.card_id),
            one.card_number_mask,
            at.word("counter.replaced.made", when=looks.show_day(one.created_at.date(), at.lang)),
        )
        for one in others
    )
    reasons = tuple((one, at.word(f"counter.replaced.reason.{one}"), "") for one in REASONS)
    return at.render(
        "portal/form.html",
        title=at.word("counter.do.replace"),
        lead=at.word("counter.before.replace", name=seen_now(at).name),
        fields=[
            Field("card", at.word("counter.replaced.card"), kind="radio", options=card_options),
            Field("reason", at.word("counter.replaced.why"), kind="radio", options=reasons),
        ],
        values=at.request.POST if faults else {"card": str(others[0].card_id)},
        faults=faults,
        action=HERE,
        submit_label=at.word("counter.submit.replace"),
        hidden={"key": fresh_key()},
        cancel_url=CUSTOMER,
        crumbs=_crumbs(at, "replace"),
        here="/bank/",
    )


def _refused(at: AtPage, refusal: Refusal) -> HttpResponse:
    way = Link(at.word("counter.back_to_customer"), CUSTOMER)
    return errors.refusal_page(at.request, refusal, way=way, clause=clauses.basis(refusal.clause, at.lang))


def _done(at: AtPage, name: str, sentence: str, lines: list[Answer]) -> HttpResponse:
    return at.render(
        "portal/done.html",
        title=at.word(f"counter.done.{name}"),
        sentence=sentence,
        lines=lines,
        next_steps=[Link(at.word("counter.back_to_customer"), CUSTOMER)],
        here="/bank/",
    )


def _crumbs(at: AtPage, name: str) -> list[Link]:
    return [
        Link(at.word("counter.nav"), "/bank/"),
        Link(at.word("counter.customer_crumb"), CUSTOMER),
        Link(at.word(f"counter.do.{name}")),
    ]

"""What waits for the bank's second person: who asked for what, the digest that is signed, yes or no with a reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control.acts import Approve, Reject
from sscard.control.models import Approval, Organisation
from sscard.kernel import clock, words
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Answer
from sscard.portal.signed import AtPage, for_staff, fresh_key

RIGHT = "bank.trial_balance"
"""The reviewer's own right; who may approve which act is asked again by the act."""


@for_staff(RIGHT)
def approvals(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "review"):
        own_bank = Organisation.objects.filter(bank=at.caller.bank).values_list("code", flat=True)
        waiting = list(
            Approval.objects.filter(
                state="waiting", expires_at__gt=clock.real_now(), organisation__in=list(own_bank)
            ).order_by("made_at")[:100]
        )
    shown = [
        {
            "id": str(one.approval_id),
            "title": words.text("act", one.act, at.lang),
            "lines": [
                Answer(at.word("counter.maker"), one.maker_name),
                Answer(at.word("counter.made_at"), looks.show_moment(one.made_at, at.lang)),
                *(Answer(name, str(value)) for name, value in one.summary.items()),
            ],
            "digest": bytes(one.digest).hex(),
            "own": one.maker == at.caller.id,
            "key": fresh_key(),
        }
        for one in waiting
    ]
    return at.render(
        "portal/bank/approvals.html",
        title=at.word("counter.approvals"),
        lead=at.word("counter.approvals_lead"),
        waiting=shown,
        here="/bank/approvals/",
    )


@for_staff(RIGHT)
def decide_page(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    post = request.POST
    approval = uuid_of(post.get("approval", ""))
    if post.get("decision") == "approve":
        at.perform("control.approve", Approve(approval, post.get("digest", "")), purpose="review")
    elif post.get("decision") == "reject":
        at.perform("control.reject", Reject(approval, post.get("reason", "")), purpose="review")
    else:
        raise Refusal("control.not_found")
    return HttpResponseRedirect("/bank/approvals/")

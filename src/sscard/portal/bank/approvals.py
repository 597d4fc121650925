"""What waits for the bank's second person: who asked for what, the digest that is signed, yes or no with a reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank.models import AccountStatus
from sscard.control.acts import Approve, Reject
from sscard.control.acts_registry import find
from sscard.control.models import Approval, Organisation
from sscard.control.rights import decide
from sscard.kernel import clock, words
from sscard.kernel.refusals import Refusal
from sscard.people import lookup
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Answer, Notice
from sscard.portal.signed import AtPage, for_staff, fresh_key

RIGHT, DECIDED = "bank.activate_second", "approval_decided"
"""Whoever may be a second person of the bank; each sees what he may sign, and the act asks again."""


@for_staff(RIGHT)
def approvals(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "review"):
        own_bank = Organisation.objects.filter(bank=at.caller.bank).values_list("code", flat=True)
        waiting = list(
            Approval.objects.filter(
                state="waiting", expires_at__gt=clock.real_now(), organisation__in=list(own_bank)
            ).order_by("made_at")[:100]
        )
        waiting = [one for one in waiting if decide(at.caller, find(one.act).approve_right)]
        masks = _masks(waiting)
    shown = [
        {
            "id": str(one.approval_id),
            "title": words.text("act", one.act, at.lang),
            "lines": [
                Answer(at.word("counter.maker"), one.maker_name),
                Answer(at.word("counter.made_at"), looks.show_moment(one.made_at, at.lang)),
                *(_told(at, name, one.summary[name], masks) for name in sorted(one.summary, key=_place)),
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
        notices=_decided(request, at),
        here="/bank/approvals/",
    )


ORDER = ("account", "kind", "amount_fen", "authority", "authority_name", "document", "reason", "until")


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _masks(waiting: list[Approval]) -> dict[str, str]:
    """The accounts that are meant, by their last digits."""
    masks = {}
    for account in {str(one.summary["account"]) for one in waiting if "account" in one.summary}:
        hit = lookup.find("account", uuid_of(account))
        row = AccountStatus.objects.filter(person_id=hit.person_id, account_id=account).first() if hit else None
        if row is not None:
            masks[account] = f"**** {row.pan_mask[-4:]}"
    return masks


def _told(at: AtPage, name: str, value: object, masks: dict[str, str]) -> Answer:
    """A line of what is signed, in the reader's words where there are any."""
    label = at.word(f"counter.told.{name}") if words.has("page", f"counter.told.{name}") else name
    if name.endswith("_fen") and isinstance(value, int):
        return Answer(label, looks.show_money(value))
    if name in ("method", "mandate") and words.has("page", f"counter.told_as.{value}"):
        return Answer(label, at.word(f"counter.told_as.{value}"))
    for code in (f"bank.{value}", f"bank.authority.{value}", f"bank.return.{value}"):
        if name in ("kind", "authority", "return_reason") and words.has("state", code):
            return Answer(label, words.text("state", code, at.lang))
    return Answer(label, masks.get(str(value), str(value)))


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
    request.session[DECIDED] = str(approval)
    return HttpResponseRedirect("/bank/approvals/")


def _decided(request: HttpRequest, at: AtPage) -> list[Notice]:
    """What the last decision has brought about, said once."""
    approval = request.session.pop(DECIDED, "")
    if not approval:
        return []
    with at.reading(RIGHT, "review"):
        one = Approval.objects.filter(
            approval_id=approval, checker=at.caller.id, state__in=("used", "rejected")
        ).first()
        if one is None:
            return []
        masks = _masks([one])
    facts = [_told(at, name, one.summary[name], masks) for name in sorted(one.summary, key=_place)]
    done = "rejected" if one.state == "rejected" else "done"
    title = at.word(f"counter.decided_{done}", what=words.text("act", one.act, at.lang))
    return [
        Notice(
            title, " · ".join(f"{fact.label} {fact.value}" for fact in facts), "plain" if done == "rejected" else "good"
        )
    ]

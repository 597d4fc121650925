"""What the customer's page adds for the account's life: acts that are due or possible, and who has restricted what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sscard.bank.reads_life import RestrictionLine, money_waits, replacement_waits, restrictions_of
from sscard.bank.states import FREEZES, Restriction, Status
from sscard.control.rights import decide
from sscard.kernel import words
from sscard.portal import looks
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.evidence import Seen
from sscard.portal.shapes import Act, Answer
from sscard.portal.signed import AtPage


def due(at: AtPage, seen: Seen, found: Sequence[RestrictionLine]) -> Iterable[Act]:
    """What this customer most likely came for."""
    assert seen.account is not None
    view = seen.account.view
    if view.status not in (Status.NOT_ACTIVATED, Status.ACTIVE):
        return
    if view.status is Status.ACTIVE and Restriction.COUNTER_ONLY in view.restrictions:
        yield _act(at, "reverify", primary=True)
    with at.reading("bank.view", PURPOSE) as inside:
        waits = replacement_waits(inside, view.account_id)
        behind = view.status is Status.ACTIVE and money_waits(inside, view.account_id)
    if behind and decide(at.caller, "bank.replace_account"):
        yield _act(at, "complete", "/bank/replace/complete/")
    if waits and view.status is Status.ACTIVE:
        yield _act(at, "new_card", primary=True)
    lost = [one for one in found if one.kind is Restriction.LOST]
    if lost:
        yield _act(at, "found")


def rarer(at: AtPage, seen: Seen, found: Sequence[RestrictionLine]) -> Iterable[Act]:
    """What is seldom asked for; a freeze has the way to its lifting here."""
    assert seen.account is not None
    view = seen.account.view
    if view.status not in (Status.NOT_ACTIVATED, Status.ACTIVE):
        return
    if all(one.until for one in found if one.kind is Restriction.LOST):  # none, or one that ends by itself
        yield _act(at, "loss")
    dead = Restriction.DECEASED in view.restrictions
    if not dead:
        yield _act(at, "close")
        if decide(at.caller, "bank.replace_account"):
            yield _act(at, "replace", "/bank/replace/")
    if decide(at.caller, "bank.return_payment") and not FREEZES.intersection(view.restrictions):
        yield _act(at, "give_back", "/bank/return/")
    if decide(at.caller, "bank.restrict"):
        yield _act(at, "freeze", "/bank/freeze/")
        for one in found:
            if one.ordered:
                yield Act(at.word("counter.do.lift"), f"/bank/lift/{one.id}/", hint=_told(at, one))
    if decide(at.caller, "bank.death"):
        if dead:
            yield _act(at, "heirs", "/bank/heirs/")
            yield _act(at, "revoke_death", "/bank/death/revoke/")
        else:
            yield _act(at, "death", "/bank/death/")


def _act(at: AtPage, name: str, url: str = "", *, primary: bool = False) -> Act:
    return Act(
        at.word(f"counter.do.{name}"),
        url or f"/bank/begin/{name}/",
        hint=at.word(f"counter.hint.{name}"),
        primary=primary,
    )


def restrictions(at: AtPage, seen: Seen) -> list[RestrictionLine]:
    if seen.account is None or not seen.account.view.restrictions:
        return []
    with at.reading("bank.view", PURPOSE) as inside:
        return restrictions_of(inside, seen.account.view.account_id)


def lines(at: AtPage, found: Sequence[RestrictionLine]) -> list[Answer]:
    """Each with its authority, paper and end."""
    return [Answer(words.text("state", f"bank.{one.kind}", at.lang), _told(at, one)) for one in found]


def _told(at: AtPage, one: RestrictionLine) -> str:
    parts = []
    if one.amount_fen:
        parts.append(looks.show_money(one.amount_fen))
        if one.covered_fen < one.amount_fen:
            parts.append(at.word("counter.order.waiting", amount=looks.show_money(one.amount_fen - one.covered_fen)))
    if one.ordered:
        parts.append(one.authority_name or words.text("state", f"bank.authority.{one.authority}", at.lang))
        parts.append(one.document)
    parts.append(at.word("counter.order.since", when=looks.show_moment(one.since, at.lang)))
    if one.until:
        parts.append(at.word("counter.order.ends", when=looks.show_moment(one.until, at.lang)))
    return " · ".join(part for part in parts if part)

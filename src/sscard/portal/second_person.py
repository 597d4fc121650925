"""How many requests wait for this person's signature: beside the entry in the head of every page, so that the second person of
a pair learns of it wherever he is at work."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sscard.control import door
from sscard.control.acts import same_house
from sscard.control.acts_registry import find
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.models import Approval
from sscard.control.rights import decide
from sscard.kernel import clock
from sscard.portal.shapes import Link

PLACES: Final = {"/approvals/": "control.approve", "/bank/approvals/": "bank.activate_second"}
"""Where one signs, and the right that leads there."""
MOST: Final = 300


def may_decide(inside: Inside, caller: Caller, one: Approval) -> bool:
    """Made by somebody else of the same house, and of a kind that he may sign."""
    return _his_to_sign(caller, one) and same_house(inside, one.organisation)


def _his_to_sign(caller: Caller, one: Approval) -> bool:
    return bytes(one.maker_person) != caller.person_index and decide(caller, find(one.act).approve_right)


def waiting(caller: Caller) -> int:
    """A look at the queue; nobody's record is opened."""
    with door.reading(caller, right="control.own_account", purpose="") as inside:
        rows = Approval.objects.filter(state="waiting", expires_at__gt=clock.real_now()).order_by("expires_at")[:MOST]
        ours: dict[str, bool] = {}
        count = 0
        for one in rows:
            if one.organisation not in ours:
                ours[one.organisation] = same_house(inside, one.organisation)
            count += ours[one.organisation] and _his_to_sign(caller, one)
        return count


def counted(links: list[Link], caller: Caller) -> list[Link]:
    """The navigation with the number beside the entry where he signs."""
    if caller.kind != "staff" or not any(one.url in PLACES and decide(caller, PLACES[one.url]) for one in links):
        return links
    count = waiting(caller)
    return [replace(one, count=count) if one.url in PLACES else one for one in links] if count else links

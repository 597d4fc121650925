"""The second person's review, and withdrawing. The review is itself the second pair of eyes: maker and checker are two
persons, compared by the index of the human behind the account, here and by a constraint of the database."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import gates
from sscard.issuing.models import Application
from sscard.issuing.states import APPLICATION, after
from sscard.kernel.refusals import Refusal
from sscard.people import lookup

STATE = "issuing.application_state"


@dataclass(frozen=True, slots=True)
class Check:
    """`accept` False sends the application back; then the reason says what to change."""

    application: uuid.UUID
    accept: bool = True
    reason: str = ""


@act("issuing.check", right="issuing.check", clause="M47-6", about_person=True)
def check(inside: Inside, request: Check) -> dict[str, Any]:
    gates.approved(inside)
    found = require(inside, request.application)
    _two_persons(inside, found)
    if not request.accept and not request.reason.strip():
        raise Refusal("control.reason_missing")
    step = "issuing.check" if request.accept else "issuing.return_application"
    found.state = after(APPLICATION, found.state, step, STATE)
    found.checked_by, found.checked_person = inside.caller.id, inside.caller.person_index
    found.checked_name, found.checked_at = inside.caller.name[:60], inside.now
    found.reason, found.changed_at = request.reason.strip()[:300], inside.now
    found.save(
        update_fields=[
            "state", "checked_by", "checked_person", "checked_name", "checked_at", "reason", "changed_at",
        ]
    )  # fmt: skip
    inside.emit("application.checked", {"application": str(found.application_id), "state": found.state})
    return {"application": str(found.application_id), "state": found.state}


@dataclass(frozen=True, slots=True)
class CheckCampaign:
    """All applications of one campaign. `applications`: how many the reviewer saw in the list; another number is
    refused, so that nothing is approved unseen."""

    campaign: uuid.UUID
    applications: int


@act("issuing.check_campaign", right="issuing.check", clause="M47-6")
def check_campaign(inside: Inside, request: CheckCampaign) -> dict[str, Any]:
    """The reviewer's own record and his relatives' stay open for a colleague."""
    gates.approved(inside)
    if inside.caller.person_index is None:
        raise Refusal("control.four_eyes_needs_person")
    waiting = Application.objects.filter(
        area_code=inside.area_code, campaign_id=request.campaign, state="applied"
    ).order_by("person_id")
    rows = list(waiting.select_for_update().values_list("person_id", "applied_person"))
    if not rows:
        raise Refusal("control.not_found")
    if len(rows) != request.applications:
        raise Refusal("issuing.campaign_changed", count=len(rows), seen=request.applications)
    if any(maker is not None and bytes(maker) == inside.caller.person_index for _, maker in rows):
        raise Refusal("control.own_request")
    own = gates.own_and_relatives(inside, [person for person, _ in rows])
    persons = [person for person, _ in rows if person not in own]
    state = after(APPLICATION, "applied", "issuing.check", STATE)
    waiting.filter(person_id__in=persons).update(
        state=state,
        checked_by=inside.caller.id,
        checked_person=inside.caller.person_index,
        checked_name=inside.caller.name[:60],
        checked_at=inside.now,
        changed_at=inside.now,
    )
    gates.note_all(inside, persons, what="application")
    inside.object = f"campaign:{request.campaign}"
    inside.detail |= {"checked": len(persons), "left_to_colleague": len(own)}
    inside.emit("campaign.checked", {"campaign": str(request.campaign), "checked": len(persons)})
    return {"campaign": str(request.campaign), "checked": len(persons), "left_to_colleague": len(own)}


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    application: uuid.UUID
    reason: str = ""


@act("issuing.withdraw", right="issuing.withdraw", about_person=True)
def withdraw(inside: Inside, request: WithdrawApplication) -> dict[str, Any]:
    """Before a card was ordered only; later the card itself is dealt with."""
    found = require(inside, request.application)
    if found.card_id is not None:
        raise Refusal("issuing.has_card_number")
    found.state = after(APPLICATION, found.state, "issuing.withdraw", STATE)
    found.reason, found.changed_at = request.reason.strip()[:300], inside.now
    found.save(update_fields=["state", "reason", "changed_at"])
    inside.emit("application.withdrawn", {"application": str(found.application_id)})
    return {"application": str(found.application_id), "state": found.state}


def require(inside: Inside, application: uuid.UUID) -> Application:
    """The application under lock, its person noted; as for a missing record if the caller may not see it."""
    hit = lookup.require("application", application, area=inside.area_code)
    inside.about(hit.person_id, what="application")
    found = Application.objects.select_for_update().filter(person_id=hit.person_id, application_id=application).first()
    if found is None:
        raise Refusal("control.not_found")
    inside.object = f"application:{application}"
    return found


def _two_persons(inside: Inside, found: Application) -> None:
    if inside.caller.person_index is None:
        raise Refusal("control.four_eyes_needs_person")
    if found.applied_person is not None and bytes(found.applied_person) == inside.caller.person_index:
        raise Refusal("control.own_request")

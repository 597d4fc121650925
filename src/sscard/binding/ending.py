"""Ending a consent: by the holder with one click, by the bank at its customer's wish, by the client itself, by time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.binding import consents
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Revoke:
    consent: uuid.UUID


@act("binding.revoke", right="binding.own", clause="", about_person=True)
def revoke(inside: Inside, request: Revoke) -> dict[str, Any]:
    """The holder ends it. From this moment no token of it opens anything."""
    consent = consents.require(inside, request.consent, lock=True)
    state = consents.move(inside, consent, "revoke", "holder")
    return {"consent": str(consent.consent_id), "state": state}


@dataclass(frozen=True, slots=True)
class ClientRevoke:
    """`at_wish`: the bank's customer un-bound the card at the bank's page; else the client gives it up by itself."""

    consent: uuid.UUID
    at_wish: bool


@act("binding.client_revoke", right="binding.client_revoke", clause="", about_person=True)
def client_revoke(inside: Inside, request: ClientRevoke) -> dict[str, Any]:
    consent = consents.require(inside, request.consent, lock=True)
    if consent.client_id != inside.caller.id:
        raise Refusal("control.not_found")
    by = "bank" if request.at_wish and inside.caller.bank else "client"
    state = consents.move(inside, consent, "revoke", by)
    return {"consent": str(consent.consent_id), "state": state}

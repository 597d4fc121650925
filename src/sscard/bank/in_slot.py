"""Whose account is it, whose card lies in the slot: how a counter or kiosk comes from a card to an account."""

from __future__ import annotations

import uuid

from sscard.bank.models import AccountStatus
from sscard.bank.standing import in_area
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many, open_one
from sscard.people import lookup
from sscard.terminals.evidence import missing_refusal
from sscard.terminals.intake import latest
from sscard.terminals.models import DeviceSession
from sscard.terminals.seeing import seeing


def account_in_slot(inside: Inside, session_id: uuid.UUID) -> AccountStatus:
    """The account of the card that answered in this session; its person is named in the audit row. Only for whoever opened
    the session. Refuses control.not_found, terminals.evidence_missing, terminals.card_without_bank."""
    session = DeviceSession.objects.filter(session_id=session_id).first()
    if session is None or session.opened_by != inside.caller.id:
        raise Refusal("control.not_found")
    with seeing(session.area_code):
        seen = latest(session).get("card_slot")
        if seen is None or seen.state != "done":
            raise missing_refusal(("card_slot",))
        code = open_one(seen, "facts", inside)["card_id_code"]
    card = lookup.find("card_id_code", blind_many("card_id_code", [code])[0])
    account = lookup.find("card_account", card.object_id) if card and card.object_id else None
    if account is None or account.object_id is None:
        raise Refusal("terminals.card_without_bank")
    with in_area(inside, account.area):
        inside.about(account.person_id, account.area)
        found = AccountStatus.objects.filter(person_id=account.person_id, account_id=account.object_id).first()
    if found is None:
        raise Refusal("control.not_found")
    return found

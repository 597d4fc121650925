"""Device sessions behind a page: opening one, showing its devices live, and whose card is in the slot.

Used where a customer stands before devices (bank counter, self-service terminal). The page never sees a number: devices
answer the house, `peek` gives states and masks, and `card_in` says which card it is by its public id.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse

from sscard.bank import reads as bank_reads
from sscard.bank.reads import CounterView
from sscard.cards.models import Card
from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.models import Organisation
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index, open_one
from sscard.people import lookup
from sscard.portal import looks
from sscard.portal.card_reader import CardReader, card_reader
from sscard.portal.shapes import Device
from sscard.terminals import evidence as terminals
from sscard.terminals.acts import CloseSession, OpenSession
from sscard.terminals.intake import latest
from sscard.terminals.models import DeviceSession, Terminal
from sscard.terminals.seeing import seeing

RIGHT = "terminals.session"
ICONS = {"pin_pad_new": "pin_pad", "sign_key": "pin_pad", "signature": "pin_pad"}


@dataclass(frozen=True, slots=True)
class Panel:
    """The devices of a session as the page shows them. `over`: expired, used or closed; nothing more comes."""

    devices: tuple[Device, ...]
    complete: bool
    over: bool
    seconds_left: int
    code: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The card in the slot. `account` None: a card without bank account. `social`: its social side's state."""

    area: str
    person_id: int
    card: uuid.UUID
    social: str
    name: str
    account: CounterView | None


def begin(
    caller: Caller, terminal: str, matter: str, wanted: tuple[str, ...], key: str, *, keep_card: bool = False
) -> uuid.UUID:
    """Open a device session for one matter; what was open at this terminal is closed by it. `keep_card`: the same customer goes
    on with the card that is in the slot."""
    asked = OpenSession(terminal, matter, wanted, keep_card)
    return uuid.UUID(door.perform(caller, "terminals.open_session", asked, key=key).answer["session"])


def end(caller: Caller, session: str) -> None:
    """Close it if it is still ours; a session that is gone already is no trouble."""
    try:
        door.perform(caller, "terminals.close_session", CloseSession(uuid.UUID(session)), key=f"close-{session}")
    except (Refusal, ValueError):
        return


def panel(caller: Caller, session: str, lang: str, *, one_by_one: bool = False) -> Panel:
    """`one_by_one`: only the next device waits, the later ones are not needed yet (one question a screen)."""
    told = terminals.peek(uuid.UUID(session), caller, lang)
    devices = [
        Device(
            ICONS.get(one["kind"], one["kind"]),
            one["state"],
            " ".join(part for part in (one["sentence"], one["next_step"]) if part),
        )
        for one in told["devices"]
    ]
    if one_by_one:
        first = next((at for at, one in enumerate(devices) if one.state != "done"), len(devices))
        devices = [
            replace(one, state="idle") if at > first and one.state == "waiting" else one
            for at, one in enumerate(devices)
        ]
    over = told["state"] != "open"
    return Panel(tuple(devices), told["complete"] and not over, over, told["seconds_left"], told["code"])


def reader_of(request: HttpRequest, caller: Caller, session: str, lang: str) -> CardReader | None:
    """The card reader beside the page, for this session."""
    return card_reader(request, terminals.peek(uuid.UUID(session), caller, lang), lang)


def fragment(request: HttpRequest, shown: Panel, go: str, over: str) -> HttpResponse:
    """The live part: the devices, and where to go when all is there, or when nothing more will come."""
    onward = go if shown.complete else over if shown.over else ""
    return looks.render(
        request,
        "portal/parts/evidence_inner.html",
        title="",
        devices=shown.devices,
        go=onward,
        seconds=shown.seconds_left,
    )


def card_in(caller: Caller, session: str, purpose: str) -> Seen:
    """Whose card answered in the slot. Refuses cards.card_unknown, bank.other_bank, terminals.evidence_missing, and
    control.own_record for a member of staff with his own card."""
    with door.reading(caller, right=RIGHT, purpose=purpose) as inside:
        found = DeviceSession.objects.filter(session_id=uuid.UUID(session), opened_by=caller.id).first()
        if found is None:
            raise Refusal("control.not_found")
        with seeing(found.area_code):
            slot = latest(found).get("card_slot")
            if slot is None or slot.state != "done":
                raise terminals.missing_refusal(("card_slot",))
            code = open_one(slot, "facts", inside)["card_id_code"]
        inside.object = f"device_session:{session}"
    hit = lookup.find("card_id_code", blind_index("card_id_code", code))
    if hit is None or hit.object_id is None:
        raise Refusal("cards.card_unknown")
    return _standing(caller, hit.area, hit.person_id, hit.object_id, purpose)


def again(caller: Caller, area: str, card: str, purpose: str) -> Seen:
    """The card that was read a moment ago, as it stands now."""
    hit = lookup.require("card", uuid.UUID(card), area=area)
    return _standing(caller, hit.area, hit.person_id, uuid.UUID(card), purpose)


def _standing(caller: Caller, area: str, person_id: int, card_id: uuid.UUID, purpose: str) -> Seen:
    """In the card's own area, so that its holder finds this look in his record."""
    with door.reading(caller, right=RIGHT, purpose=purpose, area=area) as inside:
        inside.about(person_id, what="card")
        inside.object = f"card:{card_id}"
        card = Card.objects.filter(person_id=person_id, card_id=card_id).first()
        if card is None:
            raise Refusal("cards.card_unknown")
        views = bank_reads.accounts_of(inside, person_id, card_id)
        account = bank_reads.at_counter(inside, views[0].account_id) if views else None
        name = account.name_mask if account else ""
    return Seen(area, person_id, card_id, card.social, name, account)


def terminals_of(caller: Caller, kind: str) -> list[Terminal]:
    """The terminals at which this caller may work: his organisation's and its branches'."""
    below = Organisation.objects.filter(parent_id=caller.organisation).values_list("code", flat=True)
    places = [caller.organisation, *below]
    return list(Terminal.objects.filter(kind=kind, active=True, organisation_id__in=places).order_by("code"))

"""What this terminal offers, as data. A bank's terminal serves both sides; a bureau's only the social-security side."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sscard.bank.acts import Activate, Balance, EnrolOnline
from sscard.binding import at_desk
from sscard.cards.acts import ChangeSocialPassword, Enable
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.portal.evidence import Seen
from sscard.portal.signed import fresh_key
from sscard.portal.terminal.kiosk import AtKiosk, bank_rule
from sscard.terminals.models import Device
from sscard.terminals.rules import DEVICE_OF


@dataclass(frozen=True, slots=True)
class Matter:
    name: str
    act: str
    wanted: tuple[str, ...]
    banks_only: bool = True
    asks_phone: bool = False
    needs: tuple[str, ...] = ()
    """Devices that later steps of the matter use."""


SAVINGS, LOOK, CONSENT = "savings", "bank.look", "consent"
"""The opening of the savings function has screens of its own, and so has a request for consent; the session before the opening
only reads the card."""

MATTERS = {
    one.name: one
    for one in (
        Matter("activate", "bank.activate", ("id_reader", "card_slot", "pin_pad"), asks_phone=True),
        Matter("balance", "bank.balance", ("card_slot", "pin_pad")),
        Matter("enable", "cards.enable", ("id_reader", "card_slot", "pin_pad"), banks_only=False),
        Matter("change", "cards.change_social_password", ("card_slot", "pin_pad", "pin_pad_new"), banks_only=False),
        Matter(CONSENT, at_desk.MATTER, at_desk.WANTED, banks_only=False),
        Matter("online", "bank.enrol_online", ("id_reader", "card_slot", "pin_pad")),
        Matter(SAVINGS, LOOK, ("card_slot",), needs=("id_reader", "pin_pad")),
    )
}


def offered(at: AtKiosk) -> list[Matter]:
    """Only what the devices that stand here can do."""
    there = set(Device.objects.filter(terminal=at.terminal, active=True).values_list("kind", flat=True))
    mine = [one for one in MATTERS.values() if at.caller.bank or not one.banks_only]
    return [one for one in mine if _devices(at, one) <= there and (one.name != SAVINGS or _opens_savings(at))]


def _devices(at: AtKiosk, matter: Matter) -> set[str]:
    return {DEVICE_OF[kind] for kind in (*wanted(at, matter), *matter.needs)}


def _opens_savings(at: AtKiosk) -> bool:
    """The bank's offer in this area names the terminal as a way."""
    try:
        return (
            "kiosk"
            in areas.get(at.terminal.area_code).savings(at.caller.bank, clock.today(at.terminal.area_code)).channels
        )
    except Refusal:
        return False


def wanted(at: AtKiosk, matter: Matter) -> tuple[str, ...]:
    """The camera looks as well where the bank's switch `terminal_live_face` says so."""
    rule = bank_rule(at)
    if matter.name == "activate" and rule is not None and rule.terminal_live_face:
        return (*matter.wanted[:2], "camera", *matter.wanted[2:])
    return matter.wanted


def needs_staff(at: AtKiosk, matter: Matter) -> bool:
    """The bank's switch `terminal_activation_needs_staff`."""
    rule = bank_rule(at)
    return matter.name == "activate" and rule is not None and rule.terminal_activation_needs_staff


@dataclass(frozen=True, slots=True)
class Onward:
    """What most do next, in one press. `key`: of the form."""

    matter: str
    label: str
    key: str


def onward(at: AtKiosk, name: str, label: str = "") -> Onward | None:
    """A further matter, if this terminal offers it."""
    there = any(one.name == name for one in offered(at))
    return Onward(name, label or at.word(f"kiosk.do.{name}"), fresh_key()) if there else None


def request_of(matter: Matter, session: str, seen: Seen, phone: str) -> object:
    if matter.name == "enable":
        return Enable(uuid.UUID(session), seen.card)
    if matter.name == "change":
        return ChangeSocialPassword(uuid.UUID(session), seen.card)
    if seen.account is None:
        raise Refusal("terminals.card_without_bank")
    account = seen.account.view.account_id
    if matter.name == "activate":
        return Activate(account, uuid.UUID(session), phone)
    if matter.name == "online":
        return EnrolOnline(account, uuid.UUID(session))
    return Balance(account, uuid.UUID(session))

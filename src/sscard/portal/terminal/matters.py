"""What this terminal offers, as data. A bank's terminal serves both sides; a bureau's only the social-security side."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sscard.bank.acts import Activate, Balance, EnrolOnline
from sscard.cards.acts import Enable
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.portal.evidence import Seen
from sscard.portal.terminal.kiosk import AtKiosk, bank_rule
from sscard.terminals.models import Device


@dataclass(frozen=True, slots=True)
class Matter:
    name: str
    act: str
    wanted: tuple[str, ...]
    banks_only: bool = True
    asks_phone: bool = False
    needs: tuple[str, ...] = ()
    """Devices that later steps of the matter use."""


SAVINGS, LOOK = "savings", "bank.look"
"""The opening of the savings function has screens of its own; the session before them only reads the card."""

MATTERS = {
    one.name: one
    for one in (
        Matter("activate", "bank.activate", ("id_reader", "card_slot", "pin_pad"), asks_phone=True),
        Matter("balance", "bank.balance", ("card_slot", "pin_pad")),
        Matter("enable", "cards.enable", ("id_reader", "card_slot", "pin_pad"), banks_only=False),
        Matter("online", "bank.enrol_online", ("id_reader", "card_slot", "pin_pad")),
        Matter(SAVINGS, LOOK, ("card_slot",), needs=("id_reader", "pin_pad")),
    )
}


def offered(at: AtKiosk) -> list[Matter]:
    """Only what the devices that stand here can do."""
    there = set(Device.objects.filter(terminal=at.terminal, active=True).values_list("kind", flat=True))
    mine = [one for one in MATTERS.values() if at.caller.bank or not one.banks_only]
    return [
        one for one in mine if {*wanted(at, one), *one.needs} <= there and (one.name != SAVINGS or _opens_savings(at))
    ]


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


def request_of(matter: Matter, session: str, seen: Seen, phone: str) -> object:
    if matter.name == "enable":
        return Enable(uuid.UUID(session), seen.card)
    if seen.account is None:
        raise Refusal("terminals.card_without_bank")
    account = seen.account.view.account_id
    if matter.name == "activate":
        return Activate(account, uuid.UUID(session), phone)
    if matter.name == "online":
        return EnrolOnline(account, uuid.UUID(session))
    return Balance(account, uuid.UUID(session))

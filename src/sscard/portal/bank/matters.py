"""The acts of the counter as data: the door's name, what devices are asked for, what is done with the answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sscard.bank import activation
from sscard.bank import acts as bank
from sscard.cards.acts import Enable
from sscard.law.areas import Bank
from sscard.portal.bank.counter import Desk, account

WITH_ID, CARD_PIN = ("id_reader", "card_slot", "pin_pad"), ("card_slot", "pin_pad")
ID_CARD = ("id_reader", "card_slot")


@dataclass(frozen=True, slots=True)
class Matter:
    """`name` stands in addresses and words; `by_guardian`: a child's guardian may stand for him."""

    name: str
    act: str
    wanted: tuple[str, ...]
    asks_amount: bool = False
    asks_phone: bool = False
    by_guardian: bool = False
    by_others: bool = False
    """By an agent or at the holder's home, where the bank's rule allows it."""


MATTERS = {
    one.name: one
    for one in (
        Matter("activate", "bank.activate", WITH_ID, asks_phone=True, by_guardian=True, by_others=True),
        Matter("withdraw", "bank.withdraw", CARD_PIN, asks_amount=True),
        Matter("balance", "bank.balance", CARD_PIN),
        Matter("unlock", "bank.pin_unlock", ID_CARD, by_guardian=True),
        Matter("reset", "bank.pin_reset", WITH_ID, by_guardian=True),
        Matter("online", "bank.enrol_online", WITH_ID),
        Matter("enable", "cards.enable", WITH_ID),
        Matter("reverify", "bank.reverify", ID_CARD, by_guardian=True),
        Matter("loss", "bank.report_loss", ("id_reader",), by_guardian=True),
        Matter("found", "bank.release_loss", ID_CARD, by_guardian=True),
        Matter("new_card", "bank.activate_replacement", WITH_ID, by_guardian=True),
        Matter("close", "bank.close", ID_CARD, by_guardian=True),
    )
}


def of_act(name: str) -> Matter | None:
    return next((one for one in MATTERS.values() if one.act == name), None)


def methods(matter: Matter, rule: Bank) -> tuple[str, ...]:
    """Who may stand here for this matter, by the bank's rule in the card's area."""
    own = (activation.SELF, activation.GUARDIAN) if matter.by_guardian else (activation.SELF,)
    agent = (activation.AGENT,) if matter.by_others and rule.life.agent_activation else ()
    visit = (activation.HOME_VISIT,) if matter.by_others and rule.life.home_visit else ()
    return (*own, *agent, *visit)


def act_of(matter: Matter, on: Desk, mandate: str) -> str:
    """At the holder's home, and on a mandate that the staff have witnessed, a second person signs as well."""
    by_two = on.method == activation.HOME_VISIT or mandate == activation.WITNESSED
    return "bank.activate_by_two" if matter.by_others and by_two else matter.act


def request_of(
    matter: Matter, on: Desk, *, phone: str = "", relation_proof: bool = False, mandate: tuple[str, str] = ("", "")
) -> object:
    """The act's request from what stands at the desk. `mandate`: its kind and number."""
    session = uuid.UUID(on.session)
    if matter.name == "activate":
        return bank.Activate(account(on), session, phone, on.method, relation_proof, *mandate)
    if matter.name == "withdraw":
        return bank.Withdraw(account(on), session, on.amount_fen)
    if matter.name == "balance":
        return bank.Balance(account(on), session)
    if matter.name == "unlock":
        return bank.PinUnlock(account(on), session, on.method, relation_proof)
    if matter.name == "online":
        return bank.EnrolOnline(account(on), session)
    if matter.name == "reset":
        return bank.PinReset(account(on), session, on.method, relation_proof)
    if matter.name == "loss":
        return bank.ReportLoss(account(on), session, True, on.method, relation_proof)
    if matter.name == "close":
        return bank.Close(account(on), session, method=on.method, relation_proof=relation_proof)
    for name, made in (
        ("reverify", bank.Reverify),
        ("found", bank.ReleaseLoss),
        ("new_card", bank.ActivateReplacement),
    ):
        if matter.name == name:
            return made(account(on), session, on.method, relation_proof)
    return Enable(session, uuid.UUID(on.card))

"""Signing (签发): level 1 for a card that is well, level 2 with the card's own bank account; and ending it again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sscard.cards import reads
from sscard.cards.electronic import family, holding, passwords, platform, proofs
from sscard.cards.electronic.models import EcardPhone, ElectronicCard
from sscard.cards.models import Card
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.people import lookup
from sscard.people import reads as people


@dataclass(frozen=True, slots=True)
class SignElectronicCard:
    """`card`: the plastic card. `proof`: face (with the `challenge` of the check), counter, or photo for a child."""

    card: uuid.UUID
    consent: bool
    password: str = field(repr=False)
    proof: str = "face"
    challenge: uuid.UUID | None = None
    photo: bytes = field(default=b"", repr=False)


@act("cards.ecard_sign", right="cards.ecard", clause="QAM-1", about_person=True)
def sign(inside: Inside, request: SignElectronicCard) -> dict[str, Any]:
    """Real name, real person, real card: then the platform signs level 1. Used only after the holder's consent."""
    card = reads.require(inside, request.card, lock=True)
    person = people.by_id(inside, card.person_id)
    if why := holding.plastic_why_not(inside.area, inside.today, card):
        raise holding.stopped(why)
    if holding.find(card.person_id) is not None:
        raise Refusal("cards.ecard_has")
    id_number = str(people.facts(inside, person).get("id_number") or "")
    faults = passwords.faults_of(request.password, id_number)
    if not request.consent:
        faults.insert(0, Fault("consent", "cards.ecard_consent", {}))
    refuse_if_any(faults)
    proofs.need(
        inside, person, kind=request.proof, action="cards.ecard_sign", challenge=request.challenge, photo=request.photo
    )
    ecard = _signed(inside, card, request.proof)
    passwords.keep(inside, ecard, request.password)
    if request.proof == "photo":
        family.keep_child(inside, person)
    inside.object = f"ecard:{ecard.ecard_id}"
    inside.emit("ecard.signed", {"ecard": str(ecard.ecard_id), "card": str(card.card_id), "level": 1})
    return {"ecard": str(ecard.ecard_id), "card": str(card.card_id), "level": 1, "proof": request.proof}


def _signed(inside: Inside, card: Card, proof: str) -> ElectronicCard:
    ecard_id = ids.new_id()
    lookup.put("ecard", ecard_id, area=card.area_code, person_id=card.person_id, object_id=card.card_id)
    ecard = ElectronicCard(
        person_id=card.person_id,
        ecard_id=ecard_id,
        area_code=card.area_code,
        card_id=card.card_id,
        certificate=platform.platform.sign_card(card.area_code, card.card_id, ecard_id, 1),
        proof=proof,
        signed_at=inside.now,
    )
    ecard.save(force_insert=True)
    return ecard


@dataclass(frozen=True, slots=True)
class LinkBankAccount:
    password: str = field(repr=False)


@act("cards.ecard_link_account", right="cards.ecard", clause="QAM-1", about_person=True)
def link_account(inside: Inside, request: LinkBankAccount) -> dict[str, Any]:
    """Level 2: the card's own account, activated and with a telephone kept at the bank, comes in. Another bank's card can't
    take its place."""
    ecard = own(inside)
    passwords.check(inside, ecard, request.password)
    card = holding.card_of(ecard)
    if why := holding.why_not(inside.area, inside.today, ecard, card):
        raise holding.stopped(why)
    if ecard.level == 2:
        raise Refusal("cards.ecard_level_has")
    side = holding.bank_side(inside, card)
    if not side.active:
        raise Refusal("cards.ecard_account_asleep")
    if not side.phone:
        raise Refusal("cards.ecard_account_phone")
    certificate = platform.platform.sign_card(card.area_code, card.card_id, ecard.ecard_id, 2)
    _of(ecard).update(level=2, certificate=certificate)
    inside.emit("ecard.level_two", {"ecard": str(ecard.ecard_id)})
    return {"ecard": str(ecard.ecard_id), "level": 2}


@dataclass(frozen=True, slots=True)
class EndElectronicCard:
    """`person`: a child under guardianship; None: one's own."""

    password: str = field(repr=False)
    person: uuid.UUID | None = None


@act("cards.ecard_end", right="cards.ecard", clause="QAM-1", about_person=True)
def end(inside: Inside, request: EndElectronicCard) -> dict[str, Any]:
    """The holder gives it back (解除签发). The plastic card is not touched."""
    ecard = own(inside, request.person)
    passwords.check(inside, ecard, request.password)
    _of(ecard).update(state="ended", ended_at=inside.now)
    EcardPhone.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id).delete()
    inside.emit("ecard.ended", {"ecard": str(ecard.ecard_id)})
    return {"ecard": str(ecard.ecard_id), "state": "ended"}


def own(inside: Inside, person: uuid.UUID | None = None) -> ElectronicCard:
    """The caller's own electronic card, or that of a child of his; named in the audit row."""
    if person is not None:
        ecard = holding.require(people.require(inside, person, what="ecard").person_id)
    else:
        person_id = people.true_person(lookup.require("holder", inside.caller.id, area=inside.area_code).person_id)
        inside.about(person_id, what="ecard")
        ecard = holding.require(person_id)
    inside.object = f"ecard:{ecard.ecard_id}"
    return ecard


def _of(ecard: ElectronicCard):
    return ElectronicCard.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id)

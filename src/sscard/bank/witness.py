"""From what the devices saw to the facts that the pure rules judge: whose card, whose number, which place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sscard.bank.activation import AccountFacts, BankRule, EvidenceFacts
from sscard.bank.models import AccountStatus
from sscard.bank.standing import Standing, bank_rule, in_area, naming
from sscard.cards.models import Card
from sscard.cards.states import USABLE_BY_ITS_HOLDER
from sscard.codes import names
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import blind_many
from sscard.law import areas
from sscard.people import lookup
from sscard.people.models import Guardian, Person
from sscard.terminals.evidence import Pin, Taken

_DEAD = ("cancelled", "formal_loss", "temp_loss")


def card_is_this(mirror: AccountStatus, taken: Taken) -> bool:
    """The card in the slot is the account's card."""
    if taken.card is None:
        return False
    found = lookup.find("card_id_code", taken.card.card_id_code_index)
    return found is not None and found.object_id == mirror.card_id


def pin_of(mirror: AccountStatus, taken: Taken) -> Pin:
    """The PIN block, if it was bound to this account's number on the PIN pad; else "bank.pin_other_account"."""
    assert taken.pin is not None  # the act asked for it
    found = lookup.find("pan", blind_many("pan", [taken.pin.account])[0])
    if found is None or found.object_id != mirror.account_id:
        raise Refusal("bank.pin_other_account")
    return taken.pin


def card_of(inside: Inside, mirror: AccountStatus) -> Card | None:
    with in_area(inside, mirror.area_code):
        return Card.objects.filter(person_id=mirror.person_id, card_id=mirror.card_id).first()


def guardians_of(inside: Inside, mirror: AccountStatus) -> frozenset[bytes]:
    """Blind indexes of the ID numbers of the registered guardians."""
    with in_area(inside, mirror.area_code):
        ids = Guardian.objects.filter(person_id=mirror.person_id).values_list("guardian_person_id", flat=True)
        return frozenset(
            bytes(index) for index in Person.objects.filter(person_id__in=list(ids)).values_list("id_index", flat=True)
        )


def rule_of(mirror: AccountStatus, inside: Inside) -> BankRule:
    bank = bank_rule(mirror, inside)
    return BankRule(
        activation_outlets=bank.activation_outlets,
        needs_staff_at_terminal=bank.terminal_activation_needs_staff,
        live_face_at_terminal=bank.terminal_live_face,
        guardian_age=int(areas.get(mirror.area_code).value("guardian_age", inside.today)),
        agent_allowed=bank.life.agent_activation,
        home_visit_allowed=bank.life.home_visit,
    )


def account_facts(standing: Standing, card: Card | None, guardians: frozenset[bytes]) -> AccountFacts:
    account = standing.account
    return AccountFacts(
        bank=account.bank,
        status=standing.status,
        restrictions=standing.restrictions,
        area=account.area_code,
        branch=account.branch,
        id_index=bytes(account.id_index),
        name_index=bytes(account.name_index),
        birth_date=account.birth_date,
        guardians=guardians,
        card_usable=card is not None and card.production == USABLE_BY_ITS_HOLDER and card.social not in _DEAD,
    )


def evidence_facts(inside: Inside, mirror: AccountStatus, taken: Taken, *, relation_proof: bool) -> EvidenceFacts:
    place, identity = taken.terminal, taken.identity
    assert identity is not None  # the act asked for it
    return EvidenceFacts(
        terminal_kind=place.kind,
        terminal_bank=place.bank,
        terminal_area=place.area,
        terminal_outlets=frozenset({place.organisation, place.outlet} - {""}),
        by_staff=inside.caller.kind == "staff",
        id_source=identity.source,
        id_valid_until=identity.valid_until,
        id_index=identity.id_index,
        name_index=blind_many("name", [names.compact(identity.name)])[0],
        card_is_this=card_is_this(mirror, taken),
        card_answered=bool(taken.card and taken.card.answer_ok),
        face=taken.face,
        relation_proof=relation_proof,
    )


def refuse(faults: Sequence[Fault], mirror: AccountStatus, inside: Inside) -> None:
    """Raise one fault as its own refusal, several as one refusal that lists them; names of places are filled in."""
    if not faults:
        return
    told = [replace(fault, facts=_told(fault, mirror, inside)) for fault in faults]
    if len(told) == 1:
        raise Refusal(told[0].code, **told[0].facts)
    raise Refusal("bank.several_reasons", faults=told, count=len(told))


def _told(fault: Fault, mirror: AccountStatus, inside: Inside) -> dict[str, object]:
    facts = {**fault.facts, **naming(mirror, inside)}
    if "area" in facts:
        area = areas.get(mirror.area_code)
        facts |= {"area_name": area.name("zh"), "area_name_en": area.name("en")}
    if "outlet" in facts:
        known = {one.code: one.name for one in areas.get(mirror.area_code).outlets(kind="bank")}
        found = known.get(str(facts["outlet"]))
        facts |= {"outlet": found.zh if found else facts["outlet"], "outlet_en": found.en if found else facts["outlet"]}
    return facts

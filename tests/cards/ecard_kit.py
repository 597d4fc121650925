"""People with cards, their electronic cards, and organisations that check them; acts through the one door."""

from __future__ import annotations

import sys
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))

import bank_kit

from sscard.cards import events, numbers
from sscard.cards.electronic.checking import CheckCredential, area_of_request
from sscard.cards.electronic.models import EcardPhone, EcardProof
from sscard.cards.electronic.signing import SignElectronicCard
from sscard.cards.electronic.using import MakeCode, OpenElectronicCard
from sscard.cards.models import Card
from sscard.codes import card_number
from sscard.control.caller import Caller, system
from sscard.control.door import Outcome, perform
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.sealed import blind_index
from sscard.people import lookup

PASSWORD = "730591"
_holders: dict[int, uuid.UUID] = {}


def person(area: str = "990100", birth: date = date(1990, 5, 20), social: str = "normal", **more: Any) -> Any:
    """Registered, with a card in hand that has both its numbers, and a holder's sign-in as far as the door asks."""
    made = bank_kit.person(area, birth=birth, **more)
    number = card_number.construct("X", 9_000_000 + bank_kit.next_number())
    with unit_of_work(area=area):
        card = Card.objects.get(person_id=made.person_id, card_id=made.card)
        card.facts = {"card_id_code": made.card_id_code, "card_number": number}
        card.social = social
        card.save()
        index = numbers.number_index(area, number)
        lookup.put("card_number", index, area=area, person_id=made.person_id, object_id=made.card)
        holder = ids.new_id()
        lookup.put("holder", holder, area=area, person_id=made.person_id)
        _holders[made.person_id] = holder
    made.number = number
    return made


def holder(one: Any, *wards: Any, session: str = "s1") -> Caller:
    return Caller.of_holder(
        holder_id=_holders[one.person_id], name="李*", area=one.area, session=session,
        person_index=blind_index("id_number", one.id_number),
        persons=frozenset({one.person_id, *(ward.person_id for ward in wards)}),
    )  # fmt: skip


def checker(kind: str = "school", area: str = "990100") -> Caller:
    bank_kit.organisation(f"{area}-{kind}", kind, area)
    return bank_kit.caller("checker_program", area=area, organisation=f"{area}-{kind}", kind=kind)


def key() -> str:
    return str(uuid.uuid4())


def seen_at_counter(one: Any) -> None:
    """As after `cards.ecard_identify`; that act has tests of its own."""
    with unit_of_work(area=one.area):
        EcardProof(
            person_id=one.person_id, proof_id=ids.new_id(), area_code=one.area, place="990100-B01",
            expires_at=clock.now(one.area) + timedelta(days=7),
        ).save(force_insert=True)  # fmt: skip


def holder_of(one: Any, account: uuid.UUID) -> Caller:
    """The holder whose sign-in the pages' own kit made."""
    _holders[one.person_id] = account
    return holder(one)


def signed(one: Any, password: str = PASSWORD, *, who: Caller | None = None) -> dict[str, Any]:
    seen_at_counter(one)
    request = SignElectronicCard(one.card, True, password, "counter")
    return perform(who or holder(one), "cards.ecard_sign", request, key=key()).answer


def opened(one: Any, *, session: str = "s1") -> str:
    """The token of a phone that is known; opened in the session."""
    token = uuid.uuid4().hex
    from sscard.cards.electronic import holding, using

    with unit_of_work(area=one.area):
        ecard = holding.require(one.person_id)
        EcardPhone(
            person_id=one.person_id, ecard_id=ecard.ecard_id, phone_id=ids.new_id(), area_code=one.area,
            token_hash=using._hash(token), since=clock.now(one.area),
        ).save(force_insert=True)  # fmt: skip
    perform(holder(one, session=session), "cards.ecard_open", OpenElectronicCard(PASSWORD, token), key=key())
    return token


def code(one: Any, token: str, *, session: str = "s1", **more: Any) -> dict[str, Any]:
    outcome = perform(holder(one, session=session), "cards.ecard_code", MakeCode(token, **more), key=key())
    return {**outcome.answer, **outcome.once}


def ready(**more: Any) -> tuple[Any, str]:
    one = person(**more)
    signed(one)
    return one, opened(one)


def check(who: Caller, purpose: str = "training_enrolment", **what: str) -> Outcome:
    request = CheckCredential(purpose, **what)
    return perform(who, "cards.credential_check", request, key=key(), area=area_of_request(request, who.area))


def social(one: Any, act: str, **facts: bool) -> None:
    """The card's own acts, as far as the table of states goes."""
    caller = system(one.area)
    with unit_of_work(area=one.area):
        inside = Inside(caller=caller, area_code=one.area, act="test")
        inside.about(one.person_id)
        card = Card.objects.get(person_id=one.person_id, card_id=one.card)
        events.move(inside, card, "social", act, facts=facts)


def bare_person(**more: Any) -> Any:
    """Like `person`, but without the holder's id, which the pages' own kit makes."""
    made = person(**more)
    with unit_of_work(area=made.area):
        from sscard.people.models import Lookup

        Lookup.objects.filter(kind="holder", person_id=made.person_id).delete()
    return made

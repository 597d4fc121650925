"""The phone agent's question: somebody calls and asks whether his card has the savings function (ACT-5).

He is asked for name, ID number and the last four digits of the phone that is registered. The agent types what he hears; the
service says whether it fits and nothing about which part did not. Unknown, other name, other phone: the same answer. What
the agent then reads out is one sentence without a number or an amount.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sscard.bank.models import AccountStatus
from sscard.bank.savings_opening import function as savings
from sscard.codes import names, person_number
from sscard.codes.errors import NumberFault
from sscard.control import throttle
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import blind_index
from sscard.people import lookup
from sscard.people.models import Person

RIGHT = "bank.savings_ask"
WRONG = {"target": throttle.Limit(5, 900), "source": throttle.Limit(60, 900), "all": throttle.Limit(1000, 60)}


@dataclass(frozen=True, slots=True)
class Asked:
    name: str
    id_number: str
    phone_last: str


def ask(caller: Caller, asked: Asked) -> savings.Told:
    """The sentence to read out. Refuses bank.savings_caller (does not fit), bank.savings_no_card."""
    number = _form(asked)
    index = blind_index("id_number", number)
    throttle.count("savings_phone", WRONG, target=index.hex(), source=str(caller.id))
    with reading(caller, right=RIGHT, purpose="phone") as inside:
        found = lookup.find("id_number", index)
        person = None
        if found is not None and found.area == caller.area:
            inside.about(found.person_id, what="savings")
            person = Person.objects.filter(person_id=found.person_id).first()
        fits = person is not None and _fits(person, asked)
        told = None
        if fits and person is not None:
            mine = AccountStatus.objects.filter(person_id=person.person_id).order_by("-opened_at")
            mirror = mine.filter(bank=caller.bank).first() if caller.bank else mine.first()
            told = savings.tell(mirror, inside.today) if mirror is not None else None
        inside.detail["fits"] = fits
    if not fits:
        raise Refusal("bank.savings_caller")
    throttle.forget("savings_phone", target=index.hex(), source=str(caller.id))
    if told is None:
        raise Refusal("bank.savings_no_card")
    return told


def _fits(person: Person, asked: Asked) -> bool:
    name = hmac.compare_digest(bytes(person.name_index), blind_index("name", names.compact(asked.name)))
    phone = hmac.compare_digest(person.phone_mask[-4:], asked.phone_last)
    return name and phone and len(person.phone_mask) >= 4


def _form(asked: Asked) -> str:
    faults, number = [], ""
    try:
        number = person_number.parse(asked.id_number.strip()).number
    except NumberFault as fault:
        faults += fault.at("id_number")
    if not asked.name.strip():
        faults.append(Fault("name", "bank.savings_name"))
    if not (asked.phone_last.isascii() and asked.phone_last.isdigit() and len(asked.phone_last) == 4):
        faults.append(Fault("phone_last", "bank.savings_phone_last"))
    refuse_if_any(faults)
    return number

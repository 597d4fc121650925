"""What goes on the virtual card of somebody in the database. Sandbox areas only: the file's keys are test keys."""

from __future__ import annotations

from sscard.chip.personal.making import Order
from sscard.kernel.refusals import Refusal


def order_of(area_code: str, card_number: str) -> Order:
    """The card with this number in a sandbox area; opening the record leaves its audit row. Raises chip.not_sandbox and
    control.not_found."""
    from sscard.cli.setup import configured

    configured()
    from sscard.cards import numbers, reads
    from sscard.cards.pin import initial_digits
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.sealed import open_many
    from sscard.law import areas
    from sscard.people import lookup
    from sscard.people import reads as people

    area = areas.get(area_code)
    if not area.sandbox:
        raise Refusal("chip.not_sandbox", area=area_code)
    caller = system(area_code, name="sscard card make", channel="command")
    inside = Inside(caller=caller, area_code=area_code, act="cards.view", purpose="check")
    with unit_of_work(area=area_code):
        index = numbers.number_index(area_code, card_number)
        found = lookup.require("card_number", index, area=area_code)
        assert found.object_id is not None
        card = reads.require(inside, found.object_id, what="card")
        person = people.by_id(inside, card.person_id, what="card")
        (facts,) = open_many([card], "facts", inside)
        (holder,) = open_many([person], "facts", inside)
        inside.write(result="ok")
    rule = str(area.value("initial_password_value", clock.today(area_code)))
    return Order(
        card_id_code=facts["card_id_code"],
        card_number=facts["card_number"],
        social_security_number=holder["id_number"],
        name=holder["name"],
        sex=person.sex,
        nation=person.nation,
        birth_date=person.birth_date,
        issue_date=card.issue_date or clock.today(area_code),
        expires_on=card.expires_on,
        pin=initial_digits(rule, id_number=holder["id_number"], card_number=facts["card_number"]) or "",
    )

"""T04: bank × evidence × person, through the door: exactly one cell opens the account."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as kit  # isort: skip
import life_kit as life  # isort: skip

pytestmark = pytest.mark.usefixtures("house")
BANKS, SOURCES, PERSONS = ("CCB", "ICBC"), ("original", "copy", "photo", "manual"), ("holder", "stranger")


@pytest.fixture(scope="module")
def places(_module_house: Any) -> dict[tuple[str, str], kit.Terminal]:
    with _module_house.entered():
        return {(bank, kind): kit.Terminal(bank, kind=kind) for bank in BANKS for kind in ("counter", "kiosk")}


@pytest.mark.parametrize("kind", ["counter", "kiosk"])
def test_exactly_one_cell_activates(kind: str, places: dict[tuple[str, str], kit.Terminal]) -> None:
    from sscard.bank.acts import Activate

    accepted = []
    for bank, source, person in product(BANKS, SOURCES, PERSONS):
        holder, place = kit.opened(kit.person()), places[bank, kind]
        by = holder if person == "holder" else kit.person()
        look = by if bank == "ICBC" else None
        session = place.present("bank.activate", holder, by=by, source=source, look=look)
        request = Activate(holder.account, session, "91300000001")
        cell = (bank, source, person)
        if cell == ("CCB", "original", "holder"):
            kit.perform(place.caller, "bank.activate", request)
        else:
            kit.refused(lambda place=place, request=request: kit.perform(place.caller, "bank.activate", request))
        if kit.mirror_of(holder).status == "ACTIVE":
            accepted.append(cell)
    assert accepted == [("CCB", "original", "holder")]


def test_the_same_for_identifying_the_holder_anew_and_for_taking_back_a_loss(
    places: dict[tuple[str, str], kit.Terminal],
) -> None:
    from sscard.bank.acts import ReleaseLoss, Reverify
    from sscard.bank.life_jobs import sweep_all

    place = places["CCB", "counter"]
    for source, person in product(SOURCES, PERSONS):
        if (source, person) == ("original", "holder"):
            continue
        holder = kit.activated(kit.opened(kit.person()))
        by = holder if person == "holder" else kit.person()
        life.report_lost(holder)
        with life.later(190):
            sweep_all("unused")
            for matter, request in (("bank.reverify", Reverify), ("bank.release_loss", ReleaseLoss)):
                session = place.session(matter, "id_reader", "card_slot")
                place.desk.present_id(by.virtual_person(), source=source)
                place.desk.insert_card(holder.virtual_card())
                made = request(holder.account, session)
                kit.refused(lambda matter=matter, made=made: kit.perform(place.caller, matter, made))
        assert "COUNTER_ONLY" in life.restrictions(holder), (source, person)

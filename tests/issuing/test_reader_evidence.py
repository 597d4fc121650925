"""Handing a card over where an ID reader stands: its evidence decides, once, and the clerk's eye does not."""

from __future__ import annotations

import uuid

from issuing_kit import BUREAU, HALL, Office, refused, staff
from sscard.issuing import acts
from sscard.sim.devices import Desk, VirtualPerson, Wallet
from sscard.sim.devices.making import equip
from terminals_kit import in_process, open_session


def desk_at_the_hall(office: Office) -> Desk:
    wallet = Wallet(office.folder / "devices")
    code = f"T-{uuid.uuid4().hex[:8]}"
    equip(staff("system_admin"), wallet, code, kind="bureau", organisation=BUREAU, outlet=HALL)
    return Desk(in_process, wallet, code)


def test_the_reader_decides(office: Office) -> None:
    one, other = office.people(2)
    cards = office.at_hall([one, other])
    desk = desk_at_the_hall(office)

    def session(who: VirtualPerson, source: str = "original", matter: str = "issuing.hand_over") -> uuid.UUID:
        found = open_session(office.clerk2, desk, matter, ("id_reader",))
        desk.present_id(who, source=source)
        return found

    def code(card: uuid.UUID, **more: object) -> str:
        return refused(office.clerk2, acts.HandOver(card, HALL, **more)).code  # type: ignore[arg-type]

    holder = VirtualPerson.of("测试甲", one.id_number)
    late = VirtualPerson.of("测试甲", one.id_number, "2020-01-01")
    assert code(cards[0], document="id_card", id_number=one.id_number) == "issuing.reader_there"
    assert code(cards[0], session=session(holder, "copy")) == "cards.id_copy"
    assert code(cards[0], session=session(late)) == "cards.id_expired"
    assert code(cards[1], session=session(holder)) == "cards.agent_papers"  # another one's card
    assert code(cards[0], session=session(holder, matter="cards.enable")) == "terminals.wrong_matter"
    assert code(cards[0], session=open_session(office.clerk2, desk, "issuing.hand_over", ("id_reader",))) == (
        "terminals.evidence_missing"
    )
    seen = session(holder)
    answer = office.hand_over(cards[0], one, session=seen, document="", id_number="").answer
    assert (answer["collector"], answer["production"]) == ("holder", "handed_out")
    assert code(cards[1], session=seen) == "terminals.session_used"


def test_with_the_readers_evidence_the_clerk_who_took_it_in_may_hand_over_but_never_the_reviewer(
    office: Office,
) -> None:
    (one,) = office.people(1)
    (card,) = office.at_hall([one])
    desk = desk_at_the_hall(office)
    for who, allowed in ((staff("clerk", person_index=office.reviewer.person_index), False), (office.clerk, True)):
        seen = open_session(who, desk, "issuing.hand_over", ("id_reader",))
        desk.present_id(VirtualPerson.of("测试甲", one.id_number))
        request = acts.HandOver(card, HALL, seen)
        if not allowed:
            assert refused(who, request).code == "issuing.hand_over_third_person"
        else:
            assert office.hand_over(card, one, by=who, session=seen, document="", id_number="").answer["card"]
    assert office.where(card).place == "holder"

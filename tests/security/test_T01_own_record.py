"""T01: nobody issues a card to himself or a relative, with whatever account of his."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from sscard.control.caller import Caller

if TYPE_CHECKING:
    from issuing_kit import Office


@pytest.fixture
def office(house: object) -> Iterator[Office]:
    from issuing_kit import Office

    found = Office.open()
    yield found
    shutil.rmtree(found.folder)


def insiders(roles: str, index: bytes, **more: object) -> list[tuple[str, Caller]]:
    """The person's own account, his second account, and a colleague who declared him as a relative."""
    from issuing_kit import staff

    return [
        ("control.own_record", staff(roles, person_index=index, **more)),
        ("control.own_record", staff(roles, person_index=index, name="另一个账号", **more)),
        ("control.relatives_record", staff(roles, relatives=frozenset({index}), **more)),
    ]


def test_apply_check_and_withdraw(office: Office) -> None:
    from issuing_kit import HALL, PAPERS, refused
    from sscard.issuing import acts

    (one,) = office.people(1)
    for code, clerk in insiders("clerk", one.index):
        assert refused(clerk, acts.Apply(one.public_id, "CCB", HALL, PAPERS)).code == code
    application = office.apply(one)
    for code, reviewer in insiders("reviewer", one.index):
        assert refused(reviewer, acts.Check(application)).code == code
        assert refused(reviewer, acts.WithdrawApplication(application)).code == code


def test_batch_and_release(office: Office) -> None:
    from issuing_kit import CHIP, MAKER, PRODUCT, do, refused
    from sscard.issuing import acts

    own, other = office.people(2)
    office.checked([own, other])
    for code, clerk in insiders("clerk", own.index):
        request = acts.MakeBatch("CCB", MAKER, PRODUCT, CHIP)
        batch = uuid.UUID(do(clerk, request).answer["batch"])  # his own is left to a colleague
        assert office.view(batch).ordered == 1, code
        do(office.clerk, acts.DissolveBatch(batch, "试组"))
    batch = office.batch()
    assert office.view(batch).ordered == 2
    do(office.clerk, acts.ReadAccountAnswer(batch, office.answer(batch)))
    for _, clerk in insiders("clerk", own.index):
        assert refused(clerk, acts.ReleaseBatch(batch, 2)).code == "control.own_record"
    waiting = do(office.clerk, acts.ReleaseBatch(batch, 2))
    for _, reviewer in insiders("reviewer", own.index):
        with pytest.raises(Exception, match=r"control\.own_record"):
            _approve(reviewer, waiting)
    assert office.view(batch).state == "accounted"


def _approve(checker: Caller, outcome: object) -> None:
    from issuing_kit import approve

    approve(checker, outcome)  # type: ignore[arg-type]


def test_send_hand_over_destroy_find_and_write_off(office: Office) -> None:
    from issuing_kit import BUREAU, HALL, do, refused
    from sscard.issuing import acts

    (one,) = office.people(1)
    office.stocked([one])
    card = office.card_of(one)
    for code, keeper in insiders("stock_keeper", one.index):
        assert refused(keeper, acts.SendToOutlet(HALL, "HALL-OWN", cards=(card,))).code == "control.own_record"
        assert refused(keeper, acts.Destroy((card,), BUREAU, "x")).code == "control.own_record"
        assert refused(keeper, acts.FindCard(card)).code == code
    do(office.stock, acts.SendToOutlet(HALL, "HALL-OWN", cards=(card,)))
    do(office.clerk2, acts.ReceiveAtOutlet("HALL-OWN", 1))
    for code, clerk in insiders("clerk", one.index):
        request = acts.HandOver(card, HALL, None, "id_card", one.id_number)
        assert refused(clerk, request).code == code
    (agent,) = office.people(1)
    collector = insiders("clerk", agent.index)[0][1]  # the clerk's own ID card as "agent" of a stranger
    request = acts.HandOver(card, HALL, None, "id_card", agent.id_number, ("holder_id", "mandate"))
    assert refused(collector, request).code == "control.own_record"


def test_who_reviewed_or_took_in_the_application_does_not_hand_the_card_over(office: Office) -> None:
    from issuing_kit import HALL, refused, staff
    from sscard.issuing import acts

    (one,) = office.people(1)
    (card,) = office.at_hall([one])
    request = acts.HandOver(card, HALL, None, "id_card", one.id_number)
    assert refused(office.clerk, request).code == "issuing.hand_over_third_person"
    second_account = staff("clerk", person_index=office.reviewer.person_index)
    assert refused(second_account, request).code == "issuing.hand_over_third_person"
    assert office.hand_over(card, one).answer["collector"] == "holder"

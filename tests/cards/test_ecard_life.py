"""One to one with the plastic card: signing, following its state, level 2, family; the counter as the other way."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import bank_kit
import ecard_kit as kit
import pytest

from pages_kit import PHOTO
from sscard.cards.electronic import follow, holding
from sscard.cards.electronic.family import AnswerRelative, AskRelative, EndRelative
from sscard.cards.electronic.models import EcardRelative, ElectronicCard
from sscard.cards.electronic.signing import EndElectronicCard, LinkBankAccount, SignElectronicCard
from sscard.cards.electronic.using import AllowDuringLoss, ChangeEcardPassword, MakeCode, OpenElectronicCard
from sscard.cards.models import Card
from sscard.control.caller import system
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.verification import face, virtual_face

pytestmark = pytest.mark.usefixtures("house")


def refused(call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(Refusal) as no:
        call(*args, **more)
    assert no.value.next_step("zh")
    assert no.value.next_step("en")
    return no.value.code


def act(one: Any, name: str, request: Any, *wards: Any) -> Any:
    return perform(kit.holder(one, *wards), f"cards.{name}", request, key=kit.key())


def test_real_person_by_face_and_each_check_serves_once() -> None:
    one, other = kit.person(), kit.person()
    who = kit.holder(one)
    wanted = {"person_id": one.person_id, "area": one.area, "action": "cards.ecard_sign", "session": who.session}
    begun = face.start(**wanted, consent=True)
    request = SignElectronicCard(one.card, True, kit.PASSWORD, "face", begun.challenge)
    assert refused(act, one, "ecard_sign", request) == "verification.face_pending"
    virtual_face.choose(begun.challenge, "pass")
    foreign = SignElectronicCard(other.card, True, kit.PASSWORD, "face", begun.challenge)
    assert refused(act, other, "ecard_sign", foreign) == "verification.face_none"
    assert act(one, "ecard_sign", request).answer["level"] == 1
    assert refused(act, one, "ecard_sign", request) == "cards.ecard_has"


@pytest.mark.parametrize("social", ["sealed", "locked", "temp_loss", "formal_loss", "cancelled"])
def test_no_electronic_card_without_a_card_that_is_well(social: str) -> None:
    one = kit.person(social=social)
    kit.seen_at_counter(one)
    request = SignElectronicCard(one.card, True, kit.PASSWORD, "counter")
    assert refused(act, one, "ecard_sign", request) == "cards.ecard_stopped"


def test_a_counters_proof_serves_once_and_nobody_else() -> None:
    one, other = kit.person(), kit.person()
    kit.seen_at_counter(one)
    request = SignElectronicCard(other.card, True, kit.PASSWORD, "counter")
    assert refused(act, other, "ecard_sign", request) == "cards.ecard_no_counter_proof"
    kit.seen_at_counter(one)
    act(one, "ecard_sign", SignElectronicCard(one.card, True, kit.PASSWORD, "counter"))
    act(one, "ecard_end", EndElectronicCard(kit.PASSWORD))
    again = SignElectronicCard(one.card, True, kit.PASSWORD, "counter")
    act(one, "ecard_sign", again)  # the second of the two proofs
    act(one, "ecard_end", EndElectronicCard(kit.PASSWORD))
    assert refused(act, one, "ecard_sign", SignElectronicCard(one.card, True, kit.PASSWORD, "counter")) == (
        "cards.ecard_no_counter_proof"
    )


@pytest.mark.parametrize(("area", "works"), [("990100", True), ("990200", False)])
def test_during_a_temporary_loss_only_with_the_holders_yes_and_the_areas(area: str, works: bool) -> None:
    one, token = kit.ready(area=area)
    kit.social(one, "report_temp")
    assert refused(kit.code, one, token) == "cards.ecard_stopped"
    if not works:
        assert refused(act, one, "ecard_allow_loss", AllowDuringLoss(kit.PASSWORD)) == "cards.ecard_stopped"
        return
    act(one, "ecard_allow_loss", AllowDuringLoss(kit.PASSWORD))
    school = kit.checker(area=area)
    assert kit.check(school, code=kit.code(one, token)["code"]).answer["valid"]
    plastic = kit.check(school, card_number=one.number, card_id_code=one.card_id_code)
    assert plastic.answer["reason"] == "card_temp_loss"  # the yes is for the phone, not for the lost card
    kit.social(one, "release", was_normal=True)
    kit.social(one, "report_temp")
    assert refused(kit.code, one, token) == "cards.ecard_stopped"  # another loss needs another yes


def test_it_comes_back_with_the_new_card_without_another_application() -> None:
    one, token = kit.ready()
    kit.social(one, "cancel", nothing_open=True)
    assert refused(kit.code, one, token) == "cards.ecard_stopped"
    new = ids.new_id()
    with unit_of_work(area=one.area):
        old = Card.objects.get(person_id=one.person_id, card_id=one.card)
        Card(
            person_id=one.person_id, card_id=new, area_code=one.area, facts={"card_id_code": "x"}, bank="CCB",
            card_number_mask="*****0002", production="handed_out", social="sealed",
            created_at=old.created_at, changed_at=old.changed_at,
        ).save(force_insert=True)  # fmt: skip
    before = one.card
    one.card = new
    kit.social(one, "enable", handed_out=True)
    assert kit.check(kit.checker(), code=kit.code(one, token)["code"]).answer["valid"]
    with unit_of_work(area=one.area):
        (ecard,) = ElectronicCard.objects.filter(person_id=one.person_id)
        assert (ecard.card_id, before != new) == (new, True)


def test_the_move_happens_whichever_card_changes_first() -> None:
    one, _ = kit.ready()
    new = ids.new_id()
    with unit_of_work(area=one.area):
        old = Card.objects.get(person_id=one.person_id, card_id=one.card)
        card = Card(
            person_id=one.person_id, card_id=new, area_code=one.area, facts={"card_id_code": "x"}, bank="CCB",
            card_number_mask="*****0002", production="handed_out", social="normal",
            created_at=old.created_at, changed_at=old.changed_at,
        )  # fmt: skip
        card.save(force_insert=True)
        follow.card_changed(Inside(caller=system(one.area), area_code=one.area, act="test"), card, "normal")
        assert holding.require(one.person_id).card_id == one.card  # the old one still lives
    kit.social(one, "cancel", nothing_open=True)
    with unit_of_work(area=one.area):
        assert holding.require(one.person_id).card_id == new


def test_level_two_needs_the_cards_own_account_activated() -> None:
    one = kit.person()
    bank_kit.opened(one)
    kit.signed(one)
    assert refused(act, one, "ecard_link_account", LinkBankAccount(kit.PASSWORD)) == "cards.ecard_account_asleep"
    bank_kit.activated(one)
    assert act(one, "ecard_link_account", LinkBankAccount(kit.PASSWORD)).answer["level"] == 2
    assert kit.code(one, kit.opened(one))["level"] == 2
    assert refused(act, one, "ecard_link_account", LinkBankAccount(kit.PASSWORD)) == "cards.ecard_level_has"


def test_a_new_phone_and_another_session_have_to_open_it() -> None:
    one, token = kit.ready()
    assert refused(kit.code, one, "") == "cards.ecard_not_open"
    assert refused(kit.code, one, token, session="another") == "cards.ecard_not_open"
    assert refused(act, one, "ecard_open", OpenElectronicCard(kit.PASSWORD, "unknown")) == "cards.ecard_new_phone"
    act(one, "ecard_password", ChangeEcardPassword("850274", kit.PASSWORD))
    assert refused(kit.code, one, token) == "cards.ecard_not_open"  # all phones are verified anew


def test_a_password_reset_needs_the_same_proof_as_signing() -> None:
    one, _ = kit.ready()
    wanted = ChangeEcardPassword("850274", proof="counter")
    assert refused(act, one, "ecard_password", wanted) == "cards.ecard_no_counter_proof"
    kit.seen_at_counter(one)
    assert act(one, "ecard_password", wanted).answer["changed"]


def test_a_guardian_signs_for_a_child_with_a_photo_and_shows_its_card() -> None:
    mother, token = kit.ready()
    child = kit.person(birth=date(2019, 3, 2))
    bank_kit.guardian_of(child, mother)
    by_face = SignElectronicCard(child.card, True, kit.PASSWORD, "face", uuid.uuid4())
    assert refused(act, mother, "ecard_sign", by_face, child) == "cards.ecard_photo_for_child"
    photo = PHOTO().read()
    act(mother, "ecard_sign", SignElectronicCard(child.card, True, kit.PASSWORD, "photo", photo=photo), child)
    made = perform(kit.holder(mother, child), "cards.ecard_code", MakeCode(token, child.public), key=kit.key())
    assert (
        kit.check(kit.checker("hospital"), "care_registration", code=made.once["code"]).once["facts"]["birth_date"]
        == "2019-03-02"
    )


def test_an_elder_agrees_first_and_either_side_ends_it() -> None:
    keeper, token = kit.ready()
    elder, _ = kit.ready(birth=date(1948, 1, 9))
    ask = AskRelative(elder.name, elder.id_number, "elder")
    assert act(keeper, "ecard_family_ask", ask).answer == {"asked": True}
    assert refused(kit.code, keeper, token, person=elder.public) == "control.not_found"
    with unit_of_work(area=elder.area):
        row = EcardRelative.objects.get(person_id=elder.person_id)
    stranger = kit.person()
    assert refused(act, stranger, "ecard_family_answer", AnswerRelative(row.relative_id, True)) == "control.not_found"
    act(elder, "ecard_family_answer", AnswerRelative(row.relative_id, True))
    assert kit.check(kit.checker(), code=kit.code(keeper, token, person=elder.public)["code"]).answer["valid"]
    act(elder, "ecard_family_end", EndRelative(row.relative_id))
    assert refused(kit.code, keeper, token, person=elder.public) == "control.not_found"


def test_asking_tells_nobody_whether_a_number_is_somebodys() -> None:
    """T11: known and unknown numbers, right and wrong names, all get the same answer; then it is slowed down."""
    keeper, _ = kit.ready()
    elder = kit.person(birth=date(1948, 1, 9))
    nobody = bank_kit.person(production="applied")
    asked = [("王一", elder.id_number), (elder.name, nobody.id_number), ("王二", nobody.id_number)]
    answers = [act(keeper, "ecard_family_ask", AskRelative(name, number, "other")).answer for name, number in asked]
    assert answers == [{"asked": True}] * 3


def test_the_family_has_the_areas_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, _ = kit.ready()
    relatives = [kit.person() for _ in range(9)]
    from sscard.cards.electronic import family

    monkeypatch.setattr(family, "_slow", lambda *_: None)
    for one in relatives[:8]:
        act(keeper, "ecard_family_ask", AskRelative(one.name, one.id_number, "other"))
    last = relatives[8]
    code = refused(act, keeper, "ecard_family_ask", AskRelative(last.name, last.id_number, "other"))
    assert code == "cards.ecard_family_full"

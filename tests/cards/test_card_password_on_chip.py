"""The social password on the chip, at a desk with a reader: enabling, verifying, changing, locking, unlocking (CHP-3, ACT-1)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

import terminals_kit as kit
from chip_desk_kit import ReaderDesk, chip_of, image_of
from chip_kit import contacts
from sscard.cards import acts
from sscard.cards.models import CardPassword
from sscard.chip.card.transport import Contacts
from sscard.chip.reader.terminal import Terminal
from sscard.control.door import perform
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.terminals.client import DeviceRefused

ENABLE, VERIFY, CHANGE, UNLOCK, PERMIT = (
    "cards.enable", "cards.verify_social_password", "cards.change_social_password", "cards.unlock_social_password",
    "cards.permit_unlock",
)  # fmt: skip
PIN, OTHER, WRONG = kit.PIN, kit.OTHER_PIN, "740193"
MOST = 6


@pytest.fixture
def town(house: object) -> Iterator[kit.Town]:
    return kit.Town().settle()


@pytest.fixture
def desk(town: kit.Town) -> ReaderDesk:
    return ReaderDesk(town.terminal())


def begun(desk: ReaderDesk, matter: str, *wanted: str, who: Any = None) -> tuple[Any, uuid.UUID]:
    who = who or kit.staff()
    return who, kit.open_session(who, desk.desk, matter, wanted or ("card_slot", "pin_pad"))


def outcome(who: Any, act: str, request: object) -> str:
    try:
        perform(who, act, request, key=kit.key())
    except Refusal as refusal:
        return refusal.code if refusal.next_step("zh") else "no next step"
    return "ok"


def ordered(desk: ReaderDesk, step: str, *typed: str) -> str:
    try:
        desk.order(step, *typed)
    except (Refusal, DeviceRefused) as no:
        return no.code
    return "done"


def enabled(desk: ReaderDesk, person: kit.Resident, pin: str = PIN, **kind: Any) -> Contacts:
    """The person's chip, enabled at this desk."""
    chip = chip_of(person, **kind)
    desk.insert(chip)
    who, session = begun(desk, ENABLE, "id_reader", "card_slot", "pin_pad")
    desk.desk.present_id(person.body)
    desk.order("prove")
    desk.order("password", pin, pin)
    perform(who, ENABLE, acts.Enable(session), key=kit.key())
    return chip


def verify(desk: ReaderDesk, *typed: str) -> str:
    who, session = begun(desk, VERIFY)
    desk.order("prove")
    if (said := ordered(desk, "password", *typed)) != "done":
        return said
    return outcome(who, VERIFY, acts.VerifySocialPassword(session))


def kept(li: kit.Resident) -> CardPassword:
    with unit_of_work(area=li.area):
        return CardPassword.objects.get(person_id=li.person_id, card_id=li.card_id)


@pytest.mark.parametrize(("version", "algorithm"), [("3.0", "sm4"), ("3.0", "3des"), ("2.0", "3des")])
def test_enabled_by_the_chip_and_verified_on_it(desk: ReaderDesk, version: str, algorithm: str) -> None:
    """The house keeps no verifier; what the chip finds wrong is wrong, and what it finds right is right."""
    li = kit.resident()
    if version == "2.0":
        with unit_of_work(area=li.area):
            row = li.row_here()
            row.spec_version = "2.00"
            row.save(update_fields=["spec_version"])
    chip = enabled(desk, li, version=version, algorithm=algorithm)
    assert (li.row().social, kept(li).on_chip, bytes(kept(li).verifier)) == ("normal", True, b"")
    assert chip.card.image.secrets.pin.hex() == PIN
    assert verify(desk, WRONG) == "terminals.chip_password_wrong"
    assert chip.card.image.pin_tries == MOST - 1
    assert verify(desk, PIN) == "ok"
    assert (chip.card.image.pin_tries, kept(li).tries) == (MOST, 0)


def test_changed_on_the_chip(desk: ReaderDesk) -> None:
    li = kit.resident()
    chip = enabled(desk, li)
    who, session = begun(desk, CHANGE, "card_slot", "pin_pad", "pin_pad_new")
    desk.order("prove")
    assert ordered(desk, "password", PIN, PIN, PIN) == "cards.password_same"
    assert ordered(desk, "password", PIN, OTHER, WRONG) == "reader.differ"
    assert ordered(desk, "password", PIN, "123456", "123456") == "keys.pin_sequence"
    assert ordered(desk, "password", PIN, "900101", "900101") == "keys.pin_birthday", "the holder's birthday"
    assert ordered(desk, "password", WRONG, OTHER, OTHER) == "terminals.chip_password_wrong"
    assert outcome(who, CHANGE, acts.ChangeSocialPassword(session)) == "terminals.evidence_missing"
    assert chip.card.image.secrets.pin.hex() == PIN, "nothing was changed so far"
    assert ordered(desk, "password", PIN, OTHER, OTHER) == "done"
    assert outcome(who, CHANGE, acts.ChangeSocialPassword(session)) == "ok"
    assert verify(desk, PIN) == "terminals.chip_password_wrong"
    assert verify(desk, OTHER) == "ok"


def test_who_only_verifies_has_set_no_new_one(desk: ReaderDesk) -> None:
    """The chip signs what happened: "right" sent in the place of "new" stays "right"."""
    li = kit.resident()
    enabled(desk, li)
    who, session = begun(desk, CHANGE, "card_slot", "pin_pad", "pin_pad_new")
    desk.order("prove")
    orders = desk.orders()
    now, terminal = orders.slot.session(), Terminal(desk.card.inserted())
    terminal.begin()
    assert terminal.verify(bytes.fromhex(PIN)).good
    for kind in ("pin_pad", "pin_pad_new"):
        orders._tell(now, terminal, kind, "right")
    assert outcome(who, CHANGE, acts.ChangeSocialPassword(session)) == "cards.password_not_new"


def test_locked_by_the_chip_and_opened_with_the_issuers_key(desk: ReaderDesk) -> None:
    li = kit.resident()
    chip = enabled(desk, li)
    assert [verify(desk, WRONG) for _ in range(MOST - 1)] == ["terminals.chip_password_wrong"] * (MOST - 1)
    assert verify(desk, WRONG) == "cards.password_wrong_locked"
    assert (li.row().social, chip.card.image.pin_tries) == ("locked", 0)
    who, session = begun(desk, UNLOCK, "id_reader", "card_slot")
    desk.desk.present_id(li.body)
    assert desk.order("prove")["locked"]
    assert ordered(desk, "open") == "terminals.opening_not_allowed"
    assert outcome(who, UNLOCK, acts.UnlockSocialPassword(session)) == "cards.chip_still_locked"
    assert outcome(who, PERMIT, acts.PermitUnlock(session)) == "ok"
    assert li.row().social == "locked", "nothing is unlocked before the chip is open"
    assert ordered(desk, "open") == "done"
    assert chip.card.image.pin_tries == MOST
    assert outcome(who, UNLOCK, acts.UnlockSocialPassword(session)) == "ok"
    assert (li.row().social, kept(li).unlocks) == ("normal", 1)
    assert verify(desk, PIN) == "ok"


def test_a_forgotten_one_is_replaced_by_the_holder(desk: ReaderDesk) -> None:
    li, stranger = kit.resident(), kit.resident()
    chip = enabled(desk, li)
    who, session = begun(desk, UNLOCK, "id_reader", "card_slot", "pin_pad")
    desk.desk.present_id(stranger.body)
    desk.order("prove")
    assert outcome(who, PERMIT, acts.PermitUnlock(session, reset=True)) == "cards.not_the_holder"
    assert ordered(desk, "open") == "terminals.opening_not_allowed"
    assert ordered(desk, "password", PIN, OTHER, OTHER) == "reader.open_first"
    desk.desk.present_id(li.body)
    assert outcome(who, PERMIT, acts.PermitUnlock(session, reset=True)) == "ok"
    assert ordered(desk, "open") == "done"
    assert ordered(desk, "password", OTHER, OTHER) == "done"
    assert outcome(who, UNLOCK, acts.UnlockSocialPassword(session, reset=True)) == "ok"
    assert chip.card.image.secrets.pin.hex() == OTHER
    assert verify(desk, OTHER) == "ok"


def test_a_chip_that_locked_itself_elsewhere_is_locked_here_too(desk: ReaderDesk) -> None:
    li = kit.resident()
    chip = enabled(desk, li)
    chip.card.image.pin_tries = 0
    chip.card.keep()
    assert verify(desk, PIN) == "cards.password_wrong_locked"
    assert li.row().social == "locked"


def test_the_initial_password_stays_where_the_area_allows_it(town: kit.Town) -> None:
    far = kit.resident(area="990200")
    desk, who = ReaderDesk(town.terminal("990200-BUREAU")), kit.staff("990200-BUREAU", area="990200")
    desk.insert(chip_of(far, "246813"))
    _, session = begun(desk, ENABLE, "id_reader", "card_slot", "pin_pad", who=who)
    desk.desk.present_id(far.body)
    desk.order("prove")
    assert outcome(who, ENABLE, acts.Enable(session, keep_initial=True)) == "ok"
    assert (kept(far).on_chip, kept(far).initial) == (True, True)


def test_no_way_round_the_chips_counter(desk: ReaderDesk, town: kit.Town) -> None:
    """A simulated slot with the card's software key does not bring the twin back."""
    li = kit.resident()
    enabled(desk, li)
    old = town.terminal()
    who = kit.staff()
    session = kit.open_session(who, old, VERIFY, ("card_slot", "pin_pad"))
    old.insert_card(li.card)
    old.enter_pin(PIN)
    assert outcome(who, VERIFY, acts.VerifySocialPassword(session)) == "cards.password_on_chip"


def test_a_block_is_not_taken_for_a_chip_and_the_chips_word_not_for_a_block(desk: ReaderDesk, town: kit.Town) -> None:
    li = kit.resident()
    desk.insert(contacts(image_of(li)))
    begun(desk, ENABLE, "id_reader", "card_slot", "pin_pad")
    desk.order("prove")
    with pytest.raises(DeviceRefused) as no:
        desk.desk.enter_pin(PIN)
    assert no.value.code == "terminals.password_on_chip"
    plain = town.terminal()
    kit.open_session(kit.staff(), plain, ENABLE)
    plain.insert_card(li.card)
    pad = plain.device("pin_pad")
    with pytest.raises(DeviceRefused) as no:
        pad.send(pad.session(), "pin_pad", {"result": "new"})
    assert no.value.code == "terminals.password_not_on_chip"


@pytest.mark.parametrize("left", range(0, 40, 3))
def test_pulled_out_in_the_middle_leaves_nothing_half_done(desk: ReaderDesk, left: int) -> None:
    """Enabling with the card gone after some command: the card is sealed as before, and the next try enables it."""
    li = kit.resident()
    chip = chip_of(li)
    watch = desk.insert(chip)
    who, session = begun(desk, ENABLE, "id_reader", "card_slot", "pin_pad")
    desk.desk.present_id(li.body)
    watch.left = left
    first = ordered(desk, "prove")
    second = ordered(desk, "password", PIN, PIN) if first == "done" else first
    if second != "done":
        assert "chip.card_gone" in (first, second)
        assert outcome(who, ENABLE, acts.Enable(session)) == "terminals.evidence_missing"
        assert li.row().social == "sealed"
        watch.left = -1
        assert ordered(desk, "prove") == "done"
        typed = (PIN, OTHER, OTHER) if chip.card.image.secrets.pin else (OTHER, OTHER)
        assert ordered(desk, "password", *typed) == "done"
    assert outcome(who, ENABLE, acts.Enable(session)) == "ok"
    assert li.row().social == "normal"

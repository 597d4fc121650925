"""The social password: counted before compared, locked alone, never the bank's (security.md T13, §5; CHP-3)."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections

import terminals_kit as kit
from sscard.cards import acts
from sscard.cards.models import Card, CardEvent, CardPassword
from sscard.control.door import perform
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import KeyClient, keys
from sscard.kernel.refusals import Refusal
from sscard.sim.devices import Desk

VERIFY, CHANGE, UNLOCK = "cards.verify_social_password", "cards.change_social_password", "cards.unlock_social_password"
MOST = 6  # social_password_wrong_max of area 990100


@pytest.fixture
def town(house: object) -> Iterator[kit.Town]:
    return kit.Town().settle()


@pytest.fixture
def desk(town: kit.Town) -> Desk:
    return town.terminal()


@pytest.fixture
def li(desk: Desk) -> kit.Resident:
    """Somebody whose card is enabled, with kit.PIN as password."""
    found, who = kit.resident(), kit.staff()
    session = kit.open_session(who, desk, "cards.enable")
    desk.present_id(found.body)
    desk.insert_card(found.card)
    desk.enter_pin(kit.PIN)
    perform(who, "cards.enable", acts.Enable(session), key=kit.key())
    return found


def entered(desk: Desk, who: object, li: kit.Resident, pin: str) -> uuid.UUID:
    session = kit.open_session(who, desk, VERIFY, ("card_slot", "pin_pad"))
    desk.insert_card(li.card)
    desk.enter_pin(pin)
    return session


def verify(desk: Desk, li: kit.Resident, pin: str, **more: object) -> str:
    who = kit.staff()
    return outcome(who, VERIFY, acts.VerifySocialPassword(entered(desk, who, li, pin), **more))


def outcome(who: object, act: str, request: object) -> str:
    try:
        perform(who, act, request, key=kit.key())
    except Refusal as refusal:
        return refusal.code if refusal.next_step("zh") else "no next step"
    return "ok"


def unlock(desk: Desk, li: kit.Resident, new: str = "", **more: object) -> str:
    who = kit.staff()
    session = kit.open_session(who, desk, UNLOCK)
    desk.present_id(li.body)
    desk.insert_card(li.card)
    if new:
        desk.enter_pin(new)
    return outcome(who, UNLOCK, acts.UnlockSocialPassword(session, reset=bool(new), **more))


def kept(li: kit.Resident) -> CardPassword:
    with unit_of_work(area=li.area):
        return CardPassword.objects.get(person_id=li.person_id, card_id=li.card_id)


def test_right_and_wrong(desk: Desk, li: kit.Resident) -> None:
    assert verify(desk, li, kit.PIN) == "ok"
    for wrong in range(1, MOST):
        who = kit.staff()
        request = acts.VerifySocialPassword(entered(desk, who, li, kit.OTHER_PIN))
        with pytest.raises(Refusal) as caught:
            perform(who, VERIFY, request, key=kit.key())
        assert (caught.value.code, caught.value.facts["left"]) == ("cards.password_wrong", MOST - wrong)
    assert kept(li).tries == MOST - 1
    assert verify(desk, li, kit.PIN) == "ok"
    assert (kept(li).tries, li.row().social) == (0, "normal")


def test_the_last_try_locks_and_the_lock_outlives_the_refusal(desk: Desk, li: kit.Resident) -> None:
    outcomes = [verify(desk, li, kit.OTHER_PIN) for _ in range(MOST)]
    assert outcomes == ["cards.password_wrong"] * (MOST - 1) + ["cards.password_wrong_locked"]
    assert li.row().social == "locked"
    assert verify(desk, li, kit.PIN) == "cards.social_locked"
    with unit_of_work(area=li.area):
        assert CardEvent.objects.filter(person_id=li.person_id, act="lock", became="locked").count() == 1


def test_in_parallel_no_more_are_compared_than_allowed(
    desk: Desk, town: kit.Town, li: kit.Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    really = KeyClient.pin_verify

    def counted(self: KeyClient, kind: str, *rest: object) -> bool:
        compared.append(kind)
        return really(self, kind, *rest)

    monkeypatch.setattr(KeyClient, "pin_verify", counted)
    tries = []
    for _ in range(20):
        who, place = kit.staff(), town.terminal()
        tries.append((who, acts.VerifySocialPassword(entered(place, who, li, kit.OTHER_PIN))))

    def one(case: tuple) -> str:
        try:
            return outcome(case[0], VERIFY, case[1])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        got = Counter(pool.map(one, tries))
    assert compared == ["social"] * MOST
    assert got["cards.password_wrong_locked"] == 1
    assert got["cards.password_wrong"] == MOST - 1
    assert got["cards.social_locked"] == 20 - MOST
    assert (li.row().social, kept(li).tries) == ("locked", MOST)


KILLED = """
import os, sys, uuid, django
django.setup()
from sscard.kernel.keyclient import KeyClient
KeyClient.pin_verify = lambda *_: os.kill(os.getpid(), 9)  # after the count, before the answer of the compare
import terminals_kit as kit
from sscard.cards import acts
from sscard.control.door import perform
who = kit.staff(id=uuid.UUID(sys.argv[1]))
perform(who, "cards.verify_social_password", acts.VerifySocialPassword(uuid.UUID(sys.argv[2])), key=kit.key())
"""


def test_a_process_killed_between_count_and_compare_has_counted(desk: Desk, li: kit.Resident, house) -> None:
    who = kit.staff()
    session = entered(desk, who, li, kit.OTHER_PIN)
    path = f"{Path(kit.__file__).parent}:{Path(acts.__file__).parents[2]}"
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(who.id), str(session)],
        env={**house.environ, "PYTHONPATH": path}, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -9, ended.stderr.decode()
    assert kept(li).tries == 1
    for _ in range(MOST - 1):
        verify(desk, li, kit.OTHER_PIN)
    assert li.row().social == "locked"


def test_tries_used_up_by_a_killed_process_lock_at_the_next_look(desk: Desk, li: kit.Resident) -> None:
    with unit_of_work(area=li.area):
        CardPassword.objects.filter(person_id=li.person_id).update(tries=MOST)
    assert verify(desk, li, kit.PIN) == "cards.social_locked"
    assert li.row().social == "locked"


def test_a_try_of_somebody_else_is_not_forgotten_by_a_right_entry(desk: Desk, li: kit.Resident) -> None:
    from sscard.cards.pin import count

    verify(desk, li, kit.OTHER_PIN)
    with unit_of_work(area=li.area):
        card = li.row_here()
        first = count(card, MOST)
        second = count(card, MOST)
    assert first is not None
    assert second is not None
    assert (first[0], second[0]) == (2, 3)
    assert verify(desk, li, kit.PIN) == "ok"  # takes back all that was counted before it, nothing that comes later
    assert kept(li).tries == 0


@pytest.mark.parametrize("state", ["sealed", "temp_loss", "formal_loss", "cancelled", "locked"])
def test_only_an_enabled_card_is_asked(desk: Desk, li: kit.Resident, state: str) -> None:
    with unit_of_work(area=li.area):
        Card.objects.filter(person_id=li.person_id).update(social=state)
    assert verify(desk, li, kit.PIN) == f"cards.social_{state}"
    assert kept(li).tries == 0


# -- change, unlock ----------------------------------------------------------------------------------------------------
def change(desk: Desk, li: kit.Resident, old: str, new: str) -> str:
    who = kit.staff()
    session = kit.open_session(who, desk, CHANGE, ("card_slot", "pin_pad", "pin_pad_new"))
    desk.insert_card(li.card)
    desk.enter_pin(old)
    desk.enter_pin(new, new=True)
    return outcome(who, CHANGE, acts.ChangeSocialPassword(session))


def test_who_knows_the_old_one_sets_a_new_one(desk: Desk, li: kit.Resident) -> None:
    assert change(desk, li, kit.OTHER_PIN, "739105") == "cards.password_wrong"
    assert kept(li).tries == 1
    assert change(desk, li, kit.PIN, kit.PIN) == "cards.password_same"
    assert change(desk, li, kit.PIN, "123456").startswith("keys.pin_")
    assert change(desk, li, kit.PIN, kit.OTHER_PIN) == "ok"
    assert verify(desk, li, kit.PIN) == "cards.password_wrong"
    assert verify(desk, li, kit.OTHER_PIN) == "ok"


def test_guessing_by_way_of_change_locks_as_well(desk: Desk, li: kit.Resident) -> None:
    got = [change(desk, li, kit.OTHER_PIN, "739105") for _ in range(MOST + 1)]
    assert got == ["cards.password_wrong"] * (MOST - 1) + ["cards.password_wrong_locked", "cards.social_locked"]
    assert li.row().social == "locked"


def test_unlocked_at_the_counter_with_id_and_card(desk: Desk, li: kit.Resident) -> None:
    assert unlock(desk, li) == "cards.social_normal"
    for _ in range(MOST):
        verify(desk, li, kit.OTHER_PIN)
    assert unlock(desk, li) == "ok"
    assert (li.row().social, kept(li).tries, kept(li).unlocks) == ("normal", 0, 1)
    assert verify(desk, li, kit.PIN) == "ok"


def test_a_forgotten_password_is_reset_with_and_without_lock(desk: Desk, li: kit.Resident) -> None:
    assert unlock(desk, li, kit.OTHER_PIN) == "ok"
    assert verify(desk, li, kit.OTHER_PIN) == "ok"
    for _ in range(MOST):
        verify(desk, li, kit.PIN)
    assert unlock(desk, li, kit.PIN) == "ok"
    assert verify(desk, li, kit.PIN) == "ok"


def test_a_stranger_unlocks_nothing(desk: Desk, li: kit.Resident) -> None:
    for _ in range(MOST):
        verify(desk, li, kit.OTHER_PIN)
    who, stranger = kit.staff(), kit.resident()
    session = kit.open_session(who, desk, UNLOCK)
    desk.present_id(stranger.body)
    desk.insert_card(li.card)
    request = acts.UnlockSocialPassword(session, agent_papers=("holder_id", "mandate"))
    assert outcome(who, UNLOCK, request) == "cards.not_the_holder"
    assert li.row().social == "locked"


def test_where_unlocks_are_limited_the_card_has_to_be_replaced(town: kit.Town) -> None:
    desk, far = town.terminal("990200-BUREAU"), kit.resident(area="990200", social="locked")
    who = kit.staff("990200-BUREAU", area="990200")
    with unit_of_work(area="990200"):
        from sscard.kernel import clock

        CardPassword(
            person_id=far.person_id, card_id=far.card_id, area_code="990200", verifier=b"x", unlocks=10,
            set_at=clock.real_now(),
        ).save(force_insert=True)  # fmt: skip
    session = kit.open_session(who, desk, UNLOCK)
    desk.present_id(far.body)
    desk.insert_card(far.card)
    assert outcome(who, UNLOCK, acts.UnlockSocialPassword(session)) == "cards.unlocks_used_up"


# -- the initial password ----------------------------------------------------------------------------------------------
def test_an_initial_password_serves_inquiries_only_where_the_area_says_so(town: kit.Town) -> None:
    desk, far = town.terminal("990200-BUREAU"), kit.resident(area="990200")
    who = kit.staff("990200-BUREAU", area="990200")
    session = kit.open_session(who, desk, "cards.enable", ("id_reader", "card_slot"))
    desk.present_id(far.body)
    desk.insert_card(far.card)
    perform(who, "cards.enable", acts.Enable(session, keep_initial=True), key=kit.key())
    tail = "".join(one for one in far.body.id_number if one.isdigit())[-6:]

    def ask(use: str) -> str:
        return outcome(who, VERIFY, acts.VerifySocialPassword(entered(desk, who, far, tail), use=use))

    assert ask("business") == "cards.password_must_change"
    assert ask("inquiry") == "ok"
    session = kit.open_session(who, desk, CHANGE, ("card_slot", "pin_pad", "pin_pad_new"))
    desk.insert_card(far.card)
    desk.enter_pin(tail)
    desk.enter_pin(kit.OTHER_PIN, new=True)
    assert outcome(who, CHANGE, acts.ChangeSocialPassword(session)) == "ok"
    entered(desk, who, far, kit.OTHER_PIN)
    assert outcome(who, VERIFY, acts.VerifySocialPassword(entered(desk, who, far, kit.OTHER_PIN))) == "ok"


# -- never the bank's --------------------------------------------------------------------------------------------------
def test_lock_and_counter_never_touch_the_bank(desk: Desk, li: kit.Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    asked: list[tuple[str, str]] = []
    for verb in ("pin_verify", "pin_set"):
        really = getattr(KeyClient, verb)

        def spy(self: KeyClient, kind: str, *rest: object, really=really, verb=verb) -> object:
            asked.append((verb, kind))
            return really(self, kind, *rest)

        monkeypatch.setattr(KeyClient, verb, spy)
    written: list[str] = []

    def watch(execute, sql, params, many, context):
        if sql.lstrip().lower().startswith(("insert", "update", "delete")):
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        for _ in range(MOST):
            verify(desk, li, kit.OTHER_PIN)
        unlock(desk, li, "739105")
    assert {kind for _, kind in asked} == {"social"}
    assert written
    assert not [sql for sql in written if '"bank_' in sql or '"ledger_' in sql or " bank_" in sql]


def test_one_password_is_never_taken_for_the_other(desk: Desk, li: kit.Resident) -> None:
    """The same digits, the same card: a bank's block is bound to the bank number and does not open here."""
    who = kit.staff()
    kit.open_session(who, desk, "bank.activate", ("card_slot", "pin_pad"))
    desk.insert_card(li.card)
    waiting = desk.device("pin_pad").session()
    assert waiting["account"] == li.card.pan
    kit.open_session(who, desk, VERIFY, ("card_slot", "pin_pad"))
    desk.insert_card(li.card)
    waiting = desk.device("pin_pad").session()
    assert waiting["account"] == li.card.card_id_code
    verifier = bytes(kept(li).verifier)
    from sscard.keys import pinblock

    pad = desk.device("pin_pad").keys
    block = pinblock.make(bytes.fromhex(pad.pin_key), li.card.card_id_code, bytearray(kit.PIN.encode()))
    assert keys().pin_verify("social", li.card.card_id_code, block, desk.terminal, verifier)
    assert not keys().pin_verify("bank", li.card.card_id_code, block, desk.terminal, verifier)

"""Replacement: the number is kept and the account goes over to the new card, or the money moves to the new number whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest
from msgspec import structs

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def counter(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal()


@pytest.fixture
def holder() -> kit.Holder:
    return kit.activated(kit.opened(kit.person()))


@pytest.fixture
def new_number(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with life.bank_that(monkeypatch, replacement="new_number"):
        yield


def second_card(holder: kit.Holder) -> kit.Holder:
    """A further card of the same person, handed out; its account is still the old one."""
    from sscard.cards.models import Card
    from sscard.codes import card_identification_code
    from sscard.kernel import clock, ids
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.sealed import blind_index
    from sscard.people import lookup

    code = card_identification_code.construct(holder.area, uuid.uuid4().bytes[:4])
    card, now = ids.new_id(), clock.now(holder.area)
    with unit_of_work(area=holder.area):
        Card(
            person_id=holder.person_id, card_id=card, area_code=holder.area, facts={"card_id_code": code},
            bank=holder.bank, card_number_mask="*****0002", production="handed_out", social="sealed", created_at=now,
            changed_at=now,
        ).save(force_insert=True)  # fmt: skip
        index = blind_index("card_id_code", code)
        for kind, value in (("card", card), ("card_id_code", index)):
            lookup.put(kind, value, area=holder.area, person_id=holder.person_id, object_id=card)
    return replace(holder, card=card, card_id_code=code)


def asked(holder: kit.Holder, new: kit.Holder, reason: str = "lost") -> Any:
    from sscard.bank.acts import ReplaceAccount

    program = kit.caller("bank_program", bank=holder.bank, area=holder.area)
    return kit.perform(program, "bank.replace_account", ReplaceAccount(holder.account, new.card, reason)).answer


def with_number(new: kit.Holder, answer: dict[str, Any]) -> kit.Holder:
    """The new card bears the number of the account that was opened for it."""
    from sscard.bank.reads import numbers_of
    from sscard.control.door import reading

    account = uuid.UUID(answer["new_account"])
    program = kit.caller("bank_program", bank=new.bank, area=new.area)
    with reading(program, right="bank.file", purpose="test") as inside:
        pan = numbers_of(inside, [account])[account].pan
    return replace(new, account=account, pan=pan)


def hold(holder: kit.Holder, fen: int) -> uuid.UUID:
    from sscard.kernel import clock
    from sscard.ledger import accounts, posting
    from sscard.ledger.permits import INTERNAL, Permit

    now, made = clock.now(holder.area), uuid.uuid4()
    with kit.in_bank(holder):
        shop = posting.Side(*accounts.internal(f"bank:{holder.bank}", "shops", holder.account, now=now), INTERNAL)
        own = posting.Side(holder.person_id, holder.account, Permit.PURCHASE)
        item = posting.Item(
            uuid.uuid4(), "h", b"h" * 32, "purchase", own, shop, fen, clock.today(holder.area),
            action=posting.Action.HOLD, hold=made, expires_at=now + timedelta(days=5),
        )  # fmt: skip
        assert posting.post([item], posted_at=now)[0].status == "held"
    return made


def capture(holder: kit.Holder, hold_id: uuid.UUID) -> str:
    from sscard.kernel import clock
    from sscard.ledger import follow_up, posting
    from sscard.ledger.permits import Permit

    with kit.in_bank(holder):
        found = follow_up.find_hold(holder.person_id, hold_id)
        assert found is not None
        asked = follow_up.Asked(uuid.uuid4(), "c", b"c" * 32, clock.today(holder.area))
        item = follow_up.capture(found, asked, need=Permit.NONE)
        return posting.post([item], posted_at=clock.now(holder.area))[0].status


def available(holder: kit.Holder) -> tuple[int, int]:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        found = reads.balance(holder.person_id, holder.account)
    assert found is not None
    return found.balance_fen, found.available_fen


def activate(counter: kit.Terminal, new: kit.Holder) -> Any:
    from sscard.bank.acts import Activate

    session = counter.present("bank.activate", new)
    return kit.perform(counter.caller, "bank.activate", Activate(new.account, session, "91300000001"))


def events(name: str) -> list[dict[str, Any]]:
    from sscard.control.models import Outbox
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area="990100"):
        return [one.body for one in Outbox.objects.filter(name=name)]


@pytest.mark.usefixtures("new_number")
def test_new_number_balance_and_holds_move_at_once_when_the_new_card_is_activated(
    counter: kit.Terminal, holder: kit.Holder
) -> None:
    from sscard.bank.acts import Deposit
    from sscard.ledger.models import Transfer

    kit.pay_in(holder, 100_000)
    held = hold(holder, 30_000)
    life.report_lost(holder)
    new = second_card(holder)
    new = with_number(new, asked(holder, new))
    assert (new.pan != holder.pan, available(new)) == (True, (0, 0))
    kit.pay_in(holder, 5_000)
    assert available(holder) == (105_000, 75_000), "nothing moves before the new card is activated"
    done = activate(counter, new)
    assert (done.answer["moved"][0]["moved"], done.once["moved_fen"]) == (True, 105_000)
    assert (available(holder), available(new)) == ((0, 0), (105_000, 75_000))
    assert (kit.mirror_of(holder).status, life.restrictions(new)) == ("CLOSED", [])
    with kit.in_bank(holder):
        moves = Transfer.objects.filter(person_id=holder.person_id, kind="replacement")
        assert [(one.amount_fen, one.group_id is not None) for one in moves] == [(105_000, True)]
    assert capture(new, held) == "captured", "found under its first id"
    assert available(new) == (75_000, 75_000)
    told = [one for one in events("bank.account_replaced") if one["old"] == str(holder.account)]
    assert [one["new"] for one in told] == [str(new.account)]
    payer = kit.caller("bank_program", bank="CCB", channel="file")
    kit.perform(payer, "bank.deposit", Deposit(700, number=holder.pan))
    assert available(new) == (75_700, 75_700), "who still pays to the old number reaches the new one"
    assert kit.refused(lambda: kit.pay_in(holder, 1)).code == "bank.closed"


@pytest.mark.usefixtures("new_number")
def test_what_cannot_move_whole_does_not_move_at_all(
    counter: kit.Terminal, holder: kit.Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscard.bank import moving
    from sscard.ledger import posting

    kit.pay_in(holder, 10_000)
    hold(holder, 4_000)
    new = second_card(holder)
    new = with_number(new, asked(holder, new))
    real = moving._items

    def torn(*values: Any) -> Any:
        items, fen, holds = real(*values)
        return [*items[:-1], structs.replace(items[-1], amount_fen=fen + 1)], fen, holds

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_items", torn)
        assert kit.refused(lambda: activate(counter, new)).code == "ledger.insufficient"
    assert (kit.mirror_of(new).status, kit.mirror_of(holder).status) == ("NOT_ACTIVATED", "ACTIVE")
    assert (available(holder), available(new)) == ((10_000, 6_000), (0, 0))
    activate(counter, new)
    assert available(new) == (10_000, 6_000)
    assert posting.MOST_ITEMS >= 2 * moving.MOST_HOLDS + 2


@pytest.mark.usefixtures("new_number")
def test_frozen_money_stays_until_its_authority_lifts_it(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import CompleteReplacement, Lift

    kit.pay_in(holder, 10_000)
    frozen = life.freeze(holder, "AMOUNT_FREEZE", amount_fen=1_000, **life.COURT)
    new = second_card(holder)
    new = with_number(new, asked(holder, new, "damaged"))
    assert activate(counter, new).answer["moved"] == [{"account": str(holder.account), "moved": False}]
    assert (kit.mirror_of(new).status, available(holder)[0], available(new)) == ("ACTIVE", 10_000, (0, 0))
    request = CompleteReplacement(new.account)
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.complete_replacement", request)).code == "bank.frozen"
    life.with_two(counter.caller, "bank.lift", Lift(holder.account, frozen, "lifted", **life.COURT))
    kit.perform(counter.caller, "bank.complete_replacement", request)
    assert (available(holder), available(new)) == ((0, 0), (10_000, 10_000))
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.complete_replacement", request))
    assert refusal.code == "bank.no_replacement"


@pytest.mark.usefixtures("new_number")
def test_a_second_new_card_takes_all_of_both_before_it(counter: kit.Terminal, holder: kit.Holder) -> None:
    kit.pay_in(holder, 10_000)
    first = second_card(holder)
    first = with_number(first, asked(holder, first))
    kit.pay_in(first, 500)
    second = second_card(holder)
    second = with_number(second, asked(holder, second))
    activate(counter, second)
    assert (available(holder), available(first), available(second)) == ((0, 0), (0, 0), (10_500, 10_500))


@pytest.mark.usefixtures("new_number")
def test_money_that_comes_in_while_the_balance_moves_is_not_left_behind(
    counter: kit.Terminal, holder: kit.Holder
) -> None:
    kit.pay_in(holder, 10_000)
    new = second_card(holder)
    new = with_number(new, asked(holder, new))
    session = counter.present("bank.activate", new)
    from sscard.bank.acts import Activate

    jobs = [lambda: kit.perform(counter.caller, "bank.activate", Activate(new.account, session, "91300000001"))]
    jobs += [lambda: kit.pay_in(holder, 100)] * 8
    found = kit.in_threads(jobs)
    accepted = sum(not isinstance(one, Exception) for one in found[1:])
    assert not isinstance(found[0], Exception), found[0]
    assert {getattr(one, "code", "") for one in found[1:] if isinstance(one, Exception)} <= {
        "bank.closed", "ledger.not_permitted",
    }  # fmt: skip
    assert (available(holder)[0], available(new)[0]) == (0, 10_000 + 100 * accepted)


def test_number_kept_the_new_card_takes_the_old_ones_place(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import ActivateReplacement, Withdraw

    kit.pay_in(holder, 10_000)
    life.report_lost(holder)
    frozen = life.freeze(holder, "AMOUNT_FREEZE", amount_fen=2_000, **life.COURT)
    assert frozen
    new = second_card(holder)
    answer = asked(holder, new)
    assert (answer["number_kept"], answer["new_account"]) == (True, str(holder.account))
    session = counter.present("bank.activate_replacement", holder)
    request = ActivateReplacement(holder.account, session)
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.activate_replacement", request))
    assert refusal.code == "bank.card_differs", "the old card is not the new one"
    stranger = counter.present("bank.activate_replacement", new, by=kit.person())
    refusal = kit.refused(
        lambda: kit.perform(counter.caller, "bank.activate_replacement", ActivateReplacement(holder.account, stranger))
    )
    assert refusal.code == "bank.not_the_holder"
    session = counter.present("bank.activate_replacement", new, "840617")
    done = kit.perform(counter.caller, "bank.activate_replacement", ActivateReplacement(holder.account, session))
    assert done.answer["restrictions"] == ["AMOUNT_FREEZE"], "the loss ends, the court's freeze does not"
    assert kit.mirror_of(holder).card_id == new.card
    session = counter.present("bank.withdraw", new, "840617")
    kit.perform(counter.caller, "bank.withdraw", Withdraw(holder.account, session, 8_000))
    session = counter.present("bank.withdraw", holder, "840617")
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.withdraw", Withdraw(holder.account, session, 100)))
    assert refusal.code == "bank.card_differs"
    assert (available(new), events("bank.card_replaced")[-1]["card"]) == ((2_000, 0), str(new.card))


def test_number_kept_before_the_first_activation(counter: kit.Terminal) -> None:
    holder = kit.opened(kit.person())
    kit.pay_in(holder, 900)
    life.report_lost(holder)
    new = second_card(holder)
    asked(holder, new)
    assert life.restrictions(holder) == [], "the lost card is the account's no more"
    assert kit.refused(lambda: activate(counter, holder)).code == "bank.card_differs"
    activate(counter, new)
    assert (kit.mirror_of(new).status, available(new)) == ("ACTIVE", (900, 900))


def test_only_the_same_persons_other_card_replaces(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import ReplaceAccount

    stranger, new = kit.opened(kit.person()), second_card(holder)
    for card in (stranger, holder):
        assert kit.refused(lambda card=card: asked(holder, card)).code == "bank.replace_card"
    assert kit.codes_of(kit.refused(lambda: asked(holder, new, "whim"))) == {"bank.replace_reason"}
    other = kit.caller("bank_program", bank="ICBC")
    request = ReplaceAccount(holder.account, new.card, "lost")
    assert kit.refused(lambda: kit.perform(other, "bank.replace_account", request)).code == "bank.other_bank"


def test_at_another_bank_the_old_account_stays_and_is_the_holders_task(holder: kit.Holder) -> None:
    from sscard.bank.reads_life import left_behind
    from sscard.control.door import reading

    kit.pay_in(holder, 400)
    there = replace(second_card(holder), bank="ICBC")
    kit.opened(there)
    with reading(kit.caller("clerk"), right="cards.view", purpose="identity_check") as inside:
        inside.about(holder.person_id)
        found = left_behind(inside, holder.person_id)
    assert [(one.bank, one.account_id) for one in found] == [("CCB", holder.account)]
    assert kit.balance_of(holder) == 400

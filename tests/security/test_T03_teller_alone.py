"""T03: a teller does nothing to an account without the holder: evidence of the ID, the card and the PIN pad, from one
session of at most ten minutes at one terminal of the account's bank; all acts that open or settle an account ask for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as kit  # isort: skip
from sscard.sim.devices.card_slot import payload as card_payload  # isort: skip

pytestmark = pytest.mark.usefixtures("house")
ID, CARD, PAD = "id_reader", "card_slot", "pin_pad"


@dataclass(frozen=True)
class Matter:
    act: str
    needs: tuple[str, ...]
    request: Callable[[kit.Holder, uuid.UUID], Any]
    awake: bool = True


def _make(name: str, *more: Any) -> Callable[[kit.Holder, uuid.UUID], Any]:
    def build(holder: kit.Holder, session: uuid.UUID) -> Any:
        from sscard.bank import acts

        return getattr(acts, name)(holder.account, session, *more)

    return build


MATTERS = [
    Matter("bank.activate", (ID, CARD, PAD), _make("Activate", "91300000001"), awake=False),
    Matter("bank.pin_reset", (ID, CARD, PAD), _make("PinReset")),
    Matter("bank.pin_unlock", (ID, CARD), _make("PinUnlock")),
    Matter("bank.reverify", (ID, CARD), _make("Reverify")),
    Matter("bank.withdraw", (CARD, PAD), _make("Withdraw", 100)),
    Matter("bank.close", (ID,), _make("Close")),
    Matter("bank.activate_replacement", (ID, CARD, PAD), _make("ActivateReplacement")),
]


@pytest.fixture(scope="module")
def places(_module_house: Any) -> dict[str, kit.Terminal]:
    with _module_house.entered():
        return {"own": kit.Terminal(), "second": kit.Terminal(outlet="990100-CCB-02"), "other": kit.Terminal("ICBC")}


@pytest.fixture(scope="module")
def holders(_module_house: Any) -> dict[bool, kit.Holder]:
    with _module_house.entered():
        awake = kit.activated(kit.opened(kit.person()))
        kit.pay_in(awake, 1_000)
        return {True: awake, False: kit.opened(kit.person())}


def present(
    terminal: kit.Terminal, matter: str, holder: kit.Holder, kinds: tuple[str, ...], who: Any = None
) -> uuid.UUID:
    session = terminal.session(matter, *kinds, who=who)
    if ID in kinds:
        terminal.desk.present_id(holder.virtual_person())
    if CARD in kinds:
        terminal.desk.insert_card(holder.virtual_card())
    if PAD in kinds:
        terminal.desk.enter_pin(kit.PIN)
    return session


@pytest.mark.parametrize("matter", MATTERS, ids=lambda one: one.act)
def test_nothing_without_each_piece_of_evidence_from_this_session(
    matter: Matter, places: dict[str, kit.Terminal], holders: dict[bool, kit.Holder]
) -> None:
    own, holder = places["own"], holders[matter.awake]

    def code(session: uuid.UUID, who: Any = None) -> str:
        request = matter.request(holder, session)
        return str(kit.refused(lambda: kit.perform(who or own.caller, matter.act, request)).code)

    assert code(uuid.uuid4()) == "terminals.session_unknown"
    for left_out in matter.needs:
        kinds = tuple(one for one in matter.needs if one != left_out)
        if PAD in kinds and CARD not in kinds:
            kinds = tuple(one for one in kinds if one != PAD)  # the pad binds a PIN to the card in the slot
        assert code(present(own, matter.act, holder, kinds)) == "terminals.evidence_missing", left_out
    for_another = present(own, "bank.balance", holder, (CARD, PAD))
    assert code(for_another) == "terminals.wrong_matter"
    colleague = kit.caller("teller", bank="CCB", organisation=own.outlet)
    theirs = present(own, matter.act, holder, matter.needs, who=colleague)
    assert code(theirs) == "terminals.wrong_terminal", "evidence serves whoever opened the session"
    other = places["other"]
    elsewhere = present(other, matter.act, holder, matter.needs)
    assert code(elsewhere) == "terminals.wrong_terminal"
    assert code(elsewhere, other.caller) == "bank.other_bank"


def test_a_session_serves_one_act_and_an_old_answer_of_the_chip_none(places: dict[str, kit.Terminal]) -> None:
    from sscard.bank.acts import Activate, Withdraw

    own, holder = places["own"], kit.opened(kit.person())
    session = present(own, "bank.activate", holder, (ID, CARD, PAD))
    kit.perform(own.caller, "bank.activate", Activate(holder.account, session, "91300000001"))
    kit.pay_in(holder, 5_000)
    again = Activate(holder.account, session, "91300000001")
    assert kit.refused(lambda: kit.perform(own.caller, "bank.activate", again)).code == "terminals.session_used"
    session = present(own, "bank.withdraw", holder, (CARD, PAD))
    request = Withdraw(holder.account, session, 100)
    kit.perform(own.caller, "bank.withdraw", request)
    assert kit.refused(lambda: kit.perform(own.caller, "bank.withdraw", request)).code == "terminals.session_used"
    assert kit.balance_of(holder) == 4_900


def test_an_answer_that_the_chip_gave_in_an_earlier_session_serves_no_other(places: dict[str, kit.Terminal]) -> None:
    """The teller's own program keeps what the slot sent while the holder stood there, and plays it when he is gone: as it was,
    to the next session, and told again by the genuine slot."""
    from sscard.bank.acts import Activate

    own, holder = places["own"], kit.opened(kit.person())
    slot, card = own.desk.device(CARD), holder.virtual_card()
    own.session("bank.activate", ID, CARD, PAD)
    first = slot.session()
    recorded = card_payload(card, bytes.fromhex(first["challenge"]))
    slot.send(first, CARD, recorded)
    session = own.session("bank.activate", ID, CARD, PAD)
    own.desk.present_id(holder.virtual_person())
    second = slot.session()
    for played in (recorded, card_payload(card, bytes.fromhex(first["challenge"]))):
        refusal = kit.refused(lambda played=played: slot.send(second, CARD, played))
        assert refusal.code == "terminals.replayed"
    request = Activate(holder.account, session, "91300000001")
    refusal = kit.refused(lambda: kit.perform(own.caller, "bank.activate", request))
    assert (refusal.code, kit.mirror_of(holder).status) == ("terminals.evidence_missing", "NOT_ACTIVATED")


def test_evidence_of_ten_minutes_ago_opens_nothing(
    places: dict[str, kit.Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from sscard.bank.acts import Activate
    from sscard.kernel import clock

    own, holder = places["own"], kit.opened(kit.person())
    request = Activate(holder.account, present(own, "bank.activate", holder, (ID, CARD, PAD)), "91300000001")
    start = clock.real_now
    for minutes in (10, 60):
        with monkeypatch.context() as later:
            later.setattr(clock, "real_now", lambda minutes=minutes: start() + timedelta(minutes=minutes))
            refusal = kit.refused(lambda: kit.perform(own.caller, "bank.activate", request))
        assert (refusal.code, kit.mirror_of(holder).status) == ("terminals.session_expired", "NOT_ACTIVATED")
    kit.perform(own.caller, "bank.activate", request)


def test_a_teller_alone_freezes_lifts_and_buries_nobody() -> None:
    """What needs no holder needs a second person."""
    from sscard.bank.acts import CloseByHeirs, Lift, ReportDeath, Restrict
    from sscard.control.acts_registry import find

    holder = kit.activated(kit.opened(kit.person()))
    teller = kit.caller("teller", bank="CCB")
    for name, request in (
        ("bank.restrict", Restrict(holder.account, "FULL_FREEZE", "test")),
        ("bank.report_death", ReportDeath(holder.account, "9-1")),
        ("bank.close_by_heirs", CloseByHeirs(holder.account, "李大花", "9")),
    ):
        assert kit.perform(teller, name, request).waiting, name
    assert kit.mirror_of(holder).restrictions == []
    assert find("bank.lift").four_eyes
    assert Lift.__dataclass_fields__["authority"].default == "bank"

"""T31 with the chip: what a desk, a page or a program gets of keys is one use for one challenge, and never the key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import chip_desk_kit as chips  # isort: skip
import terminals_kit as kit  # isort: skip
from sscard.cards import acts
from sscard.chip.proof import Proofs
from sscard.chip.reader.terminal import Terminal
from sscard.control.door import perform
from sscard.kernel.keyclient import KeyRefused, keys
from sscard.kernel.refusals import Refusal
from sscard.terminals import devices
from sscard.terminals.chips import ChipSeen
from sscard.terminals.client import DeviceRefused

UNLOCK = "cards.unlock_social_password"


@pytest.fixture
def desk(house: object) -> Iterator[chips.ReaderDesk]:
    return chips.ReaderDesk(kit.Town().settle().terminal())


def test_a_devices_key_makes_tickets_and_nothing_else(desk: chips.ReaderDesk) -> None:
    """With this verb the house cannot forge what a device says, nor can whoever gets hold of it."""
    name = desk.slot().keys.device
    ticket = b"sscard-ticket-1\nx"
    assert keys().device_verify(name, ticket, keys().device_ticket(name, ticket))
    for message in (
        b"",
        b"sscard-evidence-1\n" + name.encode(),
        b"sscard-poll-1\n",
        b"sscard-ticket-2\nx",
        b"sscard-open-1",
    ):
        with pytest.raises(KeyRefused) as no:
            keys().device_ticket(name, message)
        assert no.value.code == "keys.ticket_only"


@pytest.mark.usefixtures("whose_keys")
def test_the_issuers_key_opens_one_chip_once(desk: chips.ReaderDesk) -> None:
    """Not without an act that allowed it, not for a step that it did not allow, not by another device; and what the chip
    was told once is of no use to it again."""
    li, who = kit.resident(), kit.staff()
    chip = chips.chip_of(li, kit.PIN)
    watch = desk.insert(chip)
    session = kit.open_session(who, desk.desk, UNLOCK, ("id_reader", "card_slot"))
    slot = desk.slot()
    now = slot.session()

    def asked(device: Any, step: str, challenge: bytes = bytes(8)) -> str:
        try:
            device.opening(now, step, challenge)
        except DeviceRefused as no:
            return no.code
        return "ok"

    assert asked(slot, "puk") == "terminals.opening_not_allowed"
    desk.desk.present_id(li.body)
    desk.order("prove")
    from sscard.cards.models import Card
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=li.area):
        Card.objects.filter(person_id=li.person_id).update(social="locked")
        from sscard.cards.models import CardPassword
        from sscard.kernel import clock

        CardPassword(
            person_id=li.person_id, card_id=li.card_id, area_code=li.area, verifier=b"", on_chip=True,
            set_at=clock.real_now(),
        ).save(force_insert=True)  # fmt: skip
    perform(who, "cards.permit_unlock", acts.PermitUnlock(session), key=kit.key())
    assert asked(slot, "empty") == "terminals.opening_not_allowed", "only the counter was allowed"
    assert asked(slot, "irk") == "terminals.opening_not_allowed"
    assert asked(slot, "puk", bytes(4)) == "terminals.payload_wrong"
    assert asked(desk.desk.device("pin_pad"), "puk") == "terminals.session_unknown"
    desk.order("open")
    opened = [raw for raw, _ in watch.heard if raw[1] in (0x82, 0x24)]
    assert len(opened) == 2
    for step in ("puk", "counter"):
        assert [asked(slot, step, bytes([n]) * 8) for n in (1, 2, 3)] == ["ok", *["terminals.opening_spent"] * 2], (
            "once more after lost contact"
        )
    perform(who, "cards.permit_unlock", acts.PermitUnlock(session), key=kit.key())
    assert asked(slot, "counter", bytes([4]) * 8) == "terminals.opening_spent", "a session has one permission"
    with unit_of_work(area=li.area):
        assert CardPassword.objects.get(person_id=li.person_id).unlocks == 1, "counted when it was allowed, and once"
    terminal = Terminal(watch.inserted())
    terminal.begin()
    for raw in opened:
        assert terminal.exchange(raw).sw in (0x6984, 0x6982), "without its challenge"
    terminal.challenge()
    assert terminal.exchange(opened[0]).sw & 0xFFF0 == 0x63C0, "another challenge"


def test_test_keys_serve_no_area_in_earnest(monkeypatch: pytest.MonkeyPatch, desk: chips.ReaderDesk) -> None:
    from sscard.law import areas

    earnest = type("Area", (), {"sandbox": False})()
    monkeypatch.setattr(areas, "get", lambda code: earnest)
    chip = ChipSeen("330100D15600000512345678FFFFFFFF", bytes.fromhex("3B6D0000") + bytes(13), 3)
    for what in (lambda: Proofs().answered(chip, bytes(16), bytes(8)), lambda: Proofs().opening(chip, "puk", bytes(8))):
        with pytest.raises(Refusal) as no:
            what()
        assert no.value.code == "chip.test_keys"


def test_a_ticket_is_for_the_terminals_own_slot(desk: chips.ReaderDesk) -> None:
    with pytest.raises(Refusal) as no:
        devices.ticket("S", "T-none", "https://localhost")
    assert no.value.code == "terminals.device_absent"

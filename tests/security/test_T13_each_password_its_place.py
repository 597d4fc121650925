"""CHP-3 over the whole table of passwords: each in the other's place is refused, the other's counter stays as it was.

The card has a chip and lies in a reader; its bank account has a bank password; the two are different."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as bank  # isort: skip
import chip_desk_kit as chips  # isort: skip
import savings_kit  # isort: skip
import terminals_kit as kit  # isort: skip
from sscard.cards import acts as cards
from sscard.chip.card.transport import Contacts
from sscard.chip.reader import proving
from sscard.chip.reader.terminal import Terminal
from sscard.kernel.refusals import Refusal
from sscard.sim.devices import VirtualCard, VirtualPerson
from sscard.terminals.chips import password_message
from sscard.terminals.client import DeviceRefused
from sscard.terminals.passwords import BANK, CURRENT, NEW, SOCIAL, TABLE, Asks, asked_by

pytestmark = pytest.mark.usefixtures("house")
SOCIAL_PIN, BANK_PIN = "830274", bank.PIN
ID, CARD, PAD, NEW_PAD = "id_reader", "card_slot", "pin_pad", "pin_pad_new"
WANTED = {
    "cards.change_social_password": (CARD, PAD, NEW_PAD),
    "cards.verify_social_password": (CARD, PAD),
}
CHIP_COMMANDS = {0x20, 0x5E, 0x24}
"""VERIFY, CHANGE PIN, PIN CHANGE/UNBLOCK."""


@dataclass
class Holder:
    """Somebody with a chip, a social password on it, and a bank account with its own password."""

    account: bank.Holder
    chip: Contacts
    watch: chips.Pulled

    def counters(self) -> tuple[int, int]:
        """Tries left on the chip, tries counted at the bank."""
        from sscard.bank.models import PinCount

        with bank.in_bank(self.account):
            counted = PinCount.objects.filter(account_id=self.account.account).values_list("tries", flat=True).first()
        return self.chip.card.image.pin_tries, counted or 0

    def asked_the_chip(self) -> bool:
        return any(raw[1] in CHIP_COMMANDS and len(raw) > 5 for raw, _ in self.watch.heard)


@pytest.fixture(scope="module")
def place(_module_house: Any) -> Iterator[bank.Terminal]:
    with _module_house.entered():
        yield bank.Terminal()


@pytest.fixture
def desk(place: bank.Terminal) -> chips.ReaderDesk:
    return chips.ReaderDesk(place.desk)


@pytest.fixture
def holder(desk: chips.ReaderDesk) -> Holder:
    account = bank.activated(bank.opened(bank.person()))
    bank.pay_in(account, 50_000)
    card = VirtualCard(account.card_id_code, "X90000011", "", account.pan)
    resident = kit.Resident(
        account.person_id, account.card, account.area, VirtualPerson.of(account.name, account.id_number), card
    )
    chip = chips.chip_of(resident, SOCIAL_PIN)
    return Holder(account, chip, desk.insert(chip))


def requests() -> dict[str, Callable[[Holder, uuid.UUID], Any]]:
    """Of every business that compares a password that is set."""
    from sscard.bank import acts
    from sscard.bank.savings.acts_settings import SetSettings
    from sscard.bank.savings.authorise import Authorise
    from sscard.bank.savings.orders import RecallTransfer
    from sscard.bank.savings.purchase import Buy, VoidPurchase
    from sscard.bank.savings.statement import Statement

    other = bank.opened(bank.person())
    return {
        "cards.verify_social_password": lambda one, session: cards.VerifySocialPassword(session),
        "bank.balance": lambda one, session: acts.Balance(one.account.account, session),
        "bank.withdraw": lambda one, session: acts.Withdraw(one.account.account, session, 100),
        "bank.transfer": lambda one, session: savings_kit.request(one.account, other, 100, session=session),
        "bank.transfer_recall": lambda one, session: RecallTransfer(one.account.account, uuid.uuid4(), session),
        "bank.statement": lambda one, session: Statement(one.account.account, session),
        "bank.settings": lambda one, session: SetSettings(one.account.account, session=session),
        "bank.purchase": lambda one, session: Buy(one.account.account, 100, "店", session),
        "bank.purchase_void": lambda one, session: VoidPurchase(one.account.account, uuid.uuid4(), "店", session),
        "bank.authorise": lambda one, session: Authorise(one.account.account, 100, "店", session),
        "bank.enrol_online": lambda one, session: acts.EnrolOnline(one.account.account, session),
    }


def begun(place: bank.Terminal, desk: chips.ReaderDesk, asks: Asks, holder: Holder) -> uuid.UUID:
    """A session for the matter with ID and card read."""
    session = place.session(asks.matter, *WANTED.get(asks.matter, (ID, CARD, PAD)))
    if asks.matter not in WANTED:
        place.desk.present_id(holder.account.virtual_person())
    desk.order("prove")
    return session


def code_of(job: Callable[[], Any]) -> str:
    try:
        job()
    except (Refusal, DeviceRefused) as no:
        return str(no.code)
    return "ok"


@pytest.mark.row("CHP-3")
@pytest.mark.parametrize("asks", [one for one in TABLE if one.which == SOCIAL], ids=lambda one: one.matter)
def test_the_bank_password_where_the_social_one_is_asked(
    place: bank.Terminal, desk: chips.ReaderDesk, holder: Holder, asks: Asks
) -> None:
    """Typed at the reader it goes to the chip, which finds it wrong; as a block for the bank it is not even taken in."""
    begun(place, desk, asks, holder)
    tries, counted = holder.counters()
    pad = place.desk.device("pin_pad")
    as_block = code_of(lambda: pad.send(pad.session(), PAD, {"block": "0" * 32}))
    assert as_block == "terminals.password_on_chip"
    assert holder.counters() == (tries, counted), "nobody compared anything"
    if asks.how == "renew":
        assert code_of(lambda: desk.order("password", BANK_PIN)) == "reader.open_first"
        assert holder.counters() == (tries, counted)
        return
    typed = (BANK_PIN,) if asks.how == CURRENT else (BANK_PIN, "291746", "291746")
    assert code_of(lambda: desk.order("password", *typed)) == "terminals.chip_password_wrong"
    assert holder.counters() == (tries - 1, counted), "the chip counted, the bank did not"


@pytest.mark.row("CHP-3")
@pytest.mark.parametrize("asks", [one for one in TABLE if one.which == BANK], ids=lambda one: one.matter)
def test_the_social_password_where_the_banks_is_asked(
    place: bank.Terminal, desk: chips.ReaderDesk, holder: Holder, asks: Asks
) -> None:
    """Typed at the reader it goes to the bank, which finds it wrong; the chip's own signed word is not even taken in."""
    session = begun(place, desk, asks, holder)
    before = holder.counters()
    now = desk.slot().session()
    terminal = Terminal(holder.watch.inserted())
    terminal.begin()
    assert terminal.verify(bytes.fromhex(SOCIAL_PIN)).good
    certificate = proving.certificate(terminal).hex()
    where = (now["session"], asks.matter, bytes.fromhex(now["nonce"]), bytes.fromhex(now["challenge"]))
    signed = proving.signature(terminal, password_message(*where, holder.account.card_id_code, "right")).hex()
    word = {"result": "right", "certificate": certificate, "signature": signed}
    told = code_of(lambda: place.desk.device("pin_pad").send(now, PAD, word))
    assert (told, holder.counters()) == ("terminals.password_not_on_chip", before)
    holder.watch.heard.clear()
    new = asks.how == NEW
    assert code_of(lambda: desk.order("password", *[SOCIAL_PIN] * (2 if new else 1))) == "ok"
    assert not holder.asked_the_chip(), "a bank's matter never touches the chip's password"
    if new:
        return
    make = requests()[asks.matter]
    refused = code_of(lambda: bank.perform(place.caller, asks.matter, make(holder, session)))
    assert refused == "bank.pin_wrong"
    assert holder.counters() == (before[0], before[1] + 1), "the bank counted, the chip did not"


def test_the_table_is_whole() -> None:
    """Every business that compares a password has its request here, and what is not in the table asks for none."""
    compared = {one.matter for one in TABLE if one.how == CURRENT}
    assert compared == set(requests())
    assert asked_by("bank.close") is None
    assert asked_by("issuing.hand_over") is None


def test_what_is_published_is_the_table() -> None:
    """docs/passwords.md and the page say what the product does."""
    from pathlib import Path

    from django.test import Client

    from sscard.terminals.passwords_document import document, rows

    text = (Path(__file__).parents[2] / "docs" / "passwords.md").read_text(encoding="utf-8")
    assert text == document(), "run: sscard card passwords > docs/passwords.md"
    page = Client().get("/passwords/?lang=en", follow=True, secure=True, headers={"host": "localhost"}).content.decode()
    assert all(row[0].replace("'", "&#x27;") in page for row in rows("en"))


def test_a_matter_without_password_takes_none(place: bank.Terminal, desk: chips.ReaderDesk, holder: Holder) -> None:
    place.session("bank.close", CARD, PAD)
    desk.order("prove")
    assert code_of(lambda: desk.order("password", BANK_PIN)) == "terminals.no_password_asked"
    pad, now = place.desk.device("pin_pad"), desk.slot().session()
    assert code_of(lambda: pad.send(now, PAD, {"block": "0" * 32})) == "terminals.no_password_asked"

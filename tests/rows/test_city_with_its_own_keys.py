"""CHP-1, ISS-5, ISS-7 and Articles 22 to 25 in a city in earnest: its cards have their own keys out of a ceremony, its PSAM is
loaded like them, and whoever has test keys only gets nothing. Over PC/SC, by the producer's own program, by the page."""

from __future__ import annotations

import io
import json
import secrets
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from canary_kit import found_in_clear
from chip_kit import PORTS, psam, reader_service, wait_for
from real_keys_kit import hold_ceremony
from sscard.chip.card.pins import packed
from sscard.chip.reader.pcsc import PcscCard
from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from issuing_kit import Office, Resident
    from security_kit import Town
    from tests_support import House

AREA, INITIAL = "990100", "123456"
FIELDS = {
    "name": "测试乙",
    "phone": "93000000008",
    "live_address": "云溪市溪东路8号",
    "household_address": "云溪市溪西路6号",
}


@pytest.fixture
def pcscd(house: object) -> Iterator[None]:
    yield from reader_service()


@pytest.fixture
def office(house: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The office of a city that is no sandbox any more, its plant's machine admitted."""
    import issuing_kit
    from sscard.kernel.keyclient import keys
    from sscard.law.area import Area

    monkeypatch.setattr(issuing_kit, "PHOTO", photo())
    found = issuing_kit.Office.open()
    keys().receiver_admit("plant", found.maker.keys.receiving.public, [b"a" * 32, b"b" * 32])
    monkeypatch.setattr(Area, "sandbox", property(lambda area: area.code != AREA and area.sheet.sandbox))
    yield found
    shutil.rmtree(found.folder)


@pytest.fixture
def town(house: object) -> Town:
    from issuing_kit import BUREAU
    from security_kit import Town

    found = Town()
    found.member(f"clerk.{uuid.uuid4().hex[:8]}", "clerk", BUREAU, AREA)
    return found


def photo() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.linear_gradient("L").resize((358, 441)).convert("RGB").save(out, "JPEG", quality=40)
    return out.getvalue()


def opened(office: Office, batch: uuid.UUID) -> Any:
    """The package as the producer opens it."""
    from issuing_kit import MAKER
    from sscard.issuing.producers import issuer_name, trust
    from sscard.keys.envelope import open_envelope

    return open_envelope(
        office.package(batch).read_bytes(), sender=issuer_name(AREA), sender_public=bytes.fromhex(trust(AREA)["signing"]),
        receiver=MAKER, opener=office.maker.keys.receiving, now=datetime.now(UTC),
    )  # fmt: skip


def code_of(office: Office, who: Resident) -> str:
    from sscard.sim.devices.wallet import Wallet

    return Wallet(office.wallet).card(who.id_number).card_id_code


def set_of(who: Resident) -> str:
    from sscard.cards.models import Card
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=AREA):
        return str(Card.objects.get(person_id=who.person_id).key_set)


def keeper(*roles: str) -> Any:
    from issuing_kit import staff

    return staff(*roles or ("key_custodian",))


def registered(kind: str, number: str, key_set: str) -> uuid.UUID:
    from issuing_kit import approve
    from sscard.control.door import perform
    from sscard.keys.custody import RegisterCarrier

    request = RegisterCarrier(kind, number, "ministry", "bureau", key_set)
    return uuid.UUID(
        approve(keeper(), perform(keeper(), "keys.register_carrier", request, key=uuid.uuid4().hex))["carrier"]
    )


def loaded_psam(office: Office, key_set: str) -> Any:
    """A PSAM of the register, loaded by the plant's machine."""
    from sscard.chip.psam import making
    from sscard.control.door import perform
    from sscard.keys.psams import LoadPsam

    carrier = registered("psam", f"{AREA}{secrets.randbelow(10**10):010d}", key_set)
    request = LoadPsam(carrier, office.maker.keys.receiving.public.hex(), 3)
    package = perform(keeper(), "keys.load_psam", request, key=uuid.uuid4().hex).once["package"]
    path = office.folder / "psam.load"
    path.write_bytes(package)
    held = making.make(making.read(path), office.maker.keys.receiving.unwrap)
    assert held.label == f"sscard {key_set}"
    making.keep(held, office.folder / "psam.card")
    return making.psam(making.kept(office.folder / "psam.card"))


@pytest.mark.row("CHP-1")
@pytest.mark.row("ISS-7", part="keys and card data")
@pytest.mark.row("ISS-5")
def test_a_city_with_keys_of_its_own(house: House, office: Office, town: Town, pcscd: None) -> None:
    from issuing_kit import MAKER, do, program
    from sscard.chip.card import VirtualCard
    from sscard.chip.card.transport import Contacts
    from sscard.chip.drawer import Drawer
    from sscard.chip.proof import Proofs
    from sscard.chip.psam.client import PsamClient
    from sscard.chip.reader import proving
    from sscard.chip.reader.terminal import Terminal
    from sscard.chip.reader.vpcd import InReader
    from sscard.codes import card_identification_code as codes
    from sscard.issuing import acts
    from sscard.kernel.keyclient import keys
    from sscard.terminals.chips import ChipSeen

    first = hold_ceremony(keys(), f"city:{AREA}")
    who = office.people(1, photo=True, **FIELDS)[0]
    batch = office.released([who])
    package = opened(office, batch)
    do(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(batch, office.produce(batch)))
    label, transport, _ = msgspec.msgpack.decode(package.parts["scripts-001.msgpack"], strict=False)
    assert label == f"sscard {first}"
    assert set_of(who) == first, "the card says which set it was made with"
    code = code_of(office, who)
    data = codes.authentication_input(AREA, codes.get_serial(code))
    assert codes.get_authentication_code(code) == keys().issuer_codes(AREA, 3, [data])[0]
    store = Drawer(office.folder / "drawer").by_code(code)
    with ExitStack() as readers:
        readers.enter_context(InReader(Contacts(VirtualCard(store)), port=PORTS[0]))
        readers.enter_context(InReader(loaded_psam(office, first), port=PORTS[1]))
        wait_for(lambda: there(0) and there(1), "the readers see card and PSAM")
        card, second = PcscCard(0), PcscCard(1)
        # test keys: nothing is proved, nothing is opened
        stranger = Terminal(card, psam(area=AREA))
        stranger.begin()
        assert not stranger.card_proves_itself()
        assert stranger.authenticate("SSSE", "RKSSSE").sw & 0xFFF0 == 0x63C0
        # its own PSAM in the second reader: internal and external authentication, all three key versions
        terminal = Terminal(card, PsamClient(second))
        issuer = terminal.begin()
        assert terminal.card_proves_itself()
        assert all(terminal.authenticate("SSSE", "RKSSSE", version).good for version in (1, 2, 3))
        same_on_page_and_chip(town, who, terminal, issuer)
        # the desk's side: the chip's own answer under its own set, and its password opened again
        chip = ChipSeen(code, card.atr, 3)
        question = secrets.token_bytes(16)
        answer = proving.answer(terminal, question)
        assert Proofs().answered(chip, question, answer)
        assert not Proofs().answered(chip, question, bytes(8))
        while terminal.verify(packed("999999")).sw != 0x6983:
            pass
        for step in ("puk", "counter"):
            assert terminal.exchange(Proofs().opening(chip, step, terminal.challenge())).good
        assert terminal.verify(packed(INITIAL)).good
        second.close()
        card.close()
    image = store.load()
    own = {key for versions in image.secrets.keys.values() for key in versions} | {image.secrets.signing}
    own.add(office.maker.keys.receiving.unwrap(transport))
    searched, bad = found_in_clear(own, office.folder, package.parts, house)
    assert searched > 100
    assert not bad
    # rotation: new cards get the new set, this one goes on under its own; a lost carrier reaches exactly its own cards
    second_set = hold_ceremony(keys(), f"city:{AREA}")
    others = office.people(2, **FIELDS)
    office.returned(others)
    assert {set_of(one) for one in others} == {second_set}
    assert Proofs().answered(chip, question, answer)
    assert lost(first) == (1, 1)
    assert lost(second_set) == (2, 2)
    # retirement: whoever asks for the old set is told to replace the card
    for algorithm in (1, 3):
        keys().key_set_retire(first, algorithm)
    with pytest.raises(Refusal) as no:
        Proofs().answered(chip, question, answer)
    assert no.value.code == "keys.tree_retired"
    assert no.value.next_step("zh")


def there(reader: int) -> bool:
    from sscard.chip.faults import ChipFault

    try:
        PcscCard(reader).close()
    except ChipFault:
        return False
    return True


def lost(key_set: str) -> tuple[int, int]:
    """Cards and people that the loss of a key card with this set reaches."""
    from sscard.control.door import perform
    from sscard.keys.custody import ReportLoss

    carrier = registered("key_card", f"K-{uuid.uuid4().hex[:8]}", key_set)
    request = ReportLoss(carrier, "not in the safe")
    told = perform(keeper(), "keys.report_loss", request, key=uuid.uuid4().hex).answer
    return told["cards"], told["people"]


def same_on_page_and_chip(town: Town, who: Resident, terminal: Any, issuer: Any) -> None:
    """Each item that was collected, on the person's page and on the chip."""
    from sscard.chip.files.table import the_file

    page = town.page(next(iter(town.staff)))
    shown = {"id_number": who.id_number, **FIELDS}
    for field, value in shown.items():
        answer = page.post(f"/people/{who.public_id}/reveal/", {"field": field}, HTTP_ACCEPT="application/json")
        assert json.loads(answer.content)["value"].replace(" ", "") == value, field
    page.cookies["__Host-sscard-lang"] = "zh"
    html = page.get(f"/people/{who.public_id}/").content.decode()
    born = f"{who.id_number[6:10]}-{who.id_number[10:12]}-{who.id_number[12:14]}"
    assert "女" in html
    assert "汉" in html
    assert born in html or f"{int(born[:4])}年{int(born[5:7])}月{int(born[8:])}日" in html
    assert "person-photo" in html
    assert "person-no-photo" not in html
    holder = terminal.read_file(the_file("3.0", "SSSE", 0x06))
    assert holder["social_security_number"] == who.id_number
    assert holder["name"] == FIELDS["name"]
    assert (holder["sex"], holder["nation"]) == ("2", "01")
    assert holder["birth_date"].replace("-", "") == who.id_number[6:14]
    assert issuer["card_id_code"][:6] == AREA
    assert terminal.read_binary(8, 4096).startswith(b"\xff\xd8\xff"), "the photo"
    terminal.select_application("DF01")
    assert terminal.verify(packed(INITIAL)).good
    assert terminal.read_file(the_file("3.0", "DF01", 0x05))["household_address"] == FIELDS["household_address"]
    residence = terminal.read_file(the_file("3.0", "DF01", 0x06))
    assert (residence["address"], residence["phone"]) == (FIELDS["live_address"], FIELDS["phone"])
    terminal.begin()

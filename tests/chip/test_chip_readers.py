"""Programs that nobody here wrote read the virtual card through a real reader service; and terminals' own sequences.

The sequences are written from the standard's own words (S5, S7, T2): select the environment, read by number, by tag, whole
files, prove the password, prove a key through the PSAM; in several orders and with several lengths, over both transports.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chip_kit import PORTS, contacts, psam, wait_for
from sscard.chip.card import Image
from sscard.chip.card.transport import Profile
from sscard.chip.conformance import run_suite
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.faults import ChipFault
from sscard.chip.files import DF_NAME, files, key_rules
from sscard.chip.personal import demo
from sscard.chip.psam.card import Psam
from sscard.chip.psam.client import PsamClient
from sscard.chip.reader.pcsc import PcscCard, readers, the_card
from sscard.chip.reader.reading import read_card, reader_string
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.vpcd import InReader

pytestmark = pytest.mark.usefixtures("pcscd")

SSSE = "00A404000F" + DF_NAME.hex().upper()
PIN = "0020000003246813"
EMV_CLIENT = Path(__file__).parents[1] / "emv_client.py"
SIZES = (18, 3, 6, 14, 6, 6, 11)
"""Records of EF05 with tag and length: 64 bytes in all."""
Insert = Callable[..., PcscCard]


@pytest.fixture
def insert() -> Iterator[Insert]:
    """Puts a card into a virtual reader and answers it as PC/SC sees it."""
    with ExitStack() as stack:

        def put(image: Image, profile: Profile = "apdu", slot: int = 0) -> PcscCard:
            stack.enter_context(InReader(contacts(image, profile), port=PORTS[slot]))
            wait_for(lambda: present(slot), "the reader sees the card")
            card = PcscCard(slot)
            stack.callback(card.close)
            return card

        yield put


def present(slot: int) -> bool:
    try:
        PcscCard(slot).close()
    except ChipFault:
        return False
    return True


def code_of(what: Callable[[], object]) -> str:
    try:
        what()
    except ChipFault as no:
        return no.code
    return ""


def run(*command: str, stdin: str = "") -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def answers(card: PcscCard, *sent: str) -> list[str]:
    return [card.transmit(bytes.fromhex(one)).hex() for one in sent]


def test_opensc_tool(insert: Insert) -> None:
    insert(demo.card(version="2.0", algorithm="3des"))
    assert "Virtual PCD 00 00" in run("opensc-tool", "-l")
    assert run("opensc-tool", "-r", "0", "-a").startswith("3b:6d:00:00")
    told = run("opensc-tool", "-r", "0", "-s", SSSE, "-s", "00B2072C00", "-s", "00B2093000")
    assert told.count("SW1=0x90, SW2=0x00") == 3
    assert "X90000011" in told


def test_scriptor(insert: Insert) -> None:
    insert(demo.card())
    sent = " ".join(re.findall("..", SSSE))
    told = run("scriptor", "-r", "Virtual PCD 00 00", stdin=f"{sent}\n00 B2 03 2C 00\n00 B2 01 34 00\n")
    assert "90 00 : Normal processing" in told
    assert "33 2E 30 30" in told.replace("\n", " "), "version 3.00"
    assert "69 82" in told, "EF06 of a third-generation card"


def test_pcsc_scan(insert: Insert) -> None:
    insert(demo.card())
    told = re.sub(r"\x1b\[[0-9;]*m", "", run("timeout", "-s", "INT", "5", "pcsc_scan", "-n"))
    assert "Virtual PCD 00 00" in told
    assert "3B 6D 00 00" in told


def test_the_emv_client_of_the_package_registry(insert: Insert) -> None:
    """The payment side as a payment program sees it, over both transports: directory, application, number and expiry; nothing of
    the social side."""
    if importlib.util.find_spec("emv") is None:
        pytest.skip("not installed: emv (requirements/emv.txt, --no-deps)")
    for slot, profile in enumerate(("apdu", "t0")):
        insert(demo.card(sequence=slot + 1), profile, slot)

        def emvtool(*words: str, slot: int = slot) -> str:
            return run(sys.executable, str(EMV_CLIENT), "-r", str(slot), *words)

        listed = emvtool("listapps")
        assert "PBOC DEBIT" in listed, listed
        assert "A0 00 00 03 33 01 01 01" in listed
        for told in (emvtool("info"), emvtool("appdata", "0")):
            for word in ("9217000000000019", "36/01/31", "TEST/CARD", "CN"):
                assert word in told, told
            assert "X9000001" not in told
            assert "测试卡人" not in told


def test_two_cards_at_once(insert: Insert) -> None:
    one, two = insert(demo.card(sequence=1), slot=0), insert(demo.card(sequence=2), slot=1)
    assert len(readers()) >= 2
    numbers = [answers(card, SSSE, "00B2072C00")[1] for card in (one, two)]
    assert numbers[0] != numbers[1]


@pytest.mark.row("CHP-2")
@pytest.mark.parametrize("order", ["numbers", "tags", "files", "backwards"])
@pytest.mark.parametrize("profile", ["apdu", "t0"])
def test_reading_the_environment(insert: Insert, profile: Profile, order: str) -> None:
    """EF05 and EF06 of a second-generation card in the ways that the standard allows."""
    card = insert(demo.card(version="2.0", algorithm="3des", long_name=True), profile)
    terminal = Terminal(card)
    assert terminal.select(DF_NAME).good
    whole = {5: terminal.read_record(5, 1, 5).data, 6: terminal.read_record(6, 1, 5).data}
    assert {number: len(raw) for number, raw in whole.items()} == {5: 64, 6: 91}
    rows = {file.id: file.rows for file in files("2.0") if file.application == "SSSE"}
    for number in (5, 6):
        found = []
        for at, item in enumerate(rows[number], 1):
            if order == "numbers":
                found.append(terminal.read_record(number, at, le=0).data)
            elif order == "tags":
                found.append(terminal.read_record(number, item.tag, 0, le=item.length).data)
            elif order == "files":
                terminal.send("SELECT", bytes((0x00, 0xA4, 0x02, 0x00, 0x02, 0xEF, number)))
                found.append(terminal.read_record(0, at, le=item.length + 2).data)
            else:
                found.append(terminal.read_record(number, len(rows[number]) + 1 - at).data)
        assert b"".join(found[::-1] if order == "backwards" else found) == whole[number]


@pytest.mark.row("CHP-2")
@pytest.mark.parametrize("profile", ["apdu", "t0"])
def test_lengths_that_terminals_send(insert: Insert, profile: Profile) -> None:
    """Le of the value alone, without its two bytes of tag and length, as well as 00 and the exact one; whole files from
    the first record to the last, from the middle, and backwards."""
    card = insert(demo.card(version="1.0", algorithm="3des"), profile)
    fci = answers(card, SSSE, "00C000001E")[profile == "t0"]
    assert answers(card, SSSE)[0] == ("611e" if profile == "t0" else fci), "61xx, or the answer at once"
    assert fci.endswith("9000")
    assert len(bytes.fromhex(fci)) == 32
    value, exact = answers(card, SSSE, "00B2083012", "00B2083014")[1:]
    assert value == "6c14"
    assert exact.endswith("9000")
    assert answers(card, "00B2083000")[0] == ("6c14" if profile == "t0" else exact)
    rows = [answers(card, f"00B2{number:02X}2C{size:02X}")[0][:-4] for number, size in enumerate(SIZES, 1)]
    assert answers(card, f"00B2012D{sum(SIZES):02X}")[0] == "".join(rows) + "9000"
    assert answers(card, f"00B2032D{sum(SIZES[2:]):02X}")[0] == "".join(rows[2:]) + "9000"
    assert answers(card, f"00B2012E{sum(SIZES):02X}")[0] == "".join(rows[::-1]) + "9000"
    assert answers(card, f"00B2012D{sum(SIZES) - 2:02X}")[0] == f"6c{sum(SIZES):02x}"


@pytest.mark.row("CHP-2")
@pytest.mark.parametrize("profile", ["apdu", "t0"])
def test_password_then_insurance(insert: Insert, profile: Profile) -> None:
    card = Terminal(insert(demo.card(version="2.0", algorithm="3des"), profile))
    card.select(DF_NAME)
    card.select_application("DF04")
    assert card.read_record(5, 1).sw == 0x6982
    assert card.exchange(bytes.fromhex(PIN)).good
    assert card.read_record(5, 0x81, 0).data[2:] == b"31000000"
    card.select_application("DF03")
    assert card.read_record(7, 0x70, 0).data[2:] == b"110"
    assert card.card.reset()[:1] == b"\x3b"
    card.select_application("DF03")
    assert card.read_record(7, 1).sw == 0x6982


@pytest.mark.row("CHP-2")
@pytest.mark.parametrize(
    ("version", "algorithm", "profile"),
    [("1.0", "3des", "apdu"), ("2.0", "3des", "t0"), ("3.0", "sm4", "apdu"), ("3.0", "3des", "t0")],
)
def test_external_authentication_through_a_psam_in_the_second_reader(
    insert: Insert, version: str, algorithm: str, profile: Profile
) -> None:
    card = insert(demo.card(version=version, algorithm=algorithm), profile, slot=0)
    with InReader(Psam(TestKeys(), "990200", algorithm), port=PORTS[1]):
        wait_for(lambda: present(1), "the reader sees the PSAM")
        second = PcscCard(1)
        terminal = Terminal(card, PsamClient(second))
        terminal.begin()
        assert terminal.card_proves_itself()
        assert terminal.authenticate("SSSE", "RKSSSE").good
        assert terminal.read_record(6, 8, 0).good
        assert terminal.authenticate("SSSE", "UKSSSE").sw & 0xFFF0 == 0x63C0, "another city's write key"
        for application, key in (("DF04", "RK1"), ("DF03", "RK1")):
            assert terminal.select_application(application).good
            assert terminal.authenticate(application, key).good
        assert terminal.select_application("DF04").good
        assert terminal.exchange(bytes.fromhex(PIN)).good
        assert terminal.read_record(5, 1).good
        assert terminal.read_record(6, 1).sw == 0x6982, "password and key, and the key went with the application"
        assert terminal.authenticate("DF04", "RK1").good
        assert terminal.read_record(6, 1).good
        second.close()


def test_original_before_factor(insert: Insert) -> None:
    """Some terminals ask two challenges, the original first: only the last one is the factor, and any original will do."""
    card = insert(demo.card())
    keys = psam()
    terminal = Terminal(card, keys)
    terminal.begin()
    original, factor = terminal.challenge(), terminal.challenge()
    keys.open(key_rules()["SSSE", "RKSSSE"], factor)
    data = keys.authentication(original) + original
    assert terminal.exchange(bytes.fromhex("0082000A10") + data).good
    assert terminal.read_record(6, 1).good


@pytest.mark.parametrize("sfi", [2, 3, 16])
def test_bank_number_without_processing_options(insert: Insert, sfi: int) -> None:
    """SELECT, then READ RECORD at once; a record that is not there is a refusal and the next one is tried."""
    terminal = Terminal(insert(demo.card()))
    assert terminal.select(bytes.fromhex("A000000333010101")).good
    answer = terminal.read_record(sfi, 1)
    assert (b"\x5a\x08" + bytes.fromhex("9217000000000019") in answer.data) if sfi == 2 else answer.sw == 0x6A82


def test_everything_of_a_card(insert: Insert) -> None:
    image = demo.card(long_name=True)
    card = read_card(Terminal(insert(image), psam()), bytes.fromhex("246813"), everything=True)
    assert card.genuine
    assert card.value("SSSE/EF06", "name") == demo.NAMES[1]
    assert not [one.file.place for one in card.files if one.sw != 0x9000]
    assert len(card.files) == len(files("3.0"))
    line = reader_string(card).split("|")
    assert (line[0], line[5], line[-1]) == ("990100", image.history.hex().upper(), "")


def test_the_suite_over_pcsc(insert: Insert) -> None:
    """A choice of its items, of every kind: all of them run in process (test_chip_conformance.py)."""
    words = (
        "ATR FCI ID_CODE SSSE_RECORD DF04_RECORD STATE FACTORS KEY_VER2 CHALLENGE CHALLENGE_RESET PIN_UNBLOCK UNIVERSAL"
    )
    only = frozenset(words.split()) | {"LENGTHS", "CHECK_CERT", "APP_BLOCK", "CARD_BLOCK"}
    card = insert(demo.card(), "t0")
    report = run_suite(card, psam(), demo.PIN, destructive=True, foreign=psam(area="990200"), only=only)
    assert report.passed, report.as_text()
    assert {one.code for one in report.results} == only | {"OPENING"}


def test_taking_a_card_out(insert: Insert) -> None:
    with InReader(contacts(demo.card()), port=PORTS[1]) as inside:
        wait_for(lambda: present(1), "the reader sees the card")
        card = PcscCard(1)
        inside.take_out()
        wait_for(lambda: not present(1), "the reader is empty")
        with pytest.raises(ChipFault) as no:
            card.transmit(bytes.fromhex(SSSE))
        assert no.value.code == "chip.card_gone"
        with pytest.raises(ChipFault) as no:
            PcscCard(1)
        assert no.value.code == "chip.card_missing"
        with pytest.raises(ChipFault) as no:
            PcscCard("No such reader")
        assert no.value.code == "chip.reader_missing"
        card.close()
    time.sleep(0.5)  # a virtual reader that is looked at again at once after this may not see its next card


def test_the_one_card_of_several_readers(insert: Insert) -> None:
    """A desk with two readers: the one that holds a card; with two cards nobody guesses."""
    wait_for(lambda: code_of(the_card) == "chip.card_missing", "both readers are empty")
    with InReader(contacts(demo.card(sequence=2)), port=PORTS[1]):
        wait_for(lambda: present(1), "the reader sees the card")
        second = the_card()
        assert second.reader.endswith("01")
        second.close()
        insert(demo.card())
        with pytest.raises(ChipFault) as no:
            the_card()
        assert no.value.code == "chip.two_cards"
        first = the_card("Virtual PCD 00 00")
        assert first.reader.endswith("00 00")
        first.close()


def test_a_reset_by_the_reader_voids_a_challenge(insert: Insert) -> None:
    card = insert(demo.card())
    terminal = Terminal(card, psam())
    terminal.begin()
    terminal.challenge()
    card.reset()
    assert answers(card, "0082000A10" + "00" * 16) == ["6984"]

"""The card's commands, one by one, in both transports (S5)."""

from __future__ import annotations

import pytest

from chip_kit import KINDS, contacts, psam, terminal
from sscard.chip.card import MemoryStore, VirtualCard
from sscard.chip.card.selecting import PAY, PPSE, PSE
from sscard.chip.choices import Choices
from sscard.chip.codec import tlv
from sscard.chip.conformance.passwords import RELOAD, UNBLOCK, change_pin
from sscard.chip.files import DF_NAME, key_rules
from sscard.chip.files.document import document
from sscard.chip.personal import demo
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import InProcess

SSSE = "00A404000F" + DF_NAME.hex()
PIN, WRONG = bytes.fromhex("246813"), bytes.fromhex("111111")


def say(card: Terminal, text: str) -> str:
    """One command as it is, its answer as it is."""
    return card.card.transmit(bytes.fromhex(text)).hex()


@pytest.mark.parametrize(("version", "algorithm"), KINDS)
def test_answer_to_reset_and_fci(version: str, algorithm: str) -> None:
    card = contacts(demo.card(version=version, algorithm=algorithm))
    atr = card.power_on()
    assert atr[:4].hex() == "3b6d0000"
    assert len(atr) == 17
    answer = card.transmit(bytes.fromhex(SSSE))
    assert len(answer) == 30 + 2
    number = {"3des": 1, "sm4": 3}[algorithm]
    assert tlv.ber_find(answer[:-2], (0x6F, 0xA5, 0x9F0C, 0x86)) == bytes((number,))


def test_the_two_transports() -> None:
    strict, easy = terminal("t0"), terminal("apdu")
    assert say(strict, SSSE) == "611e"
    assert len(bytes.fromhex(say(strict, "00C000001E"))) == 32
    assert say(strict, "00C000001E") == "6985"
    assert say(strict, "00B2072C00") == say(strict, "00B2072C") == "6c0b"
    assert say(strict, "00B2072C0A") == "6c0b"
    assert say(strict, "00B2072C0B").endswith("9000")
    assert say(easy, SSSE).endswith("9000")
    assert say(easy, "00B2072C00") == say(easy, "00B2072CFF") == say(strict, "00B2072C0B")
    assert say(easy, "00B2072C09") == "6c0b"


def test_a_length_that_is_told_moves_nothing() -> None:
    """6Cxx answers before anything happens: the next record is still the next one."""
    card = terminal("t0", version="2.0", algorithm="3des")
    for number in (1, 2):
        assert say(card, f"00B2{number:02X}2C00").startswith("6c")
    card.exchange(bytes.fromhex("00A4020002EF05"))
    assert say(card, "00B2030200") == "6c06"
    assert say(card, "00B2030206").startswith("0304")


@pytest.mark.parametrize("select", ["00A40000023F00", "00A40000", SSSE, "00A4040005" + DF_NAME[:5].hex()])
def test_ways_to_the_issuers_file(select: str) -> None:
    card = terminal()
    card.card.reset()
    assert say(card, "00B2072C00").endswith("9000"), "right after reset (choice ssse_in_mf)"
    assert say(card, select).endswith("9000")
    assert say(card, "00B2072C00").endswith("9000")


def test_without_the_choice_nothing_is_reachable_before_select() -> None:
    image = demo.card(choices=Choices(ssse_in_mf=False))
    card = contacts(image)
    card.power_on()
    assert card.transmit(bytes.fromhex("00B2072C00")).hex() == "6a82"
    card.transmit(bytes.fromhex(SSSE))
    assert card.transmit(bytes.fromhex("00B2072C00"))[-2:].hex() == "9000"


def test_selecting_applications() -> None:
    card = terminal()
    for text in ("00A4000002DF03", "00A4010002DF04", "00A4040006D15600000500"):
        assert say(card, text).endswith("9000")
    assert say(card, "00A4040005D156000005").endswith("9000")
    first = say(card, "00A4040005D156000005")
    assert say(card, "00A4040205D156000005") != first, "P2 02 goes on to the next one"
    assert say(card, "00A4010002EF05") == "6a82"
    assert say(card, "00A404000499990000") == "6700"


def test_read_record_modes() -> None:
    card = terminal(version="2.0", algorithm="3des")
    whole = say(card, "00B2013500")
    assert len(whole) // 2 - 2 == 91
    backwards = bytes.fromhex(say(card, "00B2013600"))[:-2]
    assert sorted(tlv.split(backwards)) == sorted(tlv.split(bytes.fromhex(whole)[:-2]))
    assert backwards[:2].hex() == "0d04"
    assert say(card, "00B24E3000") == say(card, "00B2033400"), "record 3 has tag 4E"
    assert say(card, "00B2093300") == say(card, "00B2023400"), "the previous record with tag 09"
    assert say(card, "00B2013700") == "6a86"
    assert say(card, "00B2FF3000") == "6a83"


def test_old_cards_have_no_extension_item() -> None:
    card = terminal(version="1.0", algorithm="3des")
    assert say(card, "00B24E3000") == "6a83"
    assert say(card, "00B2033400").startswith("0a01")


def test_records_are_added_where_it_is_allowed() -> None:
    card = terminal()
    card.select_application("DF01")
    assert card.authenticate("DF01", "UK3").good
    assert say(card, "00DCE04003E00131") == "9000", "an area's own item"
    assert say(card, "00DC234003230131") == "6a80", "a defined tag is not used again"
    assert card.verify(PIN).good
    assert say(card, "00B2E04000") == "e001319000"


def test_a_cyclic_file_turns_over() -> None:
    card = terminal()
    card.select_application("DF02")
    assert card.authenticate("DF02", "UK6").good
    for number in range(6):
        assert card.update_record(0x16, 0, bytes((number,)) * 0x12, 3).good
    assert say(card, "00DC00B312" + "07" * 0x11) == "6700"
    assert card.update_record(0x16, 1, bytes(0x12)).sw == 0x6A86
    assert card.authenticate("DF02", "RK1").good
    rows = [card.read_record(0x16, number).data[0] for number in range(1, 5)]
    assert rows == [5, 4, 3, 2]
    assert card.read_record(0x16, 5).sw == 0x6A83


def test_binary_files() -> None:
    card = terminal()
    card.authenticate("SSSE", "UKSSSE")
    card.authenticate("SSSE", "RKSSSE")
    assert say(card, "00D688100401020304") == "9000"
    assert say(card, "00B0881004") == "010203049000"
    assert say(card, "00B0001004") == "010203049000", "offset into the current file"
    assert say(card, "00B00FFE00") == "00009000"
    assert say(card, "00B0100001") == "6b00"
    assert say(card, "00D60FFE03010203") == "6a84"
    assert len(card.read_binary(8, 4096)) == 4096


def test_the_password() -> None:
    card = terminal()
    assert say(card, "0020000000") == "63c6"
    assert [card.verify(WRONG).sw for _ in range(7)] == [0x63C5, 0x63C4, 0x63C3, 0x63C2, 0x63C1, 0x63C0, 0x6983]
    assert card.verify(PIN).sw == 0x6983
    assert card.authenticate("SSSE", "PUK").good
    assert card.with_mac(UNBLOCK, b"", key_rules()["SSSE", "STKSSSE"]).good
    assert card.verify(PIN).good


@pytest.mark.parametrize("algorithm", ["3des", "sm4"])
def test_reload_and_empty_password(algorithm: str) -> None:
    card = terminal(version="2.0", algorithm=algorithm)
    stk = key_rules()["SSSE", "STKSSSE"]
    for new in (bytes.fromhex("12345f"), b""):
        assert card.authenticate("SSSE", "PUK").good
        assert card.with_mac(RELOAD, new, stk, enciphered=True).good
        card.card.reset()
        card.select(DF_NAME)
        if new:
            assert card.verify(new).good
        else:
            assert say(card, "0020000000") == "9000"
            assert card.verify(PIN).sw == 0x6985
    assert change_pin(card, b"", PIN).good, "a password where there was none"
    assert card.verify(PIN).good
    assert change_pin(card, PIN, b"").good
    assert say(card, "0020000000") == "9000"


def test_a_wrong_mac_of_unblocking_counts_on_puk() -> None:
    card = terminal()
    for _ in range(15):
        assert card.authenticate("SSSE", "PUK").sw in (0x9000,)
        card.card.transmit(bytes.fromhex("0084000008"))
        assert say(card, "84240000040BADBAD0") == "6988"
    image = card.card.card.card.image
    assert image.key_tries["SSSE/PUK"] == 14, "each success before gave the tries back"
    assert say(card, "84240000040BADBAD0") == "6982", "PUK must be proved again"


def test_key_ids_of_ssse_are_global() -> None:
    card = terminal()
    card.select_application("DF04")
    assert card.authenticate("SSSE", "PUK").good
    assert say(card, "00820002" + "10" + "00" * 16) == "6a88", "STK proves nobody"
    assert say(card, "00820000" + "10" + "00" * 16) == "6a88", "IRK is the card's own"
    assert say(card, "008200C1" + "10" + "00" * 16) == "6a88", "purse keys are for the purse"


def test_versions_of_keys() -> None:
    card = terminal()
    for version in (0, 1, 2, 3):
        assert card.authenticate("SSSE", "RKSSSE", version).good
        assert card.card_proves_itself(version)
    card.challenge()
    assert say(card, "0082000A11" + "00" * 16 + "04") == "6a88"
    assert say(card, "0082000A11" + "00" * 17) == "6a88"


def test_payment_side() -> None:
    card = terminal()
    assert card.select(PSE).good
    assert say(card, "00B2010C00").endswith("9000")
    assert tlv.ber_find(card.select(PPSE).data, (0x6F, 0xA5, 0xBF0C, 0x61, 0x4F)) == PAY
    assert card.select(PAY).good
    record = bytes.fromhex(say(card, "00B2011400"))[:-2]
    assert tlv.ber_find(record, (0x70, 0x5A)) == bytes.fromhex("9217000000000019")
    assert say(card, "80A8000002830000").startswith("800a")
    for text in ("0020000003246813", "00B2012C00", "0082000410" + "00" * 16, "805E010007246813FF111111"):
        assert say(card, text)[:2] in ("6d", "6e", "6a")
    assert card.select(DF_NAME).good
    assert card.tries_left() == 6


def test_ssf33_cards_answer_unsupported() -> None:
    image = demo.card(version="2.0", algorithm="3des")
    image.algorithm = 0x02
    card = contacts(image)
    card.power_on()
    assert card.transmit(bytes.fromhex("0084000008"))[-2:].hex() == "9000"
    assert card.transmit(bytes.fromhex("0088000010" + "00" * 16)).hex() == "6a81"
    assert card.transmit(bytes.fromhex("00B2012C00"))[-2:].hex() == "9000"


def test_two_cards_do_not_touch_each_other() -> None:
    one, two = (Terminal(InProcess(contacts(demo.card(sequence=n))), psam()) for n in (1, 2))
    assert one.begin()["card_number"] != two.begin()["card_number"]
    one.verify(WRONG)
    assert (one.tries_left(), two.tries_left()) == (5, 6)


def test_no_key_or_password_in_the_open_part_or_in_text() -> None:
    image = demo.card()
    assert "2468" not in repr(image.secrets)
    store = MemoryStore(image)
    assert VirtualCard(store).image.secrets.pin == PIN
    assert "IRK" in document()

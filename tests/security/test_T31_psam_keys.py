"""T31, the chip's part: a terminal's PSAM gives no key away, and each of its keys serves its one purpose at its one level."""

from __future__ import annotations

import itertools

import pytest

from sscard.chip.crypto.ciphers import NAMES, cipher
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.files import key_rules
from sscard.chip.psam.card import AID, BOTH, ENCRYPT, MAC, Psam

KINDS = (ENCRYPT, MAC, BOTH)
SELECT = b"\x00\xa4\x04\x00\x06" + AID


def opened(psam: Psam, usage: int, number: int, wide: int) -> int:
    """The status word of BF DE with as many factors as the usage says."""
    data = bytes((usage >> 5) * 8) + bytes(range(wide))
    return int.from_bytes(psam.transmit(bytes((0xBF, 0xDE, usage, number, len(data))) + data), "big")


def fresh(algorithm: str) -> tuple[Psam, int]:
    psam = Psam(TestKeys(), "990100", algorithm)
    psam.transmit(SELECT)
    psam.transmit(b"\xbf\xec\x00\x01\x01\x99")
    return psam, cipher(NAMES[algorithm]).block


@pytest.mark.parametrize("algorithm", ["3des", "sm4"])
def test_every_wrong_level_and_type_of_every_key_is_refused(algorithm: str) -> None:
    """A key opened one level too high would be another card's, or a whole city's."""
    psam, wide = fresh(algorithm)
    for rule, usage in itertools.product(key_rules().values(), range(256)):
        if rule.psam is None:
            continue
        right = usage >> 5 == rule.dispersals and usage & 0x1F in KINDS
        assert (opened(psam, usage, rule.psam, wide) == 0x9000) is right, (rule.name, usage)


@pytest.mark.parametrize("algorithm", ["3des", "sm4"])
def test_a_session_key_serves_its_type_only_and_is_never_told(algorithm: str) -> None:
    psam, wide = fresh(algorithm)
    source, number = TestKeys(), NAMES[algorithm]
    said = b""
    for rule, kind in itertools.product(key_rules().values(), KINDS):
        if rule.psam is None or opened(psam, rule.dispersals << 5 | kind, rule.psam, wide) != 0x9000:
            continue
        encipher = psam.transmit(bytes((0x80, 0xFA, 0x00, 0x00, wide)) + bytes(wide))
        mac = psam.transmit(bytes((0x80, 0xFA, 0x05, 0x00, 2 * wide)) + bytes(2 * wide))
        assert (encipher[-2:] == b"\x90\x00") is (kind in (ENCRYPT, BOTH))
        assert (mac[-2:] == b"\x90\x00") is (kind in (MAC, BOTH))
        vector = psam.transmit(bytes((0x80, 0xFA, 0x05, 0x00, wide)) + b"\x01" * wide)
        assert vector[-2:] != b"\x90\x00", "an initial vector of one's own would make a MAC an encryption"
        said += encipher + mac
    for rule in key_rules().values():
        for version in range(1, rule.versions + 1):
            assert source.terminal_key(rule, version, "990100", number) not in said


def test_no_command_of_a_psam_answers_before_it_is_selected_or_with_an_old_key() -> None:
    psam = Psam(TestKeys(), "990100", "sm4")
    for raw in ("BFEC00010199", "80FA000010" + "00" * 16, "BFDE670A10" + "00" * 16):
        assert psam.transmit(bytes.fromhex(raw)).hex() != "9000"
    psam, wide = fresh("sm4")
    rule = key_rules()["SSSE", "RKSSSE"]
    assert opened(psam, rule.dispersals << 5 | BOTH, rule.psam, wide) == 0x9000
    assert opened(psam, rule.dispersals << 5 | BOTH, 0xFF, wide) != 0x9000
    psam.power_on()
    psam.transmit(SELECT)
    assert psam.transmit(bytes((0x80, 0xFA, 0x00, 0x00, 16)) + bytes(16))[-2:] == b"\x69\x85", "a reset takes it away"

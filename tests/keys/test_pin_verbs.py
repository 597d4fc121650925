"""PINs and devices through the service."""

from __future__ import annotations

import pytest

from sscard.kernel.keyclient import KeyClient, KeyRefused, PinRefused, SealBroken
from sscard.keys import pinblock, recipes
from sscard.keys.parties import KeyPair

PAN, OTHER = "9001234567890123", "9001234567890124"
DEVICE = KeyPair.fresh()


@pytest.fixture(scope="module")
def pads(client: KeyClient) -> dict[str, bytes]:
    return {code: DEVICE.unwrap(client.pinpad_key_for(code, DEVICE.public)) for code in ("T-1", "T-2")}


def block(key: bytes, account: str, pin: str) -> bytes:
    return pinblock.make(key, account, bytearray(pin.encode()))


def test_set_and_verify(client: KeyClient, pads: dict[str, bytes]) -> None:
    stored = client.pin_set("bank", PAN, block(pads["T-1"], PAN, "528094"), "T-1")
    assert client.pin_verify("bank", PAN, block(pads["T-2"], PAN, "528094"), "T-2", stored)
    assert not client.pin_verify("bank", PAN, block(pads["T-1"], PAN, "528095"), "T-1", stored)
    assert b"528094" not in stored


def test_two_pins_never_meet(client: KeyClient, pads: dict[str, bytes]) -> None:
    """The same digits on the same number: the bank's verifier is of no use for the social-security side."""
    sent = block(pads["T-1"], PAN, "528094")
    bank, social = (client.pin_set(kind, PAN, sent, "T-1") for kind in ("bank", "social"))
    assert bank != social
    assert not client.pin_verify("social", PAN, sent, "T-1", bank)
    assert not client.pin_verify("bank", PAN, sent, "T-1", social)


@pytest.mark.parametrize("kind", ["", "card", "pin.bank", "mac.audit"])
def test_other_kinds(client: KeyClient, pads: dict[str, bytes], kind: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        client.pin_set(kind, PAN, block(pads["T-1"], PAN, "528094"), "T-1")
    assert refused.value.code == "keys.pin_kind"


def test_block_of_another_account_terminal_or_form(client: KeyClient, pads: dict[str, bytes]) -> None:
    stored = client.pin_set("bank", PAN, block(pads["T-1"], PAN, "528094"), "T-1")
    for sent, terminal in (
        (block(pads["T-1"], OTHER, "528094"), "T-1"),
        (block(pads["T-1"], PAN, "528094"), "T-2"),
        (b"528094", "T-1"),
        (bytes(16), "T-1"),
        (b"", "T-1"),
    ):
        with pytest.raises(PinRefused) as refused:
            client.pin_verify("bank", PAN, sent, terminal, stored)
        assert refused.value.code == "keys.pin_block"


def test_verifier_of_another_account(client: KeyClient, pads: dict[str, bytes]) -> None:
    stored = client.pin_set("bank", PAN, block(pads["T-1"], PAN, "528094"), "T-1")
    assert not client.pin_verify("bank", OTHER, block(pads["T-1"], OTHER, "528094"), "T-1", stored)


@pytest.mark.parametrize("stored", [b"", bytes(34), b"\x01\x09" + bytes(32), b"\x01\x01" + bytes(31)])
def test_verifiers_out_of_form(client: KeyClient, pads: dict[str, bytes], stored: bytes) -> None:
    with pytest.raises(SealBroken):
        client.pin_verify("bank", PAN, block(pads["T-1"], PAN, "528094"), "T-1", stored)


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("111111", "keys.pin_equal_digits"),
        ("123456", "keys.pin_sequence"),
        ("654321", "keys.pin_sequence"),
        ("840307", "keys.pin_birthday"),
        ("072711", "keys.pin_id_tail"),
        ("138642", "keys.pin_phone_tail"),
        ("5280", "keys.pin_length"),
    ],
)
def test_weak_pins(client: KeyClient, pads: dict[str, bytes], pin: str, code: str) -> None:
    hints = {"birthday": "19840307", "id_number": "090101198403072711", "phone": "19900138642"}
    with pytest.raises(PinRefused) as refused:
        client.pin_set("social", PAN, block(pads["T-1"], PAN, pin), "T-1", hints)
    assert refused.value.code == code
    assert pin not in f"{refused.value!r} {refused.value.facts}"
    assert refused.value.next_step("zh")


def test_preset(client: KeyClient, pads: dict[str, bytes]) -> None:
    stored = client.pin_preset("A12345678", "123456")
    assert client.pin_verify("social", "A12345678", block(pads["T-1"], "A12345678", "123456"), "T-1", stored)
    for digits in ("12345", "1234567", "12345a", "１２３４５６"):
        with pytest.raises(PinRefused):
            client.pin_preset("A12345678", digits)


def test_card_answer(client: KeyClient) -> None:
    card, other = "99010000000000000000000000000001", "99010000000000000000000000000002"
    key = recipes.hmac_base(DEVICE.unwrap(client.card_key_for(card, DEVICE.public)))
    challenge = bytes(range(16))
    answer = recipes.hmac_sm3(key, challenge)
    assert client.card_answer_verify(card, challenge, answer)
    assert not client.card_answer_verify(other, challenge, answer)
    assert not client.card_answer_verify(card, challenge[::-1], answer)
    assert not client.card_answer_verify(card, challenge, b"")
    for size in (0, 7, 65):
        with pytest.raises(KeyRefused):
            client.card_answer_verify(card, bytes(size), answer)


def test_device_evidence(client: KeyClient) -> None:
    key = DEVICE.unwrap(client.device_key_for("reader-1", DEVICE.public))
    mac = recipes.hmac_sm3(recipes.hmac_base(key), b"read")
    assert client.device_verify("reader-1", b"read", mac)
    assert not client.device_verify("reader-2", b"read", mac)
    assert not client.device_verify("reader-1", b"other", mac)
    assert not client.card_answer_verify("reader-1", b"read" * 2, recipes.hmac_sm3(recipes.hmac_base(key), b"read" * 2))


def test_keys_leave_only_wrapped_and_to_a_real_public_key(client: KeyClient) -> None:
    for verb in (client.card_key_for, client.device_key_for, client.pinpad_key_for):
        assert DEVICE.unwrap(verb("X", DEVICE.public)) not in verb("X", DEVICE.public)
        for public in (b"", bytes(64), DEVICE.public[:-1]):
            with pytest.raises(KeyRefused):
                verb("X", public)
        with pytest.raises(KeyRefused):
            verb("", DEVICE.public)

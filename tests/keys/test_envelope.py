"""Packages: only for the receiver, only from the sender, only in time, only whole."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscard.kernel.keyclient import KeyClient
from sscard.kernel.refusals import Refusal
from sscard.keys import recipes
from sscard.keys.envelope import (
    DOMAIN,
    MAGIC,
    EnvelopeRefused,
    Opened,
    ServiceOpener,
    ServiceSigner,
    fingerprint,
    open_envelope,
    pack,
    peek,
)
from sscard.keys.parties import KeyPair, PartyKeys

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PARTS = {"cards.jsonl": b'{"card":"9001"}\n' * 50, "photos.bin": bytes(range(256)) * 4, "empty": b""}
BUREAU, PLANT, STRANGER = KeyPair.fresh(), KeyPair.fresh(), KeyPair.fresh()


def packed(**changes: object) -> bytes:
    told: dict = {
        "batch": "B-990100-7", "sender": "990100", "receiver": "plant-1", "made_at": NOW,
        "expires_at": NOW + timedelta(days=3), "signer": BUREAU, "receiver_public": PLANT.public,
        "fields": {"cards": 50},
    }  # fmt: skip
    return pack(PARTS, **(told | changes))


def opened(package: bytes, **changes: object) -> Opened:
    told: dict = {
        "sender": "990100", "sender_public": BUREAU.public, "receiver": "plant-1", "opener": PLANT,
        "now": NOW + timedelta(hours=1),
    }  # fmt: skip
    return open_envelope(package, **(told | changes))


WHOLE = packed()


def refusal(package: bytes, **changes: object) -> str:
    with pytest.raises(EnvelopeRefused) as refused:
        opened(package, **changes)
    assert refused.value.sentence("zh")
    assert refused.value.next_step("en")
    return refused.value.code


def test_opens_whole() -> None:
    found = opened(WHOLE)
    assert found.parts == PARTS
    assert found.manifest.batch == "B-990100-7"
    assert found.manifest.fields == {"cards": 50}
    assert found.manifest.receiver_key == fingerprint(PLANT.public)
    assert peek(WHOLE) == found.manifest
    assert "9001" not in repr(found.parts.keys()) + repr(found).replace("990100", "")
    assert b'"card"' not in WHOLE


def rebuilt(place: int, value: object) -> bytes:
    container = msgspec.msgpack.decode(WHOLE)
    container[place] = value
    return msgspec.msgpack.encode(container)


def re_signed(signer: KeyPair = BUREAU, **changes: object) -> bytes:
    """A package whose manifest was changed and signed again."""
    container = msgspec.msgpack.decode(WHOLE)
    container[1] = json.dumps(json.loads(container[1]) | changes).encode()
    container[2] = signer.sign(DOMAIN + container[1])
    return msgspec.msgpack.encode(container)


def swapped_parts() -> bytes:
    parts = msgspec.msgpack.decode(WHOLE)[3]
    return rebuilt(3, [parts[1], parts[0], parts[2]])


def part_of_another_batch() -> bytes:
    """Sealed with the right key at the wrong place, with a manifest that says so: only the binding shows it."""
    container = msgspec.msgpack.decode(WHOLE)
    lines = json.loads(container[1])["parts"]
    container[3][0], container[3][1] = container[3][1], container[3][0]
    for line, part in zip(lines, container[3], strict=True):
        line["size"], line["sm3"] = len(part), recipes.sm3(part).hex()
    container[1] = json.dumps(json.loads(container[1]) | {"parts": lines}).encode()
    container[2] = BUREAU.sign(DOMAIN + container[1])
    return msgspec.msgpack.encode(container)


MATRIX = {
    "another receiver's key": (WHOLE, {"opener": STRANGER}, "keys.envelope_wrong_key"),
    "sealed to another key": (packed(receiver_public=STRANGER.public), {}, "keys.envelope_wrong_key"),
    "another receiver": (packed(receiver="plant-2"), {}, "keys.envelope_receiver"),
    "not for me": (WHOLE, {"receiver": "plant-2"}, "keys.envelope_receiver"),
    "another sender": (WHOLE, {"sender": "990200"}, "keys.envelope_sender"),
    "signed by a stranger": (packed(signer=STRANGER), {}, "keys.envelope_signature"),
    "re-signed by a stranger": (re_signed(STRANGER, batch="B-2"), {}, "keys.envelope_signature"),
    "empty signature": (rebuilt(2, b""), {}, "keys.envelope_signature"),
    "expired": (WHOLE, {"now": NOW + timedelta(days=3)}, "keys.envelope_expired"),
    "long expired": (WHOLE, {"now": NOW + timedelta(days=900)}, "keys.envelope_expired"),
    "parts swapped": (swapped_parts(), {}, "keys.envelope_changed"),
    "parts swapped, signed": (part_of_another_batch(), {}, "keys.envelope_changed"),
    "batch renamed, signed": (re_signed(batch="B-990100-8"), {}, "keys.envelope_changed"),
    "part missing": (rebuilt(3, msgspec.msgpack.decode(WHOLE)[3][:2]), {}, "keys.envelope_form"),
    "another scheme": (re_signed(scheme="none"), {}, "keys.envelope_form"),
    "unknown field": (re_signed(extra=1), {}, "keys.envelope_form"),
    "no time zone": (re_signed(expires_at="2026-11-24T08:00:00"), {}, "keys.envelope_form"),
    "another magic": (rebuilt(0, MAGIC + "0"), {}, "keys.envelope_form"),
    "cut short": (WHOLE[:-1], {}, "keys.envelope_form"),
    "more behind": (WHOLE + b"\x00", {}, "keys.envelope_form"),
    "nothing": (b"", {}, "keys.envelope_form"),
    "text": ("云溪市".encode(), {}, "keys.envelope_form"),
}


@pytest.mark.parametrize("case", MATRIX)
def test_what_is_not_right_is_not_opened(case: str) -> None:
    package, changes, code = MATRIX[case]
    assert refusal(package, **changes) == code


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", ".hidden", "", "a\x00", "x" * 101])
def test_names_that_could_leave_the_folder(name: str) -> None:
    lines = json.loads(msgspec.msgpack.decode(WHOLE)[1])["parts"]
    lines[0]["name"] = name
    assert refusal(re_signed(parts=lines)) == "keys.envelope_form"
    with pytest.raises(ValueError, match="names"):
        pack({name: b""}, batch="B", sender="a", receiver="b", made_at=NOW, expires_at=NOW + timedelta(1),
             signer=BUREAU, receiver_public=PLANT.public)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere(at: int, bit: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] ^= 1 << bit
    assert refusal(bytes(changed)) in {
        "keys.envelope_form",
        "keys.envelope_sender",
        "keys.envelope_signature",
        "keys.envelope_changed",
    }


def test_every_byte_of_a_part_counts() -> None:
    parts = msgspec.msgpack.decode(WHOLE)[3]
    for at in range(len(parts[0])):
        changed = parts[0][:at] + bytes((parts[0][at] ^ 0x80,)) + parts[0][at + 1 :]
        assert refusal(rebuilt(3, [changed, *parts[1:]])) == "keys.envelope_changed"


def test_calls_that_make_no_sense() -> None:
    for changes in ({"expires_at": NOW}, {"made_at": NOW.replace(tzinfo=None)}):
        with pytest.raises(ValueError, match="expires"):
            packed(**changes)


def test_there_and_back_through_the_service(client: KeyClient, tmp_path: Path) -> None:
    """The bureau signs and opens by the key service, the plant by its own file of keys."""
    plant = PartyKeys.load_or_make(tmp_path / "plant.keys")
    area_public = client.ensure_area("990100")
    there = packed(signer=ServiceSigner(client, "package:990100"), receiver_public=plant.receiving.public)
    assert opened(there, sender_public=area_public, opener=plant.receiving).parts == PARTS
    back = packed(
        sender="plant-1", receiver="990100", signer=plant.signing, receiver_public=client.public_key("return_files")
    )
    told = {"sender": "plant-1", "receiver": "990100", "sender_public": plant.signing.public}
    assert opened(back, **told, opener=ServiceOpener(client)).parts == PARTS
    other = packed(sender="plant-1", receiver="990100", signer=plant.signing, receiver_public=PLANT.public)
    assert refusal(other, **told, opener=ServiceOpener(client)) == "keys.envelope_wrong_key"
    # a signature made for something else does not pass for one on a package
    container = msgspec.msgpack.decode(there)
    container[2] = client.sign("package:990100", container[1])
    assert refusal(msgspec.msgpack.encode(container), sender_public=area_public) == "keys.envelope_signature"


def test_party_file(tmp_path: Path) -> None:
    path = tmp_path / "plant.keys"
    made = PartyKeys.load_or_make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PartyKeys.load(path) == made == PartyKeys.load_or_make(path)
    assert made.signing.public != made.receiving.public
    assert made.signing.private.hex() not in repr(made)
    for content in ("", "{}", path.read_text().replace('"SM2"', '"RSA"'), path.read_text().replace("0", "g", 1)):
        path.write_text(content)
        with pytest.raises(Refusal) as refused:
            PartyKeys.load(path)
        assert refused.value.code == "keys.party_file"

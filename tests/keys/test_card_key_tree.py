"""Card keys: what the service loads into a card is what the tree gives, computed here a second time by other code."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sscard.chip.crypto.tree import TestKeys
from sscard.chip.files.table import key_rules
from sscard.chip.personal.loading import COLLECTED, plan, proofs
from sscard.chip.personal.service_loading import ServiceLoading
from sscard.kernel import keyclient
from sscard.kernel.keyclient import KeyClient, KeyRefused
from sscard.keys import loads, recipes
from sscard.keys.testing import running
from sscard.keys.tree.ciphers import CIPHERS, DES, SM4

AREA, OTHER = "990100", "990200"
LABEL = "sscard TEST KEYS 测试密钥"
F3 = bytes.fromhex("8600990112345678")
CODE = AREA + "0000000001" + "0" * 16


def block(algorithm: int, key: bytes, data: bytes) -> bytes:
    kind = algorithms.SM4(key) if algorithm == SM4 else TripleDES(key * 3 if len(key) == 8 else key + key[:8])
    run = Cipher(kind, modes.ECB()).encryptor()
    return run.update(data) + run.finalize()


def down(algorithm: int, key: bytes, factor: bytes) -> bytes:
    """Written from S9 7, without the product's ciphers."""
    twin = bytes(255 - one for one in factor)
    return block(algorithm, key, factor if len(key) == 8 else factor + twin)


def by_hand(algorithm: int, area: str, application: str, name: str, version: int, f3: bytes = F3) -> bytes:
    size = 8 if name.startswith("STK") and algorithm == DES else 16
    key = hashlib.sha256(f"{LABEL}|{algorithm}|{application}|{name}|{version}".encode()).digest()[:size]
    for factor in (f"{area[:2]}0000sh".encode(), f"{area}sx".encode(), f3):
        key = down(algorithm, key, factor)
    return key


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyClient]:
    with running(tmp_path_factory.mktemp("tree")) as socket, keyclient.using(socket) as client:
        yield client


def opened(loaded: loads.Loaded, private: bytes, algorithm: int, f3: bytes = F3) -> dict[tuple[int, int], bytes]:
    """What the card finds in its commands, MACs checked: (id, version) → key, of the first card."""
    how = CIPHERS[algorithm]
    own = loads.card_transport(how, recipes.sm2_decrypt(private, loaded.transport), f3)
    ke, km = loads.channel(how, own)
    parsed = [loads.LoadCommand.parse(one) for one in loaded.cards[0].commands]
    macs, _ = how.chained(km, b"", [one.covered for one in parsed])
    assert [one.mac for one in parsed] == macs
    found = {}
    for one in parsed:
        raw = how.blocks_back(ke, one.secret)
        found[one.usage, one.id, one.version] = raw[1 : 1 + raw[0]]
    return found


@pytest.mark.parametrize("algorithm", [DES, SM4])
def test_every_key_of_a_card_is_what_the_test_keys_give(service: KeyClient, algorithm: int) -> None:
    public, private = recipes.sm2_pair()
    lines = plan("3.0", proofs("3.0", COLLECTED))
    loaded = ServiceLoading(AREA).load("B1", public, algorithm, lines, [loads.Blank(CODE, F3)])
    assert loaded.label == LABEL == ServiceLoading(AREA).label
    keys_only = [one for one in lines if one.usage == loads.Usage.KEY]
    commands = loaded.cards[0].commands
    how = CIPHERS[algorithm]
    own = loads.card_transport(how, recipes.sm2_decrypt(private, loaded.transport), F3)
    ke, _ = loads.channel(how, own)
    atr = bytes.fromhex("3B6D0000") + bytes(5) + F3
    for slot, command in zip(lines, commands, strict=True):
        if slot.usage != loads.Usage.KEY:
            continue
        raw = how.blocks_back(ke, loads.LoadCommand.parse(command).secret)
        value = raw[1 : 1 + raw[0]]
        assert value == by_hand(algorithm, AREA, slot.application, slot.name, slot.version)
        rule = key_rules()[slot.application, slot.name]
        assert value == TestKeys().card_key(rule, slot.version, AREA, atr, algorithm)
        assert value not in b"".join(commands)
    assert len(keys_only) > 50
    opened(loaded, private, algorithm)


def test_issuer_codes(service: KeyClient) -> None:
    data = [bytes.fromhex(AREA) + secrets.token_bytes(9) for _ in range(3)]
    for algorithm in (DES, SM4):
        assert service.issuer_codes(AREA, algorithm, data) == [
            TestKeys().issuer_code(AREA, one, algorithm) for one in data
        ]


def test_many_cards_are_one_call_each_with_its_own_keys(service: KeyClient) -> None:
    public, _ = recipes.sm2_pair()
    blanks = [loads.Blank(CODE, secrets.token_bytes(8)) for _ in range(40)]
    loaded = ServiceLoading(AREA).load("B1", public, SM4, plan("2.0", ()), blanks)
    first = {one.commands[0] for one in loaded.cards}
    assert len(loaded.cards) == len(first) == 40


def test_a_load_for_one_receiver_does_not_open_for_another(service: KeyClient) -> None:
    """The same load id asked for by somebody else gives another transport key (T31)."""
    mine, my_private = recipes.sm2_pair()
    thief, his_private = recipes.sm2_pair()
    load = secrets.token_hex(8)
    one = recipes.sm2_decrypt(my_private, service.load_transport(load, AREA, SM4, "", mine))
    two = recipes.sm2_decrypt(his_private, service.load_transport(load, AREA, SM4, "", thief))
    assert one != two


@pytest.mark.parametrize(
    ("area", "algorithm", "key_set", "code"),
    [
        (AREA, 2, "", "keys.tree_algorithm"),
        ("99", SM4, "", "keys.tree_level"),
        (AREA, SM4, "city:990200#1", "keys.tree_foreign"),
        (AREA, SM4, "ministry#9", "keys.tree_lacks"),
        (AREA, SM4, "somebody", "keys.tree_level"),
    ],
)
def test_refused(service: KeyClient, area: str, algorithm: int, key_set: str, code: str) -> None:
    with pytest.raises(KeyRefused) as no:
        service.card_key_set(area, algorithm, key_set)
    assert no.value.code == code


def test_a_card_of_another_area_is_not_loaded(service: KeyClient) -> None:
    public, _ = recipes.sm2_pair()
    with pytest.raises(KeyRefused) as no:
        service.card_loads("x", AREA, SM4, "", public, [(1, "DF03", "RK1", 0x84, 1)], [(OTHER + "0" * 26, F3, b"")])
    assert no.value.code == "keys.tree_foreign"


def test_a_real_service_has_no_test_keys(tmp_path: Path) -> None:
    """Production: no set, no keys; what stands in for them in a sandbox is refused."""
    from sscard.keys.errors import KeyFault
    from sscard.keys.ring import KeyRing
    from sscard.keys.store import DemoStore
    from sscard.keys.tree import sets

    ring = KeyRing(tmp_path, DemoStore(tmp_path))
    for name in ("", "test"):
        with pytest.raises(KeyFault) as no:
            sets.find(ring, AREA, SM4, name, test=False)
        assert no.value.code == "keys.tree_none"


def test_two_algorithms_two_areas_two_cards_no_key_twice() -> None:
    seen = set()
    for algorithm in (DES, SM4):
        for area in (AREA, OTHER):
            for f3 in (F3, bytes(8)):
                seen.add(by_hand(algorithm, area, "DF03", "RK1", 1, f3))
    assert len(seen) == 8

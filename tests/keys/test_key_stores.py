"""One suite for all holders of the root key: demo file, custodians' shares, PKCS#11 token (SoftHSM)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from sscard.keys.catalogue import FIRST_KEYS, Purpose
from sscard.keys.errors import KeyFault
from sscard.keys.ring import KeyRing
from sscard.keys.store import RING_FILE, DemoStore, SealedStore, Store
from sscard.keys.testing import running
from sscard.keys.token import TRIES_FILE, TokenStore

Opened = Callable[[], Store]
FEW = FIRST_KEYS[:4]


@pytest.fixture(params=["demo", "sealed", "pkcs11"])
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens the same store again and again, as restarts do."""
    home = tmp_path / "home"
    home.mkdir()
    if request.param == "demo":
        return lambda: DemoStore(home)
    if request.param == "pkcs11":
        request.getfixturevalue("softhsm")
        one = TokenStore(home)  # a process opens a token once
        return lambda: one
    root = secrets.token_bytes(32)

    def sealed() -> Store:
        store = SealedStore(home)
        if not (home / "root-seal.json").exists():
            store.make(root, "000000", 1, 2, 3)
        store.open(root)
        return store

    return sealed


def test_wrapped_and_unwrapped(opens: Opened) -> None:
    store = opens()
    for size in (1, 16, 32, 4000):
        secret = secrets.token_bytes(size)
        wrapped = store.wrap(b"about", secret)
        assert secret not in wrapped or size == 1
        assert opens().unwrap(b"about", wrapped) == secret
        assert store.wrap(b"about", secret) != wrapped


@pytest.mark.parametrize("spoil", ["about", "first", "middle", "last", "short", "empty"])
def test_what_was_changed_does_not_open(opens: Opened, spoil: str) -> None:
    store = opens()
    wrapped = bytearray(store.wrap(b"about", bytes(32)))
    at = {"first": 0, "middle": len(wrapped) // 2, "last": -1}.get(spoil)
    if at is not None:
        wrapped[at] ^= 1
    cut = {"short": wrapped[:20], "empty": b""}.get(spoil, wrapped)
    with pytest.raises(KeyFault):
        store.unwrap(b"other" if spoil == "about" else b"about", bytes(cut))


def test_ring_restarts_rotates_and_retires(opens: Opened, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ring = KeyRing(home, opens(), FEW)
    name = FEW[0].name
    first = ring.active(Purpose.SEAL, name).secret
    assert ring.rotate(name) == 2
    again = KeyRing(home, opens(), FEW)
    assert [one.version for one in again.versions(Purpose.SEAL, name)] == [2, 1]
    assert again.version(Purpose.SEAL, name, 1).secret == first
    with pytest.raises(KeyFault) as no:
        again.retire(name, 2)
    assert no.value.code == "keys.still_active"
    again.retire(name, 1)
    last = KeyRing(home, opens(), FEW)
    assert [(one.version, str(one.state)) for one in last.records() if one.name == name] == [
        (2, "active"),
        (1, "retired"),
    ]
    assert last.version(Purpose.SEAL, name, 1).secret == b""
    on_disk = (home / RING_FILE).read_bytes()
    for key in (first, last.active(Purpose.SEAL, name).secret):
        assert key not in on_disk
        assert key.hex().encode() not in on_disk


def test_a_ring_of_another_root_is_refused(opens: Opened, tmp_path: Path) -> None:
    home = tmp_path / "home"
    KeyRing(home, opens(), FEW)
    other = tmp_path / "other"
    other.mkdir()
    (other / RING_FILE).write_bytes((home / RING_FILE).read_bytes())
    strange = SealedStore.__new__(SealedStore)
    strange.open(secrets.token_bytes(32))
    with pytest.raises(KeyFault) as no:
        KeyRing(other, strange, FEW)
    assert no.value.code == "keys.record_broken"


def test_a_root_that_is_gone_is_not_made_anew(tmp_path: Path, softhsm: Path) -> None:
    """Beside keys that nobody could open any more, no fresh root key is made."""
    (tmp_path / RING_FILE).write_text("[]")
    for store in (DemoStore, SealedStore, TokenStore):
        with pytest.raises(KeyFault) as no:
            store(tmp_path)
        assert no.value.code == "keys.root_missing"


def test_service_on_a_token(tmp_path: Path, softhsm: Path) -> None:
    """The whole service in the production profile, its root key in the token, over a restart."""
    from sscard.kernel.keyclient import KeyClient

    with running(tmp_path / "home", profile="production", store="pkcs11") as socket:
        client = KeyClient(socket)
        assert client.status()["store"].startswith("PKCS#11 token")
        mac = client.mac("audit", [b"row"])
    with running(tmp_path / "home", profile="production", store="pkcs11") as socket:
        assert KeyClient(socket).mac("audit", [b"row"]) == mac


def test_wrong_pins_are_counted_by_us(tmp_path: Path, softhsm: Path) -> None:
    """SoftHSM never locks; the service tries three times and no more, over restarts."""
    right = softhsm.read_text()
    softhsm.write_text("00000000")
    for left in ("2", "1", "0"):
        with pytest.raises(KeyFault) as no:
            TokenStore(tmp_path)
        assert (no.value.code, no.value.facts["left"]) == ("keys.token_pin", left)
    softhsm.write_text(right)
    with pytest.raises(KeyFault) as no:
        TokenStore(tmp_path)
    assert no.value.code == "keys.token_locked"
    (tmp_path / TRIES_FILE).unlink()
    assert TokenStore(tmp_path).label.startswith("PKCS#11")


@pytest.mark.parametrize("lost", ["SSCARD_HSM_MODULE", "SSCARD_HSM_PIN_FILE", "SSCARD_HSM_TOKEN"])
def test_settings_that_lead_nowhere(tmp_path: Path, softhsm: Path, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    monkeypatch.setenv(lost, "/nowhere")
    with pytest.raises(KeyFault) as no:
        TokenStore(tmp_path)
    assert no.value.code in ("keys.token_settings", "keys.token_missing")


def test_a_file_is_replaced_whole_also_where_the_disk_takes_it_in_parts(
    tmp_path: Path,
) -> None:
    import os
    import resource
    import signal

    from sscard.keys.store import write_durably

    place = tmp_path / "store"
    write_durably(place, b"old")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_durably(place, os.urandom(1001))  # the first write takes 1,000 bytes, the next one is refused
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert place.read_bytes() == b"old"
    write_durably(place, b"x" * 5000)
    assert place.read_bytes() == b"x" * 5000

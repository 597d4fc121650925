"""The service as a real process: purposes, restarts, peers, files."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from sscard.kernel import keyclient, words
from sscard.kernel.keyclient import KeyClient, KeyRefused, KeyServiceDown, SealBroken
from sscard.kernel.refusals import Refusal
from sscard.keys.catalogue import FIRST_KEYS, MACS, Purpose
from sscard.keys.ring import KeyRing
from sscard.keys.store import RING_FILE, ROOT_FILE, DemoStore
from sscard.keys.testing import Process, running

CANARY = b"090101198403072711"


def test_seal_and_unseal(client: KeyClient) -> None:
    items = [(b"people|facts|%d" % row, CANARY + b"%d" % row) for row in range(64)]
    blobs = client.seal("person", items)
    assert all(CANARY not in blob for blob in blobs)
    opened = client.unseal("person", [(aad, blob) for (aad, _), blob in zip(items, blobs, strict=True)])
    assert opened == [clear for _, clear in items]
    assert client.seal("person", []) == []


def test_swapping_two_rows_is_refused(client: KeyClient) -> None:
    one, two = client.seal("person", [(b"row 1", b"a"), (b"row 2", b"b")])
    with pytest.raises(SealBroken):
        client.unseal("person", [(b"row 1", two), (b"row 2", one)])


def test_another_purpose_does_not_open(client: KeyClient) -> None:
    (blob,) = client.seal("person", [(b"row", b"a")])
    with pytest.raises(SealBroken):
        client.unseal("staff", [(b"row", blob)])


@pytest.mark.parametrize("blob", [b"", b"\x01\x01", b"\x02\x01" + bytes(40), b"\x01\x09" + bytes(40)])
def test_blobs_out_of_form(client: KeyClient, blob: bytes) -> None:
    with pytest.raises(SealBroken):
        client.unseal("person", [(b"row", blob)])


def test_blind_index(client: KeyClient) -> None:
    first = client.blind("id_number", [CANARY, CANARY, b"other"])
    assert first[0] == first[1] != first[2]
    assert len(first[0]) == 32
    assert client.blind("phone", [CANARY]) != first[:1]
    assert client.blind("id_number", [CANARY], version=1) == first[:1]
    assert client.versions("blind", "id_number") == [1]


def test_mac(client: KeyClient) -> None:
    (mac,) = client.mac("audit", [b"row"])
    assert client.verify_mac("audit", [(b"row", mac), (b"other", mac), (b"row", mac[:31])]) == [True, False, False]
    for other in set(MACS) - {"audit"}:
        assert client.verify_mac(other, [(b"row", mac)]) == [False]


def test_sign(client: KeyClient) -> None:
    signature = client.sign("audit_head", b"head")
    assert client.verify("audit_head", b"head", signature)
    assert not client.verify("audit_head", b"other", signature)
    public = client.ensure_area("990100")
    assert len(public) == 64
    assert client.ensure_area("990100") == public == client.public_key("package:990100")
    assert client.ensure_area("990200") != public
    assert not client.verify("package:990200", b"m", client.sign("package:990100", b"m"))


@pytest.mark.parametrize("area", ["", "99010", "9901000", "99010x", "９９０１００", "990100:1"])
def test_area_keys_have_six_digits(client: KeyClient, area: str) -> None:
    with pytest.raises(KeyRefused):
        client.ensure_area(area)


def test_wrap(client: KeyClient) -> None:
    wrapped = client.wrap_for(client.public_key("return_files"), b"file key 16 byte")
    assert client.unwrap("return_files", wrapped) == b"file key 16 byte"
    with pytest.raises(SealBroken):
        client.unwrap("return_files", wrapped[:-1] + bytes((wrapped[-1] ^ 1,)))


USES = {
    "seal": lambda client, name: client.seal(name, [(b"", b"x")]),
    "unseal": lambda client, name: client.unseal(name, [(b"", b"\x01\x01" + bytes(40))]),
    "blind": lambda client, name: client.blind(name, [b"x"]),
    "mac": lambda client, name: client.mac(name, [b"x"]),
    "verify_mac": lambda client, name: client.verify_mac(name, [(b"x", bytes(32))]),
    "sign": lambda client, name: client.sign(name, b"x"),
    "verify": lambda client, name: client.verify(name, b"x", b"y"),
    "unwrap": lambda client, name: client.unwrap(name, b"x" * 60),
}
SERVES = {
    "seal": "seal", "unseal": "seal", "blind": "blind", "mac": "mac", "verify_mac": "mac", "sign": "sign",
    "verify": "sign", "unwrap": "unwrap",
}  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_each_key_serves_one_purpose(client: KeyClient, use: str) -> None:
    """Every key × every verb: only its own purpose gets past the gate, by full name as well."""
    for spec in FIRST_KEYS:
        if spec.purpose == SERVES[use]:
            continue
        with pytest.raises(KeyRefused) as refused:
            USES[use](client, spec.name)
        assert refused.value.code == "keys.wrong_purpose", (use, spec.name)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", ["", "nothing", "seal.", "mac.nothing", "../keyring", "x" * 5000])
def test_unknown_keys(client: KeyClient, use: str, name: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        USES[use](client, name)
    assert refused.value.code == "keys.unknown_key"


def test_lists_longer_than_a_call(client: KeyClient) -> None:
    values = [b"%d" % number for number in range(12_001)]
    indices = client.blind("name", values)
    assert len(set(indices)) == 12_001
    assert client.blind("name", [values[7_000]]) == [indices[7_000]]
    photos = [(b"%d" % number, bytes((number,)) * 1_000_000) for number in range(12)]
    blobs = client.seal("photo", photos)
    assert client.unseal("photo", [(b"11", blobs[11])]) == [photos[11][1]]


def test_too_many_on_the_wire(client: KeyClient) -> None:
    with pytest.raises(KeyRefused) as refused:
        client.call("mac", "audit", [b""] * 5_001)
    assert refused.value.code == "keys.too_many"


@pytest.mark.parametrize(
    ("verb", "arguments", "code"),
    [
        ("decrypt_anything", (), "keys.unknown_verb"),
        ("__init__", (), "keys.unknown_verb"),
        ("mac", ("audit",), "keys.request_wrong"),
        ("mac", ("audit", "text " + CANARY.decode()), "keys.request_wrong"),
        ("mac", ("audit", [b"x"], "more"), "keys.request_wrong"),
        ("seal", ("person", [(CANARY,)]), "keys.request_wrong"),
        ("ping", (1,), "keys.request_wrong"),
    ],
)
def test_requests_out_of_form_say_nothing_of_the_value(
    client: KeyClient, verb: str, arguments: tuple, code: str
) -> None:
    with pytest.raises(KeyRefused) as refused:
        client.call(verb, *arguments)
    assert refused.value.code == code
    assert CANARY.decode() not in f"{refused.value!r} {refused.value} {refused.value.facts}"


@pytest.mark.parametrize("sent", [b"\xff\xff\xff\xff", struct.pack(">I", 3) + b"\xc1\xc1\xc1", struct.pack(">I", 9)])
def test_noise_on_the_socket_does_not_stop_the_service(client: KeyClient, key_service_here: str, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(key_service_here)
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        raw.settimeout(10)
        raw.recv(1000)
    assert client.ping() == "sscard.keys 1"


def test_what_is_nested_too_deep_is_out_of_form(client: KeyClient, key_service_here: str) -> None:
    deep = b"\x92\xa4ping" + b"\x91" * 100_000
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(key_service_here)
        raw.sendall(struct.pack(">I", len(deep)) + deep)
        raw.settimeout(10)
        assert b"keys.request_wrong" in raw.recv(1000)
    assert client.ping() == "sscard.keys 1"


def test_all_codes_have_words() -> None:
    room = Path(keyclient.__file__).parent.parent / "keys"
    acts = {
        "custody.py",
        "holding.py",
        "psams.py",
        "rights.py",
    }  # of the house, not of the service; `app.check` reads them
    files = [path for path in room.rglob("*.py") if path.name not in acts]
    said = {code for path in files for code in re.findall(r'"(keys\.[a-z_]+)"', path.read_text())}
    said -= {"keys.log", "keys.sock"}  # files
    assert len(said) > 20
    for code in said:
        for lang in words.LANGUAGES:
            assert words.text("refusal", code, lang), code
            assert words.next_step("refusal", code, lang), code


def test_killed_service_is_found_again(process: Process) -> None:
    client = KeyClient(process.socket, patience=20)
    (blob,) = client.seal("person", [(b"row", b"value")])
    process.kill()
    starter = threading.Thread(target=process.start)
    starter.start()  # the client waits meanwhile
    assert client.unseal("person", [(b"row", blob)]) == [b"value"]
    starter.join()


def test_a_service_that_stays_away_is_a_refusal(process: Process) -> None:
    client = KeyClient(process.socket, patience=0.1)
    client.ping()
    assert process.stop() == 0
    assert not process.socket.exists()
    with pytest.raises(KeyServiceDown) as down:
        client.seal("person", [(b"", CANARY)])
    assert down.value.code == "kernel.key_service_down"
    assert CANARY.decode() not in str(down.value)


def test_a_service_that_hangs_is_a_refusal() -> None:
    with tempfile.TemporaryDirectory(prefix="sk") as short, socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{short}/k")
        deaf.listen()
        with pytest.raises(KeyServiceDown):
            KeyClient(f"{short}/k", timeout=0.2, patience=0.2).ping()


def test_many_threads_and_a_fork(client: KeyClient) -> None:
    def work(number: int) -> bool:
        aad = b"row %d" % number
        (blob,) = client.seal("job", [(aad, b"%d" % number)])
        return client.unseal("job", [(aad, blob)]) == [b"%d" % number]

    with ThreadPoolExecutor(24) as pool:
        assert all(pool.map(work, range(600)))
    child = os.fork()
    if child == 0:
        os._exit(0 if all(work(number) for number in range(50)) else 1)
    assert all(work(number) for number in range(50))
    assert os.waitpid(child, 0)[1] == 0


def test_process_keeps_to_itself(process: Process) -> None:
    assert stat.S_IMODE(process.socket.stat().st_mode) == 0o600
    for name in (ROOT_FILE, RING_FILE):
        assert stat.S_IMODE((process.home / name).stat().st_mode) == 0o600
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert "Max core file size        0                    0" in limits
    assert KeyClient(process.socket).status()["pss_kib"] > 1_000
    if os.getuid() == 0:  # the memory count of `sscard doctor` by root still works
        assert "Pss:" in Path(f"/proc/{process.pid}/smaps_rollup").read_text()


def test_status_shows_no_secrets(process: Process) -> None:
    shown = json.dumps(KeyClient(process.socket).status())
    ring = KeyRing(process.home, DemoStore(process.home))
    for spec in FIRST_KEYS:
        key = ring.active(spec.purpose, spec.name)
        assert spec.name in shown
        assert key.secret.hex() not in shown + repr(key)
        assert key.secret not in (process.home / RING_FILE).read_bytes()


def test_forged_signatures_do_not_fill_the_log(process: Process) -> None:
    client = KeyClient(process.socket)
    before = len(process.log())
    good = client.sign("audit_head", b"m")
    for number in range(50):
        assert not client.verify("audit_head", b"%d" % number, good)
    assert len(process.log()) == before


def test_second_service_on_one_home_is_refused(process: Process) -> None:
    with pytest.raises(RuntimeError, match="Another key service"):
        Process(process.home, process.socket.with_name("k2")).start()


@pytest.mark.asvs("13.3.1")
def test_production_refuses_the_demo_store(tmp_path: Path) -> None:
    for profile in (["--profile", "production"], []):
        done = subprocess.run(
            [sys.executable, "-m", "sscard.keys", "--home", str(tmp_path / "home"), *profile],
            env={**os.environ, "SSCARD_PROFILE": "production"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "demonstration" in done.stderr
        assert not (tmp_path / "home").exists()


def _change(home: Path, **changes: object) -> None:
    path = home / RING_FILE
    records = msgspec.json.decode(path.read_bytes())
    records[0].update(changes)
    path.write_bytes(msgspec.json.encode(records))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda home: _change(home, state="decrypt_only"),
        lambda home: _change(home, name="mac.audit2"),
        lambda home: _change(home, version=2),
        lambda home: _change(home, public="00"),
        lambda home: (home / ROOT_FILE).write_text(f"sscard demo root key, not for production\n{'00' * 16}\n"),
        lambda home: (home / ROOT_FILE).write_text("00" * 16),
        lambda home: (home / ROOT_FILE).unlink(),
        lambda home: (home / RING_FILE).write_text("[{}]"),
        lambda home: (home / RING_FILE).write_text("["),
    ],
)
def test_changed_key_files_do_not_start(tmp_path: Path, spoil: object) -> None:
    from sscard.keys.errors import KeyFault

    KeyRing(tmp_path, DemoStore(tmp_path))
    spoil(tmp_path)
    with pytest.raises(KeyFault):
        KeyRing(tmp_path, DemoStore(tmp_path))


def test_a_later_release_adds_keys_and_keeps_the_old(tmp_path: Path) -> None:
    old = KeyRing(tmp_path, DemoStore(tmp_path), FIRST_KEYS[:3])
    new = KeyRing(tmp_path, DemoStore(tmp_path))
    assert old.names() == sorted(spec.name for spec in FIRST_KEYS[:3])
    assert set(new.made) == {spec.name for spec in FIRST_KEYS[3:]}
    for spec in FIRST_KEYS[:3]:
        assert old.active(spec.purpose, spec.name).secret == new.active(spec.purpose, spec.name).secret
    assert KeyRing(tmp_path, DemoStore(tmp_path)).made == ()


def test_a_key_that_could_not_be_stored_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = KeyRing(tmp_path, DemoStore(tmp_path))
    before = (tmp_path / RING_FILE).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sscard.keys.store.os.fsync", full)
    with pytest.raises(OSError, match="space"):
        ring.ensure_area("990100")
    with pytest.raises(OSError, match="space"):
        ring.rotate("seal.person")
    assert "sign.package:990100" not in ring.names()
    assert ring.active(Purpose.SEAL, "person").version == 1
    assert (tmp_path / RING_FILE).read_bytes() == before


def test_area_keys_survive_a_restart(process: Process) -> None:
    client = KeyClient(process.socket, patience=20)
    public = client.ensure_area("990100")
    signature = client.sign("package:990100", b"m")
    process.kill()
    process.start()
    assert client.public_key("package:990100") == public
    assert client.verify("package:990100", b"m", signature)


def test_it_ends_quietly_while_callers_are_connected(process: Process) -> None:
    client = KeyClient(process.socket)
    client.ping()
    assert process.stop() == 0
    assert "Traceback" not in process.log()
    assert "rror" not in process.log()


def test_rotation_keeps_the_old_openable(tmp_path: Path) -> None:
    with running(tmp_path) as path:
        client = KeyClient(path)
        (blob,) = client.seal("person", [(b"row", b"old")])
        old_index, old_mac = client.blind("phone", [b"1"])[0], client.mac("audit", [b"m"])[0]
    for name in ("seal.person", "blind.phone", "mac.audit"):
        arguments = [sys.executable, "-m", "sscard.keys", "--home", str(tmp_path), "--profile", "test"]
        done = subprocess.run([*arguments, "--rotate", name], capture_output=True, text=True, check=True)
        assert done.stdout == f"{name} 2\n"
    with running(tmp_path) as path:
        client = KeyClient(path)
        (fresh,) = client.seal("person", [(b"row", b"new")])
        assert (blob[1], fresh[1]) == (1, 2)
        assert client.unseal("person", [(b"row", blob), (b"row", fresh)]) == [b"old", b"new"]
        assert client.versions("blind", "phone") == [2, 1]
        assert client.blind("phone", [b"1"]) != [old_index]
        assert client.blind("phone", [b"1"], version=1) == [old_index]
        assert client.verify_mac("audit", [(b"m", old_mac)]) == [True]
        assert client.mac("audit", [b"m"]) != [old_mac]


def test_the_client_of_the_process(key_service_here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyclient, "_client", None)
    monkeypatch.delenv("SSCARD_KEY_SOCKET", raising=False)
    with pytest.raises(Refusal) as down:
        keyclient.keys()
    assert down.value.status == 503
    monkeypatch.setenv("SSCARD_KEY_SOCKET", key_service_here)
    assert keyclient.keys().ping()
    assert keyclient.keys() is keyclient.keys()
    keyclient.configure("/nowhere")
    assert keyclient.keys() is not None
    with keyclient.using(key_service_here) as client:
        assert client.ping()
        assert keyclient.keys() is client
    assert keyclient.keys() is not client
    keyclient.configure(None)


def test_one_value_too_large(client: KeyClient) -> None:
    with pytest.raises(KeyRefused) as refused:
        client.seal("photo", [(b"row", bytes(33 << 20))])
    assert refused.value.code == "keys.too_large"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can play another user")
def test_another_user_is_turned_away(process: Process) -> None:
    """Even where the file modes would let him in, the kernel's word on who calls decides."""
    assert KeyClient(process.socket).ping()
    process.socket.parent.chmod(0o755)
    process.socket.chmod(0o666)
    child = os.fork()
    if child == 0:
        code = 3
        try:
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as raw:
                raw.settimeout(10)
                raw.connect(str(process.socket))
                request = msgspec.msgpack.encode(("ping", ()))
                raw.sendall(struct.pack(">I", len(request)) + request)
                code = 0 if raw.recv(100) == b"" else 1
        except ConnectionError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert "turned away" in process.log()


def test_memory_is_told_even_where_others_may_not_read_it() -> None:
    """Dumps off: the process itself still reads its own proportional memory, also without root."""
    program = (
        "import os, sys\n"
        "from sscard.keys import hardening\n"
        "from sscard.keys.verbs import own_pss_kib\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "hardening.harden()\n"
        "sys.exit(0 if own_pss_kib() > 1000 else 1)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0

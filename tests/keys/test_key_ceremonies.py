"""Ceremonies of the key service: who may do which step, what a share proves, and that no secret is told."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.kernel import keyclient
from sscard.kernel.keyclient import KeyClient, KeyRefused
from sscard.keys import ceremony, reach, recipes
from sscard.keys.errors import KeyFault
from sscard.keys.testing import Process, running
from sscard.keys.tree.ciphers import DES, SM4

ANNA, BERT, CARL, DORA = (name.encode().ljust(32, b"\x01") for name in ("anna", "bert", "carl", "dora"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyClient]:
    with running(tmp_path_factory.mktemp("ceremonies")) as socket:
        yield KeyClient(socket)


def fresh() -> str:
    return secrets.token_hex(8)


def refused(code: str, ask: Callable[..., object], *arguments: object) -> None:
    with pytest.raises(KeyRefused) as no:
        ask(*arguments)
    assert no.value.code == code


def held(client: KeyClient, level: str) -> tuple[dict[str, object], list[str]]:
    """A whole ceremony; its answer and the three shares."""
    name = fresh()
    client.ceremony_begin(name, "make", level, [ANNA, BERT])
    shares = []
    for person in (ANNA, BERT, CARL):
        shares.append(client.ceremony_share(name, person))
        client.ceremony_confirm(name, person, shares[-1].upper())
    return client.ceremony_finish(name, DORA), shares


def test_made_proved_and_shares_are_nowhere(client: KeyClient) -> None:
    made, shares = held(client, "city:990101")
    assert made["sets"] == ["city:990101#1"]
    assert client.card_key_set("990101", SM4) == {
        "set": "city:990101#1", "label": "sscard city:990101#1", "kcv": made["kcv"], "state": "active",
    }  # fmt: skip
    for pair in ((0, 1), (1, 2), (2, 0)):
        name = fresh()
        client.ceremony_begin(name, "prove", "city:990101#1", [ANNA, BERT])
        for person, which in zip((BERT, CARL), pair, strict=True):
            client.ceremony_give(name, person, shares[which])
        assert client.ceremony_finish(name, DORA)["kcv"] == made["kcv"]
    told = repr(client.status()) + repr(made)
    assert not any(word in told for share in shares for word in [share])


def test_each_step_by_whom_it_is_for(client: KeyClient) -> None:
    refused("keys.two_persons", client.ceremony_begin, fresh(), "make", "ministry", [ANNA, ANNA])
    refused("keys.two_persons", client.ceremony_begin, fresh(), "make", "ministry", [ANNA])
    refused("keys.ceremony_form", client.ceremony_begin, fresh(), "make", "ministry", [ANNA, BERT], 1, 3)
    refused("keys.tree_level", client.ceremony_begin, fresh(), "make", "nowhere", [ANNA, BERT])
    name = fresh()
    client.ceremony_begin(name, "make", "city:990102", [ANNA, BERT])
    share = client.ceremony_share(name, ANNA)
    refused("keys.share_taken", client.ceremony_share, name, ANNA)
    refused("keys.share_none", client.ceremony_confirm, name, BERT, share)
    refused("keys.shares_missing", client.ceremony_finish, name, DORA)
    client.ceremony_share(name, BERT)
    refused("keys.share_differs", client.ceremony_confirm, name, BERT, share)
    client.ceremony_share(name, CARL)
    refused("keys.shares_out", client.ceremony_share, name, DORA)
    refused("keys.auditor_takes_part", client.ceremony_finish, name, CARL)
    refused("keys.ceremony_foreign", client.ceremony_cancel, name, DORA)
    client.ceremony_cancel(name, CARL)
    refused("keys.ceremony_gone", client.ceremony_finish, name, DORA)
    assert "city:990102" not in repr(client.status())


def test_shares_that_prove_nothing(client: KeyClient) -> None:
    _, shares = held(client, "city:990103")
    _, others = held(client, "city:990104")
    name = fresh()
    client.ceremony_begin(name, "prove", "city:990103#1", [ANNA, BERT])
    words = shares[0].split()
    refused("keys.share_wrong", client.ceremony_give, name, ANNA, " ".join(words[:-1]))
    refused("keys.share_wrong", client.ceremony_give, name, ANNA, " ".join([words[1], words[0], *words[2:]]))
    refused("keys.share_foreign", client.ceremony_give, name, ANNA, others[0])
    client.ceremony_give(name, ANNA, shares[0])
    refused("keys.share_taken", client.ceremony_give, name, ANNA, shares[1])
    refused("keys.share_twice", client.ceremony_give, name, BERT, shares[0])
    refused("keys.shares_missing", client.ceremony_finish, name, DORA)
    refused("keys.ceremony_form", client.ceremony_share, name, BERT)
    refused("keys.tree_lacks", client.ceremony_begin, fresh(), "prove", "city:990103#7", [ANNA, BERT])


def test_rotation_while_cards_are_made_and_retirement(client: KeyClient) -> None:
    """Cards of the old set are served while a new set comes, and until it is retired; then the refusal helps."""
    area, public = "990105", recipes.sm2_pair()[0]
    first, _ = held(client, f"city:{area}")
    client.receiver_admit("producer", public, [ANNA, BERT])
    plan, blanks = [(1, "DF03", "RK1", 0x84, 1)], [(area + "0" * 26, secrets.token_bytes(8), b"") for _ in range(20)]
    load, failed, stop = secrets.token_hex(8), [], threading.Event()
    before = client.card_loads(load, area, SM4, "city:990105#1", public, plan, blanks)

    def work() -> None:
        while not stop.is_set():
            try:
                if client.card_loads(load, area, SM4, "city:990105#1", public, plan, blanks) != before:
                    failed.append("another key")
            except KeyRefused as refusal:
                failed.append(refusal.code)

    worker = threading.Thread(target=work)
    worker.start()
    second, _ = held(client, f"city:{area}")
    stop.set()
    worker.join()
    assert failed == []
    assert first["kcv"] != second["kcv"]
    assert client.card_key_set(area, SM4)["set"] == "city:990105#2"
    assert client.card_key_set(area, SM4, "city:990105#1")["state"] == "decrypt_only"
    refused("keys.still_active", client.key_set_retire, "city:990105#2", SM4)
    for algorithm in (DES, SM4):
        client.key_set_retire("city:990105#1", algorithm)
        refused("keys.tree_retired", client.card_key_set, area, algorithm, "city:990105#1")
    refused("keys.tree_retired", client.ceremony_begin, fresh(), "prove", "city:990105#1", [ANNA, BERT])


def test_real_keys_go_to_admitted_machines_only(client: KeyClient) -> None:
    """Wrap-then-decrypt (T31): whoever may call the service gets nothing wrapped for a key of his own."""
    held(client, "city:990106")
    mine, _ = recipes.sm2_pair()
    refused("keys.receiver_unknown", client.load_transport, "x", "990106", SM4, "", mine)
    refused("keys.two_persons", client.receiver_admit, "x", mine, [ANNA, ANNA])
    client.receiver_admit("x", mine, [ANNA, CARL])
    assert client.load_transport("x", "990106", SM4, "", mine)
    client.receiver_strike(mine)
    refused("keys.receiver_unknown", client.load_transport, "x", "990106", SM4, "", mine)


def test_the_way_down_from_the_ministry(tmp_path: Path) -> None:
    """Ministry → province → city over two key services; the city's cards are the same as if the ministry had made them."""
    area, refs = "330182", ["DF03/RK1/1", "DF01/STK/1", "issuer"]
    data = [bytes.fromhex(area) + bytes(9)]
    with running(tmp_path / "ministry") as above, running(tmp_path / "city") as below:
        ministry, city = KeyClient(above), KeyClient(below)
        made, _ = held(ministry, "ministry")
        assert made["sets"] == ["ministry#1"]
        for algorithm in (DES, SM4):
            parcel = ministry.subkeys_for("province:33", area, algorithm, refs, city.public_key("key_sets"))
            refused("keys.wrap_broken", ministry.subkeys_take, "province:33", algorithm, parcel)
            refused("keys.tree_foreign", city.subkeys_take, "province:34", algorithm, parcel)
            assert city.subkeys_take("province:33", algorithm, parcel)["set"] == "province:33#1"
            assert city.issuer_codes(area, algorithm, data) == ministry.issuer_codes(area, algorithm, data)
            own = city.subkeys_for(f"city:{area}", area, algorithm, refs, city.public_key("key_sets"))
            for _ in range(2):  # a package taken in twice is one set
                taken = city.subkeys_take(f"city:{area}", algorithm, own)
                assert (taken["set"], taken["from"]) == (f"city:{area}#1", "province:33#1")
            assert city.card_key_set(area, algorithm)["set"] == f"city:{area}#1"
            assert city.issuer_codes(area, algorithm, data) == ministry.issuer_codes(area, algorithm, data)
        with keyclient.using(below):  # what the loss of a carrier of each of them reaches
            assert reach.below("ministry#1") == {"ministry#1", "province:33#1", f"city:{area}#1"}
            assert reach.below(f"city:{area}#1") == {f"city:{area}#1"}
            assert reach.below("") is None
        refused("keys.wrong_purpose", city.unwrap, "key_sets", parcel)
        refused(
            "keys.tree_foreign", ministry.subkeys_for, "city:330182", "340100", SM4, refs, city.public_key("key_sets")
        )


def test_the_sealed_store_opens_by_its_custodians(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sk") as short:
        process = Process(tmp_path / "home", Path(short) / "k", "production", "sealed")
        process.start()
        client = KeyClient(process.socket)
        refused("keys.sealed", client.mac, "audit", [b"x"])
        refused("keys.root_none", client.ceremony_begin, fresh(), "open", "root", [ANNA, BERT])
        name = fresh()
        client.ceremony_begin(name, "root", "root", [ANNA, BERT])
        shares = []
        for person in (ANNA, BERT, CARL):
            shares.append(client.ceremony_share(name, person))
            client.ceremony_confirm(name, person, shares[-1])
        client.ceremony_finish(name, DORA)
        mac = client.mac("audit", [b"x"])
        assert process.stop() == 0
        everything = b"".join(one.read_bytes() for one in (tmp_path / "home").iterdir())
        assert not any(share.encode() in everything for share in shares)
        process.start()
        refused("keys.sealed", client.mac, "audit", [b"x"])
        refused("keys.root_there", client.ceremony_begin, fresh(), "root", "root", [ANNA, BERT])
        name = fresh()
        client.ceremony_begin(name, "open", "root", [BERT, CARL])
        client.ceremony_give(name, BERT, shares[2])
        assert client.status()["sealed"] is True
        client.ceremony_give(name, CARL, shares[0])
        assert client.mac("audit", [b"x"]) == mac
        assert process.stop() == 0


@given(need=st.integers(2, 4), more=st.integers(0, 2), order=st.randoms())
def test_any_quorum_brings_the_secret_back(need: int, more: int, order: object) -> None:
    made = ceremony.Ceremony.begin("make", "ministry", need, need + more, [ANNA, BERT])
    people = [bytes((n,)) * 32 for n in range(1, need + more + 1)]
    shares = [made.share(person) for person in people]
    for person, share in zip(people, shares, strict=True):
        made.confirm(person, share)
    secret = made.finish(DORA)
    again = ceremony.Ceremony.begin(
        "prove", "ministry#1", need, need + more, [ANNA, BERT], expected=ceremony.kcv(secret).hex(), number=made.number
    )
    order.shuffle(shares)  # type: ignore[attr-defined]
    for person, share in list(zip(people, shares, strict=True))[: need - 1]:
        again.give(person, share)
    with pytest.raises(KeyFault):
        again.finish(DORA)
    again.give(DORA[:-1] + b"\x02", shares[-1])
    assert again.finish(DORA) == secret

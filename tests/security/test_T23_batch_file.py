"""T23: a stolen or altered batch file is good for nothing, on the way out and on the way back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sscard.kernel.refusals import Refusal
from sscard.keys.envelope import open_envelope, pack, peek
from sscard.keys.parties import KeyPair, PartyKeys
from sscard.sim.producer import Producer, Quality, set_up

if TYPE_CHECKING:
    from issuing_kit import Office

ALL_GOOD = Quality()


@pytest.fixture
def office(house: object) -> Iterator[Office]:
    from issuing_kit import Office

    found = Office.open()
    yield found
    shutil.rmtree(found.folder)


# --- the package ------------------------------------------------------------------------------------------------------


def made_of(producer: Producer, office: Office, path: Path) -> str:
    """The code under which the producer's program refuses the package."""
    with pytest.raises(Refusal) as caught:
        producer.produce(path, office.folder / "outbox", office.wallet, ALL_GOOD)
    return caught.value.code


def test_nobody_but_the_chosen_producer_opens_the_package(office: Office) -> None:
    from issuing_kit import AREA, MAKER
    from sscard.issuing.producers import trust

    path = office.package(office.released(office.people(1)))
    for code, expected in (("PRODUCER-OTHER", "keys.envelope_receiver"), (MAKER, "keys.envelope_wrong_key")):
        set_up(office.folder / code, code)  # the second one took the right name, not the key
        thief = Producer(office.folder / code)
        thief.trust(trust(AREA))
        assert made_of(thief, office, path) == expected
    assert b"CCB" not in path.read_bytes()[200:]
    assert office.residents[-1].id_number.encode() not in path.read_bytes()


def test_a_changed_byte_anywhere_is_found(office: Office) -> None:
    path = office.package(office.released(office.people(1)))
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        bent = bytearray(whole)
        bent[at] ^= 1
        path.write_bytes(bytes(bent))
        assert made_of(office.maker, office, path).startswith(("keys.envelope", "sim.producer_issuer"))
    path.write_bytes(whole)
    done = office.maker.produce(path, office.folder / "outbox", office.wallet, ALL_GOOD)
    assert done.totals == {"good": 1, "spoiled": 0, "missing": 0}


def test_an_expired_package_is_neither_handed_out_nor_opened(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from issuing_kit import MAKER, program, refused
    from sscard.issuing import acts, releasing
    from sscard.sim.producer import program as plant

    batch = office.released(office.people(1))
    path = office.package(batch)
    later = datetime.now(UTC) + timedelta(days=8)
    monkeypatch.setattr(releasing.clock, "real_now", lambda: later)
    request = acts.TakePackage(batch)
    assert refused(program("producer_program", MAKER, "producer"), request).code == "issuing.package_expired"
    monkeypatch.undo()

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return later

    monkeypatch.setattr(plant, "datetime", Late)
    assert made_of(office.maker, office, path) == "keys.envelope_expired"


def test_a_package_of_a_sender_that_was_never_registered_is_not_made(office: Office) -> None:
    path = office.package(office.released(office.people(1)))
    claimed = peek(path.read_bytes())
    forged = KeyPair.fresh()
    path.write_bytes(
        pack(
            {"order.json": b"{}"}, batch=claimed.batch, sender=claimed.sender, receiver=claimed.receiver,
            made_at=claimed.made_at, expires_at=claimed.expires_at, signer=forged,
            receiver_public=office.maker.keys.receiving.public,
        )
    )  # fmt: skip
    assert made_of(office.maker, office, path) == "keys.envelope_signature"


def test_a_batch_is_released_once(office: Office) -> None:
    from issuing_kit import approve, do, refused
    from sscard.issuing import acts

    batch = office.accounted(office.people(1))
    first, second = (do(office.clerk, acts.ReleaseBatch(batch, 1)) for _ in range(2))
    approve(office.reviewer, first)
    before = office.sealed(batch)
    with pytest.raises(Refusal) as caught:
        approve(office.reviewer, second)
    assert caught.value.code == "issuing.batch_state"
    assert refused(office.clerk, acts.ReleaseBatch(batch, 1)).code == "issuing.batch_state"
    assert office.sealed(batch) == before


def test_another_producer_gets_nothing_and_a_package_changed_on_our_disk_is_not_handed_out(office: Office) -> None:
    from issuing_kit import MAKER, program, refused
    from sscard.issuing import acts, package

    batch = office.released(office.people(1))
    other = program("producer_program", "PRODUCER-OTHER", "producer")
    assert refused(other, acts.TakePackage(batch)).code == "control.not_found"
    assert refused(other, acts.ReceiveReturn(batch, b"x")).code == "control.not_found"
    path = package.folder() / f"{bytes(office.row(batch).package_digest or b'').hex()}.package"
    path.write_bytes(path.read_bytes() + b"x")
    request = acts.TakePackage(batch)
    assert refused(program("producer_program", MAKER, "producer"), request).code == "issuing.package_lost"


def test_packages_are_numbered_without_gaps(office: Office) -> None:
    numbers = [office.release(office.accounted(office.people(1)))["package_number"] for _ in range(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


# --- the return -------------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], None]


def forge(office: Office, file: bytes, change: Change, **more: Any) -> bytes:
    """The producer's return, opened with the area's keys, changed, and signed again (by the producer unless told)."""
    from sscard.issuing.producers import issuer_name
    from sscard.kernel.keyclient import keys
    from sscard.keys.envelope import ServiceOpener

    opened = open_envelope(
        file, sender=office.maker.code, sender_public=office.maker.keys.signing.public, receiver=issuer_name("990100"),
        opener=ServiceOpener(keys()), now=datetime.now(UTC),
    )  # fmt: skip
    content = {name: json.loads(part) for name, part in opened.parts.items()}
    change(content)
    manifest = opened.manifest
    values: dict[str, Any] = {
        "batch": manifest.batch, "sender": manifest.sender, "receiver": manifest.receiver, "made_at": manifest.made_at,
        "expires_at": manifest.expires_at, "signer": office.maker.keys.signing,
        "receiver_public": keys().public_key("return_files"), "fields": manifest.fields,
    }  # fmt: skip
    return pack({name: json.dumps(part).encode() for name, part in content.items()}, **{**values, **more})


def _total(content: dict[str, Any]) -> None:
    content["totals.json"]["good"] += 1


def _drop(content: dict[str, Any]) -> None:
    content["cards.json"].pop()


def _swap(content: dict[str, Any]) -> None:
    first, second = content["cards.json"][:2]
    first["code"], second["code"] = second["code"], first["code"]


def _hide(content: dict[str, Any]) -> None:
    """A card is kept back: called spoiled, the box still as full as before."""
    content["cards.json"][0].update(outcome="spoiled", reason="chip", box="")
    content["totals.json"].update(good=1, spoiled=1)


def _same_chip(content: dict[str, Any]) -> None:
    content["cards.json"][1]["chip_serial"] = content["cards.json"][0]["chip_serial"]


def _form(content: dict[str, Any]) -> None:
    content["cards.json"][0]["person"] = "somebody"


def _nothing(_content: dict[str, Any]) -> None:
    return


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_total, "issuing.return_faulty"),
        (_drop, "issuing.return_faulty"),
        (_swap, "issuing.return_faulty"),
        (_hide, "issuing.return_faulty"),
        (_same_chip, "issuing.return_faulty"),
        (_form, "issuing.return_form"),
    ],
)
def test_a_return_that_does_not_add_up_is_refused_whole(office: Office, change: Change, code: str) -> None:
    from issuing_kit import MAKER, do, program, refused
    from sscard.issuing import acts

    batch = office.released(office.people(2))
    file = office.produce(batch)
    caller = program("producer_program", MAKER, "producer")
    refusal = refused(caller, acts.ReceiveReturn(batch, forge(office, file, change)))
    assert refusal.code == code
    assert all(fault.sentence("zh") for fault in refusal.faults)
    view = office.view(batch)
    assert (view.state, view.good) == ("released", 0)
    assert do(caller, acts.ReceiveReturn(batch, file)).answer["good"] == 2


def test_a_return_signed_by_another_for_another_batch_or_too_late_is_refused(office: Office) -> None:
    from issuing_kit import MAKER, program, refused
    from sscard.issuing import acts

    batch = office.released(office.people(1))
    file = office.produce(batch)
    past = datetime.now(UTC) - timedelta(days=1)
    other = PartyKeys.load_or_make(office.folder / "other.json")
    caller = program("producer_program", MAKER, "producer")

    def code(data: bytes) -> str:
        return refused(caller, acts.ReceiveReturn(batch, data)).code

    assert code(forge(office, file, _nothing, signer=other.signing)) == "keys.envelope_signature"
    assert code(forge(office, file, _nothing, sender="PRODUCER-OTHER")) == "keys.envelope_sender"
    assert code(forge(office, file, _nothing, receiver="issuer:990200")) == "keys.envelope_receiver"
    assert code(forge(office, file, _nothing, batch="2026-9999")) == "issuing.return_other_batch"
    assert code(forge(office, file, _nothing, fields={"package": "00"})) == "issuing.return_other_batch"
    late = forge(office, file, _nothing, made_at=past - timedelta(days=1), expires_at=past)
    assert code(late) == "keys.envelope_expired"
    assert code(b"not an envelope") == "keys.envelope_form"
    bent = bytearray(file)
    bent[-20] ^= 1
    assert code(bytes(bent)) == "keys.envelope_changed"
    assert office.view(batch).state == "released"

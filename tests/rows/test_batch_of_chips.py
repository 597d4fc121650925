"""CHP-1, ISS-7: a batch becomes chips at the producer's, by its own program; cut off in the middle; nothing in clear."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from canary_kit import found_in_clear

if TYPE_CHECKING:
    from issuing_kit import Office

CARDS = 24


@pytest.fixture
def office(house: object) -> Iterator[Office]:
    from issuing_kit import Office

    found = Office.open()
    yield found
    shutil.rmtree(found.folder)


def plant(office: Office) -> list[str]:
    """The producer's program on its own folders."""
    return [
        sys.executable, "-m", "sscard.app.command", "producer", "run", "--inbox", str(office.folder / "inbox"),
        "--outbox", str(office.folder / "outbox"), "--home", str(office.folder / "plant"),
        "--wallet", str(office.wallet), "--spoil", "10%", "--missing", "5%",
    ]  # fmt: skip


def chips(office: Office) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (office.folder / "drawer").glob("*.card")}


@pytest.mark.row("CHP-1")
@pytest.mark.row("ISS-7", part="keys and card data")
def test_a_batch_that_was_cut_off_goes_on_and_makes_no_card_twice(office: Office) -> None:
    """Killed while it makes chips; the second run ends it, leaves what was finished, and the issuer takes the return."""
    from issuing_kit import BARE, MAKER, do, program, refused
    from sscard.issuing import acts

    batch = office.released(office.people(CARDS))
    office.package(batch)
    first = subprocess.Popen(plant(office), env=BARE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while len(chips(office)) < 3 and first.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    first.send_signal(signal.SIGKILL)
    first.wait(timeout=120)
    before = chips(office)
    assert 3 <= len(before) < CARDS, "cut off in the middle"
    assert not list((office.folder / "outbox").glob("*.return"))
    second = subprocess.run(plant(office), env=BARE, capture_output=True, text=True, check=False, timeout=300)
    assert second.returncode == 0, second.stdout + second.stderr
    after = chips(office)
    assert before.items() <= after.items(), "what was finished is the same card, byte by byte"
    file = (office.folder / "outbox" / f"{batch}.return").read_bytes()
    answer = do(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(batch, file)).answer
    assert answer["good"] + answer["spoiled"] + answer["missing"] == answer["ordered"] == CARDS
    assert answer["good"] == len(after), "as many chips as good cards"
    again = refused(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(batch, file + b"x"))
    assert again.code == "issuing.return_other"


@pytest.mark.row("ISS-7", part="keys and card data")
def test_a_chip_that_did_not_run_its_script_is_not_taken(office: Office) -> None:
    """The audit record that the card itself answered names another script: the return is refused with that card."""
    from issuing_kit import AREA, MAKER, program, refused
    from sscard.issuing import acts
    from sscard.issuing.producers import issuer_name
    from sscard.kernel.keyclient import keys
    from sscard.keys.envelope import ServiceOpener, open_envelope, pack

    batch = office.released(office.people(2))
    opened = open_envelope(
        office.produce(batch), sender=MAKER, sender_public=office.maker.keys.signing.public, receiver=issuer_name(AREA),
        opener=ServiceOpener(keys()), now=datetime.now(UTC),
    )  # fmt: skip
    lines = json.loads(opened.parts["cards.json"])
    lines[0]["audit"], lines[1]["audit"] = lines[1]["audit"], lines[0]["audit"]
    forged = pack(
        {**opened.parts, "cards.json": json.dumps(lines).encode()}, batch=opened.manifest.batch, sender=MAKER,
        receiver=issuer_name(AREA), made_at=opened.manifest.made_at, expires_at=opened.manifest.expires_at,
        signer=office.maker.keys.signing, receiver_public=keys().public_key("return_files"),
        fields=opened.manifest.fields,
    )  # fmt: skip
    refusal = refused(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(batch, forged))
    assert [fault.code for fault in refusal.faults] == ["issuing.return_audit"] * 2


@pytest.mark.row("ISS-7", part="keys and card data")
def test_a_card_that_is_not_in_the_batch_is_not_made(office: Office) -> None:
    """Scripts and order must name the same cards, even in a package that the issuer signed."""
    from issuing_kit import AREA, MAKER
    from sscard.issuing.producers import issuer_name, trust
    from sscard.kernel.keyclient import keys
    from sscard.kernel.refusals import Refusal
    from sscard.keys.envelope import ServiceSigner, open_envelope, pack
    from sscard.sim.producer import Quality

    path = office.package(office.released(office.people(2)))
    opened = open_envelope(
        path.read_bytes(), sender=issuer_name(AREA), sender_public=bytes.fromhex(trust(AREA)["signing"]), receiver=MAKER,
        opener=office.maker.keys.receiving, now=datetime.now(UTC),
    )  # fmt: skip
    label, transport, cards = msgspec.msgpack.decode(opened.parts["scripts-001.msgpack"], strict=False)
    first, second = cards
    cards[first] = cards[second]
    now = datetime.now(UTC)
    path.write_bytes(
        pack(
            {**opened.parts, "scripts-001.msgpack": msgspec.msgpack.encode([label, transport, cards])},
            batch=opened.manifest.batch, sender=issuer_name(AREA), receiver=MAKER, made_at=now,
            expires_at=now + timedelta(days=1), signer=ServiceSigner(keys(), f"package:{AREA}"),
            receiver_public=office.maker.keys.receiving.public, fields=opened.manifest.fields,
        )
    )  # fmt: skip
    with pytest.raises(Refusal) as caught:
        office.maker.produce(path, office.folder / "outbox", office.wallet, Quality())
    assert caught.value.code == "sim.producer_package_odd"
    assert caught.value.next_step("zh")
    assert not chips(office)


@pytest.mark.row("CHP-1")
def test_no_key_and_no_password_in_clear_in_any_file(office: Office) -> None:
    """A whole run, and then every file of issuer and producer is searched for every key of every card, for the
    transport key and the cards' own secrets; the opened package and the return too."""
    from issuing_kit import AREA, MAKER
    from sscard.chip.drawer import Drawer
    from sscard.chip.personal.script import Script
    from sscard.issuing.producers import issuer_name, trust
    from sscard.keys.envelope import open_envelope
    from sscard.sim.devices.wallet import Wallet

    batch = office.released(office.people(3))
    path = office.package(batch)
    office.produce(batch)
    opened = open_envelope(
        path.read_bytes(), sender=issuer_name(AREA), sender_public=bytes.fromhex(trust(AREA)["signing"]), receiver=MAKER,
        opener=office.maker.keys.receiving, now=datetime.now(UTC),
    )  # fmt: skip
    _, transport, cards = msgspec.msgpack.decode(opened.parts["scripts-001.msgpack"], strict=False)
    secrets = {office.maker.keys.receiving.unwrap(transport)}
    drawer = Drawer(office.folder / "drawer")
    for raw in cards.values():
        image = drawer.by_code(msgspec.convert(raw, Script).code).load()
        assert image.secrets.pin
        assert len(image.secrets.keys) == 72
        secrets |= {key for versions in image.secrets.keys.values() for key in versions} | {image.secrets.signing}
    assert len(secrets) > 400
    wallet = Wallet(office.wallet)
    answering = [bytes.fromhex(wallet.card(one.id_number).key) for one in office.residents]
    assert all(len(key) >= 16 for key in answering), "a copy of the wallet without its seal answers no challenge"
    searched, bad = found_in_clear({*secrets, *answering}, office.folder, opened.parts)
    assert searched > 10
    assert not bad

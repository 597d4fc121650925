"""Personalisation: scripts make cards and nothing else does; a command out of its place is refused and no card comes out."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chip_kit import KINDS
from sscard.chip.card.audit import Audit, digest
from sscard.chip.card.blank import BlankCard
from sscard.chip.choices import ALTERNATIVES, Choices, described
from sscard.chip.codec import contents
from sscard.chip.crypto.ciphers import SM4, cipher
from sscard.chip.crypto.tree import TestKeys, card_keys
from sscard.chip.drawer import Drawer
from sscard.chip.faults import ChipFault, StatusRefused
from sscard.chip.files.table import files
from sscard.chip.personal import demo, loading, script
from sscard.chip.personal.loading import TestLoading, plan, proofs
from sscard.chip.personal.machine import Machine
from sscard.chip.personal.making import blank_of
from sscard.chip.personal.order import Order, places
from sscard.keys import loads, recipes
from sscard.keys.loads import LoadCommand, Usage
from sscard.keys.parties import KeyPair

PLANT = KeyPair.fresh()
LOAD = b"\x84\xd4"


def scripted(*orders: Order, version: str = "3.0", algorithm: str = "sm4") -> tuple[bytes, list[script.Script]]:
    """The wrapped transport key and the scripts of these orders."""
    number = script.kind(version, algorithm)
    wanted = plan(version, proofs(version, tuple(orders[0].values)))
    loaded = TestLoading().load("B1", PLANT.public, number, wanted, [blank_of(one) for one in orders])
    return loaded.transport, [
        script.build(order, one, version=version, algorithm=number, label=loaded.label, plan=wanted)
        for order, one in zip(orders, loaded.cards, strict=True)
    ]


FUZZED = scripted(demo.order())


def machine(transport: bytes) -> Machine:
    found = Machine(PLANT.unwrap)
    found.open_load(transport)
    return found


def refused_at(transport: bytes, wrong: script.Script) -> int:
    """The status word with which the blank refuses a script."""
    with pytest.raises(StatusRefused) as caught:
        machine(transport).make(wrong)
    return caught.value.sw


@pytest.mark.parametrize(("version", "algorithm"), KINDS)
def test_a_script_makes_the_card_that_was_ordered(version: str, algorithm: str) -> None:
    """Every item of every file, every key, the password: as ordered; whatever was not ordered is empty."""
    order = demo.order(algorithm=algorithm, long_name=version != "1.0")
    transport, (one,) = scripted(order, version=version, algorithm=algorithm)
    image = machine(transport).make(one)
    given = places(order, order.card_id_code, version)
    for rule in files(version):
        held = image.files[f"{rule.application}/{rule.id:02X}"]
        if rule.structure == "transparent":
            assert held.data == bytes(rule.size)
        elif rule.structure == "cyclic":
            assert held.records == contents.empty_records(rule)
        else:
            assert held.records == contents.records(rule, given.get(rule.place, {})), rule.place
    for rule, versions in card_keys(TestKeys(), version, demo.AREA, image.atr, image.algorithm):
        assert image.secrets.keys[f"{rule.application}/{rule.name}"] == versions
    assert image.secrets.pin.hex() == demo.PIN
    audit = Audit.parse(image.audit)
    assert audit.script == digest(one.commands)
    made = {name: counts[0] for name, counts in audit.applications.items()}
    assert sum(made.values()) == len(files(version))
    assert next(iter(audit.applications)) == "SSSE"


def test_the_commands_stand_in_the_order_of_the_standard() -> None:
    """Activation; creation and keys; the card's master key after the password; EF06 before EF05; then the end."""
    _, (one,) = scripted(demo.order())
    kinds = [(command[1], command[2:4]) for command in one.commands]
    update = [command[3] >> 3 for command in one.commands if command[:2] == b"\x00\xdc"]
    assert kinds[0][0] == kinds[1][0] == 0xF0
    assert kinds[-1][0] == 0xF2
    assert update.index(6, len(update) - 14) < update.index(5, len(update) - 7)
    assert update[-7:] == [5] * 7
    usages = [command[2] for command in one.commands if command[:2] == LOAD]
    assert usages == sorted(usages, key=lambda usage: (usage in (3, 4), usage == 4)) or usages[-5:].count(4) >= 3
    assert all(command[0] in (0x00, 0x80, 0x84) for command in one.commands)


@pytest.mark.parametrize("harm", ["left out", "twice", "exchanged", "bent", "of another card", "cut short"])
def test_a_load_out_of_its_place_makes_no_card(harm: str) -> None:
    transport, (one, other) = scripted(demo.order(sequence=1), demo.order(sequence=2))
    at = [number for number, command in enumerate(one.commands) if command[:2] == LOAD][7]
    rows = list(one.commands)
    if harm == "left out":
        del rows[at]
    elif harm == "twice":
        rows.insert(at, rows[at])
    elif harm == "exchanged":
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
    elif harm == "bent":
        rows[at] = rows[at][:20] + bytes((rows[at][20] ^ 1,)) + rows[at][21:]
    elif harm == "of another card":
        rows[at] = other.commands[at]
    else:
        rows = rows[:at]
    wrong = script.Script(one.code, one.number, one.algorithm, one.factor, one.good, rows)
    if harm == "cut short":
        with pytest.raises(ChipFault):
            machine(transport).make(wrong)
    else:
        assert refused_at(transport, wrong) == 0x6988
    assert machine(transport).make(one).audit, "the right script still makes its card"


def test_a_blank_believes_its_own_transport_key_only() -> None:
    transport, (one,) = scripted(demo.order())
    stranger, _ = scripted(demo.order())
    with pytest.raises(StatusRefused) as caught:
        machine(stranger).make(one)
    assert caught.value.sw == 0x6988, "the HSM put another key into the blank: the loads do not fit"
    card = BlankCard(SM4, bytes(16))
    assert card.run(one.commands[0]) == (b"", 0x6982)
    for left in (0x63C2, 0x63C1, 0x63C0):
        card.run(bytes.fromhex("0084000008"))
        assert card.run(bytes.fromhex("8082000010") + bytes(16))[1] == left
    assert card.run(bytes.fromhex("0084000008"))[1] == 0x6985, "locked for good"
    assert transport != stranger


HEADS = [bytes((cla, ins)) for cla, ins in (
    (0x80, 0xF0), (0x80, 0xE0), (0x84, 0xD4), (0x80, 0xE2), (0x80, 0xDA), (0x80, 0xF2), (0x00, 0xDC), (0x00, 0xD6),
    (0x00, 0xA4), (0x00, 0x82), (0x80, 0x82), (0x00, 0xB0),
)]  # fmt: skip


@given(some.lists(some.tuples(some.sampled_from(HEADS), some.binary(max_size=80)), max_size=12), some.integers(0, 230))
@settings(max_examples=60, deadline=None)
def test_any_commands_get_a_status_word_and_no_card(tries: list[tuple[bytes, bytes]], done: int) -> None:
    """At any point of a script before its EF05, a trusted blank answers whatever comes, and what it refuses makes no card."""
    transport, (one,) = FUZZED
    own = loads.card_transport(cipher(SM4), PLANT.unwrap(transport), one.factor)
    card = BlankCard(SM4, own)
    card.work.trusted = True
    for command in one.commands[:done]:
        assert card.run(command)[1] == 0x9000
    for head, rest in tries:
        raw = head + rest[:2].ljust(2, b"\x00") + bytes((len(rest[2:]),)) + rest[2:]
        assert 0 <= card.run(raw)[1] <= 0xFFFF
    assert card.finished is None


def test_end_before_the_card_has_its_number() -> None:
    transport, (one,) = scripted(demo.order())
    without = [command for command in one.commands if not (command[:2] == b"\x00\xdc" and command[3] >> 3 == 5)]
    wrong = script.Script(one.code, one.number, one.algorithm, one.factor, one.good, without)
    assert refused_at(transport, wrong) == 0x6985


@pytest.mark.parametrize("algorithm", ["sm4", "3des"])
def test_a_loading_command_by_another_implementation(algorithm: str) -> None:
    """The wire format of `sscard.keys.loads` once more, by OpenSSL's command line: key, check value, first MAC."""
    order = demo.order(algorithm=algorithm)
    transport, (one,) = scripted(order, algorithm=algorithm)
    block, ecb, cbc = (16, "sm4-ecb", "sm4-cbc") if algorithm == "sm4" else (8, "des-ede", "des-ede-cbc")

    def run(name: str, key: bytes, data: bytes, *more: str) -> bytes:
        command = ["openssl", "enc", f"-{name}", "-K", key.hex(), "-nopad", *more]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    def dispersed(key: bytes, factor: bytes) -> bytes:
        turned = bytes(byte ^ 0xFF for byte in factor)
        return run(ecb, key, factor + turned)

    own = dispersed(PLANT.unwrap(transport), one.factor)
    command = LoadCommand.parse(next(raw for raw in one.commands if raw[:2] == LOAD))
    assert (command.usage, command.id, command.version) == (Usage.KEY, 0x00, 1)
    clear = run(ecb, dispersed(own, b"SSCARDKE"), command.secret, "-d")
    rule, versions = next(card_keys(TestKeys(), "3.0", demo.AREA, bytes.fromhex("3B6D0000") + bytes(5) + one.factor,
                                    cipher(one.algorithm).id))  # fmt: skip
    assert (rule.name, clear[0], clear[1:17]) == ("IRK", 16, versions[0])
    assert run(ecb, versions[0], bytes(block))[:3] == command.kcv
    padded = command.covered + b"\x80" + bytes(-(len(command.covered) + 1) % block)
    last = run(cbc, dispersed(own, b"SSCARDKM"), padded, "-iv", "00" * block)[-block:]
    groups = [last[at : at + 4] for at in range(0, 16, 4)] if block == 16 else [last[:4]]
    mac = bytes(4)
    for group in groups:
        mac = bytes(a ^ b for a, b in zip(mac, group, strict=True))
    assert mac == command.mac


def test_no_key_service_no_card() -> None:
    with pytest.raises(ChipFault) as caught:
        loading._nobody("650100")
    assert caught.value.code == "chip.no_key_service"
    assert loading.loading_for("990100", sandbox=True).label.startswith("sscard TEST KEYS")


def test_each_choice_makes_a_card_and_is_named() -> None:
    for name, values in ALTERNATIVES.items():
        other = next(value for value in values if value != getattr(Choices(), name))
        text = {True: "yes", False: "no"}.get(other, str(other)) if isinstance(other, bool) else str(other)
        choices = Choices.of({name: text})
        image = demo.card(choices=choices)
        assert image.choices == choices
        told = described(choices)[name]
        assert (told["value"], told["default"]) == (other, False)
        assert getattr(Choices(), name) in told["others"]
    small = demo.card(choices=Choices(reserved_size=128))
    assert len(small.files["DF01/16"].data) == 128
    assert demo.card(choices=Choices(payment="none")).payment is None
    assert not demo.card(choices=Choices(pki_objects="stub")).certificate
    with pytest.raises(ChipFault) as caught:
        Choices.of({"factor3": "t1", "colour": "red", "df_key_ids": "other"})
    assert [(fault.place, fault.code) for fault in caught.value.faults] == [
        ("factor3", "chip.choice_value"), ("colour", "chip.choice_unknown"), ("df_key_ids", "chip.choice_value"),
    ]  # fmt: skip


def test_the_drawer_tells_nothing_and_gives_a_card_to_one_hand(tmp_path: Path) -> None:
    drawer, orders = Drawer(tmp_path / "drawer"), [demo.order(sequence=1), demo.order(sequence=2)]
    for order in orders:
        transport, (one,) = scripted(order)
        drawer.put(machine(transport).make(one), demo.AREA, order.card_number, one.code)
    first, second = (drawer.by_number(demo.AREA, order.card_number) for order in orders)
    image = first.load()
    whole = b"".join(path.read_bytes() + path.name.encode() for path in drawer.folder.iterdir())
    telling = [orders[0].name.encode("gbk"), orders[0].card_number.encode(), orders[0].social_security_number.encode()]
    for clear in (*telling, image.secrets.signing, *image.secrets.keys["SSSE/IRK"]):
        assert clear not in whole
    assert {oct(path.stat().st_mode)[-3:] for path in (*drawer.folder.iterdir(), drawer.seal)} == {"600"}
    with drawer.held(first), pytest.raises(ChipFault) as caught, drawer.held(drawer.by_code(orders[0].card_id_code)):
        pass
    assert caught.value.code == "chip.card_in_use"
    image.pin_tries = 1
    first.save(image)
    assert Drawer(tmp_path / "drawer").by_number(demo.AREA, orders[0].card_number).load().pin_tries == 1
    second.path.replace(first.path)
    with pytest.raises(ChipFault, match="card_file"):
        first.load()
    for area, number in (("990200", orders[0].card_number), (demo.AREA, "X90000038")):
        with pytest.raises(ChipFault, match="not_in_drawer"):
            drawer.by_number(area, number)
    drawer.seal.unlink()
    with pytest.raises(ChipFault, match="seal_missing"):
        Drawer(tmp_path / "drawer").by_number(demo.AREA, orders[0].card_number)


def test_nothing_of_a_script_is_a_key_or_a_password_in_clear() -> None:
    order = replace(demo.order(), pin="13579246")
    transport, (one,) = scripted(order)
    image = machine(transport).make(one)
    whole = b"".join(one.commands) + transport
    for name, versions in image.secrets.keys.items():
        assert not [key for key in versions if key in whole], name
    assert image.secrets.pin not in whole
    assert PLANT.unwrap(transport) not in whole
    assert len(PLANT.unwrap(transport)) == loads.TRANSPORT_BYTES
    assert recipes.sm3(transport)

"""A city's own card keys, end to end at the key service, in the production profile over all three stores: cards made with them
prove themselves, are opened again, are authenticated by a PSAM with the terminal's half; another set's are not."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from chip_kit import contacts
from real_keys_kit import (
    ANNA,
    BERT,
    CARL,
    DORA,
    admit_machine,
    hold_ceremony,
    machine_pair,
    psam_package,
    real_card,
    real_psam,
    with_issuer_code,
)  # fmt: skip
from sscard.chip.card.pins import packed
from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.faults import StatusRefused
from sscard.chip.files.table import key_rules
from sscard.chip.personal import demo
from sscard.chip.psam import making as psam_making
from sscard.chip.psam.client import PsamClient
from sscard.chip.reader import proving
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import InProcess
from sscard.kernel import keyclient
from sscard.kernel.keyclient import KeyClient, KeyRefused
from sscard.keys.parties import KeyPair
from sscard.keys.testing import running
from sscard.keys.tree import proofs as rules

CITY, OTHER = "990101", "990102"
ALGORITHMS = ("3des", "sm4")


@pytest.fixture(params=["demo", "sealed", "pkcs11"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyClient]:
    store = request.param
    if store == "pkcs11":
        request.getfixturevalue("softhsm")
    profile = "test" if store == "demo" else "production"
    with running(tmp_path / "home", profile=profile, store=store) as socket, keyclient.using(socket) as client:
        if store == "sealed":
            _root(client)
        admit_machine(client)
        yield client


def _root(client: KeyClient) -> None:
    client.ceremony_begin("root", "root", "root", [ANNA, BERT])
    for person in (ANNA, BERT, CARL):
        client.ceremony_confirm("root", person, client.ceremony_share("root", person))
    client.ceremony_finish("root", DORA)


def a_card(client: KeyClient, algorithm: str, **more: str) -> Terminal:
    version = "3.0" if algorithm == "sm4" else "2.0"
    order = with_issuer_code(client, demo.order(algorithm=algorithm), CITY, algorithm)
    found = Terminal(InProcess(contacts(real_card(order, version=version, algorithm=algorithm, **more))))
    found.begin()
    return found


def code(refused: object, ask: object, *arguments: object) -> None:
    with pytest.raises(KeyRefused) as no:
        ask(*arguments)  # type: ignore[operator]
    assert no.value.code == refused


def test_a_city_with_keys_of_its_own(service: KeyClient) -> None:
    assert hold_ceremony(service, f"city:{CITY}") == f"city:{CITY}#1"
    for algorithm in ALGORITHMS:
        number = NAMES[algorithm]
        terminal = a_card(service, algorithm)
        factor = factors.card(terminal.card.atr)
        # the chip proves itself: its own answer and no other, by its own set
        question = secrets.token_bytes(16)
        answer = proving.answer(terminal, question)
        wrong = bytes((answer[0] ^ 1, *answer[1:]))
        asked = [(factor, question, answer), (factor, question, wrong), (bytes(8), question, answer)]
        assert service.chip_answers(CITY, number, "", asked) == [True, False, False]
        assert service.chip_answers(CITY, number, f"city:{CITY}#1", asked[:1]) == [True]
        # its password, blocked, is opened for its own challenge
        while terminal.verify(packed("999999")).sw != 0x6983:
            pass
        for step in ("puk", "counter"):
            command = service.chip_opening(CITY, number, "", factor, step, terminal.challenge())
            assert terminal.exchange(command).good, step
        assert terminal.verify(packed(demo.PIN)).good
        assert terminal.exchange(command).sw == 0x6984, "without its challenge"
        for step in ("puk", "empty"):
            command = service.chip_opening(CITY, number, "", factor, step, terminal.challenge())
            assert terminal.exchange(command).good, step
        assert terminal.tries_left() is None, "the forgotten password is taken away"
        # a terminal of the city authenticates itself through its PSAM, another city's card is not served
        psam = PsamClient(InProcess(real_psam(service, CITY, algorithm)))
        psam.work_for(CITY, terminal.card.atr, number)
        terminal.psam = psam
        assert terminal.card_proves_itself()
        for version in (1, 2, 3):
            assert terminal.authenticate("SSSE", "RKSSSE", version).good
            assert terminal.authenticate("SSSE", "UKSSSE", version).good
        psam.work_for(OTHER, terminal.card.atr, number)
        with pytest.raises(StatusRefused):
            terminal.authenticate("SSSE", "RKSSSE")
    # rotation: the old cards go on under their own set; after retirement they are told to be replaced
    old = a_card(service, "sm4")
    assert hold_ceremony(service, f"city:{CITY}") == f"city:{CITY}#2"
    question = secrets.token_bytes(16)
    item = [(factors.card(old.card.atr), question, proving.answer(old, question))]
    assert service.chip_answers(CITY, 3, f"city:{CITY}#1", item) == [True]
    assert service.chip_answers(CITY, 3, f"city:{CITY}#2", item) == [False]
    for number in (1, 3):
        service.key_set_retire(f"city:{CITY}#1", number)
        service.key_set_retire(f"city:{CITY}#1", number)  # once more is as good as once
    code("keys.tree_retired", service.chip_answers, CITY, 3, f"city:{CITY}#1", item)
    code("keys.tree_retired", service.chip_opening, CITY, 3, f"city:{CITY}#1", item[0][0], "puk", bytes(8))


def test_what_the_verbs_refuse(service: KeyClient) -> None:
    """A key of one purpose serves no other, nobody's machine gets nothing, an area without keys has none."""
    hold_ceremony(service, f"city:{CITY}")
    code("keys.chip_step", service.chip_opening, CITY, 3, "", bytes(8), "irk", bytes(8))
    code("keys.chip_step", service.chip_opening, CITY, 3, "", bytes(8), "SSSE/UKSSSE/1", bytes(8))
    code("keys.chip_step", service.chip_opening, CITY, 3, "", bytes(8), "puk", bytes(4))
    code("keys.tree_ref", service.chip_opening, CITY, 3, "", bytes(7), "puk", bytes(8))
    code("keys.chip_step", service.chip_answers, CITY, 3, "", [(bytes(8), bytes(15), bytes(8))])
    code("keys.tree_foreign", service.chip_answers, OTHER, 3, f"city:{CITY}#1", [(bytes(8), bytes(16), bytes(8))])
    thief = KeyPair.fresh().public
    code("keys.receiver_unknown", service.psam_loads, "x", CITY, 3, "", thief, bytes(8), psam_making.plan())
    code("keys.tree_ref", service.psam_loads, "x", CITY, 3, "", machine_pair().public, bytes(7), psam_making.plan())
    code("keys.unknown_verb", service.call, "chip_answer", CITY, 3, "", bytes(8), bytes(16))
    if service.status()["store"].startswith("software, demo"):
        return  # its profile has test keys
    code("keys.tree_none", service.chip_answers, OTHER, 3, "", [(bytes(8), bytes(16), bytes(8))])


def test_a_psam_of_the_ministry_serves_every_city(service: KeyClient) -> None:
    """Loaded from the ministry's set it holds the roots, and authenticates at a card of another city (Article 23)."""
    hold_ceremony(service, "ministry")
    terminal = a_card(service, "sm4")
    terminal.psam = PsamClient(InProcess(real_psam(service, OTHER, "sm4")))
    terminal.begin()
    assert terminal.card_proves_itself()
    assert terminal.authenticate("SSSE", "RKSSSE").good
    assert terminal.authenticate("SSSE", "UKSSSE").sw & 0xFFF0 == 0x63C0, "writing keys stay with the card's own city"


def test_what_is_loaded_for_one_psam_opens_in_no_other_and_only_whole(service: KeyClient) -> None:
    hold_ceremony(service, f"city:{CITY}")
    package = psam_package(service, CITY, "sm4")
    good = psam_making.make(package, machine_pair().unwrap)
    assert len(good.keys) == len(psam_making.plan())
    for key in {key for _, key in good.keys.values()}:
        assert key not in b"".join(package.commands), "no key in clear in a package"
        assert key.hex() not in repr(good)
    first, second, *rest = package.commands
    changed = bytes((*first[:-9], first[-9] ^ 1, *first[-8:]))
    other = CITY + "0000000002"
    for number, commands in (
        (other, package.commands), (package.number, [second, first, *rest]), (package.number, [second, *rest]),
        (package.number, [first, first, *rest]), (package.number, [changed, second, *rest]),
    ):  # fmt: skip
        spoiled = psam_making.Package(number, package.algorithm, package.label, package.transport, list(commands))
        with pytest.raises(StatusRefused) as no:
            psam_making.make(spoiled, machine_pair().unwrap)
        assert no.value.facts["sw"] == "6988"


def test_the_password_key_has_the_standards_number() -> None:
    assert key_rules()["SSSE", "PUK"].id == rules.PUK_ID

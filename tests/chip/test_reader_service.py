"""The reader service at its loopback door: who may order, and what. The house behind it is played; the card is a virtual one."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from chip_kit import contacts
from sscard.chip.desk.orders import Orders
from sscard.chip.desk.pads import pad_named
from sscard.chip.desk.service import ReaderService
from sscard.chip.faults import ChipFault
from sscard.chip.personal import demo
from sscard.chip.reader.transport import InProcess
from sscard.kernel.refusals import Refusal
from sscard.terminals.chips import ticket_message
from sscard.terminals.client import Device, DeviceKeys

PAGE = "https://desk.example:8443"
KEY = "ab" * 32


class House:
    """What the service tells the house, and which session is open there."""

    def __init__(self) -> None:
        self.session, self.told = "S-1", list[Mapping[str, Any]]()

    def __call__(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if path.endswith("/session"):
            return {
                "session": self.session, "matter": "cards.enable", "nonce": "01" * 16, "challenge": "02" * 16,
                "wanted": ["card_slot"],
            }  # fmt: skip
        self.told.append(body)
        return {"state": "done", "kind": body["kind"]}


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def service(house: House) -> Iterator[ReaderService]:
    card = contacts(demo.card())
    slot = Device(house, DeviceKeys("T-1/card_slot/1", "T-1", "card_slot", KEY))
    orders = Orders(slot, None, lambda: InProcess(card), lambda prompt: bytearray())
    with ReaderService(orders, frozenset({PAGE}), 0) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join(10)


def ticket(session: str = "S-1", origin: str = PAGE, device: str = "T-1/card_slot/1", key: str = KEY) -> str:
    message = ticket_message(device, session, origin)
    return hmac.new(bytes.fromhex(key), message, lambda: hashlib.new("sm3")).hexdigest()


def send(
    service: ReaderService, body: object = None, *, method: str = "POST", path: str = "/order", **headers: str
) -> tuple[int, Mapping[str, str], dict[str, Any]]:
    given = {"Origin": PAGE, "Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    line = http.client.HTTPConnection("127.0.0.1", service.server_port, timeout=20)
    try:
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        line.request(method, path, raw if method == "POST" else None, {k: v for k, v in given.items() if v})
        answer = line.getresponse()
        text = answer.read()
        return answer.status, dict(answer.getheaders()), json.loads(text) if text else {}
    finally:
        line.close()


def order(step: str = "prove", **more: str) -> dict[str, str]:
    return {"session": "S-1", "ticket": ticket(), "order": step, **more}


def test_a_page_of_the_house_with_its_ticket(service: ReaderService, house: House) -> None:
    """It is told that the step is done, and nothing of the card; the house is told by the slot's own MAC."""
    status, headers, told = send(service, order())
    assert (status, told) == (200, {"state": "done", "order": "prove", "locked": False})
    assert headers["Access-Control-Allow-Origin"] == PAGE
    (seen,) = house.told
    assert seen["payload"]["card_number"] == "X90000011"
    assert seen["payload"]["pan"] == "9217000000000019"
    assert seen["payload"]["tries"] == "6"
    assert "X90000011" not in json.dumps(told)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": ""}, {"Origin": "null"},
                                     {"Origin": PAGE + ".evil.example"}, {"Host": "evil.example"},
                                     {"Host": "desk.example:8443"}])  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_strangers_get_no_word(service: ReaderService, house: House, headers: dict[str, str], method: str) -> None:
    status, got, told = send(service, order(), method=method, **headers)
    assert (status, told, house.told) == (403, {}, [])
    assert "Access-Control-Allow-Origin" not in got


@pytest.mark.parametrize("wrong", [
    {"ticket": ""}, {"ticket": "00" * 32}, {"ticket": ticket("S-2")}, {"ticket": ticket(origin="https://other.example")},
    {"ticket": ticket(key="cd" * 32)}, {"ticket": ticket(device="T-2/card_slot/1")}, {"ticket": "ä"},
    {"session": "S-2", "ticket": ticket("S-2")},
])  # fmt: skip
def test_without_the_ticket_of_the_open_session(service: ReaderService, house: House, wrong: dict[str, str]) -> None:
    status, _, told = send(service, order(**wrong))
    assert (status, told["code"], house.told) == (403, "reader.ticket", [])


def test_a_ticket_ends_with_its_session(service: ReaderService, house: House) -> None:
    assert send(service, order())[0] == 200
    house.session = "S-2"
    assert send(service, order())[2]["code"] == "reader.ticket"


@pytest.mark.parametrize("step", ["apdu", "00A4040000", "_reader", "run", "_new", ""])
def test_nothing_but_the_steps(service: ReaderService, house: House, step: str) -> None:
    status, _, told = send(service, order(step))
    assert (status, told["code"], house.told) == (409, "reader.order", [])


@pytest.mark.parametrize(("body", "headers", "path"), [
    (b"[1]", {}, "/order"), (b"\xff", {}, "/order"), (b"{", {}, "/order"), (b"x" * 5000, {}, "/order"),
    (b"[" * 4000, {}, "/order"),
    (b"{}", {"Content_Type": "text/plain"}, "/order"), (b"{}", {}, "/"), (b"{}", {}, "/order/../x"),
])  # fmt: skip
def test_other_bodies_and_paths(service: ReaderService, body: bytes, headers: dict[str, str], path: str) -> None:
    status, _, told = send(service, body, path=path, **headers)
    assert status in (400, 404)
    assert told["code"] == "reader.order"


class Pieces:
    """A card that answers so much, and then goes, or is none."""

    def __init__(self, answers: int = 0, otherwise: bytes = b"\x6a\x82", gone: bool = False) -> None:
        self.real, self.left, self.otherwise, self.gone = InProcess(contacts(demo.card())), answers, otherwise, gone
        self.atr = self.real.atr

    def transmit(self, raw: bytes) -> bytes:
        self.left -= 1
        if self.left >= 0:
            return self.real.transmit(raw)
        if self.gone:
            raise ChipFault("chip.card_gone", reader="Reader 1")
        return self.otherwise

    def reset(self) -> bytes:
        return self.atr

    def close(self) -> None:
        pass


def raising(fault: Exception) -> Callable[[], Any]:
    def reader() -> Any:
        raise fault

    return reader


@pytest.mark.parametrize(("reader", "code"), [
    (raising(ChipFault("chip.card_missing", reader="Reader 1")), "reader.no_card"),
    (raising(ChipFault("chip.two_cards", readers="Reader 1, Reader 2")), "reader.two_cards"),
    (raising(ChipFault("chip.reader_missing", reader="0", known="–")), "reader.no_reader"),
    (raising(ChipFault("chip.pcsc_service")), "reader.no_reader"),
    (raising(TimeoutError()), "reader.house_silent"),
    (lambda: Pieces(0), "reader.not_this_card"),
    (lambda: Pieces(0, b"\x90\x00"), "reader.not_this_card"),
    (lambda: Pieces(0, b"\x90"), "reader.not_this_card"),
    (lambda: Pieces(0, b"\x00" * 40 + b"\x90\x00"), "reader.not_this_card"),
    (lambda: Pieces(0, b"\x6a\x81"), "reader.card_blocked"),
    (lambda: Pieces(1, b"\x93\x03"), "reader.card_blocked"),
    *((lambda answers=answers: Pieces(answers, gone=True), "reader.card_gone") for answers in range(6)),
])  # fmt: skip
def test_what_goes_wrong_is_told_plainly(service: ReaderService, house: House, reader: Any, code: str) -> None:
    """In both languages, with what to do now; no command, no status word, no name of a program; the house hears nothing."""
    service.orders.reader = reader
    status, _, told = send(service, order())
    assert (status, told["code"], house.told) == (409, code, [])
    for lang in ("zh", "en"):
        assert told["sentence"][lang]
        assert told["next"][lang]
        assert not re.search(r"sscard|opensc|pcscd|docs/|[0-9A-F]{4}|…", told["sentence"][lang] + told["next"][lang])


def test_before_the_browser_asks(service: ReaderService) -> None:
    """CORS and Private Network Access: this origin, POST, JSON; the private network only when it was asked for."""
    status, headers, _ = send(service, method="OPTIONS", Access_Control_Request_Private_Network="true")
    assert (status, headers["Access-Control-Allow-Private-Network"]) == (204, "true")
    assert headers["Access-Control-Allow-Methods"] == "POST"
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Access-Control-Allow-Private-Network" not in send(service, method="OPTIONS")[1]


def test_it_listens_on_loopback_only(service: ReaderService) -> None:
    assert service.server_address[0] == "127.0.0.1"


def test_a_pinentry_program_asks(tmp_path: Any) -> None:
    program = tmp_path / "pinentry.sh"
    program.write_text(
        'while read -r line; do case "$line" in SETDESC*) echo "$line" >&2; echo OK;; '
        'GETPIN) echo "D 24%30813"; echo OK;; *) echo OK;; esac; done'
    )
    assert pad_named(f"sh {program}")("请输入") == bytearray(b"240813")
    program.write_text("echo 'ERR 83886179 Operation cancelled'")
    with pytest.raises(Refusal) as no:
        pad_named(f"sh {program}")("x")
    assert no.value.code == "reader.pad_left"
    with pytest.raises(Refusal) as no:
        pad_named(str(tmp_path / "missing"))("x")
    assert no.value.code == "reader.pad_missing"

"""T33 at the gateway: large, slow and malformed requests, and crowds, harm nobody else; who calls is known each time."""

from __future__ import annotations

import socket
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("bank", "gateway")]
import bank_kit as kit  # noqa: E402
import savings_kit as savings  # noqa: E402
from gateway_kit import Gateway, Program, running  # noqa: E402

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def _running(_module_house: Any) -> Iterator[Gateway]:
    with _module_house.entered(), running(_module_house) as gateway:
        yield gateway


@pytest.fixture
def gateway(house: Any, _running: Gateway) -> Gateway:
    return _running


def places(answer: Any) -> dict[str, str]:
    return {fault["place"]: fault["code"] for fault in answer.body["faults"]}


def test_every_fault_of_a_body_at_once(gateway: Gateway) -> None:
    answer = gateway.post(Program.registered(), "/v1/captures", {"account": 1, "amount_fen": "5", "memo": ""})
    assert answer.headers["content-type"] == "application/problem+json"
    assert places(answer) == {
        "account": "api.field_form", "hold": "api.field_missing", "amount_fen": "api.field_form",
        "memo": "api.field_unknown",
    }  # fmt: skip
    deep = (b"[" * 4_000, b'{"":' * 1_020, b'{"memo": ' + b"[" * 4_000)
    for body in (b"{", b"[]", b"\xff", b'{"amount_fen": NaN}', *deep):
        assert gateway.post(Program.registered(), "/v1/deposits", body).status in (400, 422)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/deposits", 405), ("POST", "/health", 405), ("GET", "/", 404), ("GET", "/v1/accounts/x/balance", 404)],
)
def test_addresses_that_are_not_there(gateway: Gateway, method: str, path: str, status: int) -> None:
    answer = gateway.send(method, path, Authorization=Program.registered().header)
    assert answer.status == status
    assert answer.body["detail"]


def test_who_calls(gateway: Gateway) -> None:
    account, good = uuid.uuid4(), Program.registered()
    for header in ("", "Bearer x", "Basic !", "Basic eA=="):
        answer = gateway.send("GET", f"/v1/accounts/{account}/balance", Authorization=header)
        assert (answer.status, answer.body["code"]) == (401, "gateway.sign_in_needed")
        assert "Basic" in answer.headers["www-authenticate"]
    forged = Program(good.name, "wrong", good.program_id)
    assert gateway.balance(forged, account).body["code"] == "control.sign_in"
    assert gateway.balance(good, account).status == 404


def test_a_program_that_was_stopped_is_out_within_seconds(gateway: Gateway) -> None:
    program, holder = Program.registered(), savings.rich(0)
    assert gateway.deposit(program, holder.account, 1).status == 200
    program.stop()
    end = time.monotonic() + 30
    while gateway.balance(program, holder.account).status != 401:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert gateway.deposit(program, holder.account, 1).status == 401
    assert kit.balance_of(holder) == 1


def test_guessing_a_key_ends_and_shuts_nobody_else_out(gateway: Gateway) -> None:
    from concurrent.futures import ThreadPoolExecutor

    target, other = Program.registered(), Program.registered()
    forged = Program(target.name, "guess", target.program_id)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: gateway.balance(forged, uuid.uuid4()), range(12)))
    answer = gateway.balance(forged, uuid.uuid4())
    assert (answer.status, answer.body["code"]) == (429, "control.too_many_tries")
    assert int(answer.headers["retry-after"]) > 0
    assert gateway.balance(other, uuid.uuid4()).status == 404


def test_a_body_that_is_too_large_or_without_length(gateway: Gateway) -> None:
    program = Program.registered()
    assert gateway.post(program, "/v1/deposits", b"x" * 5_000).status == 413
    head = f"POST /v1/deposits HTTP/1.1\r\nHost: localhost\r\nAuthorization: {program.header}\r\nIdempotency-Key: a\r\n"
    with _raw(gateway) as link:
        link.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        assert b" 411 " in link.recv(200)
    assert gateway.post(program, "/v1/deposits", {"a": 1}, Content_Type="text/plain").status == 415


def test_five_hundred_slow_clients_stop_nobody(gateway: Gateway) -> None:
    """Most say nothing, the others begin a body and never end it: they are told that they are too slow."""
    program, holder = Program.registered(), savings.rich(0)
    head = f"POST /v1/deposits HTTP/1.1\r\nHost: localhost\r\nAuthorization: {program.header}\r\nIdempotency-Key: s\r\n"
    with ExitStack() as stack:
        for number in range(500):
            link = socket.create_connection(("127.0.0.1", gateway.port), 20)
            stack.callback(link.close)
            if number % 10 == 0:
                wrapped = gateway.tls().wrap_socket(link, server_hostname="localhost")
                stack.callback(wrapped.close)
                wrapped.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 60\r\n\r\n{{".encode())
        for _ in range(5):
            assert gateway.deposit(program, holder.account, 1).status == 200
        said = b""
        while b"gateway.too_slow" not in said:
            more = wrapped.recv(4_096)
            assert more, said
            said += more
    assert kit.balance_of(holder) == 5


def test_clients_that_go_away_amid_a_body_fill_no_log_and_hold_up_no_stop(house: Any) -> None:
    """A crowd that begins bodies and is gone: no stack trace each, and a gateway that is told to stop then does."""
    gateway = Gateway(house)
    gateway.start()
    head = f"POST /v1/deposits HTTP/1.1\r\nHost: localhost\r\nAuthorization: {Program.registered().header}\r\n"
    head += "Idempotency-Key: s\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"
    log = house.config.logs / "gateway.log"
    before = log.stat().st_size
    with ExitStack() as stack:
        for _ in range(500):
            link = stack.enter_context(_raw(gateway))
            link.sendall(head.encode())
    assert gateway.stop() == 0
    assert b"Traceback" not in log.read_bytes()[before:]


def _raw(gateway: Gateway) -> Any:
    link = socket.create_connection(("127.0.0.1", gateway.port), 20)
    return gateway.tls().wrap_socket(link, server_hostname="localhost")

"""T33 at the portal, where bureau and banks have their pages and API: slow, large and unfinished requests harm nobody else."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

import pytest

from pages_kit import portal_running
from sscard.app import tls
from tests_support import free_port

SLOW, UNFINISHED = 500, 50
JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def portal(_module_house: Any) -> Iterator[Any]:
    with _module_house.entered():
        config = replace(_module_house.config, portal_port=free_port())
        tls.ensure_certificate(config)
        with portal_running(_module_house, config):
            yield config


def trust(portal: Any) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(portal.home / "tls" / "authority.pem"))


def line(portal: Any) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", portal.portal_port), 60)
    return trust(portal).wrap_socket(raw, server_hostname="localhost")


def answered(portal: Any, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any] | str]:
    link = http.client.HTTPSConnection("localhost", portal.portal_port, timeout=60, context=trust(portal))
    link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return answer.status, json.loads(text) if "json" in answer.headers.get("content-type", "") else text


def said(link: ssl.SSLSocket) -> bytes:
    told = b""
    while more := link.recv(4_096):
        told += more
        if b'"code"' in told:
            break
    return told


def test_five_hundred_slow_clients_stop_nobody(portal: Any) -> None:
    """Most say nothing, the others begin a body and never end it: more of them than there are threads, for a page, the
    bureau's API and a bank's. Everybody else is served; they hear that they are too slow."""
    heads = [
        f"POST {path} HTTP/1.1\r\nHost: {host}:{portal.portal_port}\r\n{JSON}Content-Length: 100\r\n\r\n{{"
        for host, path in (
            ("ccb.localhost", "/api/customer-session"),
            ("localhost", "/api/session"),
            ("localhost", "/sign-in/"),
        )
    ]
    with ExitStack() as stack:
        unfinished = []
        for number in range(SLOW):
            link = socket.create_connection(("127.0.0.1", portal.portal_port), 60)
            stack.callback(link.close)
            if number % (SLOW // UNFINISHED) == 0:
                wrapped = trust(portal).wrap_socket(link, server_hostname="localhost")
                stack.callback(wrapped.close)
                wrapped.sendall(heads[number % len(heads)].encode())
                unfinished.append(wrapped)
        for path in ("/sign-in/", "/passwords/", "/api/openapi.json"):
            assert answered(portal, "GET", path)[0] == 200
        told = said(unfinished[-1])
    assert b" 408 " in told
    assert b"api.too_slow" in told


def test_what_is_too_large_is_refused_before_it_is_read(portal: Any) -> None:
    for kind, length, megabytes in (
        ("application/json", 20 << 20, 8),
        ("multipart/form-data; boundary=x", 1 << 30, 256),
    ):
        with line(portal) as link:
            head = f"POST /api/rosters HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
            link.sendall(head.encode())
            told = said(link)
        assert b" 413 " in told
        assert f"at most {megabytes} MB".encode() in told


def test_a_body_in_chunks_is_taken_like_any_other(portal: Any) -> None:
    """Without its length beforehand; and one that has no end is no larger than any other."""
    request = json.dumps({"username": "nobody", "password": "no password at all", "code": "000000"}).encode()
    pieces = (request[at : at + 7] for at in range(0, len(request), 7))
    status, told = answered(portal, "POST", "/api/session", pieces, Content_Type="application/json")
    assert isinstance(told, dict)
    assert (status, told["code"]) == (401, "control.sign_in")
    endless = (b"x" * 65_536 for _ in range(200))
    with suppress(OSError):  # it is told so, or finds the line closed while it still sends
        assert answered(portal, "POST", "/api/session", endless, Content_Type="application/json")[0] == 413
    assert answered(portal, "GET", "/sign-in/")[0] == 200

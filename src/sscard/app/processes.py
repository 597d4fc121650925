"""Which processes make the house, as data: the supervisor starts them in this order and stops them in reverse.

Floor-9 rooms and the key service are started as processes and never imported, so that one which falls takes no other
with it. PostgreSQL goes before all of them (`app.postgres`).
"""

from __future__ import annotations

import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sscard.app.config import Config

PROBE_WAIT_S = 2


@dataclass(frozen=True, slots=True)
class Process:
    """One program: its command, the check that it serves (None: living is enough), the address that people see."""

    name: str
    command: Callable[[Config], list[str]]
    ready: Callable[[Config], bool] | None = None
    address: Callable[[Config], str] = lambda _config: ""
    stop_wait_s: int = 20
    orphan_signal: signal.Signals = signal.SIGTERM
    """What the kernel sends it should the supervisor be killed."""
    wanted: Callable[[Config], bool] = lambda _config: True
    needs: str = ""
    """Module that the program lives in, where a packaging may leave it out."""


def _keys(config: Config) -> list[str]:
    profile = "demo" if config.profile == "sandbox" else config.profile
    command = [sys.executable, "-m", "sscard.keys", "--home", str(config.home / "keys")]
    return [*command, "--socket", str(config.key_service_socket), "--profile", profile, "--store", config.key_store]


def _portal(config: Config) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--workers", "1", "--no-ws", "--http", "1"]
    command += ["--host", config.portal_bind, "--port", str(config.portal_port), "--log-level", "warning"]
    command += ["--ssl-certificate", str(config.tls_certificate), "--ssl-keyfile", str(config.tls_key)]
    command += ["--ssl-protocol-min", "tls1.2", "--backlog", "1024", "--backpressure", "2048"]
    command += ["--workers-kill-timeout", "10"]
    static = Path(__file__).resolve().parents[1] / "portal" / "static"
    if static.is_dir():
        command += ["--static-path-route", "/static", "--static-path-mount", str(static)]
    # A killed worker ends the whole server on purpose: the supervisor starts it again, with its back-off and its count.
    return [*command, "--no-respawn-failed-workers", "sscard.app.served:application"]


def _gateway(_config: Config) -> list[str]:
    return [sys.executable, "-m", "sscard.app.gateway"]


def _worker(_config: Config) -> list[str]:
    return [sys.executable, "-m", "sscard.app.worker"]


def socket_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_WAIT_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def port_answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((_reachable(host), port), PROBE_WAIT_S).close()
    except OSError:
        return False
    return True


def pages_answer(config: Config) -> bool:
    """The server binds its port before its worker can answer, so the check is a whole answer over TLS."""
    return _answers(config, config.portal_bind, config.portal_port, "/")


def gateway_answers(config: Config) -> bool:
    return _answers(config, config.gateway_bind, config.gateway_port, "/health")


def _answers(config: Config, bind: str, port: int, path: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it asks whether somebody answers on our own loopback, and trusts nothing
    question = f"HEAD {path} HTTP/1.1\r\nHost: {config.portal_host}\r\nConnection: close\r\n\r\n"
    try:
        with (
            socket.create_connection((_reachable(bind), port), PROBE_WAIT_S) as raw,
            context.wrap_socket(raw, server_hostname=config.portal_host) as link,
        ):
            link.sendall(question.encode("ascii"))
            return link.recv(5) == b"HTTP/"
    except OSError:
        return False


def _reachable(bind: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - comparing, not binding


ALL = (
    Process(
        "keys",
        _keys,
        ready=lambda config: socket_answers(config.key_service_socket),
    ),
    Process("worker", _worker, needs="sscard.app.worker", stop_wait_s=40),
    Process(
        "portal",
        _portal,
        ready=lambda config: pages_answer(config),
        # Its worker goes with it (`app.served`); asked politely while it boots, the server would wait for ever.
        orphan_signal=signal.SIGKILL,
        address=lambda config: config.portal_url,
    ),
    Process(
        "gateway",
        _gateway,
        ready=gateway_answers,
        address=lambda config: config.gateway_url,
        stop_wait_s=30,
        orphan_signal=signal.SIGKILL,  # nothing that it has answered can be lost, and its database ends as well
        wanted=lambda config: config.gateway,
    ),
)


def present(config: Config) -> list[Process]:
    return [one for one in ALL if one.wanted(config) and (not one.needs or find_spec(one.needs))]

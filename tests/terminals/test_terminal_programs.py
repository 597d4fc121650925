"""The virtual devices as programs: over HTTPS, from the command line, with their files."""

from __future__ import annotations

import ipaddress
import json
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connections
from typer.testing import CliRunner

import terminals_kit as kit
from sscard.sim.devices import Desk, DeviceRefused, Server, Wallet
from sscard.sim.devices.command import app
from sscard.terminals import evidence


class _Service(BaseHTTPRequestHandler):
    """The two device addresses as the API answers them."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, answer = 200, kit.in_process(self.path, body)
        except DeviceRefused as refused:
            status = 409
            answer = {"code": refused.code, "title": "no", "title_zh": refused.sentence["zh"], "detail_zh": "下一步"}
        finally:
            connections.close_all()
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """(address, certificate) of a loopback server."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = tmp_path / "server.pem", tmp_path / "server.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}", certificate
    server.shutdown()
    server.server_close()


@pytest.fixture
def town(house: object) -> kit.Town:
    return kit.Town().settle()


def run(*words: object, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], input=typed)
    return result.exit_code, result.output


def test_the_whole_desk_from_the_command_line(town: kit.Town, service: tuple[str, Path]) -> None:
    li, desk, who = kit.resident(), town.terminal("CCB-01", "kiosk"), kit.staff("CCB-01", "teller")
    town.wallet.keep_person("li", li.body)
    town.wallet.keep_card("li", li.card)
    place = ("--terminal", desk.terminal, "--server", service[0], "--wallet", town.wallet.folder, "--trust", service[1])
    exit_code, said = run("id-reader", "present", "--person", "li", *place)
    assert (exit_code, "没有正在办理的业务" in said) == (1, True)
    session = kit.open_session(who, desk, "bank.activate", ("id_reader", "card_slot", "pin_pad", "camera"))
    assert run("pin-pad", "enter", *place, typed=f"{kit.PIN}\n")[0] == 1  # no card yet
    for command in (
        ("id-reader", "present", "--person", "li"), ("card-slot", "insert", "--card", "li"),
        ("camera", "look", "--person", "li"),
    ):  # fmt: skip
        assert run(*command, *place)[0] == 0
    exit_code, said = run("pin-pad", "enter", *place, typed=f"{kit.PIN}\n")
    assert exit_code == 0
    assert kit.PIN not in said
    assert evidence.peek(session)["complete"]
    exit_code, said = run("card-slot", "insert", "--card", "nobody", *place)
    assert (exit_code, "nobody.json" in said) == (1, True)


def test_devices_do_not_speak_to_a_server_they_do_not_trust(town: kit.Town, service: tuple[str, Path]) -> None:
    desk = Desk(service[0], town.wallet, town.terminal("CCB-01", "counter").terminal)
    with pytest.raises(URLError):
        desk.present_id(kit.resident().body)
    with pytest.raises(ValueError, match="https"):
        Server("http://localhost")


def test_files_of_the_wallet_are_their_owners_alone(house: object, tmp_path: Path) -> None:
    wallet, li = Wallet(tmp_path / "wallet"), kit.resident()
    for path in (wallet.keep_person("li", li.body), wallet.keep_card("li", li.card)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (wallet.person("li"), wallet.card("li")) == (li.body, li.card)
    assert li.card.key not in repr(li.card)
    assert li.body.id_number not in repr(li.body)
    for name in ("../li", "a/b", ".hidden", ""):
        with pytest.raises(ValueError, match="wallet"):
            wallet.keep_person(name, li.body)


def test_the_command_starts_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import typer

    from sscard.cli import device

    monkeypatch.setenv("SSCARD_DEVICE_WALLET", str(tmp_path))
    root = typer.Typer()
    root.command("other")(lambda: None)
    device.register(root)
    started: list[tuple[list[str], dict[str, str]]] = []

    def start(words: list[str], *, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[bytes]:
        started.append((words, env))
        return subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=check)

    monkeypatch.setattr(device, "subprocess", SimpleNamespace(run=start))
    result = CliRunner().invoke(root, ["device", "card-slot", "insert", "--card", "li", "--help"])
    assert result.exit_code == 3
    ((words, env),) = started
    assert words[1:] == ["-m", "sscard.sim.devices", "card-slot", "insert", "--card", "li", "--help"]
    assert (env["SSCARD_DEVICE_SERVER"][:8], env["SSCARD_DEVICE_WALLET"]) == ("https://", str(tmp_path))


def test_the_pad_refuses_with_a_sentence_and_takes_the_only_pin_as_the_new_one(
    town: kit.Town, service: tuple[str, Path], tmp_path: Path
) -> None:
    li, desk, who = kit.resident(), town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    town.wallet.keep_card("li", li.card)
    place = ("--terminal", desk.terminal, "--server", service[0], "--wallet", town.wallet.folder, "--trust", service[1])
    kit.open_session(who, desk, "bank.savings_sign", ("sign_key", "signature"))
    exit_code, said = run("pin-pad", "sign", "--document", tmp_path / "none.pdf", *place, typed="\n")
    assert exit_code == 1
    assert "至少要四位" in said
    assert "at least four signs" in said
    assert "Traceback" not in said
    session = kit.open_session(who, desk, "bank.pin_reset", ("card_slot", "pin_pad"))
    waiting = {one["kind"]: one["sentence"] for one in evidence.peek(session)["devices"]}
    assert "新的六位密码" in waiting["pin_pad"]
    assert run("card-slot", "insert", "--card", "li", *place)[0] == 0
    assert run("pin-pad", "enter", "--new", *place, typed=f"{kit.PIN}\n")[0] == 0
    assert evidence.peek(session)["complete"]


def test_the_program_runs_by_itself() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "sscard.sim.devices", "pin-pad", "enter", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "--terminal" in told.stdout
    assert "--pin" not in told.stdout

"""The loopback's certificate: a client that trusts the local authority, and only that, comes in."""

from __future__ import annotations

import http.server
import ssl
import threading
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from sscard.app.config import Config, load
from sscard.app.tls import CERTIFICATE_DAYS, ensure_certificate


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load({"SSCARD_HOME": str(tmp_path), "SSCARD_PORTAL_HOST": "card.example.org"})


def test_a_strict_client_accepts_it_for_localhost_and_the_addresses(config: Config) -> None:
    ensure_certificate(config)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(config.tls_certificate, config.tls_key)
    server.socket = ours.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        trusting = ssl.create_default_context(cafile=str(config.home / "tls" / "authority.pem"))
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        for host in ("localhost", "127.0.0.1"):
            httpx.head(f"https://{host}:{server.server_port}/", verify=trusting)
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.head(f"https://localhost:{server.server_port}/")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_is_made_once_closed_and_renewed_for_another_name(config: Config, tmp_path: Path) -> None:
    ensure_certificate(config)
    first = config.tls_certificate.read_bytes()
    ensure_certificate(config)
    assert config.tls_certificate.read_bytes() == first
    for name in ("portal.key", "authority.key"):
        assert (config.home / "tls" / name).stat().st_mode & 0o077 == 0
    certificate = x509.load_pem_x509_certificate(first)
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= CERTIFICATE_DAYS
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [
        "localhost", "card.example.org", *config.banks, config.national_host,
    ]  # fmt: skip
    authority = (tmp_path / "tls" / "authority.pem").read_bytes()
    ensure_certificate(load({"SSCARD_HOME": str(tmp_path), "SSCARD_PORTAL_HOST": "other.example.org"}))
    assert config.tls_certificate.read_bytes() != first
    assert (tmp_path / "tls" / "authority.pem").read_bytes() == authority


def test_certificates_of_yours_are_not_touched(tmp_path: Path) -> None:
    yours = {"SSCARD_TLS_CERTIFICATE": str(tmp_path / "mine.pem"), "SSCARD_TLS_KEY": str(tmp_path / "mine.key")}
    ensure_certificate(load({"SSCARD_HOME": str(tmp_path / "home"), **yours}))
    assert not (tmp_path / "mine.pem").exists()
    assert not (tmp_path / "home" / "tls").exists()

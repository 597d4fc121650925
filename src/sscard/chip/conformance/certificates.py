"""The asymmetric application of third-generation cards (LD/T 6001.3 10, names only; objects are the choice
`pki_objects`)."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sscard.chip.card.selecting import CERT, PKI
from sscard.chip.conformance.bench import Bench, ensure, expect, item
from sscard.chip.personal.certificate import check
from sscard.chip.reader import proving
from sscard.chip.reader.terminal import Terminal
from sscard.keys import recipes

THIRD, STUB = ("3.0",), ("pki_objects", "stub")


def _is_stub(bench: Bench, terminal: Terminal) -> bool:
    """The card was made under the choice `stub`: the environment is there and must be empty."""
    if bench.choices.pki_objects != "stub":
        return False
    expect("SELECT of the certificate environment", terminal.select(PKI))
    expect("SELECT of its application", terminal.select(CERT), 0x6A82)
    return True


def certificate(terminal: Terminal) -> bytes:
    """The certificate file, as a desk reads it; it must hold a certificate."""
    found = proving.certificate(terminal)
    ensure(found[:2] == b"\x30\x82", "no certificate in the file")
    return found


@item(
    "ACSE_RECORD",
    "证书应用数据",
    "objects of the certificate application",
    "LD/T 6001.3 10",
    versions=THIRD,
    unless=STUB,
)
def record(bench: Bench) -> None:
    terminal = bench.start()
    if _is_stub(bench, terminal):
        return
    certificate(terminal)
    key = expect("READ BINARY public key", terminal.exchange(bytes((0x00, 0xB0, 0x82, 0x00, 0x40))))
    ensure(len(key) == 64, "a public key has 64 bytes")


@item("ACSE_SAFETY", "证书应用安全", "signing needs the password", "LD/T 6001.3 10", versions=THIRD, unless=STUB)
def safety(bench: Bench) -> None:
    terminal = bench.start()
    if _is_stub(bench, terminal):
        return
    certificate(terminal)
    sign = b"\x00\x2a\x9e\x9a\x20" + bytes(32)
    expect("SIGN without the password", terminal.exchange(sign), 0x6982)
    expect("VERIFY", terminal.verify(bench.pin))
    expect("SIGN", terminal.exchange(sign))


@item(
    "CHECK_CERT",
    "证书与私钥相符",
    "certificate, key and card belong together",
    "LD/T 6001.3 10",
    versions=THIRD,
    unless=STUB,
)
def belongs(bench: Bench) -> None:
    terminal = bench.start()
    if _is_stub(bench, terminal):
        return
    code = terminal.begin()["card_id_code"]
    subject, public = check(certificate(terminal))
    ensure(subject == code, "the certificate names another card")
    expect("VERIFY", terminal.verify(bench.pin))
    message = secrets.token_bytes(20)
    digest = recipes.sm3(recipes.sm2_za(public) + message)
    raw = expect("SIGN", terminal.exchange(b"\x00\x2a\x9e\x9a\x20" + digest))
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    ensure(recipes.sm2_verify(public, message, signature), "the signature does not fit the certificate's key")

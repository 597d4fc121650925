"""SM2 key pair and certificate of a third-generation card (X.509, SM2 with SM3: GM/T 0015, OIDs of GM/T 0006).

The authority is a demonstration whose key is derived from a public label, as with the test keys: the certificate
proves the mechanism, not a person. In production a licensed provider issues it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from sscard.chip.faults import ChipFault
from sscard.keys import recipes

SM2_SM3: Final = "1.2.156.10197.1.501"
SM2_CURVE: Final = "1.2.156.10197.1.301"
EC_KEY: Final = "1.2.840.10045.2.1"
AUTHORITY: Final = "sscard TEST chip authority"
_YEARS: Final = 10


@cache
def authority() -> tuple[bytes, bytes]:
    """(private, public) of the demonstration authority."""
    private = hashlib.sha256(AUTHORITY.encode()).digest()
    return private, _public_of(private)


def _public_of(private: bytes) -> bytes:
    """The point of a private key: G times d on the SM2 curve, affine; run once a process."""
    p = (1 << 256) - (1 << 224) - (1 << 96) + (1 << 64) - 1
    a = p - 3
    generator = (
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    )

    def add(one: tuple[int, int] | None, two: tuple[int, int] | None) -> tuple[int, int] | None:
        if one is None or two is None:
            return one or two
        if one[0] == two[0] and (one[1] + two[1]) % p == 0:
            return None
        slope = (
            (3 * one[0] ** 2 + a) * pow(2 * one[1], -1, p)
            if one == two
            else (two[1] - one[1]) * pow(two[0] - one[0], -1, p)
        ) % p
        x = (slope**2 - one[0] - two[0]) % p
        return x, (slope * (one[0] - x) - one[1]) % p

    found: tuple[int, int] | None = None
    step: tuple[int, int] | None = generator
    for bit in range(256):
        if int.from_bytes(private, "big") >> bit & 1:
            found = add(found, step)
        step = add(step, step)
    assert found is not None
    return found[0].to_bytes(32, "big") + found[1].to_bytes(32, "big")


def issue(card_id_code: str, public: bytes, on: date, until: date | None) -> bytes:
    """The certificate (DER) of a key pair that a card made; `public` 64 bytes."""
    signer, signer_public = authority()
    raw = _filled(card_id_code, public, on, until or on + timedelta(days=365 * _YEARS))
    signature = recipes.sm2_sign(signer, signer_public, raw)
    return _sequence(raw, _algorithm_dump(), b"\x03" + _length(len(signature) + 1) + b"\x00" + signature)


def check(certificate: bytes) -> tuple[str, bytes]:
    """(subject, public key) of a certificate that the authority signed. Raises chip.certificate for any other bytes."""
    from asn1crypto import core, x509

    try:
        outer = core.Sequence.load(certificate, strict=True)
        body, raw = outer[0], outer[2].contents[1:]  # behind the count of unused bits
        parsed = x509.TbsCertificate.load(body.dump())
        if not recipes.sm2_verify(authority()[1], body.dump(), raw):
            raise ChipFault("chip.certificate")
        subject = str(parsed["subject"].native["common_name"])
        key = core.Sequence.load(parsed["subject_public_key_info"].dump())
        return subject, bytes(key[1].contents[-64:])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError):
        raise ChipFault("chip.certificate") from None


def _algorithm() -> Any:
    from asn1crypto import algos

    return algos.SignedDigestAlgorithm({"algorithm": SM2_SM3})


def _filled(card_id_code: str, public: bytes, on: date, until: date) -> bytes:
    """The body of one certificate: all of a day differ in number, subject and key only."""
    head, subject, key, tail = _template(on, until)
    return head + _serial(card_id_code).to_bytes(8, "big") + subject + card_id_code.encode() + key + public + tail


def _serial(card_id_code: str) -> int:
    """Eight bytes, positive: the card's own half of its code below a leading one."""
    return int(card_id_code[16:], 16) & 0x3FFFFFFFFFFFFFFF | 0x4000000000000000


@lru_cache(maxsize=32)
def _template(on: date, until: date) -> tuple[bytes, bytes, bytes, bytes]:
    """What stands before the serial number, the subject and the public key, and behind them."""
    code, public = "0123456789ABCDEF" * 2, bytes(range(64))
    head, _, rest = _body(code, public, on, until).dump().partition(_serial(code).to_bytes(8, "big"))
    subject, _, rest = rest.partition(code.encode())
    key, _, tail = rest.partition(public)
    return head, subject, key, tail


@cache
def _algorithm_dump() -> bytes:
    return bytes(_algorithm().dump())


def _body(card_id_code: str, public: bytes, on: date, until: date) -> Any:
    from asn1crypto import core, x509

    key = _sequence(
        _sequence(core.ObjectIdentifier(EC_KEY).dump(), core.ObjectIdentifier(SM2_CURVE).dump()),
        core.BitString.load(b"\x03\x42\x00\x04" + public).dump(),
    )

    def moment(day: date) -> Any:
        return x509.Time({"utc_time": datetime.combine(day, time(), tzinfo=UTC)})

    return x509.TbsCertificate({
        "version": "v3",
        "serial_number": _serial(card_id_code),
        "signature": {"algorithm": SM2_SM3},
        "issuer": x509.Name.build({"country_name": "CN", "common_name": AUTHORITY}),
        "validity": {"not_before": moment(on), "not_after": moment(until)},
        "subject": x509.Name.build({"country_name": "CN", "common_name": card_id_code}),
        "subject_public_key_info": x509.PublicKeyInfo.load(key),
    })  # fmt: skip


def _sequence(*parts: bytes) -> bytes:
    inside = b"".join(parts)
    return b"\x30" + _length(len(inside)) + inside


def _length(size: int) -> bytes:
    return (
        bytes((size,))
        if size < 0x80
        else b"\x81" + bytes((size,))
        if size < 0x100
        else b"\x82" + size.to_bytes(2, "big")
    )

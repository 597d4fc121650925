"""The demonstration authority for signatures: made at set-up in the state folder, labelled as a demonstration everywhere.

It certifies the seal of each bank, the time-stamping service and, for one act, the key that an applicant made himself.
In production an operator names a licensed provider (Electronic Signature Law Art. 16) instead; the demonstration's keys
are not there, and asking for one is "documents.no_authority" (503).

    <home>/documents/authority.crt    what others trust in order to check (no secret)
    <home>/documents/authority.pem    its key and certificate; likewise time-stamps.pem and seal-<bank>.pem (mode 600)
    <home>/documents/trusted/         certificates that an operator pinned: `<office>.crt`, `<office>-….crt`
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sscard.kernel.refusals import Refusal

ROOT, TIME_STAMPS = "authority", "time-stamps"
ROOT_DAYS, PARTY_DAYS = 3650, 1825
APPLICANT_LIFE = timedelta(hours=24)
"""A key that served one act is gone after it; its certificate does not outlive the day."""
DEMO = "DEMO 演示"

folder: Path | None = None
"""Port, filled by the app: where the authority's files lie. None: there is none here (production)."""
pinned: Path | None = None
"""Port, filled by the app: the folder of certificates that an operator pinned, production included."""

OFFICES = {
    "ministry-office": ("MINISTRYOFFICE", "部信息化领导小组办公室"),
    "test-laboratory": ("TESTLABORATORY", "sscard 测试卡检验"),
}
"""Offices whose signature over a file counts here: the code and the name of the demonstration's seal of each."""

Key = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Party:
    """Who signs with a key that this house keeps."""

    key: Key = field(repr=False)
    certificate: x509.Certificate
    issuer: x509.Certificate


def ensure(there: Path) -> None:
    """Make authority and time-stamping service where they are missing. May run twice at once: the first wins."""
    there.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not (there / f"{ROOT}.pem").is_file():
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"sscard {DEMO} document authority")
        certificate = (
            _begin(name, name, key.public_key(), timedelta(days=ROOT_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        _keep(there / f"{ROOT}.pem", key, certificate)
    root = _read(there / f"{ROOT}.pem")
    (there / f"{ROOT}.crt").write_bytes(_pem(root.certificate))
    if not (there / f"{TIME_STAMPS}.pem").is_file():
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        _issue_party(there, TIME_STAMPS, _name(f"sscard {DEMO} time stamps"), purpose)


def root() -> x509.Certificate:
    """What a verifier trusts."""
    return _party(_folder(), ROOT).certificate


def time_stamps() -> Party:
    return _party(_folder(), TIME_STAMPS)


def seal_of(code: str, name: str, there: Path | None = None) -> Party:
    """The seal of a bank, certified when it is first asked for. `code` its code, `name` how it is called in Chinese;
    `there`: the folder of another house's authority."""
    there, file = there or _folder(), f"seal-{code}"
    if not code.isascii() or not code.isalnum():
        raise ValueError(f"not a bank's code: {code!r}")
    if not (there / f"{file}.pem").is_file():
        _issue_party(there, file, _name(f"{name} {DEMO}", unit=code), None)
    return _party(there, file)


def office(name: str, there: Path | None = None) -> Party:
    """The demonstration's seal of one of `OFFICES`."""
    return seal_of(*OFFICES[name], there)


def trusted(name: str) -> list[x509.Certificate]:
    """Whose signatures count as this office's: those that an operator pinned, and the demonstration's own."""
    there = sorted(pinned.glob(f"{name}*.crt")) if pinned and pinned.is_dir() else []
    found = [x509.load_pem_x509_certificate(one.read_bytes()) for one in there]
    return [*found, office(name).certificate] if folder is not None else found


def certify(public: PublicKey, name: str, *, mark: str, now: datetime) -> x509.Certificate:
    """A certificate for one act: of the applicant's own key, in the name that was compared with his ID card. `mark` tells
    people of one name apart without showing a number."""
    authority = _party(_folder(), ROOT)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name[:60]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, mark),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEMO),
        ]
    )
    return (
        _begin(subject, authority.certificate.subject, public, APPLICANT_LIFE, now=now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _folder() -> Path:
    if folder is None:
        raise Refusal("documents.no_authority")
    if not (folder / f"{TIME_STAMPS}.pem").is_file():
        ensure(folder)
    return folder


def _issue_party(there: Path, file: str, subject: x509.Name, purpose: x509.ExtendedKeyUsage | None) -> None:
    authority, key = _read(there / f"{ROOT}.pem"), ec.generate_private_key(ec.SECP256R1())
    builder = (
        _begin(subject, authority.certificate.subject, key.public_key(), timedelta(days=PARTY_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if purpose is not None:
        builder = builder.add_extension(purpose, critical=True)
    _keep(there / f"{file}.pem", key, builder.sign(authority.key, hashes.SHA256()))


def _begin(
    subject: x509.Name, issuer: x509.Name, public: PublicKey, life: timedelta, *, now: datetime | None = None
) -> x509.CertificateBuilder:
    start = now or datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(minutes=5))
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str, *, unit: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common), x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEMO)]
    return x509.Name([*parts, *([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else [])])


def _usage(**yes: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: yes.get(name, False) for name in names})


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _keep(path: Path, key: Key, certificate: x509.Certificate) -> None:
    """Key and certificate in one file, whole or not at all; whoever was first wins."""
    clear = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(clear + _pem(certificate))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _party(there: Path, file: str) -> Party:
    path = there / f"{file}.pem"
    return _cached(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _cached(path: Path, _changed: int) -> Party:
    return _read(path)


def _read(path: Path) -> Party:
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate = x509.load_pem_x509_certificate(content)
    if path.stem == ROOT:
        return Party(key, certificate, certificate)
    return Party(key, certificate, _read(path.with_name(f"{ROOT}.pem")).certificate)

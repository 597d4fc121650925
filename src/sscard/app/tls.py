"""The loopback's TLS: a local authority in the home folder, and a certificate of it for this machine's own names.

Cookies named `__Host-…` need TLS even on localhost. The authority signs nothing but these names, and its key never
leaves the home folder; a browser trusts it only if its user adds `tls/authority.pem`.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sscard.app.config import Config
from sscard.app.secrets_kept import write_private

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397  # the longest that browsers accept
RENEW_BEFORE_DAYS = 30
NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")


def ensure_certificate(config: Config) -> None:
    """Make the authority and the certificate, or renew what ends within 30 days. Yours are not touched."""
    folder = config.home / "tls"
    if config.tls_certificate.parent != folder:
        return
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    names = (*dict.fromkeys((*NAMES, config.portal_host, *config.banks, *filter(None, (config.national_host,)))),)
    if config.tls_key.is_file() and _is_good(config, names):
        return
    authority_key, authority = _authority(config)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _begin(config.portal_host, authority.subject, CERTIFICATE_DAYS)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write_private(config.tls_key, _pem_of(key))
    config.tls_certificate.write_bytes(_pem(certificate) + _pem(authority))


def _authority(config: Config) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, path = config.home / "tls" / "authority.key", config.home / "tls" / "authority.pem"
    if key_path.is_file() and path.is_file():
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        authority = x509.load_pem_x509_certificate(path.read_bytes())
        if isinstance(key, ec.EllipticCurvePrivateKey) and _days_left(authority) > CERTIFICATE_DAYS:
            return key, authority
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sscard local authority")])
    authority = (
        _begin("sscard local authority", name, AUTHORITY_DAYS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_USAGE_OF_AUTHORITY, critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_path, _pem_of(key))
    path.write_bytes(_pem(authority))
    return key, authority


_USAGE_OF_AUTHORITY = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _begin(common_name: str, issuer: x509.Name, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _alternatives(names: tuple[str, ...]) -> list[x509.GeneralName]:
    addresses = [x509.IPAddress(ipaddress.ip_address(one)) for one in ADDRESSES]
    return [*(x509.DNSName(name) for name in names), *addresses]


def _is_good(config: Config, names: tuple[str, ...]) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(config.tls_certificate.read_bytes())
    except (OSError, ValueError):
        return False
    there = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return _days_left(certificate) > RENEW_BEFORE_DAYS and set(names) <= set(there.get_values_for_type(x509.DNSName))


def _days_left(certificate: x509.Certificate) -> int:
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8  # the only form that the web server reads
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode("ascii")

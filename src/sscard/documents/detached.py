"""A signature beside a file of data: `report.json` stays as it is, `report.json.jws` holds the signature.

Form: JWS by RFC 7515, compact, with the payload left out (its appendix F); ES256, the signer's certificate in `x5c`. Whoever
checks puts the file's base64url between the two dots and asks any JOSE library. Whose signature counts is decided by pinned
certificates (`authority.trusted`), never by what the signature says of itself (security T29).
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sscard.documents import authority
from sscard.documents.authority import Party
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal

SUFFIX = ".jws"
MOST_CHARACTERS = 8_192


def sign(file: bytes, by: Party) -> str:
    """The signature of a party of the house over a file."""
    from joserfc import jws
    from joserfc.jwk import ECKey

    pem = by.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    head = {"alg": "ES256", "x5c": [base64.b64encode(_der(by.certificate)).decode()]}
    whole = jws.serialize_compact(head, file, ECKey.import_key(pem))
    first, _, last = whole.split(".")
    return f"{first}..{last}"


def require(file: bytes, signature: str, office: str, there: Path | None = None) -> str:
    """The name of who signed this file for an office; "documents.signature_of_file" when nobody did whose signature counts.
    `there`: the folder of another house's authority, whose seal alone counts then."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    by = _named(signature.strip())
    counted = authority.trusted(office) if there is None else [authority.office(office, there).certificate]
    if by is None or by not in counted or not _in_force(by):
        raise Refusal("documents.signature_of_file", office=authority.OFFICES[office][1])
    first, _, last = signature.strip().split(".")
    payload = base64.urlsafe_b64encode(file).rstrip(b"=").decode()
    pem = by.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    registry = jws.JWSRegistry(algorithms=["ES256"])
    registry.max_header_length = MOST_CHARACTERS  # the library's own bound has no room for a certificate
    try:
        jws.deserialize_compact(f"{first}.{payload}.{last}", ECKey.import_key(pem), registry=registry)
    except (JoseError, ValueError):
        raise Refusal("documents.signature_of_file", office=authority.OFFICES[office][1]) from None
    return str(by.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def _named(signature: str) -> x509.Certificate | None:
    """The certificate that a signature names; None for what has not the form."""
    parts = signature.split(".")
    if len(signature) > MOST_CHARACTERS or len(parts) != 3 or parts[1]:
        return None
    try:
        head = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
        return x509.load_der_x509_certificate(base64.b64decode(head["x5c"][0], validate=True))
    except (ValueError, KeyError, IndexError, TypeError, RecursionError, binascii.Error):
        return None


def _in_force(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_before_utc <= clock.real_now() <= certificate.not_valid_after_utc


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)

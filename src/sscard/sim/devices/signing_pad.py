"""The virtual signing pad: the PIN pad at the customer's side, asked to sign a document.

It makes a key pair for this one document, after the applicant has typed a release of his own choice. The public half
leaves it as a PKCS#10 request; the private half stays in memory, is used once, only with the same release and only over
the document that he was shown, and is wiped then, or at the third wrong release.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sscard.terminals.client import Device

TRIES: Final = 3
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


class PadRefused(Exception):
    """The pad does not sign: wrong release, nothing asked, or not the document that was shown. `zh`: the same in Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.zh = zh


class SigningPad:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._key: ec.EllipticCurvePrivateKey | None = None
        self._release = b""
        self._salt = b""
        self._left = 0

    def offer_key(self, release: str) -> dict[str, Any]:
        """Make the key, send its public half. `release`: what the applicant types now and once more to sign."""
        if len(release) < 4:
            raise PadRefused("the release has at least four signs", "确认码至少要四位")
        session = self._device.session()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._salt, self._left = secrets.token_bytes(16), TRIES
        self._release = _digest(self._salt, release)
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(self._key, hashes.SHA256())
        return self._device.send(
            session, "sign_key", {"request": request.public_bytes(serialization.Encoding.DER).hex()}
        )

    def asked(self) -> dict[str, str]:
        """What the pad is asked to sign: title, digest, attributes; shown on its display."""
        found: dict[str, str] = self._device.session().get("asked") or {}
        return found

    def sign(self, release: str, shown: bytes) -> dict[str, Any]:
        """Sign the document that the applicant has read. Its digest is computed here, from the file that was shown."""
        session = self._device.session()
        asked = session.get("asked") or {}
        if self._key is None or not asked:
            raise PadRefused("there is nothing to sign", "没有要签的文件")
        if not hmac.compare_digest(_digest(self._salt, release), self._release):
            self._left -= 1
            if not self._left:
                self.forget()
            raise PadRefused("wrong release", "确认码不对")
        attributes = bytes.fromhex(asked["attributes"])
        if _message_digest(attributes) != digest_of(shown):
            raise PadRefused("this is not the document that was shown", "这不是给您看的那份文件")
        signature = self._key.sign(attributes, ec.ECDSA(hashes.SHA256()))
        self.forget()
        return self._device.send(session, "signature", {"signature": signature.hex()})

    def forget(self) -> None:
        """Wipe the key. It can never sign again."""
        self._key, self._release = None, b""

    @property
    def holds_key(self) -> bool:
        return self._key is not None


def digest_of(file: bytes) -> bytes:
    """SHA-256 of a PDF without the room of its last signature."""
    last = list(_RANGE.finditer(file))
    if not last:
        raise PadRefused("the document has no room for a signature", "文件里没有签名的位置")
    first, length, second, rest = (int(one) for one in last[-1].groups())
    return hashlib.sha256(file[first : first + length] + file[second : second + rest]).digest()


def _message_digest(attributes: bytes) -> bytes:
    from asn1crypto import cms, tsp  # noqa: F401 - tsp names the attributes that a time-stamped signature has

    for one in cms.CMSAttributes.load(attributes, strict=True):
        if one["type"].native == "message_digest":
            return bytes(one["values"][0].native)
    raise PadRefused("the attributes hold no digest", "要签的内容里没有摘要")


def _digest(salt: bytes, release: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", release.encode(), salt, 10_000)

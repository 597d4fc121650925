"""Signatures in a PDF by PAdES level B-T: the signer's certificate, what he signed, and a time stamp over the signature.

Two ways. `seal`: a party of the house (a bank) signs with the key that is kept for it. `prepare` and `complete`: somebody
else signs, elsewhere. What he signs leaves as bytes (the signed attributes, which hold the digest of the file), his
signature comes back; his private key is never here, not for a moment (Electronic Signature Law Art. 13 no. 1 and 2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sscard.documents import authority, timestamps
from sscard.documents.authority import Party
from sscard.documents.pdf import Box
from sscard.kernel.refusals import Refusal

T = TypeVar("T")
_RESERVED = 24_576  # hexadecimal characters for a signature with its certificates and its stamp
_EC_SIGNATURE_BYTES = 72


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file with room for one signature. `attributes` is what is signed (DER); `digest` is the file's SHA-256 without the
    room, which the attributes hold; `start` and `end` are the room's places in the file."""

    file: bytes
    digest: bytes
    attributes: bytes
    start: int
    end: int
    certificate: bytes


def seal(file: bytes, by: Party, *, field: str, box: Box | None, reason: str) -> bytes:
    """The file signed and stamped with a kept key, as an increment: signatures that are in it already stay good."""
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.signers import SimpleSigner

    clear = by.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(_der(by.certificate)),
        signing_key=asn1_keys.PrivateKeyInfo.load(clear),
        cert_registry=_registry(by.issuer),
        embed_roots=False,
    )

    async def work() -> bytes:
        out = await _pdf_signer(signer, field, box, reason).async_sign_pdf(_writer(file), bytes_reserved=_RESERVED)
        return bytes(out.getvalue())

    return _run(work())


def prepare(file: bytes, certificate: x509.Certificate, *, field: str, box: Box | None, reason: str) -> Prepared:
    """Room for the signature of whoever holds the key of this certificate."""
    signer = _external(_der(certificate), b"")

    async def work() -> Prepared:
        pdf_signer = _pdf_signer(signer, field, box, reason, stamped=False)
        made, _, out = await pdf_signer.async_digest_doc_for_signing(_writer(file), bytes_reserved=_RESERVED)
        attributes = await signer.signed_attrs(made.document_digest, "sha256", use_pades=True)
        return Prepared(
            bytes(out.getvalue()),  # type: ignore[attr-defined]
            made.document_digest,
            attributes.dump(),
            made.reserved_region_start,
            made.reserved_region_end,
            _der(certificate),
        )

    return _run(work())


def complete(prepared: Prepared, signature: bytes) -> bytes:
    """The file with the signature in its room, stamped. "documents.signature_wrong": not made by that key over that."""
    from asn1crypto import cms
    from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest

    public = x509.load_der_x509_certificate(prepared.certificate).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    try:
        public.verify(signature, prepared.attributes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refusal("documents.signature_wrong") from None

    async def work() -> bytes:
        signed = await _external(prepared.certificate, signature).async_sign_prescribed_attributes(
            "sha256", cms.CMSAttributes.load(prepared.attributes), timestamper=timestamps.stamper()
        )
        out = BytesIO(prepared.file)
        room = PreparedByteRangeDigest(prepared.digest, prepared.start, prepared.end)
        room.fill_with_cms(out, signed)
        return out.getvalue()

    return _run(work())


def _external(certificate: bytes, signature: bytes) -> Any:
    from asn1crypto import algos
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.signers import ExternalSigner

    return ExternalSigner(
        signing_cert=asn1_x509.Certificate.load(certificate),
        cert_registry=_registry(authority.root()),
        signature_value=signature or _EC_SIGNATURE_BYTES,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        embed_roots=False,
    )


def _pdf_signer(signer: Any, field: str, box: Box | None, reason: str, *, stamped: bool = True) -> Any:
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.stamp import TextStampStyle

    place = None
    if box is not None:
        place = SigFieldSpec(
            field, on_page=box.page, box=(int(box.left), int(box.bottom), int(box.right), int(box.top))
        )
    return PdfSigner(
        PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=reason),
        signer=signer,
        timestamper=timestamps.stamper() if stamped else None,
        stamp_style=TextStampStyle(stamp_text="Digitally signed (PAdES B-T)\n%(ts)s", border_width=0),
        new_field_spec=place,
    )


def _writer(file: bytes) -> Any:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(BytesIO(file))


def _registry(*certificates: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1_x509
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(_der(one)) for one in certificates])
    return store


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)

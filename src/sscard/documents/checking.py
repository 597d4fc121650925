"""Is a signed document whole, and who signed it when? Asked of the file alone, as anybody outside would ask.

The moment that counts for a certificate is that of the time stamp, which is checked first: an applicant's certificate lives
for a day, his signature for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature. `good`: file unchanged but for later signatures, signer and stamp certified, stamp in time."""

    field: str
    name: str
    level: str
    at: datetime | None
    good: bool
    why_not: str = ""


def examine(file: bytes, *, roots: Sequence[x509.Certificate], most: int = 100) -> list[Signed]:
    """All signatures in order of their making; "documents.no_pdf" for what is no readable PDF, or has more than `most`."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        found = list(PdfFileReader(BytesIO(file)).embedded_regular_signatures)
    except (PdfError, ValueError, KeyError, AttributeError, RecursionError):
        raise Refusal("documents.no_pdf") from None
    if len(found) > most:
        raise Refusal("documents.no_pdf")
    return [_examine(one, roots) for one in found]


def require_whole(file: bytes, *, roots: Sequence[x509.Certificate], fields: Sequence[str]) -> list[Signed]:
    """The signatures, or "documents.tampered" when one of `fields` is missing or not good."""
    found = examine(file, roots=roots)
    if [one.field for one in found] != list(fields) or not all(one.good for one in found):
        raise Refusal("documents.tampered")
    return found


def _examine(signature: Any, roots: Sequence[x509.Certificate]) -> Signed:
    from pyhanko.sign.diff_analysis import SuspiciousModification
    from pyhanko.sign.general import UnacceptableSignerError
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

    name = str(signature.signer_cert.subject.native.get("common_name", "")) if signature.signer_cert else ""
    stamp = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    level = "B-T" if stamp is not None else "B-B"
    subfilter = str(signature.sig_object.get("/SubFilter", ""))
    if subfilter != "/ETSI.CAdES.detached":
        level = "other"
    at = _stamped(stamp) if stamp is not None else None
    try:
        status = asyncio.run(_validate(signature, roots, at))
    except (SignatureValidationError, SuspiciousModification, UnacceptableSignerError, ValueError) as error:
        return Signed(signature.field_name, name, level, at, good=False, why_not=type(error).__name__)
    good = bool(status.bottom_line) and level == "B-T"
    return Signed(signature.field_name, name, level, at, good, "" if good else status.summary())


async def _validate(signature: Any, roots: Sequence[x509.Certificate], at: datetime | None) -> Any:
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    trusted = [asn1_x509.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in roots]
    at_signing = ValidationContext(trust_roots=trusted, moment=at, allow_fetching=False, revocation_mode="soft-fail")
    for_stamp = ValidationContext(trust_roots=trusted, moment=at, allow_fetching=False, revocation_mode="soft-fail")
    return await async_validate_pdf_signature(
        signature, signer_validation_context=at_signing, ts_validation_context=for_stamp
    )


def _stamped(stamp: Any) -> datetime:
    moment = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    assert isinstance(moment, datetime)
    return moment

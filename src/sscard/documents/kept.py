"""The registry: keeping what was handed out, giving it again to whom it belongs, answering whether a code is genuine.

Who may fetch: the person himself (holder, customer), and staff and programs of the bank whose document it is. Everybody
else gets the answer of a missing record. Whoever has the code on the paper learns what it is, when it was made and the
digest, and nothing about the person.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sscard.control.inside import Inside
from sscard.documents.models import DocumentCode, KeptDocument
from sscard.kernel import ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one

CODE_LETTERS = 12
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Genuine:
    """What anybody may know of a document whose code he has."""

    kind: str
    bank: str
    area: str
    made_at: datetime
    state: str
    sha256: str
    signatures: tuple[str, ...]


def new_code() -> str:
    """A code to print on a document before it is kept: 60 random bits."""
    return ids.new_reference(CODE_LETTERS)


def shown(code: str) -> str:
    """In groups of four, as people read it."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def keep(
    inside: Inside,
    *,
    person_id: int,
    area: str,
    kind: str,
    subject: uuid.UUID,
    file: bytes,
    code: str,
    bank: str = "",
    signatures: Sequence[str] = (),
) -> uuid.UUID:
    """Keep a file; its public id. The unit of work stands in the person's area. An older document of the same kind and
    subject is marked as replaced and stays."""
    if not file or len(file) > MOST_BYTES:
        raise Refusal("documents.too_large", most=MOST_BYTES // 1024 // 1024)
    KeptDocument.objects.filter(person_id=person_id, kind=kind, subject=subject, state="valid").update(state="replaced")
    document = ids.new_id()
    KeptDocument(
        person_id=person_id,
        document_id=document,
        area_code=area,
        kind=kind,
        subject=subject,
        bank=bank,
        code=code,
        file=file,
        bytes=len(file),
        sha256=hashlib.sha256(file).digest(),
        sm3=hashlib.new("sm3", file).digest(),
        signatures=list(signatures),
        made_at=inside.now,
        made_by=inside.caller.id,
    ).save(force_insert=True)
    DocumentCode.objects.create(code=code, area_code=area, person_id=person_id, document_id=document)
    inside.detail.setdefault("documents", []).append(str(document))
    return document


def fetch(inside: Inside, person_id: int, document: uuid.UUID) -> tuple[KeptDocument, bytes]:
    """The document and its file, whole: its digest is compared. The caller of this has named the person."""
    row = KeptDocument.objects.filter(person_id=person_id, document_id=document).first()
    if row is None or not may_fetch(inside, row):
        raise Refusal("control.not_found")
    file = open_one(row, "file", inside)
    if not hmac.compare_digest(hashlib.sha256(file).digest(), bytes(row.sha256)):
        raise Refusal("documents.tampered")
    inside.object = f"document:{document}"
    return row, file


def area_of(document: uuid.UUID) -> str:
    """In which area a document is kept, for whoever opens a reading there; "control.not_found" for an unknown one."""
    with unit_of_work():
        at = DocumentCode.objects.filter(document_id=document).first()
    if at is None:
        raise Refusal("control.not_found")
    return at.area_code


def download(inside: Inside, document: uuid.UUID) -> tuple[KeptDocument, bytes]:
    """`fetch` by the public id alone; the person is named."""
    at = DocumentCode.objects.filter(document_id=document).first()
    if at is None:
        raise Refusal("control.not_found")
    inside.about(at.person_id, at.area_code, what="documents")
    return fetch(inside, at.person_id, document)


def may_fetch(inside: Inside, row: KeptDocument) -> bool:
    caller = inside.caller
    if caller.kind in ("holder", "customer"):
        return row.person_id in caller.persons and (caller.kind == "holder" or caller.bank == row.bank)
    return bool(row.bank) and caller.bank == row.bank


def of_subject(person_id: int, subject: uuid.UUID) -> list[KeptDocument]:
    """The valid documents of a case, oldest first, unopened."""
    found = KeptDocument.objects.filter(person_id=person_id, subject=subject, state="valid").defer("file")
    return list(found.order_by("made_at"))


def genuine(code: str) -> Genuine | None:
    """Is this the code of a document of ours? Asked by anybody, outside any unit of work."""
    plain = code.replace("-", "").replace(" ", "").upper()
    if not set(plain) <= set(ids.REFERENCE_SIGNS) or len(plain) != CODE_LETTERS:
        return None
    with unit_of_work():
        at = DocumentCode.objects.filter(code=plain).first()
    if at is None:
        return None
    with unit_of_work(area=at.area_code):
        row = KeptDocument.objects.defer("file").get(person_id=at.person_id, document_id=at.document_id)
    return Genuine(
        row.kind, row.bank, row.area_code, row.made_at, row.state, bytes(row.sha256).hex(), tuple(row.signatures)
    )

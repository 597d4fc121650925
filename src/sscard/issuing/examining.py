"""Test cards (card measures Art. 12): the report of a test card's examination comes in, signed, and is kept as evidence for
the ministry's office.

The report is made where the card lies in a reader (`sscard card audit`); here it is believed only under the laboratory's
signature, and what it shows of each audit is counted again from its items.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import msgspec

from sscard.chip.conformance import evidence
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.documents import detached
from sscard.issuing import gates
from sscard.issuing.models import ExaminedCard
from sscard.issuing.signed_files import Told, told
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal

MOST_BYTES = 128 * 1024
LABORATORY = "test-laboratory"


@dataclass(frozen=True, slots=True)
class RegisterExamination:
    """`file`: the JSON file's bytes as they were signed; `signature`: what stands in the file beside it (.jws)."""

    file: bytes
    signature: str


def _summary(request: RegisterExamination) -> dict[str, Any]:
    """What the second person is shown."""
    found = told(request.file)
    subject = {name: value for name, value in msgspec.structs.asdict(found.subject).items() if name != "asked_by"}
    return {**subject, "version": found.version, **found.audits, "items": found.judged_by.name, "atr": found.atr}


def _believed(inside: Inside, request: RegisterExamination) -> tuple[Told, str]:
    """The report and the name of its signer; refuses one that is not the laboratory's, is of another area, lies in the
    future or is here already."""
    gates.approved_once(inside)
    if len(request.file) > MOST_BYTES:
        raise Refusal("issuing.report_form")
    signer = detached.require(request.file, request.signature, LABORATORY)
    found = told(request.file)
    if found.area != inside.area_code:
        raise Refusal("issuing.report_of_other_area", found=found.area[:6], **inside.area.naming())
    if found.at > clock.real_now():  # a card lies on a bench in real time, whatever the area's clock says
        raise Refusal("issuing.report_form")
    digest = hashlib.sha256(request.file).digest()
    if ExaminedCard.objects.filter(area_code=inside.area_code, sha256=digest).exists():
        raise Refusal("issuing.report_here_already", digest=digest.hex()[:16])
    return found, signer


@act(
    "issuing.register_examination", right="issuing.examination", clause="M47-12", four_eyes=True, check=_believed,
    summary=_summary,
)  # fmt: skip
def register_examination(inside: Inside, request: RegisterExamination) -> dict[str, Any]:
    """The test card becomes a record with its report; a failed one too, so that nobody is shown good ones only."""
    found, signer = _believed(inside, request)
    assert inside.maker is not None, "four eyes"
    audits = found.audits
    row = ExaminedCard(
        test_card_id=ids.new_id(),
        area_code=inside.area_code,
        **{name: getattr(found.subject, name) for name in ("supplier", "product", "chip", "cos", "plant", "asked_by")},
        version=found.version,
        organisation=inside.caller.organisation,
        atr=found.atr,
        algorithm=found.algorithm,
        **audits,
        examined_at=found.at,
        signer=signer,
        report=request.file,
        signature=request.signature.strip(),
        sha256=hashlib.sha256(request.file).digest(),
        made_by=inside.maker,
        made_person=inside.maker_person,
        checked_by=inside.caller.id,
        checked_person=inside.caller.person_index,
        recorded_at=inside.now,
    )
    row.save(force_insert=True)
    inside.object = f"test_card:{row.test_card_id}"
    inside.emit("test_card.registered", {"test_card": str(row.test_card_id), **audits})
    return {"test_card": str(row.test_card_id), "digest": row.sha256.hex(), "items": found.judged_by.name, **audits}


def paper(inside: Inside, test_card: uuid.UUID) -> bytes:
    """The sealed PDF; made when it is first asked for, and then the same for ever."""
    row = require(inside, test_card)
    if row.paper is None:
        made = evidence.sealed(evidence.paper(bytes(row.report)))
        ExaminedCard.objects.filter(test_card_id=test_card, paper=None).update(paper=made)
        row.refresh_from_db(fields=["paper"])
    return bytes(row.paper or b"")


def require(inside: Inside, test_card: uuid.UUID) -> ExaminedCard:
    """A test card of the caller's area."""
    found = ExaminedCard.objects.filter(test_card_id=test_card, area_code=inside.area_code).first()
    if found is None:
        raise Refusal("control.not_found")
    return found

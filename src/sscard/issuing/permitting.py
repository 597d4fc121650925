"""The lock of mass production (card measures Art. 12): it opens by the permit in the area pack and by the decisions of the
ministry's office, and by nothing else.

A decision is the office's own signed file. Who may sign as the office is pinned by the operator of the installation
(`documents.authority`): no role of an area, a producer or a bank can make one. Two persons of the area lay it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from sscard.chip.conformance import evidence
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.documents import detached
from sscard.issuing import gates, rules
from sscard.issuing.models import ExaminedCard, OfficeDecision, ProducerKey
from sscard.issuing.signed_files import Decision, Product, read
from sscard.kernel import ids
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.law.permits import require_production_permit
from sscard.law.schema import ProductionPermit

OFFICE = "ministry-office"
MOST_BYTES = 32 * 1024
SHOWN_BY_REPORT = (evidence.CONFORMANCE, evidence.CROSS_AREA)
"""Audits that the product runs itself: a pass needs the report of a test card as evidence."""


@dataclass(frozen=True, slots=True)
class ImportDecision:
    """`file`: the office's JSON file as it was signed; `signature`: what stands in the file beside it (.jws)."""

    file: bytes
    signature: str


def _summary(request: ImportDecision) -> dict[str, Any]:
    found = read(request.file)
    until = {"until": found.until.isoformat()} if found.until else {}
    return {
        "number": found.number, **msgspec.structs.asdict(found.product), **found.outcomes,
        "decided_on": found.decided_on.isoformat(), **until,
    }  # fmt: skip


def _believed(inside: Inside, request: ImportDecision) -> tuple[Decision, str]:
    """The decision and its signer; refuses one that is not the office's, is another area's, or is here already, and a pass
    without the report that shows it."""
    gates.approved_once(inside)
    if len(request.file) > MOST_BYTES:
        raise Refusal("issuing.decision_form")
    signer = detached.require(request.file, request.signature, OFFICE)
    found = read(request.file)
    if found.area != inside.area_code:
        raise Refusal("issuing.decision_of_other_area", found=found.area[:6], **inside.area.naming())
    if OfficeDecision.objects.filter(area_code=inside.area_code, number=found.number).exists():
        raise Refusal("issuing.decision_here_already", number=found.number)
    faults = [] if found.decided_on <= inside.today else [Fault("decided_on", "issuing.decision_of_tomorrow")]
    faults += [
        Fault(f"outcomes.{audit}", "issuing.evidence_missing", _named(audit))
        for audit, outcome in found.outcomes.items()
        if outcome == "passed" and audit in SHOWN_BY_REPORT and not _shown(inside, found, audit)
    ]
    refuse_if_any(faults)
    return found, signer


def _shown(inside: Inside, decision: Decision, audit: str) -> bool:
    """A report that the decision names is on file here, is of this very product, and passed this audit."""
    try:
        digests = [bytes.fromhex(one) for one in decision.evidence]
    except ValueError:
        return False
    product = msgspec.structs.asdict(decision.product)
    on_file = ExaminedCard.objects.filter(area_code=inside.area_code, sha256__in=digests, **product)
    return on_file.filter(**{audit: "passed"}).exists()


@act(
    "issuing.import_decision", right="issuing.office_decision", clause="M47-12", four_eyes=True, check=_believed,
    summary=_summary,
)  # fmt: skip
def import_decision(inside: Inside, request: ImportDecision) -> dict[str, Any]:
    """The decision goes on file, a refusing one too: it closes the lock."""
    found, signer = _believed(inside, request)
    assert inside.maker is not None, "four eyes"
    row = OfficeDecision(
        decision_id=ids.new_id(),
        area_code=inside.area_code,
        **msgspec.structs.asdict(found.product),
        number=found.number,
        outcomes=dict(found.outcomes),
        decided_on=found.decided_on,
        until=found.until,
        evidence=found.evidence,
        signer=signer,
        file=request.file,
        signature=request.signature.strip(),
        made_by=inside.maker,
        made_person=inside.maker_person,
        checked_by=inside.caller.id,
        checked_person=inside.caller.person_index,
        recorded_at=inside.now,
    )
    row.save(force_insert=True)
    inside.object = f"test_decision:{row.decision_id}"
    inside.emit("test_cards.decided", {"decision": str(row.decision_id), **row.outcomes})
    return {"decision": str(row.decision_id), "number": row.number, "outcomes": row.outcomes}


def may_produce(inside: Inside, maker: ProducerKey, product: str, chip: str) -> ProductionPermit:
    """The permit under which the maker may mass-produce today. Refuses by the permit (law.production_…), then by the three
    audits of its test cards, telling of each what it lacks (issuing.test_cards_not_passed)."""
    permit = require_production_permit(inside.area, maker.supplier, product, chip, maker.plant, inside.today)
    faults = standing(inside, of_permit(inside, permit))
    if faults:
        facts = {"product": product, "chip": chip, "cos": permit.cos or "?", **inside.area.naming()}
        raise Refusal("issuing.test_cards_not_passed", faults=faults, **facts)
    return permit


def of_permit(inside: Inside, permit: ProductionPermit) -> Product:
    """What is made under a permit today: version by the area's card."""
    version = inside.area.card_face(inside.today).spec_version[:3]
    return Product(permit.supplier, permit.product, permit.chip, permit.cos, version)


def standing(inside: Inside, product: Product) -> list[Fault]:
    """What is missing to the three audits of exactly this product today; empty when the lock is open."""
    return [
        Fault(f"audit.{audit}", f"issuing.audit_{state}", {**_named(audit), "until": str(until or "")})
        for audit, (state, until) in audits_of(inside, product).items()
        if state != "passed"
    ]


def audits_of(inside: Inside, product: Product) -> dict[str, tuple[str, date | None]]:
    """Each audit of a product today: its state and its last day."""
    found = OfficeDecision.objects.filter(area_code=inside.area_code, **msgspec.structs.asdict(product))
    return rules.audits_on(
        [
            rules.Verdict(audit, outcome, one.decided_on, one.until)
            for one in found.order_by("decided_on", "recorded_at")
            for audit, outcome in one.outcomes.items()
        ],
        inside.today,
    )


def _named(audit: str) -> dict[str, str]:
    from sscard.kernel import words

    return {f"audit_{lang}": words.text("state", f"issuing.audit.{audit}", lang) for lang in ("zh", "en")}

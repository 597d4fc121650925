"""Refusals as RFC 9457 problems: stable code, two languages, legal basis if certain, next step, every fault with its place.
The portal's API and the gateway answer with the same ones."""

from __future__ import annotations

from typing import Any

from sscard.kernel.refusals import Fault, Refusal
from sscard.law import clauses

MEDIA_TYPE = "application/problem+json"


def body_of(refusal: Refusal, trace: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"/api/errors/{refusal.code}",
        "title": refusal.sentence("en"),
        "title_zh": refusal.sentence("zh"),
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.next_step("en"),
        "detail_zh": refusal.next_step("zh"),
        "instance": trace,
        **refusal.once,
    }
    if basis := clauses.basis(refusal.clause, "en"):
        body |= {"basis": basis, "basis_zh": clauses.basis(refusal.clause, "zh")}
    if refusal.faults:
        body["faults"] = [_fault(fault) for fault in refusal.faults]
    return body


def _fault(fault: Fault) -> dict[str, Any]:
    return {"place": fault.place, "code": fault.code, "text": fault.sentence("en"), "text_zh": fault.sentence("zh")}

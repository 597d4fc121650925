"""A stored request in words, line by line, with the evidence beside the claim: what the second person compares."""

from __future__ import annotations

import uuid
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from sscard.control.models import Organisation, Staff
from sscard.issuing.models import Batch
from sscard.kernel import words
from sscard.kernel.masked import mask_id
from sscard.people.models import DuplicateCase
from sscard.portal import looks
from sscard.portal.shapes import Answer
from sscard.portal.signed import AtPage
from sscard.portal.stock import test_cards

LONGEST = 400


def lines_of(at: AtPage, request: Mapping[str, Any]) -> list[Answer]:
    """Every field of the request that holds something. Ids become names. Inside a reading of the area."""
    if {"file", "signature"} <= set(request):
        return test_cards.lines_of(at, b64decode(request["file"]))
    lines = []
    for name, value in request.items():
        if value in ("", None, [], ()):
            continue
        label = _label(at, name)
        shown, note = _shown(at, name, value)
        lines.append(Answer(label, shown, note=note))
    return lines


def record_of(request: Mapping[str, Any]) -> str:
    """The record that the request is about, if it has a page."""
    if case := request.get("case"):
        return f"/doubts/{case}/"
    return f"/batches/{request['batch']}/" if request.get("batch") else ""


def _label(at: AtPage, name: str) -> str:
    return at.word(f"review.field.{name}") if words.has("page", f"review.field.{name}") else name


def _shown(at: AtPage, name: str, value: Any) -> tuple[str, str]:
    """Text and note of one field."""
    if name == "id_number":
        return mask_id(str(value)), at.word("review.masked")
    if name in ("roles", "role"):
        names = value if isinstance(value, list) else [value]
        return at.word("frame.comma").join(at.word(f"front.role.{one}") for one in names), ""
    if name == "organisation":
        found = Organisation.objects.filter(code=value).first()
        return (found.name(at.lang), str(value)) if found else (str(value), "")
    if name == "decision":
        return at.word(f"doubts.decision.{value}"), ""
    if name == "staff":
        who = Staff.objects.filter(staff_id=_uuid(value)).first()
        return (who.display_name, who.username) if who else (str(value), "")
    if name == "batch":
        batch = Batch.objects.filter(batch_id=_uuid(value)).first()
        state = looks.state_word(f"issuing.batch.{batch.state}", at.lang) if batch else ""
        return (batch.number, state) if batch else (str(value), "")
    if name == "case":
        case = DuplicateCase.objects.filter(case_id=_uuid(value)).first()
        return (at.word(f"doubts.kind.{case.kind}"), "") if case else (str(value), "")
    if isinstance(value, list):
        return at.word("review.items", count=len(value)), ", ".join(str(one)[:12] for one in value[:5])
    return str(value)[:LONGEST], ""


def _uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return uuid.UUID(int=0)

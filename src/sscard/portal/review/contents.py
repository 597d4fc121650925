"""A stored request in words, line by line, with the evidence beside the claim: what the second person compares."""

from __future__ import annotations

import uuid
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, Final

from sscard.control.models import Organisation, Staff
from sscard.issuing.models import Batch
from sscard.kernel import words
from sscard.kernel.masked import mask_id
from sscard.kernel.refusals import Refusal
from sscard.keys.custody import MINISTRY
from sscard.keys.models import Carrier, KeyLoss
from sscard.law import activation
from sscard.people.models import DuplicateCase
from sscard.portal import looks
from sscard.portal.shapes import Answer
from sscard.portal.signed import AtPage
from sscard.portal.stock import test_cards

LONGEST, MOST_CHANGES = 400, 100


def lines_of(at: AtPage, request: Mapping[str, Any]) -> list[Answer]:
    """Every field of the request that holds something. Ids and codes become words. Inside a reading of the area."""
    if {"file", "signature"} <= set(request):
        return test_cards.lines_of(at, b64decode(request["file"]))
    if "archive" in request:
        return _of_pack(at, b64decode(request["archive"]))
    lines = []
    for name, value in request.items():
        if value in ("", None, [], ()):
            continue
        label = _label(at, name)
        shown, note = _shown(at, name, value)
        lines.append(Answer(label, shown, note=note))
    return lines


def _of_pack(at: AtPage, archive: bytes) -> list[Answer]:
    """An area pack: whose, which version, who signed it, and each value that it changes."""
    try:
        pack = activation.inspect(archive)
    except Refusal as refusal:  # what was sound when it was asked for, and is no more
        return [Answer(at.word("review.field.area_pack"), refusal.sentence(at.lang), note=refusal.next_step(at.lang))]
    changed = activation.changes(pack)
    lines = [
        Answer(at.word("review.field.area"), pack.area.name(at.lang), note=pack.area.code),
        Answer(at.word("review.field.version"), str(pack.manifest.version)),
        Answer(at.word("review.field.signer"), pack.manifest.signer),
        Answer(at.word("review.field.digest"), looks.grouped(pack.digest)),
        Answer(at.word("review.field.changed"), at.word("review.items", count=len(changed))),
    ]
    return lines + [
        Answer(f"{one.file} {one.key}", f"{_value(one.before)} → {_value(one.after)}") for one in changed[:MOST_CHANGES]
    ]


def _value(value: Any) -> str:
    return "—" if value is None else str(value)[:LONGEST]


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
    if name in _OF_KEYS:
        return _OF_KEYS[name](at, str(value))
    if isinstance(value, list):
        return at.word("review.items", count=len(value)), ", ".join(str(one)[:12] for one in value[:5])
    return str(value)[:LONGEST], ""


def _kind(at: AtPage, kind: str) -> tuple[str, str]:
    """Of a key ceremony or of a carrier."""
    known = (code for code in (f"keys.kind_{kind}", f"keys.carrier.{kind}") if words.has("page", code))
    return next((at.word(code) for code in known), kind), ""


def _origin(at: AtPage, origin: str) -> tuple[str, str]:
    return at.word("keys.the_ministry") if origin == MINISTRY else origin, ""


def _carrier(at: AtPage, carrier: str) -> tuple[str, str]:
    found = Carrier.objects.filter(carrier_id=_uuid(carrier)).first()
    return (found.number, at.word(f"keys.carrier.{found.kind}")) if found else (carrier, "")


def _loss(at: AtPage, loss: str) -> tuple[str, str]:
    found = KeyLoss.objects.select_related("carrier").filter(loss_id=_uuid(loss)).first()
    return (found.carrier.number, looks.show_moment(found.raised_at, at.lang)) if found else (loss, "")


_OF_KEYS: Final[Mapping[str, Callable[[AtPage, str], tuple[str, str]]]] = {
    "kind": _kind,
    "origin": _origin,
    "carrier": _carrier,
    "loss": _loss,
}


def _uuid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return uuid.UUID(int=0)

"""Acts of the custody ledger: PSAMs, security modules, key cards and share envelopes, two signatures a line (Article 24);
loss is one person's call, at once (Article 25)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.keys import reach
from sscard.keys.models import Carrier, CustodyEntry, KeyLoss

CUSTODY = "keys.custody"
MINISTRY = "ministry"
FROM_MINISTRY = ("psam", "key_card")
"""Come from the ministry only (Article 23)."""
ITEMS = ("record", "agreement", "review", "supervisor")
"""Article 24: hand-over record, confidentiality agreement, review of the security plan, supervision."""
TO = ("superior", "ministry")
_TWO = {"right": CUSTODY, "approve_right": CUSTODY, "four_eyes": True, "clause": "M47-24"}


@dataclass(frozen=True, slots=True)
class RegisterCarrier:
    """`origin`: "ministry", or who made or delivered it; `key_set` it holds keys or a share of."""

    kind: str
    number: str
    origin: str
    holder: str
    key_set: str = ""


def _register_faults(inside: Inside, request: RegisterCarrier) -> None:
    faults = []
    if request.kind not in Carrier.KINDS:
        faults.append(Fault("kind", "keys.carrier_kind", {}))
    faults += [Fault(name, "keys.carrier_text", {}) for name, most in (("number", 40), ("origin", 120), ("holder", 120))
               if not 1 <= len(getattr(request, name).strip()) <= most]  # fmt: skip
    if request.kind in FROM_MINISTRY and request.origin.strip() != MINISTRY:
        faults.append(Fault("origin", "keys.carrier_origin", {}))
    if (request.kind == "share" and "#" not in request.key_set) or len(request.key_set) > 24:
        faults.append(Fault("key_set", "keys.carrier_set", {}))
    if Carrier.objects.filter(area_code=inside.area_code, kind=request.kind, number=request.number.strip()).exists():
        faults.append(Fault("number", "keys.carrier_known", {}))
    refuse_if_any(faults)


@act(
    "keys.register_carrier", **_TWO, check=_register_faults,
    summary=lambda request: {"kind": request.kind, "number": request.number},
)  # fmt: skip
def register_carrier(inside: Inside, request: RegisterCarrier) -> dict[str, Any]:
    """Into the register and into somebody's keeping."""
    _register_faults(inside, request)
    carrier = Carrier(
        area_code=inside.area_code, kind=request.kind, number=request.number.strip(), origin=request.origin.strip(),
        key_set=request.key_set.strip(), holder=request.holder.strip(), registered_at=inside.now, changed_at=inside.now,
    )  # fmt: skip
    carrier.save(force_insert=True)
    _entry(inside, carrier, "registered")
    return {"carrier": str(carrier.carrier_id), "state": carrier.state}


@dataclass(frozen=True, slots=True)
class HandOver:
    """To a third party, with the four items: number of the hand-over record, of the confidentiality agreement, of the reviewed
    security plan, and who supervises."""

    carrier: uuid.UUID
    holder: str
    record: str
    agreement: str
    review: str
    supervisor: str


def _items_there(inside: Inside, request: HandOver) -> None:
    names = ("holder", *ITEMS)
    refuse_if_any([
        Fault(name, "keys.item_missing", {})
        for name in names
        if not 1 <= len(getattr(request, name).strip()) <= (120 if name == "holder" else 60)
    ])  # fmt: skip
    _carrier(inside, request.carrier, "kept")


@act("keys.hand_over", **_TWO, check=_items_there, summary=lambda request: {"holder": request.holder})
def hand_over(inside: Inside, request: HandOver) -> dict[str, Any]:
    _items_there(inside, request)
    carrier = _carrier(inside, request.carrier, "kept")
    _moved(inside, carrier, "away", request.holder.strip())
    _entry(inside, carrier, "handed_over", **{name: getattr(request, name).strip() for name in ITEMS})
    return {"carrier": str(carrier.carrier_id), "state": carrier.state}


@dataclass(frozen=True, slots=True)
class TakeBack:
    carrier: uuid.UUID
    holder: str
    remark: str = ""


@act(
    "keys.take_back", **_TWO, check=lambda inside, request: _carrier(inside, request.carrier, "away"),
    summary=lambda request: {"holder": request.holder},
)  # fmt: skip
def take_back(inside: Inside, request: TakeBack) -> dict[str, Any]:
    carrier = _carrier(inside, request.carrier, "away")
    if not request.holder.strip():
        raise Refusal("kernel.form_faults", faults=[Fault("holder", "keys.item_missing", {})])
    _moved(inside, carrier, "kept", request.holder.strip()[:120])
    _entry(inside, carrier, "taken_back", remark=request.remark[:300])
    return {"carrier": str(carrier.carrier_id), "state": carrier.state}


@dataclass(frozen=True, slots=True)
class DestroyCarrier:
    """`record`: number of the destruction record."""

    carrier: uuid.UUID
    record: str


@act(
    "keys.destroy_carrier", **_TWO, check=lambda inside, request: _carrier(inside, request.carrier, "kept"),
    summary=lambda request: {"record": request.record},
)  # fmt: skip
def destroy_carrier(inside: Inside, request: DestroyCarrier) -> dict[str, Any]:
    """Only what is in our own keeping is destroyed."""
    carrier = _carrier(inside, request.carrier, "kept")
    if not request.record.strip():
        raise Refusal("kernel.form_faults", faults=[Fault("record", "keys.item_missing", {})])
    _moved(inside, carrier, "destroyed", carrier.holder)
    _entry(inside, carrier, "destroyed", record=request.record.strip()[:60])
    return {"carrier": str(carrier.carrier_id), "state": carrier.state}


@dataclass(frozen=True, slots=True)
class ReportLoss:
    carrier: uuid.UUID
    story: str


@act("keys.report_loss", right=CUSTODY, clause="M47-25")
def report_loss(inside: Inside, request: ReportLoss) -> dict[str, Any]:
    """At once, by whoever finds it: no second signature is waited for. Raises both reports and tells what is in reach."""
    carrier = _carrier(inside, request.carrier, "kept", "away")
    if not request.story.strip():
        raise Refusal("kernel.form_faults", faults=[Fault("story", "keys.item_missing", {})])
    found = reach.of(carrier)
    _moved(inside, carrier, "lost", carrier.holder)
    _entry(inside, carrier, "lost", remark=request.story.strip()[:300])
    loss = KeyLoss(
        area_code=inside.area_code, carrier=carrier, story=request.story.strip()[:500], reported_by=inside.caller.id,
        raised_at=inside.now, exposed=list(found.keys), cards=found.cards, people=found.people,
    )  # fmt: skip
    loss.save(force_insert=True)
    for office in TO:
        inside.emit("keys.loss_report", {"loss": str(loss.loss_id), "to": office, "kind": carrier.kind})
    return {"loss": str(loss.loss_id), "keys": list(found.keys), "cards": found.cards, "people": found.people}


@dataclass(frozen=True, slots=True)
class ReportSent:
    """`to` "superior" or "ministry"; `receipt`: number under which that office took the report."""

    loss: uuid.UUID
    to: str
    receipt: str


@act("keys.report_sent", right=CUSTODY, clause="M47-25")
def report_sent(inside: Inside, request: ReportSent) -> dict[str, Any]:
    """Once for each of the two offices."""
    loss = _loss(inside, request.loss)
    faults = [] if request.to in TO else [Fault("to", "keys.report_to", {})]
    if not 1 <= len(request.receipt.strip()) <= 60:
        faults.append(Fault("receipt", "keys.item_missing", {}))
    refuse_if_any(faults)
    if getattr(loss, f"{request.to}_at") is not None:
        raise Refusal("keys.report_there")
    setattr(loss, f"{request.to}_at", inside.now)
    setattr(loss, f"{request.to}_receipt", request.receipt.strip())
    loss.save(update_fields=[f"{request.to}_at", f"{request.to}_receipt"])
    return {"loss": str(loss.loss_id), "to": request.to}


@dataclass(frozen=True, slots=True)
class CloseLoss:
    loss: uuid.UUID
    cause: str


def _reported(inside: Inside, request: CloseLoss) -> KeyLoss:
    loss = _loss(inside, request.loss)
    if loss.superior_at is None or loss.ministry_at is None:
        raise Refusal("keys.report_missing")
    if not request.cause.strip():
        raise Refusal("kernel.form_faults", faults=[Fault("cause", "keys.item_missing", {})])
    return loss


@act(
    "keys.close_loss", right=CUSTODY, approve_right=CUSTODY, four_eyes=True, clause="M47-25", check=_reported,
    summary=lambda request: {"cause": request.cause[:60]},
)  # fmt: skip
def close_loss(inside: Inside, request: CloseLoss) -> dict[str, Any]:
    """Both reports are out and the cause is found."""
    loss = _reported(inside, request)
    loss.cause, loss.closed_at = request.cause.strip()[:500], inside.now
    loss.save(update_fields=["cause", "closed_at"])
    return {"loss": str(loss.loss_id), "state": "closed"}


def _carrier(inside: Inside, carrier: uuid.UUID, *states: str) -> Carrier:
    found = Carrier.objects.select_for_update().filter(carrier_id=carrier, area_code=inside.area_code).first()
    if found is None:
        raise Refusal("control.not_found")
    inside.object = f"carrier:{carrier}"
    if found.state not in states:
        raise Refusal(f"keys.carrier_{found.state}", number=found.number)
    return found


def _loss(inside: Inside, loss: uuid.UUID) -> KeyLoss:
    found = KeyLoss.objects.select_for_update().filter(loss_id=loss, area_code=inside.area_code).first()
    if found is None:
        raise Refusal("control.not_found")
    inside.object = f"key_loss:{loss}"
    if found.closed_at is not None:
        raise Refusal("keys.loss_closed")
    return found


def _moved(inside: Inside, carrier: Carrier, state: str, holder: str) -> None:
    carrier.state, carrier.holder, carrier.changed_at = state, holder, inside.now
    carrier.save(update_fields=["state", "holder", "changed_at"])


def _entry(inside: Inside, carrier: Carrier, what: str, **more: str) -> None:
    maker, checker = (inside.maker, inside.caller.id) if inside.maker else (inside.caller.id, None)
    row = CustodyEntry(
        area_code=inside.area_code, carrier=carrier, act=what, holder=carrier.holder, maker=maker, checker=checker,
        at=inside.now, **more,
    )  # fmt: skip
    row.save(force_insert=True)

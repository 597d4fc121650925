"""The producers that an area selected (card measures Art. 11): whose keys are known and whose qualification is
current."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.issuing import gates
from sscard.issuing.models import ProducerKey
from sscard.kernel import ids
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.keys.envelope import fingerprint


@dataclass(frozen=True, slots=True)
class RegisterProducer:
    """`signing`, `receiving`: the producer's public keys in hex, as its program printed them at set-up and as both
    sides compared them by their fingerprints. `supplier` and `plant` are the names in the production permits."""

    producer: str
    supplier: str
    plant: str
    signing: str
    receiving: str
    qualified_until: date


def _keys_given(inside: Inside, request: RegisterProducer) -> dict[str, bytes]:
    """The two public keys as bytes; refuses with every fault of the request."""
    gates.approved_once(inside)
    faults = []
    if not Organisation.objects.filter(code=request.producer, kind="producer", active=True).exists():
        faults.append(Fault("producer", "issuing.producer_unknown", {"producer": request.producer[:40]}))
    if request.qualified_until < inside.today:
        faults.append(Fault("qualified_until", "issuing.qualification_over"))
    public = {}
    for name in ("signing", "receiving"):
        try:
            public[name] = bytes.fromhex(getattr(request, name))
        except ValueError:
            public[name] = b""
        if len(public[name]) != 64:
            faults.append(Fault(name, "issuing.public_key_form"))
    refuse_if_any(faults)
    return public


@act(
    "issuing.register_producer", right="issuing.register_producer", clause="M47-11", four_eyes=True, check=_keys_given,
    summary=lambda r: {"producer": r.producer, "supplier": r.supplier, "until": r.qualified_until.isoformat()},
)  # fmt: skip
def register_producer(inside: Inside, request: RegisterProducer) -> dict[str, Any]:
    """A producer's keys, or new ones in the place of those it had."""
    public = _keys_given(inside, request)
    ProducerKey.objects.filter(area_code=inside.area_code, organisation=request.producer, active=True).update(
        active=False
    )
    row = ProducerKey.objects.create(
        key_id=ids.new_id(),
        area_code=inside.area_code,
        organisation=request.producer,
        supplier=request.supplier,
        plant=request.plant,
        signing=public["signing"],
        receiving=public["receiving"],
        qualified_until=request.qualified_until,
        registered_by=inside.maker,
        registered_at=inside.now,
    )
    inside.object = f"producer:{request.producer}"
    prints = {name: fingerprint(key) for name, key in public.items()}
    inside.detail |= prints
    return {"producer": request.producer, "key": str(row.key_id), **prints}


def qualified(inside: Inside, producer: str) -> ProducerKey:
    """The producer's current keys; refuses one that was not selected or whose qualification is over (ISS-7)."""
    active = Organisation.objects.filter(code=producer, kind="producer", active=True).exists()
    found = ProducerKey.objects.filter(area_code=inside.area_code, organisation=producer, active=True).first()
    if found is None or not active:
        raise Refusal("issuing.producer_unknown", producer=producer[:40])
    if found.qualified_until < inside.today:
        raise Refusal("issuing.producer_not_qualified", producer=producer, until=str(found.qualified_until))
    return found


def issuer_name(area: str) -> str:
    """How the area's department is called in packages and returns."""
    return f"issuer:{area}"


def trust(area: str) -> dict[str, str]:
    """What a producer must know of us: name and public keys, to be compared by fingerprint when they are exchanged."""
    signing = keys().ensure_area(area)
    return {"issuer": issuer_name(area), "signing": signing.hex(), "receiving": keys().public_key("return_files").hex()}

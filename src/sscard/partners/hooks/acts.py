"""Acts on endpoints: register, rotate the secret, disable and enable, remove, replay a delivery."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Organisation, Outbox
from sscard.kernel import clock, ids, words
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.partners.hooks import guard, rules, sending, signing
from sscard.partners.models import Delivery, Endpoint, Sandbox

RIGHT = "partners.hooks"


def known_events() -> tuple[str, ...]:
    """The names that can be asked for, out of the catalogue of texts."""
    return tuple(sorted(words.catalogue().get("event", {})))


def sandbox_of(inside: Inside) -> Sandbox | None:
    """The sandbox in which this act is done, if it is the caller's; a partner acts in his sandboxes only."""
    found = Sandbox.objects.filter(area_code=inside.area_code).first() if inside.area_code else None
    if {"partner", "sandbox"} & inside.caller.roles and (
        found is None or found.organisation != inside.caller.organisation
    ):
        raise Refusal("control.not_found")
    return found


def own(inside: Inside, endpoint_id: uuid.UUID) -> Endpoint:
    """An endpoint of the caller's, under lock; in a sandbox, of this sandbox."""
    sandbox = sandbox_of(inside)
    found = Endpoint.objects.select_for_update().filter(
        endpoint_id=endpoint_id,
        organisation=inside.caller.organisation,
        sandbox=sandbox.sandbox_id if sandbox else None,
    )
    row = found.first()
    if row is None:
        raise Refusal("control.not_found")
    inside.object = f"endpoint:{endpoint_id}"
    return row


@dataclass(frozen=True, slots=True)
class RegisterEndpoint:
    """`url` "" makes a local listener (sandboxes only). `events`: names, or beginnings with "*"."""

    events: tuple[str, ...]
    url: str = ""


@act("partners.register_endpoint", right=RIGHT)
def register_endpoint(inside: Inside, request: RegisterEndpoint) -> dict[str, Any]:
    """The secret is shown once."""
    sandbox = sandbox_of(inside)
    refuse_if_any(_faults(request, sandbox is not None))
    if Endpoint.objects.filter(organisation=inside.caller.organisation, area_code=inside.area_code).count() >= (
        rules.MOST_ENDPOINTS
    ):
        raise Refusal("partners.endpoints_full", most=rules.MOST_ENDPOINTS)
    kept = signing.fresh()
    at = Organisation.objects.get(code=inside.caller.organisation)
    row = Endpoint(
        organisation=at.code,
        area_code=inside.area_code if sandbox or not at.bank else "",
        sandbox=sandbox.sandbox_id if sandbox else None,
        url=request.url,
        events=list(dict.fromkeys(request.events)),
        secrets={"kept": [kept]},
        public_key=signing.public_key(kept),
        made_at=clock.real_now(),
        made_by=inside.caller.id,
    )
    row.save(force_insert=True)
    inside.object = f"endpoint:{row.endpoint_id}"
    inside.once["secret"] = kept["secret"]
    return {"endpoint": str(row.endpoint_id), "public_key": row.public_key, "events": row.events}


def _faults(request: RegisterEndpoint, sandbox: bool) -> list[Fault]:
    faults, names = [], known_events()
    if not request.events or len(request.events) > rules.MOST_NAMES:
        faults.append(Fault("events", "partners.events_count", {"most": rules.MOST_NAMES}))
    for at, one in enumerate(request.events):
        if not any(rules.wanted((one,), name) for name in names):
            faults.append(Fault(f"events.{at}", "partners.event_unknown", {"name": one[:60]}))
    if request.url or not sandbox:
        try:
            guard.check_url(request.url, sending.policy(sandbox))
        except Refusal as refusal:
            faults.append(Fault("url", refusal.code, refusal.facts))
    return faults


@dataclass(frozen=True, slots=True)
class RotateSecret:
    endpoint: uuid.UUID


@act("partners.rotate_secret", right=RIGHT)
def rotate_secret(inside: Inside, request: RotateSecret) -> dict[str, Any]:
    """A new secret, shown once. The old one signs beside it for a day, so that nothing is missed."""
    row = own(inside, request.endpoint)
    now, fresh = clock.real_now(), signing.fresh()
    until = (now + rules.OVERLAP).isoformat()
    kept = [{**one, "until": one["until"] or until} for one in signing.in_force(sending.secrets_of(row), now)][:2]
    row.secrets, row.public_key = {"kept": [fresh, *kept]}, signing.public_key(fresh)
    row.save(update_fields=["secrets", "public_key"])
    inside.once["secret"] = fresh["secret"]
    return {"endpoint": str(row.endpoint_id), "public_key": row.public_key, "old_until": until}


@dataclass(frozen=True, slots=True)
class SwitchEndpoint:
    endpoint: uuid.UUID
    active: bool


@act("partners.switch_endpoint", right=RIGHT)
def switch_endpoint(inside: Inside, request: SwitchEndpoint) -> dict[str, Any]:
    """Enabled again, it starts without a past of failures."""
    row = own(inside, request.endpoint)
    row.state, row.failing_since = ("active" if request.active else "disabled"), None
    row.disabled_at = None if request.active else clock.real_now()
    row.disabled_why = "" if request.active else "by_owner"
    row.save(update_fields=["state", "failing_since", "disabled_at", "disabled_why"])
    return {"endpoint": str(row.endpoint_id), "state": row.state}


@dataclass(frozen=True, slots=True)
class RemoveEndpoint:
    endpoint: uuid.UUID


@act("partners.remove_endpoint", right=RIGHT)
def remove_endpoint(inside: Inside, request: RemoveEndpoint) -> dict[str, Any]:
    row = own(inside, request.endpoint)
    Delivery.objects.filter(endpoint=row).delete()
    Endpoint.objects.filter(pk=row.pk).delete()
    return {"endpoint": str(request.endpoint), "removed": True}


@dataclass(frozen=True, slots=True)
class ReplayDelivery:
    delivery: uuid.UUID


@act("partners.replay_delivery", right=RIGHT)
def replay_delivery(inside: Inside, request: ReplayDelivery) -> dict[str, Any]:
    """The same message under the same webhook-id once more, as a delivery of its own."""
    old = Delivery.objects.select_related("endpoint").filter(delivery_id=request.delivery).first()
    if old is None:
        raise Refusal("control.not_found")
    endpoint = own(inside, old.endpoint_id)
    if endpoint.state != "active":
        raise Refusal("partners.endpoint_disabled")
    row = Delivery.objects.create(
        endpoint=endpoint, event_id=old.event_id, name=old.name, body=old.body, replays=old.delivery_id,
        made_at=clock.real_now(),
    )  # fmt: skip
    sending.later(row.delivery_id, 0)
    return {"delivery": str(row.delivery_id), "replays": str(old.delivery_id), "event": str(old.event_id)}


@dataclass(frozen=True, slots=True)
class TriggerEvent:
    """`name`: an event of the list; its body names the ids that are given, which may be made up."""

    name: str
    ids: dict[str, str]


@act("partners.trigger_event", right="partners.sandbox")
def trigger_event(inside: Inside, request: TriggerEvent) -> dict[str, Any]:
    """Sandboxes only: an event as if it had happened, told to the sandbox's own endpoints and to nobody else."""
    if sandbox_of(inside) is None:
        raise Refusal("control.not_found")
    faults = []
    if request.name not in known_events():
        faults.append(Fault("name", "partners.event_unknown", {"name": request.name[:60]}))
    for key, value in request.ids.items():
        if not (key.isidentifier() and len(key) <= 40 and _is_id(value)):
            faults.append(Fault(f"ids.{key[:40]}", "partners.event_id_form"))
    if len(request.ids) > 10:
        faults.append(Fault("ids", "partners.events_count", {"most": 10}))
    refuse_if_any(faults)
    event = Outbox(
        event_id=ids.new_id(), area_code=inside.area_code, name=request.name, occurred_at=inside.now,
        body={**request.ids, "triggered": True},
    )  # fmt: skip
    event.save(force_insert=True)
    return {"event": str(event.event_id), "name": event.name}


def _is_id(value: str) -> bool:
    """Ids only: an event holds no numbers and no names."""
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False

"""What an organisation sees of its endpoints: their state, the log of deliveries, and what waits for its own listener."""

from __future__ import annotations

import uuid
from typing import Any

from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.partners.hooks import sending, signing
from sscard.partners.hooks.acts import own, sandbox_of
from sscard.partners.models import Delivery, DeliveryTry, Endpoint

MOST = 200


def endpoints(inside: Inside) -> list[dict[str, Any]]:
    sandbox = sandbox_of(inside)
    rows = Endpoint.objects.filter(
        organisation=inside.caller.organisation, sandbox=sandbox.sandbox_id if sandbox else None
    )
    return [_endpoint(one) for one in rows.order_by("made_at")]


def _endpoint(row: Endpoint) -> dict[str, Any]:
    return {
        "endpoint": str(row.endpoint_id),
        "url": row.url,
        "events": row.events,
        "public_key": row.public_key,
        "state": row.state,
        "failing_since": row.failing_since.isoformat() if row.failing_since else None,
        "disabled_at": row.disabled_at.isoformat() if row.disabled_at else None,
        "disabled_why": row.disabled_why,
    }


def deliveries(inside: Inside, endpoint: uuid.UUID, limit: int = 50) -> list[dict[str, Any]]:
    """Newest first, with the tries of each."""
    rows = list(Delivery.objects.filter(endpoint=own(inside, endpoint)).order_by("-made_at")[: min(limit, MOST)])
    tries: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for one in DeliveryTry.objects.filter(delivery_id__in=[row.delivery_id for row in rows]).order_by("at"):
        seen = {"at": one.at.isoformat(), "status": one.status, "error": one.error, "millis": one.millis}
        tries.setdefault(one.delivery_id, []).append(seen)
    return [{**delivery(row), "log": tries.get(row.delivery_id, [])} for row in rows]


def delivery(row: Delivery) -> dict[str, Any]:
    return {
        "delivery": str(row.delivery_id),
        "event": str(row.event_id),
        "name": row.name,
        "state": row.state,
        "tries": row.tries,
        "next_at": row.next_at.isoformat() if row.next_at else None,
        "replays": str(row.replays) if row.replays else None,
        "made_at": row.made_at.isoformat(),
        "body": row.body,
    }


def waiting(inside: Inside, endpoint: uuid.UUID) -> list[dict[str, Any]]:
    """For a local listener: its messages, signed as if they had been sent now. Nothing changes by asking."""
    row = own(inside, endpoint)
    if row.url:
        raise Refusal("partners.not_a_listener")
    kept, now = sending.secrets_of(row), clock.real_now()
    return [
        {
            "delivery": str(one.delivery_id),
            "headers": signing.headers(kept, str(one.event_id), one.body, now, spoilt=one.spoilt),
            "body": one.body,
        }
        for one in Delivery.objects.filter(endpoint=row, state="waiting").order_by("made_at")[:50]
    ]


def answered(inside: Inside, delivery_id: uuid.UUID, status: int) -> dict[str, Any]:
    """What the local program answered to its listener."""
    found = Delivery.objects.select_related("endpoint").filter(delivery_id=delivery_id).first()
    if found is None or own(inside, found.endpoint_id).url:
        raise Refusal("control.not_found")
    if found.state == "waiting":
        sending.settle(found, status)
    return delivery(found)

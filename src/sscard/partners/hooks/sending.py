"""From the outbox to the receiver: deliveries are made once for each event and endpoint, sent, retried over days, logged.

`told()` reads the outbox behind a cursor that no unfinished transaction can slip under; `send()` is one try.
"""

from __future__ import annotations

import json
import logging
import random
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection

from sscard.bank.models import AccountStatus
from sscard.cards.models import Card
from sscard.control.models import Organisation, Outbox
from sscard.kernel import clock, db
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.partners.hooks import guard, rules, signing
from sscard.partners.models import Cursor, Delivery, DeliveryTry, Endpoint, SandboxArea
from sscard.people import lookup

log = logging.getLogger(__name__)
OUTBOX = "outbox"
PAGE = 500
_LOCK = 0x5353_484F_4F4B


def _none(_sandbox: bool) -> guard.Policy:
    return guard.Policy()


def _not_later(_delivery: uuid.UUID, _seconds: float) -> None:
    return None


policy: Callable[[bool], guard.Policy] = _none
"""Port: the approved targets; told whether the endpoint is a sandbox's."""
net = guard.Net()
"""The outside world. Tests put a false one here."""
later: Callable[[uuid.UUID, float], None] = _not_later
"""Port, filled by `jobs`: queue a try, in the running transaction."""


class _Nobody:
    """Opening a signing secret in order to sign is no look at anybody's record."""

    def opened(self, *_: object) -> None:
        return


def secrets_of(endpoint: Endpoint) -> list[dict[str, Any]]:
    return list(open_one(endpoint, "secrets", _Nobody())["kept"])


# -- from the outbox -------------------------------------------------------------------------------------------------
def told() -> int:
    """Make deliveries of what has happened since the last look; how many. One at a time over all processes."""
    with unit_of_work(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        at, _ = Cursor.objects.get_or_create(name=OUTBOX)
        cursor.execute(
            "select max(xid) from control_outbox where xid > %s"
            " and xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
            [at.xid],
        )
        last = cursor.fetchone()[0]
        if last is None:
            return 0
        endpoints = list(Endpoint.objects.filter(state="active"))
        events = list(Outbox.objects.filter(xid__gt=at.xid, xid__lte=last).order_by("xid")[:PAGE]) if endpoints else []
        if len(events) == PAGE:  # the last transaction may be cut in two: it is whole at the next look
            whole = [one for one in events if one.xid < events[-1].xid]
            events = whole or list(Outbox.objects.filter(xid=events[-1].xid))
            last = events[-1].xid
        made = _deliveries(events, endpoints)
        Cursor.objects.filter(name=OUTBOX).update(xid=last)
        Outbox.objects.filter(event_id__in=[one.event_id for one in events]).update(delivered_at=clock.real_now())
        return made


def _deliveries(events: list[Outbox], endpoints: list[Endpoint]) -> int:
    listeners = {one.endpoint_id: _listener(one) for one in endpoints}
    sandboxes = set(SandboxArea.objects.values_list("area_code", flat=True)) if events else set()
    now, rows = clock.real_now(), []
    for event in events:
        asking = [one for one in endpoints if rules.wanted(one.events, event.name)]
        if not asking:
            continue
        seen = rules.Event(event.name, event.area_code, _bank_of(event), event.body, event.area_code in sandboxes)
        rows += [
            Delivery(endpoint=one, event_id=event.event_id, name=event.name, body=body_of(event), made_at=now)
            for one in asking
            if event.xid > one.since_xid and rules.may_know(listeners[one.endpoint_id], seen)
        ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        later(row.delivery_id, 0)
    return len(rows)


def _listener(endpoint: Endpoint) -> rules.Listener:
    at = Organisation.objects.get(code=endpoint.organisation)
    return rules.Listener(at.code, at.kind, at.bank, endpoint.area_code, endpoint.sandbox is not None)


def _bank_of(event: Outbox) -> str:
    """The bank of the account or card that an event is about."""
    if bank := event.body.get("bank"):
        return str(bank)
    for kind, model, key in (("account", AccountStatus, "account_id"), ("card", Card, "card_id")):
        if public := event.body.get(kind):
            found = lookup.find(kind, uuid.UUID(str(public)))
            if found is None:
                return ""
            db.enter_area(found.area)
            row = model.objects.filter(**{"person_id": found.person_id, key: uuid.UUID(str(public))}).first()
            return row.bank if row is not None else ""
    return ""


def body_of(event: Outbox) -> str:
    """The message: what happened, when, and ids. Never a number, never a name."""
    message = {
        "type": event.name,
        "timestamp": event.occurred_at.isoformat(),
        "data": {**event.body, "area": event.area_code},
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# -- to the receiver -------------------------------------------------------------------------------------------------
def send(delivery_id: uuid.UUID) -> str:
    """One try; the state after it. An endpoint without an address fetches its messages itself."""
    row = Delivery.objects.select_related("endpoint").filter(delivery_id=delivery_id, state="waiting").first()
    if row is None or not row.endpoint.url:
        return "nothing_to_do"
    if row.endpoint.state != "active":
        return end(row, "given_up")
    begun, status, error = time.monotonic(), None, ""
    headers = signing.headers(
        secrets_of(row.endpoint), str(row.event_id), row.body, clock.real_now(), spoilt=row.spoilt
    )
    try:
        rule = policy(row.endpoint.sandbox is not None)
        status = guard.post(row.endpoint.url, headers, row.body.encode(), rule, net)
    except Refusal as refusal:
        error = refusal.code
    return settle(row, status, error, int((time.monotonic() - begun) * 1000))


def settle(row: Delivery, status: int | None, error: str = "", millis: int = 0) -> str:
    """Write the try down and decide what comes next."""
    now, endpoint = clock.real_now(), row.endpoint
    DeliveryTry.objects.create(delivery_id=row.delivery_id, at=now, status=status, error=error, millis=millis)
    row.tries += 1
    if status is not None and 200 <= status < 300:
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
        return end(row, "sent")
    if row.spoilt:  # it was to be refused, once
        return end(row, "refused")
    endpoint.failing_since = endpoint.failing_since or now
    Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=endpoint.failing_since)
    if status == 410 or now - endpoint.failing_since > rules.DEAD_AFTER:
        disable(endpoint, "gone" if status == 410 else "dead")
        return end(row, "given_up")
    wait = rules.pause(row.tries, random.random())  # noqa: S311 - spreads load, keeps no secret
    if wait is None:
        return end(row, "given_up")
    row.next_at = now + wait
    row.save(update_fields=["tries", "next_at"])
    later(row.delivery_id, wait.total_seconds())
    return "waiting"


def end(row: Delivery, state: str) -> str:
    row.state, row.ended_at, row.next_at = state, clock.real_now(), None
    row.save(update_fields=["tries", "state", "ended_at", "next_at"])
    return state


def disable(endpoint: Endpoint, why: str) -> None:
    """No more messages until somebody enables it again; its owner sees why, on the page and by API."""
    endpoint.state, endpoint.disabled_at, endpoint.disabled_why = "disabled", clock.real_now(), why
    endpoint.save(update_fields=["state", "disabled_at", "disabled_why"])
    log.warning("endpoint %s of %s is disabled: %s", endpoint.endpoint_id, endpoint.organisation, why)

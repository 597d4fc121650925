"""Events of a sandbox: endpoints, what was sent and what came back, sending again, triggering."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.partners.hooks import reads
from sscard.partners.hooks.acts import (
    RIGHT,
    RegisterEndpoint,
    ReplayDelivery,
    RotateSecret,
    SwitchEndpoint,
    TriggerEvent,
    known_events,
)
from sscard.partners.models import Sandbox
from sscard.portal.developers.around import for_owner, show
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Field, Notice
from sscard.portal.signed import AtPage, fresh_key


@for_owner
def endpoints(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    area, faults, notices = sandbox.area_code, (), []
    if request.method == "POST":
        names = tuple(request.POST.get("events", "").replace(",", " ").split())
        try:
            done = at.perform(
                "partners.register_endpoint", RegisterEndpoint(names, request.POST.get("url", "").strip()), area=area
            )
        except Refusal as refusal:
            faults = faults_of(refusal, {"partners.endpoints_full": "url"})
            faults = tuple(type(one)(one.place.partition(".")[0], one.code, one.facts) for one in faults)
        else:
            notices = [_secret(at, done.once)]
    with at.reading(RIGHT, "developers", area=area) as inside:
        found = reads.endpoints(inside)
    base = f"/developers/{sandbox.sandbox_id}/events/"
    return show(
        at, sandbox, "events", "portal/developers/events.html", endpoints=[_worded(at, one) for one in found],
        fields=[
            Field("url", at.word("developers.url"), hint=at.word("developers.url_hint"), required=False, maxlength=300),
            Field("events", at.word("developers.events"), hint=at.word("developers.events_hint"), value="card.* bank.*"),
        ],
        names=[(name, "") for name in known_events()], values=request.POST, faults=faults, notices=notices,
        hidden={"key": fresh_key()}, events_url=base, trigger_key=fresh_key(),
    )  # fmt: skip


def _secret(at: AtPage, once: dict[str, Any]) -> Notice:
    return Notice(at.word("developers.secret_once"), once.get("secret", at.word("developers.secret_shown")))


def _worded(at: AtPage, one: dict[str, Any]) -> dict[str, Any]:
    why = words.text("notice", f"partners.disabled.{one['disabled_why']}", at.lang) if one["disabled_why"] else ""
    return {**one, "state_code": f"partners.endpoint.{one['state']}", "why": why}


@for_owner
def endpoint(request: HttpRequest, at: AtPage, sandbox: Sandbox, endpoint: uuid.UUID) -> HttpResponse:
    """Its deliveries. POST: rotate its secret, switch it off or on."""
    area, notices = sandbox.area_code, []
    if request.method == "POST":
        if request.POST.get("do") == "rotate":
            notices = [_secret(at, at.perform("partners.rotate_secret", RotateSecret(endpoint), area=area).once)]
        else:
            on = request.POST.get("do") == "enable"
            at.perform("partners.switch_endpoint", SwitchEndpoint(endpoint, on), area=area)
    with at.reading(RIGHT, "developers", area=area) as inside:
        found = reads.deliveries(inside, endpoint, 50)
        one = next(row for row in reads.endpoints(inside) if row["endpoint"] == str(endpoint))
    for row in found:
        row["state_code"] = f"partners.delivery.{row['state']}"
        for line in row["log"]:
            line["said"] = (
                words.text("refusal", line["error"], at.lang, host="", seconds="", most="") if line["error"] else ""
            )
    return show(
        at, sandbox, "events", "portal/developers/deliveries.html", title=one["url"] or at.word("developers.listener"),
        endpoint=_worded(at, one), deliveries=found, notices=notices, key=fresh_key(),
    )  # fmt: skip


@for_owner
def replay(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    back = f"/developers/{sandbox.sandbox_id}/events/"
    if request.method == "POST":
        delivery = uuid_of(request.POST.get("delivery", ""))
        at.perform("partners.replay_delivery", ReplayDelivery(delivery), area=sandbox.area_code)
        back += f"{uuid_of(request.POST.get('endpoint', ''))}/"
    return HttpResponseRedirect(back)


@for_owner
def trigger(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    if request.method == "POST":
        at.perform("partners.trigger_event", TriggerEvent(request.POST.get("name", ""), {}), area=sandbox.area_code)
    return HttpResponseRedirect(f"/developers/{sandbox.sandbox_id}/events/")

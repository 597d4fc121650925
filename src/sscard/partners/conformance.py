"""The run that a partner starts himself: what his software must have done, judged from its calls and our answers.

A run makes the occasions (three messages, one of them forged; a card that is lost), the software does its part, and the end
of the run judges and signs. Nothing is taken on the partner's word.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.cards import events
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Outbox
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal
from sscard.partners import conformance_report
from sscard.partners.conformance_checks import CHECKS, Check, Seen
from sscard.partners.conformance_links import LINK_CHECKS
from sscard.partners.hooks import sending
from sscard.partners.models import ConformanceRun, Delivery, Endpoint, RequestLine, Sandbox
from sscard.partners.sandbox import card_moves, oauth_clients
from sscard.partners.sandbox.acts import own

LOSES_HIS_CARD = "elder"
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class StartConformance:
    sandbox: uuid.UUID


@act("partners.start_conformance", right="partners.sandbox")
def start(inside: Inside, request: StartConformance) -> dict[str, Any]:
    """Sends a message, a forged one and the first once more, and loses the card of the magic person `elder`."""
    sandbox = own(inside, request.sandbox)
    if ConformanceRun.objects.filter(sandbox=sandbox.sandbox_id, ended_at=None).exists():
        raise Refusal("partners.run_open")
    endpoint = Endpoint.objects.filter(sandbox=sandbox.sandbox_id, state="active").order_by("-made_at").first()
    if endpoint is None:
        raise Refusal("partners.run_needs_endpoint")
    now = clock.real_now()
    last = RequestLine.objects.filter(sandbox=sandbox.sandbox_id).order_by("-line_id").first()
    run = ConformanceRun(
        sandbox=sandbox.sandbox_id, organisation=sandbox.organisation, begun_at=now,
        first_line=last.line_id if last else 0,
    )  # fmt: skip
    made = {"genuine": _message(inside, endpoint, "card.enabled", run)}
    made["forged"] = _message(inside, endpoint, "bank.activated", run, spoilt=True)
    made["again"] = _again(made["genuine"])
    person, card = _lose(inside, sandbox)
    made["loss"] = _message(
        inside, endpoint, "bank.restrictions_followed_card", run, card=str(card), person=str(person)
    )
    run.facts = {
        "person": str(person), "card": str(card), **{key: str(one.delivery_id) for key, one in made.items()},
        "linking": oauth_clients.of(sandbox).filter(active=True).exists(),
    }  # fmt: skip
    run.save(force_insert=True)
    for one in made.values():
        sending.later(one.delivery_id, 0)
    return {
        "run": str(run.run_id),
        "tasks": [{"code": one.code, "do": one.en, "do_zh": one.zh} for one in checks_of(run)],
        "person": str(person),
        "card": str(card),
    }


def _message(
    inside: Inside, endpoint: Endpoint, name: str, run: ConformanceRun, *, spoilt: bool = False, **more: str
) -> Delivery:
    body = {"run": str(run.run_id), **more}
    event = Outbox(event_id=ids.new_id(), area_code=inside.area_code, name=name, occurred_at=inside.now, body=body)
    return Delivery.objects.create(
        endpoint=endpoint, event_id=event.event_id, name=name, body=sending.body_of(event), spoilt=spoilt,
        made_at=clock.real_now(),
    )  # fmt: skip


def _again(first: Delivery) -> Delivery:
    return Delivery.objects.create(
        endpoint=first.endpoint, event_id=first.event_id, name=first.name, body=first.body,
        replays=first.delivery_id, made_at=clock.real_now(),
    )  # fmt: skip


def _lose(inside: Inside, sandbox: Sandbox) -> tuple[uuid.UUID, uuid.UUID]:
    """The card is lost as if its holder had said so; a card that is lost already stays it."""
    found, card = card_moves.card_of(inside, LOSES_HIS_CARD)
    if card.social == "normal":
        events.move(inside, card, "social", "report_temp", reason="sandbox")
    return found.person, card.card_id


@dataclass(frozen=True, slots=True)
class FinishConformance:
    sandbox: uuid.UUID
    run: uuid.UUID


@act("partners.finish_conformance", right="partners.sandbox")
def finish(inside: Inside, request: FinishConformance) -> dict[str, Any]:
    """Judges. The report is signed when it is first asked for, outside any transaction (`reported`)."""
    sandbox = own(inside, request.sandbox)
    run = ConformanceRun.objects.select_for_update().filter(run_id=request.run, sandbox=sandbox.sandbox_id).first()
    if run is None:
        raise Refusal("control.not_found")
    if run.ended_at is not None:
        raise Refusal("partners.run_over")
    run.ended_at = clock.real_now()
    run.results = judge(run)
    run.passed = all(one["state"] == "passed" for one in run.results)
    run.save(update_fields=["results", "passed", "ended_at"])
    return {"run": str(run.run_id), "passed": run.passed, "results": run.results}


def reported(run: ConformanceRun) -> ConformanceRun:
    """The run with its report, if it is over: JSON as JWS, and PDF by PAdES. Of two at once the first one's stays."""
    if run.ended_at is None or run.report:
        return run
    conformance_report.sign(run, Sandbox.objects.get(sandbox_id=run.sandbox))
    rows = ConformanceRun.objects.filter(run_id=run.run_id, report="")
    rows.update(report=run.report, paper=run.paper)
    return ConformanceRun.objects.get(run_id=run.run_id)


def checks_of(run: ConformanceRun) -> tuple[Check, ...]:
    """Linking is judged of whoever had an OAuth client when the run began."""
    return CHECKS + LINK_CHECKS if run.facts.get("linking") else CHECKS


def judge(run: ConformanceRun) -> list[dict[str, str]]:
    """Each check with its state as of now."""
    lines = list(
        RequestLine.objects.filter(sandbox=run.sandbox, line_id__gt=run.first_line).order_by("line_id")[:MOST_LINES]
    )
    made = {
        key: Delivery.objects.filter(delivery_id=run.facts[key]).first()
        for key in ("genuine", "forged", "again", "loss")
    }
    there = {key: one for key, one in made.items() if one is not None}
    seen = Seen(lines, there, run.facts)
    whole, failed = len(there) == len(made), "failed" if run.ended_at else "open"
    return [
        {"code": one.code, "en": one.en, "zh": one.zh, "state": "passed" if whole and one.holds(seen) else failed}
        for one in checks_of(run)
    ]


def shown(run: ConformanceRun) -> dict[str, Any]:
    return {
        "run": str(run.run_id),
        "begun_at": run.begun_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "passed": run.passed,
        "results": run.results or judge(run),
        "person": run.facts.get("person"),
        "card": run.facts.get("card"),
        "report": run.report or None,
    }

"""The run that a partner starts himself: what his software must have done, judged from its calls and our answers.

A run makes the occasions (three messages, one of them forged; a card that is lost), the software does its part, and the end
of the run judges and signs. Nothing is taken on the partner's word.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sscard.cards import events
from sscard.cards.models import Card
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Outbox
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal
from sscard.partners import conformance_report
from sscard.partners.hooks import sending
from sscard.partners.models import ConformanceRun, Delivery, Endpoint, MagicPerson, RequestLine, Sandbox
from sscard.partners.sandbox.acts import own
from sscard.people import lookup

LOSES_HIS_CARD = "elder"
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What is judged: the calls since the run began, oldest first; the run's deliveries; ids the run made."""

    lines: Sequence[RequestLine]
    deliveries: dict[str, Delivery]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """`zh`, `en`: what the software has to do. `holds` judges."""

    code: str
    zh: str
    en: str
    holds: Callable[[Seen], bool]


def _succeeded(seen: Seen) -> bool:
    return any(one.status < 300 and one.path.startswith("/api/acts/") for one in seen.lines)


def _repeated(seen: Seen) -> bool:
    """The same key twice on the same act, and the second answer was the first one's replay."""
    first = {(one.path, one.idempotency) for one in seen.lines if one.idempotency and not one.replayed}
    return any(one.replayed and (one.path, one.idempotency) in first for one in seen.lines)


def _no_key_twice(seen: Seen) -> bool:
    return _succeeded(seen) and not any(one.code == "control.key_reused" for one in seen.lines)


def _read_refusal(seen: Seen) -> bool:
    """After a refusal of an act its code was looked up."""
    codes: set[str] = set()
    for one in seen.lines:
        if one.path.startswith("/api/errors/") and one.path.rpartition("/")[2] in codes and one.status == 200:
            return True
        if one.code and one.path.startswith("/api/acts/"):
            codes.add(one.code)
    return False


def _no_hammering(seen: Seen) -> bool:
    """No act was refused more than three times in a row under new keys with the same code."""
    row, last = 0, ("", "")
    for one in seen.lines:
        if not one.path.startswith("/api/acts/"):
            continue
        row = row + 1 if one.code and (one.path, one.code) == last and not one.replayed else 1
        last = (one.path, one.code)
        if one.code and row > 3:
            return False
    return _succeeded(seen)


def _own_trace(seen: Seen) -> bool:
    """Calls carry a trace id of the caller's own: ours have 32 hex digits, and no two are the same."""
    own_ = [one for one in seen.lines if not _is_ours(one.trace)]
    return len(own_) >= 3


def _is_ours(trace: str) -> bool:
    return len(trace) == 32 and all(c in "0123456789abcdef" for c in trace)


def _took_genuine(seen: Seen) -> bool:
    return seen.deliveries["genuine"].state == "sent"


def _refused_forged(seen: Seen) -> bool:
    return _took_genuine(seen) and seen.deliveries["forged"].state == "refused"


def _took_twice(seen: Seen) -> bool:
    """The same webhook-id twice: both are answered 2xx, the second does nothing."""
    return _took_genuine(seen) and seen.deliveries["again"].state == "sent"


def _handled_loss(seen: Seen) -> bool:
    """After the card was lost, its person's cards were read again."""
    path = f"/api/people/{seen.facts['person']}/cards"
    return seen.deliveries["loss"].state == "sent" and any(
        one.path == path and one.status == 200 and one.at >= seen.deliveries["loss"].made_at for one in seen.lines
    )


def _no_money_on_lost(seen: Seen) -> bool:
    return _handled_loss(seen) and not any(
        one.code in ("bank.lost", "cards.social_temp_loss") and one.path.startswith("/api/acts/") for one in seen.lines
    )


CHECKS = (
    Check("signed_in", "用密钥或令牌调用，并办成一件事", "Calls with key or token, and gets one act done", _succeeded),
    Check("replay", "用同一个幂等键重试，看到重放标志", "Repeats an act under its key and sees the replay", _repeated),
    Check("fresh_keys", "不同内容不用同一个幂等键", "Never uses one key for two different requests", _no_key_twice),
    Check("refusal_read", "被拒绝后按代码查错误目录", "After a refusal looks its code up in the catalogue", _read_refusal),
    Check("no_hammering", "被拒绝后不反复硬试", "Does not hammer after a refusal", _no_hammering),
    Check("trace", "每次调用带自己的追踪号", "Sends trace ids of its own", _own_trace),
    Check("hook_genuine", "收下签名正确的事件", "Takes a message that is rightly signed", _took_genuine),
    Check("hook_forged", "拒绝签名不对的事件", "Refuses a message with a wrong signature", _refused_forged),
    Check("hook_twice", "同一事件收到两次不出错", "Takes the same message twice without harm", _took_twice),
    Check("loss", "收到挂失事件后重新查卡", "Looks at the card again after its loss", _handled_loss),
    Check("loss_money", "挂失后不再用那张卡", "Does not use the lost card any more", _no_money_on_lost),
)  # fmt: skip


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
    run.facts = {"person": str(person), "card": str(card), **{key: str(one.delivery_id) for key, one in made.items()}}
    run.save(force_insert=True)
    for one in made.values():
        sending.later(one.delivery_id, 0)
    return {
        "run": str(run.run_id),
        "tasks": [{"code": one.code, "do": one.en, "do_zh": one.zh} for one in CHECKS],
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
    found = MagicPerson.objects.filter(area_code=inside.area_code, code=LOSES_HIS_CARD).first()
    if found is None or found.card is None:
        raise Refusal("partners.not_ready")
    at = lookup.require("card", found.card, area=inside.area_code)
    card = Card.objects.get(person_id=at.person_id, card_id=found.card)
    if card.social == "normal":
        inside.about(at.person_id)
        events.move(inside, card, "social", "report_temp", reason="sandbox")
    return found.person, found.card


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
        for one in CHECKS
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

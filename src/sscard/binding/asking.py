"""Asking for a link: what a client may say in `authorization_details` (RFC 9396), and the act that makes the waiting consent.

{"type": "social_card_link", "card_number": "…", "id_number": "…", "customer": "the client's own reference",
 "paying_account": {"reference": "…", "masked": "6217 **** 0018", "own": true},
 "actions": ["status", "contributions", "totals", "payments"], "duration": "TIME_BOUND", "days": 180}
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.bank.models import AccountStatus
from sscard.binding import clients, consents, follow, rules, tries
from sscard.binding.models import Binding, Client, Consent
from sscard.binding.states import DURATIONS
from sscard.cards.models import Card
from sscard.cards.numbers import number_index
from sscard.cards.states import expired
from sscard.codes.text import normal
from sscard.control.acts_registry import act
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Fault, Refusal
from sscard.kernel.sealed import blind_many
from sscard.people import lookup
from sscard.people import reads as people

NOWHERE = "000000"
MEMBERS = frozenset({
    "type", "card_number", "id_number", "customer", "paying_account", "actions", "duration", "days", "id_valid_until",
})  # fmt: skip
MESSAGE_MOST = 40


def _nothing_ordered(_area: str, _reference: str) -> str:
    return ""


ordered: Callable[[str, str], str] = _nothing_ordered
"""Port, filled by room partners: the refusal that a paying account's reference orders in a sandbox, or ""."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is asked for, sound in form."""

    card_number: str
    id_number: str
    customer: str
    paying_reference: str
    paying_masked: str
    account_own: bool
    wants: tuple[str, ...]
    duration: str
    days: int | None
    id_valid_until: date | None


@dataclass(frozen=True, slots=True)
class AskLink:
    """`card` None: no card answers to these two numbers together. No number stands here: keys and logs never see one."""

    client: uuid.UUID
    person: int | None
    card: uuid.UUID | None
    details: tuple[str, ...]
    """customer, paying reference, paying masked, duration."""
    wants: tuple[str, ...]
    days: int | None
    account_own: bool
    id_valid_until: date | None
    way: str
    message: str = ""


def read_details(text: str, client: Client) -> Details:
    """The one entry of `authorization_details`. All faults at once: binding.details_form."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        raise Refusal("binding.details_form", faults=[Fault("authorization_details", "binding.details_one")], count=1)
    one: dict[str, Any] = given[0]
    if faults := list(_faults(one, client)):
        raise Refusal("binding.details_form", faults=faults, count=len(faults))
    paying = one.get("paying_account") or {}
    valid = one.get("id_valid_until")
    return Details(
        card_number=normal(one["card_number"]),
        id_number=normal(one["id_number"]),
        customer=one["customer"],
        paying_reference=paying.get("reference", ""),
        paying_masked=paying.get("masked", ""),
        account_own=paying.get("own", False) is True or not paying,
        wants=tuple(want for want in rules.WANTS if want in one["actions"]),
        duration=one["duration"],
        days=one.get("days"),
        id_valid_until=date.fromisoformat(valid) if valid else None,
    )


def _faults(one: dict[str, Any], client: Client) -> Iterator[Fault]:
    if one.get("type") != rules.TYPE:
        yield Fault("type", "binding.details_type", {"known": rules.TYPE})
    for name in sorted(one.keys() - MEMBERS):
        yield Fault(name[:40], "binding.details_unknown")
    for name, most in (("card_number", 20), ("id_number", 30), ("customer", 64)):
        if not _text(one.get(name), most):
            yield Fault(name, "binding.details_text", {"most": most})
    yield from _paying_faults(one.get("paying_account"), one.get("actions"))
    actions = one.get("actions")
    if (
        not isinstance(actions, list)
        or not actions
        or not all(isinstance(a, str) and a in client.wants for a in actions)
    ):
        yield Fault("actions", "binding.wants_unknown", {"known": ", ".join(client.wants)})
    days, duration = one.get("days"), one.get("duration")
    if duration not in DURATIONS:
        yield Fault("duration", "binding.details_duration", {"known": ", ".join(DURATIONS)})
    elif duration == "TIME_BOUND":
        whole = isinstance(days, int) and not isinstance(days, bool)
        if not whole or not rules.DAYS_LEAST <= days <= rules.DAYS_MOST:
            yield Fault("days", "binding.details_days", {"least": rules.DAYS_LEAST, "most": rules.DAYS_MOST})
    elif days is not None:
        yield Fault("days", "binding.details_days_none")
    valid = one.get("id_valid_until")
    if valid is not None and not _day(valid):
        yield Fault("id_valid_until", "binding.details_day")


def _paying_faults(paying: Any, actions: Any) -> Iterator[Fault]:
    if paying is None:
        if isinstance(actions, list) and "payments" in actions:
            yield Fault("paying_account", "binding.details_paying_needed")
        return
    if not isinstance(paying, dict) or paying.keys() - {"reference", "masked", "own"}:
        yield Fault("paying_account", "binding.details_paying")
        return
    for name, most in (("reference", 64), ("masked", 40)):
        if not _text(paying.get(name), most):
            yield Fault(f"paying_account.{name}", "binding.details_text", {"most": most})
    if sum(sign.isdigit() for sign in str(paying.get("masked", ""))) > 10:
        yield Fault("paying_account.masked", "binding.details_masked")
    if not isinstance(paying.get("own"), bool):
        yield Fault("paying_account.own", "binding.details_paying")


def _text(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= most and value.isprintable()


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def ask(client: Client, details: Details, *, way: str, message: str = "", caller_of: Any) -> tuple[uuid.UUID, int, str]:
    """A waiting consent: (its id, person, area). `caller_of(area)` makes the caller.

    An unknown card, an unknown person and a card of somebody else get one answer and cost one work: two indexes, two
    look-ups, one refused act (T11). Tries are counted before (`tries`), whatever comes of them.
    """
    id_index = blind_many("id_number", [details.id_number])[0]
    owner = lookup.find("id_number", id_index)
    card_index = number_index(owner.area if owner else NOWHERE, details.card_number)
    card = lookup.find("card_number", card_index)
    tried = tries.count(client, details.customer, card=details.card_number, id_index=id_index)
    met = owner is not None and card is not None and owner.person_id == card.person_id and owner.area == card.area
    met = met and owner is not None and clients.reaches(client, owner.area)
    area = owner.area if met and owner else ""
    request = AskLink(
        client=client.client_id,
        person=owner.person_id if met and owner else None,
        card=card.object_id if met and card else None,
        details=(details.customer, details.paying_reference, details.paying_masked, details.duration),
        wants=details.wants,
        days=details.days,
        account_own=details.account_own,
        id_valid_until=details.id_valid_until,
        way=way,
        message=message,
    )
    outcome = perform(caller_of(area), "binding.ask", request, key=str(ids.new_id()), purpose="link", area=area)
    tried.right()
    assert owner is not None  # the act refuses otherwise
    return uuid.UUID(outcome.answer["consent"]), owner.person_id, area


@act("binding.ask", right="binding.ask", clause="")
def ask_act(inside: Inside, request: AskLink) -> dict[str, Any]:
    """A client asks a holder, who is somewhere at the client's page or counter, to link his card."""
    if request.person is None or request.card is None:
        raise Refusal("binding.identity_mismatch")
    inside.about(request.person, what="consent")
    customer, reference, masked, duration = request.details
    card = Card.objects.filter(person_id=request.person, card_id=request.card).first()
    person = people.true_person(request.person)
    if card is None or person != request.person:
        raise Refusal("binding.identity_mismatch")
    if (refusal := _stands(inside, card, request, reference)) is not None:
        raise refusal
    if code := ordered(inside.area_code, reference):
        raise Refusal(code)
    now = inside.now
    consent = Consent(
        person_id=request.person,
        consent_id=ids.new_id(),
        area_code=inside.area_code,
        client_id=request.client,
        card_id=card.card_id,
        way=request.way,
        wants=list(request.wants),
        duration=duration,
        days=request.days,
        customer=customer,
        paying_reference=reference,
        paying_masked=masked,
        message=request.message,
        id_valid_until=request.id_valid_until,
        state="AWAITING_AUTHORISATION",
        asked_at=now,
        awaiting_until=now + rules.AWAITING,
        changed_at=now,
    )
    consents.begin(inside, consent)
    inside.object = f"consent:{consent.consent_id}"
    return {"consent": str(consent.consent_id), "state": consent.state}


def _stands(inside: Inside, card: Card, request: AskLink, reference: str) -> Refusal | None:
    own, status = paying_account(card.person_id, reference, inside.caller.bank)
    return rules.why_not(
        rules.Standing(
            production=card.production,
            social=card.social,
            card_expired=expired(card.expires_on, inside.today),
            id_valid_until=request.id_valid_until,
            account_own=own and request.account_own,
            paying=status,
            bound=bound(inside, card, request.client),
            today=inside.today,
            lost_at_bank=follow.lost_at_bank(card),
            holder_dead=follow.dead(card.person_id),
        )
    )


def paying_account(person_id: int, reference: str, bank: str) -> tuple[bool, str]:
    """Is the chosen account the person's own, and how does it stand? A bank that this house hosts is asked; another
    client's word counts, and then the status is ""."""
    try:
        account = uuid.UUID(reference)
    except ValueError:
        return True, ""
    known = lookup.find("account", account)
    if known is None:
        return True, ""
    mirror = AccountStatus.objects.filter(person_id=person_id, account_id=account).first()
    if known.person_id != person_id or mirror is None or mirror.bank != bank:
        return False, ""
    return True, mirror.status


def bound(inside: Inside, card: Card, client: uuid.UUID) -> bool:
    """Is the card linked at this client already? A link whose time is over is ended on the way."""
    rows = Binding.objects.filter(
        person_id=card.person_id, card_id=card.card_id, client_id=client, ended_at__isnull=True
    )
    for row in rows:
        consent = Consent.objects.select_for_update().get(person_id=row.person_id, consent_id=row.consent_id)
        if consents.state_now(consent, inside.now) != "EXPIRED":
            return True
        consents.move(inside, consent, "lapse", "time")
    return False

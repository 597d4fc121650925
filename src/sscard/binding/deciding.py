"""The holder decides: agrees, having proved that it is he, or declines. At our page or on his own pages; `at_desk` is the
third place."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.binding import asking, consents, document, follow, grants, paying, rules
from sscard.binding.models import Binding, Client, Consent
from sscard.cards.models import Card
from sscard.cards.states import expired
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.verification import codes, face

ACTION, RENEWING = "binding.authorise", "binding.renew"
"""What a one-time code is bound to; its session is the consent."""


@dataclass(frozen=True, slots=True)
class Authorise:
    """`how`: "sms" (with the `code` of the `challenge`) or "face" (whose challenge has been passed)."""

    consent: uuid.UUID
    how: str
    challenge: uuid.UUID
    code: str = ""


@act("binding.authorise", right="binding.decide", clause="ESL-3", about_person=True)
def authorise(inside: Inside, request: Authorise) -> dict[str, Any]:
    """The holder agrees. What may be done stands in the signed electronic authorisation that he can fetch."""
    consent = _waiting(inside, request.consent)
    card = still_fit(inside, consent)
    _prove(inside, request, consent, ACTION)
    return agreed(inside, consent, card, by=request.how)


def _prove(inside: Inside, request: Authorise | Renew, consent: Consent, action: str) -> None:
    """The code or the face is checked last, when nothing else can refuse any more; each serves once."""
    session, person = str(consent.consent_id), consent.person_id
    if request.how == "sms":
        codes.check(
            challenge=request.challenge, code=request.code, action=action, session=session, person_id=person,
            area=inside.area_code,
        )  # fmt: skip
    elif request.how == "face":
        face.result(
            challenge=request.challenge, action=action, session=session, person_id=person, area=inside.area_code
        )
    else:
        raise Refusal("binding.verify_first")


@dataclass(frozen=True, slots=True)
class Decline:
    consent: uuid.UUID


@act("binding.decline", right="binding.decide", clause="", about_person=True)
def decline(inside: Inside, request: Decline) -> dict[str, Any]:
    """Nothing is linked. Saying no needs no proof."""
    consent = _waiting(inside, request.consent)
    state = consents.move(inside, consent, "decline", "holder")
    return {"consent": str(consent.consent_id), "state": state}


@dataclass(frozen=True, slots=True)
class Renew:
    """The same proof as for agreeing. `days` from today, within the limits of what is TIME_BOUND."""

    consent: uuid.UUID
    how: str
    challenge: uuid.UUID
    code: str = ""
    days: int = rules.DAYS_LEAST


@act("binding.renew", right="binding.own", clause="ESL-3", about_person=True)
def renew(inside: Inside, request: Renew) -> dict[str, Any]:
    """The holder lets a consent for a time go on; what it covers stays as it is, and so do its tokens."""
    consent = consents.require(inside, request.consent, lock=True)
    if consent.duration != "TIME_BOUND":
        raise Refusal("binding.nothing_to_renew")
    if not rules.DAYS_LEAST <= request.days <= rules.DAYS_MOST:
        raise Refusal("binding.renew_days", least=rules.DAYS_LEAST, most=rules.DAYS_MOST)
    if (refusal := consents.why_not(consent, inside.now)) is not None:
        raise refusal
    if (refusal := rules.id_over(consent.id_valid_until, inside.today)) is not None:
        raise refusal
    _prove(inside, request, consent, RENEWING)
    ends = rules.expiry("TIME_BOUND", request.days, inside.now)
    consent.expires_at, consent.days = ends, request.days
    paper = document.make(inside, consent, _client(consent))
    state = consents.move(inside, consent, "renew", "holder", expires_at=ends, days=request.days, document_id=paper)
    return {"consent": str(consent.consent_id), "state": state, "expires_at": _text(consent)}


def _waiting(inside: Inside, consent_id: uuid.UUID) -> Consent:
    consent = consents.require(inside, consent_id, lock=True)
    state = consents.state_now(consent, inside.now)
    if state == "EXPIRED" and consent.state == "AWAITING_AUTHORISATION":
        raise Refusal("binding.request_over")
    if state != "AWAITING_AUTHORISATION":
        raise Refusal("binding.state_conflict", state=state, act="authorise")
    return consent


def _client(consent: Consent) -> Client:
    found = Client.objects.select_related("organisation").filter(client_id=consent.client_id, active=True).first()
    if found is None:
        raise Refusal("binding.client_gone")
    return found


def still_fit(inside: Inside, consent: Consent) -> Card:
    """Between asking and agreeing the card may have been lost, or linked by another request."""
    client = _client(consent)
    card = Card.objects.select_for_update().get(person_id=consent.person_id, card_id=consent.card_id)
    own, status = asking.paying_account(card.person_id, consent.paying_reference, client.organisation.bank)
    refusal = rules.why_not(
        rules.Standing(
            production=card.production,
            social=card.social,
            card_expired=expired(card.expires_on, inside.today),
            id_valid_until=consent.id_valid_until,
            account_own=own,
            paying=status,
            bound=paying.of(consent) is None and asking.bound(inside, card, client.client_id),
            today=inside.today,
            lost_at_bank=follow.lost_at_bank(card),
            holder_dead=follow.dead(card.person_id),
        )
    )
    if refusal is not None:
        raise refusal
    paying.still_open(consent)
    return card


def agreed(inside: Inside, consent: Consent, card: Card, *, by: str) -> dict[str, Any]:
    now, client = inside.now, _client(consent)
    consent.expires_at = rules.expiry(consent.duration, consent.days, now)
    consent.authorised_at, consent.verified_by = now, by
    paper = document.make(inside, consent, client)
    state = consents.move(
        inside, consent, "authorise", "holder",
        authorised_at=now, expires_at=consent.expires_at, verified_by=by, document_id=paper,
    )  # fmt: skip
    if paying.of(consent) is None:  # a payment links nothing
        Binding(
            person_id=consent.person_id,
            binding_id=ids.new_id(),
            area_code=consent.area_code,
            consent_id=consent.consent_id,
            client_id=consent.client_id,
            card_id=card.card_id,
            customer=consent.customer,
            paying_reference=consent.paying_reference,
            paying_masked=consent.paying_masked,
            bound_at=now,
        ).save(force_insert=True)
    if consent.way == "redirect":
        inside.once["code"] = grants.code_for(consent)
    inside.emit("binding.bound", {"consent": str(consent.consent_id), "card": str(card.card_id)})
    return {
        "consent": str(consent.consent_id),
        "state": state,
        "expires_at": _text(consent),
        "document": str(paper) if paper else "",
    }


def _text(consent: Consent) -> str:
    return consent.expires_at.isoformat() if consent.expires_at else ""

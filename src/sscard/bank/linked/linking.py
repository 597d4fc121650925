"""Linking a card: asked for, the browser away and back, linked; and un-linked. What a face calls.

Nothing here holds a transaction while the bureau is asked.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from typing import Any, Final

from sscard.bank import customers, customers_reads
from sscard.bank.linked import keeping, oauth
from sscard.bank.linked.keys import BankKeys
from sscard.bank.linked.tables import Link, LinkClient, LinkRequest
from sscard.bank.linked.wire import BureauDown, BureauRefused
from sscard.codes import person_number
from sscard.codes.errors import NumberFault
from sscard.codes.text import normal
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.masked import mask_card
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import open_one

RIGHT: Final = "bank.own_online"
WANTS: Final = ("status", "contributions", "totals", "payments")
DAYS: Final = 180


@dataclass(frozen=True, slots=True)
class Asked:
    """`url`: where the customer's browser goes now."""

    request: uuid.UUID
    url: str


@dataclass(frozen=True, slots=True)
class Back:
    """What the browser came back with: the request it belongs to, and whether the bureau gave a code."""

    request: uuid.UUID
    account: uuid.UUID
    card_mask: str
    payment: uuid.UUID | None
    verifier: str


def begin(caller: Caller, *, card_number: str, id_number: str, account: uuid.UUID) -> Asked:
    """Ask the bureau for the link. Raises the form's faults, the bureau's refusal in its own words (BureauRefused),
    bank.link_not_set_up, link_busy, link_no_answer."""
    refuse_if_any(form_faults(card_number, id_number))
    card, number = normal(card_number), normal(id_number)
    with reading(caller, right=RIGHT, purpose=keeping.PURPOSE) as inside:
        paying = customers_reads.account(inside, account)
        bank = keys_of(inside)
        with inside.bank_role():
            ends = customers.own(inside).id_valid_until
    details = {
        "type": "social_card_link", "card_number": card, "id_number": number, "customer": str(caller.id),
        "paying_account": {"reference": str(account), "masked": paying.pan_mask[-10:], "own": True},
        "actions": list(WANTS), "duration": "TIME_BOUND", "days": DAYS,
        **({"id_valid_until": ends.isoformat()} if ends else {}),
    }  # fmt: skip
    pushed = oauth.push(bank, details)
    return ask(caller, pushed, account=account, card_mask=mask_card(card), payment=None)


def form_faults(card_number: str, id_number: str) -> list[Fault]:
    """What can be seen from the numbers alone, before anybody is asked: which place is wrong, how many are missing."""
    faults = []
    if not normal(card_number):
        faults.append(Fault("card_number", "bank.link_card_form"))
    elif not 6 <= (length := len(normal(card_number))) <= 20:
        faults.append(Fault("card_number", "bank.link_card_length", {"length": length}))
    if not normal(id_number):
        return [*faults, Fault("id_number", "bank.link_id_form")]
    try:
        person_number.parse(id_number)
    except NumberFault as fault:
        faults += fault.at("id_number")
    return faults


def ask(
    caller: Caller, pushed: oauth.Pushed, *, account: uuid.UUID, card_mask: str, payment: uuid.UUID | None
) -> Asked:  # fmt: skip
    kept = keeping.KeepLinkRequest(account, card_mask, pushed.state, pushed.verifier, pushed.expires_in, payment)
    done = keeping.perform(caller, "bank.keep_link_request", kept)
    return Asked(uuid.UUID(done.answer["request"]), pushed.url)


def back(caller: Caller, *, state: str, issuer: str) -> Back:
    """The request that this customer began and the bureau answers now. Another customer's, an older one's and one whose
    answer comes in another's name (`iss`, RFC 9207) get the same refusal."""
    with reading(caller, right=RIGHT, purpose=keeping.PURPOSE) as inside:
        bank = keys_of(inside)
        with inside.bank_role():
            customer = customers.own(inside)
            row = LinkRequest.objects.filter(
                person_id=customer.person_id, customer_id=customer.customer_id, state="asked",
                state_hash=keeping.state_hash(state), expires_at__gt=clock.real_now(),
            ).first()  # fmt: skip
        if row is None or not hmac.compare_digest(issuer.encode(), bank.issuer.encode()):
            raise Refusal("bank.link_request_over")
        verifier = str(open_one(row, "secret", inside))
    return Back(row.request_id, row.account_id, row.card_mask, row.payment_id, verifier)


def declined(caller: Caller, came: Back, error: str) -> None:
    """The holder said no at the bureau's page, or his time ran out."""
    keeping.perform(caller, "bank.end_link_request", keeping.EndLinkRequest(came.request, error[:60] or "declined"))


def finish(caller: Caller, came: Back, code: str) -> uuid.UUID:
    """The code becomes tokens, and the card is linked: the link's number."""
    tokens = redeem(caller, came, code)
    consent = next((str(one["consent"]) for one in tokens.details if one.get("consent")), "")
    kept = keeping.KeepLink(came.account, came.card_mask, consent, tokens.access, tokens.refresh, tokens.expires_in)
    return uuid.UUID(keeping.perform(caller, "bank.keep_link", kept).answer["link"])


def redeem(caller: Caller, came: Back, code: str) -> oauth.Tokens:
    """The request is used up first, so that a code is exchanged once whatever happens."""
    with reading(caller, right=RIGHT, purpose=keeping.PURPOSE) as inside:
        bank = keys_of(inside)
    keeping.perform(caller, "bank.end_link_request", keeping.EndLinkRequest(came.request))
    return oauth.exchange(bank, code, came.verifier)


def unlink(caller: Caller, link: uuid.UUID) -> None:
    """Ends it at the bureau first, also while it is suspended; when it is over there already, it is over here, too."""
    with reading(caller, right=RIGHT, purpose=keeping.PURPOSE) as inside:
        row, bank = mine(inside, link), keys_of(inside)
    if row.ended_at is not None:
        return
    try:
        oauth.unlink(bank, row.consent)
    except BureauRefused as refusal:
        if refusal.bureau_code not in (*OVER, "binding.state_conflict", "control.not_found"):
            raise
    keeping.perform(caller, "bank.end_link", keeping.EndLink(link, "customer"))


# --- calls through a link ----------------------------------------------------------------------------------------------

OVER: Final = frozenset({"binding.consent_revoked", "binding.consent_expired", "binding.consent_rejected"})


def call(caller: Caller, link: uuid.UUID, method: str, path: str, **more: Any) -> Any:
    """A resource of the bureau through a link. An access token that has run out is renewed; a link that is over at the
    bureau is written down as over here."""
    bank, token = _token(caller, link)
    try:
        return oauth.call(bank, token, method, path, **more)
    except BureauRefused as refusal:
        if refusal.http_status == 401:
            token = renewed(caller, link, bank)
            return oauth.call(bank, token, method, path, **more)
        if refusal.bureau_code in OVER:
            keeping.perform(caller, "bank.end_link", keeping.EndLink(link, refusal.bureau_code))
        raise


def _token(caller: Caller, link: uuid.UUID) -> tuple[BankKeys, str]:
    with reading(caller, right=RIGHT, purpose=keeping.PURPOSE) as inside:
        bank, row = keys_of(inside), mine(inside, link)
        if row.ended_at is not None or not row.tokens:
            raise Refusal("bank.link_ended")
        tokens = open_one(row, "tokens", inside)
        fresh = row.token_until is not None and row.token_until > clock.real_now()
    return bank, str(tokens["access"]) if fresh else renewed(caller, link, bank)


def renewed(caller: Caller, link: uuid.UUID, bank: BankKeys) -> str:
    """New tokens for the refresh token; a refresh token that is worth nothing ends the link."""
    with reading(caller, right=RIGHT, purpose=keeping.PURPOSE) as inside:
        row = mine(inside, link)
        if not row.tokens:
            raise Refusal("bank.link_ended")
        tokens = open_one(row, "tokens", inside)
    try:
        got = oauth.refresh(bank, str(tokens["refresh"]))
    except BureauDown:
        raise
    except BureauRefused as refusal:
        if refusal.http_status in (400, 401):
            keeping.perform(caller, "bank.end_link", keeping.EndLink(link, refusal.bureau_code))
        raise
    kept = keeping.KeepLinkTokens(link, got.access, got.refresh or str(tokens["refresh"]), got.expires_in)
    keeping.perform(caller, "bank.keep_link_tokens", kept)
    return got.access


def mine(inside: Inside, link: uuid.UUID) -> Link:
    """One of the customer's own links; another's is as if it did not exist."""
    with inside.bank_role():
        customer = customers.own(inside)
        row = Link.objects.filter(person_id=customer.person_id, link_id=link, customer_id=customer.customer_id).first()
    if row is None:
        raise Refusal("control.not_found")
    return row


def keys_of(inside: Inside) -> BankKeys:
    """The bank's keys as a client. Raises bank.link_not_set_up."""
    with inside.bank_role():
        row = LinkClient.objects.filter(book=f"bank:{inside.caller.bank}").first()
    if row is None or not row.client_id:
        raise Refusal("bank.link_not_set_up")
    return BankKeys(row.client_id, row.issuer, row.redirect_uri, dict(open_one(row, "keys", inside)))

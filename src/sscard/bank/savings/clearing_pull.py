"""Another bank's customer tops up there from his own account here (他行充值扣款).

This bank's answer is the authorisation: the account must be the very person's (name and ID number), awake, open for debits
that were agreed before, the channel not switched off by its holder, and the amount within all limits. Unknown account, another
name and another person get one and the same answer.
"""

from __future__ import annotations

import hmac
import uuid

from sscard.bank import limits
from sscard.bank.models import AccountStatus, BankAccount
from sscard.bank.savings import books, payee, settings
from sscard.bank.savings.clearing import TAKEN_FROM, Payment, digest, proof_of, remember
from sscard.bank.standing import Standing, bank_rule, freshen, load
from sscard.control.inside import Inside
from sscard.kernel.masked import mask_card, mask_name
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.ledger import posting
from sscard.ledger.permits import Permit
from sscard.people.lookup import Found

DIFFERS = "payer_differs"


def pull(inside: Inside, payment: Payment, found: Found | None) -> tuple[str, uuid.UUID | None]:
    """A reason why not, or the movement."""
    account = _account(inside, payment, found)
    if account is None:
        return DIFFERS, None
    mirror = AccountStatus.objects.get(person_id=account.person_id, account_id=account.account_id)
    rule, area, now = bank_rule(mirror, inside), inside.area, inside.now
    with inside.bank_role(payment.to_bank):
        standing = load(mirror, rule, now=now)
        try:
            standing.require(Permit.DIRECT_DEBIT)
            settings.require_channel(standing, settings.PULL)
        except Refusal as refusal:
            return "channel_off" if refusal.code == "bank.channel_off" else "payer_asleep", None
        freshen(standing)
        day = books.business_day(area, account.book, now)
        own = settings.of_account(account.person_id, account.account_id)
        caps = settings.caps(area, rule, account, own, limits.TRANSFER, on=day, counter=True)
        item = posting.Item(
            caller=payment.id,
            key=f"clearing:{payment.to_bank}",
            fingerprint=digest(payment),
            kind="pulled",
            debit=books.customer(account.person_id, account.account_id, Permit.DIRECT_DEBIT),
            credit=books.house(account.book, books.SETTLEMENT, account.account_id, now=now),
            amount_fen=payment.amount_fen,
            business_date=day,
            limits=books.limits(caps),
            memo=payment.memo,
        )
        done = posting.post([item], posted_at=now, atomic=False)[0]
        if done.status in posting.DONE:
            _written(inside, payment, standing, item)
            return "", item.transfer_id
    if done.status in (posting.BUSY, posting.BUSINESS_DAY_CLOSED):
        raise posting.refusal_of(done)
    return {"insufficient": "no_funds", "limit": "limit"}.get(done.status, "payer_asleep"), None


def _account(inside: Inside, payment: Payment, found: Found | None) -> BankAccount | None:
    """The account of this number, if it is the person's who asks; the same work for every kind of mismatch."""
    wanted, faults = payee.wanted(payment.payer_number, payment.payer_name)
    account = None
    if wanted is not None and not faults:
        with inside.bank_role(payment.to_bank):
            try:
                account = payee.matched(found, wanted)
            except Refusal:
                account = None
    if account is None:
        return None
    number = str(open_one(account, "facts", inside)["id_number"])
    return account if hmac.compare_digest(proof_of(payment.id, number), payment.proof) else None


def _written(inside: Inside, payment: Payment, standing: Standing, item: posting.Item) -> None:
    """In the bank's role: what the statement says of it, and where a return finds it."""
    account = standing.account
    books.note(
        inside, account.book, account.person_id, account.account_id, item.transfer_id, memo=payment.memo,
        other_name_mask=mask_name(payment.payee_name)[:60], other_number_mask=mask_card(payment.payee_number)[-34:],
        other_bank=payment.from_bank, channel="clearing",
    ).save(force_insert=True)  # fmt: skip
    inside.emit("bank.payment_pulled", {"account": str(account.account_id), "payment": str(payment.id)})
    remember(TAKEN_FROM, payment.to_bank, payment.id, area=account.area_code, person_id=account.person_id)

"""Tables of the ledger. The counters and entries are written by `ledger_post_batch` only (see migrations)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table

CUSTOMER, INTERNAL = "customer", "internal"
_OWN_BOOK = "book = nullif(current_setting('sscard.book', true), '')"


class LedgerAccount(models.Model):
    """One account in one book. Balance = credits − debits posted; available = that less what is held.

    Internal accounts of an institution (cash, suspense, fees …) are split over buckets so that no row is hot; a bucket
    is a pseudo person with a negative `person_id`, real persons are positive.
    """

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    book = models.CharField(max_length=20)
    """Whose books: "bank:CCB"."""
    kind = models.CharField(max_length=10)
    """customer or internal."""
    name = models.CharField(max_length=40, blank=True)
    """Internal accounts: "cash.counter", "suspense" …"""
    permits = models.IntegerField(default=0)
    """Mask of `ledger.permits.Permit`."""
    debits_posted = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_held = models.BigIntegerField(default=0)
    credits_held = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(debits_posted__gte=0, credits_posted__gte=0, debits_held__gte=0, credits_held__gte=0),
                name="ledger_account_counters",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CUSTOMER) | Q(credits_posted__gte=F("debits_posted") + F("debits_held")),
                name="ledger_account_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind=CUSTOMER, person_id__gt=0) | Q(kind=INTERNAL, person_id__lt=0),
                name="ledger_account_kind_fits_owner",
            ),
        )


class Transfer(models.Model):
    """One movement: one debit, one credit, one amount. Never changed; a correction is a new one that names this one.
    Movements that belong together share `group_id`. It stands with the debited account's person."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "transfer_id")
    person_id = models.BigIntegerField()
    transfer_id = models.UUIDField()
    book = models.CharField(max_length=20)
    group_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20)
    """deposit, withdrawal …"""
    debit_account_id = models.UUIDField()
    credit_person_id = models.BigIntegerField()
    credit_account_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    business_date = models.DateField()
    posted_at = models.DateTimeField()
    reverses = models.UUIDField(null=True)
    memo = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="ledger_transfer_amount"),
            models.CheckConstraint(
                condition=~Q(debit_account_id=F("credit_account_id")), name="ledger_transfer_two_accounts"
            ),
            CompositeForeignKey(
                fields=["person_id", "debit_account_id"],
                to="ledger.LedgerAccount",
                to_fields=["person_id", "account_id"],
                name="ledger_transfer_debit",
            ),
        )


class Entry(models.Model):
    """One side of a transfer on one account, numbered without gaps, with the balance after it."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "account_id", "seq")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    seq = models.BigIntegerField()
    book = models.CharField(max_length=20)
    transfer_id = models.UUIDField()
    side = models.CharField(max_length=1)
    """D or C."""
    kind = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    business_date = models.DateField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(side__in=["D", "C"], amount_fen__gt=0, seq__gt=0), name="ledger_entry_form"
            ),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="ledger.LedgerAccount", name="ledger_entry_account"
            ),
        )


class Hold(models.Model):
    """Money set aside: place → capture, void or expire. It counts in `debits_held` from the first moment."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "hold_id")
    person_id = models.BigIntegerField()
    hold_id = models.UUIDField()
    book = models.CharField(max_length=20)
    account_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    """placed → captured | voided | expired"""
    amount_fen = models.BigIntegerField()
    captured_fen = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    transfer_id = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, captured_fen__gte=0, captured_fen__lte=F("amount_fen")),
                name="ledger_hold_amounts",
            ),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="ledger.LedgerAccount", name="ledger_hold_account"
            ),
        )


class DayLimit(models.Model):
    """How much of a kind left an account on a business date. Changed only under the account's lock."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id", "business_date", "kind")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    business_date = models.DateField()
    kind = models.CharField(max_length=20)
    book = models.CharField(max_length=20)
    used_fen = models.BigIntegerField(default=0)
    times = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(used_fen__gte=0, times__gte=0), name="ledger_daylimit_counters"),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="ledger.LedgerAccount", name="ledger_daylimit_account"
            ),
        )


class Posting(models.Model):
    """Idempotency of movements: (caller, key) → the first answer, refusals too, for ever. Unique by caller and not by
    person, or the same key used for another person would slip through."""

    sscard_table = Table.LOOKUP
    sscard_role = "bank"
    sscard_policies = {"sscard_book": f"for all to sscard_bank using ({_OWN_BOOK}) with check ({_OWN_BOOK})"}

    pk = models.CompositePrimaryKey("caller_id", "key")
    caller_id = models.UUIDField()
    key = models.CharField(max_length=120)
    book = models.CharField(max_length=20)
    fingerprint = models.BinaryField(max_length=32)
    status = models.CharField(max_length=20)
    transfer_id = models.UUIDField(null=True)
    debit_seq = models.BigIntegerField(null=True)
    credit_seq = models.BigIntegerField(null=True)
    debit_balance_fen = models.BigIntegerField(null=True)
    credit_balance_fen = models.BigIntegerField(null=True)
    at = models.DateTimeField()

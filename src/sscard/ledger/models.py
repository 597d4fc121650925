"""Tables of the ledger. The counters and entries are written by `ledger_post_batch` only (see migrations).

Transfers, entries and counters of limits have no foreign key to their account: the function writes them under the lock of
accounts that it has just read, the trial balance finds any that has none, and checking each row once more took a third of
the database's time for a posting (docs/performance.md).
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table

CUSTOMER, INTERNAL = "customer", "internal"
SAVINGS, MEDICAL, PROVIDER, OWN = "savings", "medical", "provider", "internal"
"""What an account is for. Medical money leaves only to a provider or as a statutory pay-out; SQL refuses all else."""
_OWN_BOOK = "book = nullif(current_setting('sscard.book', true), '')"


class LedgerAccount(models.Model):
    """One account in one book. Balance = credits − debits posted; available = that less what is held and frozen.

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
    purpose = models.CharField(max_length=12, default=SAVINGS)
    """savings, medical, provider or internal; fixed at opening."""
    frozen_fen = models.BigIntegerField(default=0)
    """Sum of the amount freezes in force; it may be more than the balance."""
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
            models.CheckConstraint(condition=Q(frozen_fen__gte=0), name="ledger_account_frozen"),
            models.CheckConstraint(
                condition=Q(purpose__in=[SAVINGS, MEDICAL, PROVIDER, OWN]), name="ledger_account_purpose"
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
    kind = models.CharField(max_length=40)
    """deposit, withdrawal …"""
    debit_account_id = models.UUIDField()
    credit_person_id = models.BigIntegerField()
    credit_account_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    business_date = models.DateField()
    posted_at = models.DateTimeField()
    reverses = models.UUIDField(null=True)
    memo = models.CharField(max_length=60, blank=True)
    limits = models.TextField(default="", blank=True)
    """The limits that it was counted in, "withdrawal:day withdrawal:month"; a reversal gives them back."""
    counted_on = models.DateField(null=True)
    """The business date of that counting; for a captured hold the date on which it was placed."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="ledger_transfer_amount"),
            models.CheckConstraint(
                condition=~Q(debit_account_id=F("credit_account_id")), name="ledger_transfer_two_accounts"
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
    kind = models.CharField(max_length=40)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    business_date = models.DateField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(side__in=["D", "C"], amount_fen__gt=0, seq__gt=0), name="ledger_entry_form"
            ),
        )
        # entries are written in the order of time, so a small index of block ranges finds those of a business date
        indexes = (BrinIndex(fields=["person_id", "business_date"], name="ledger_entry_days", autosummarize=True),)


class Hold(models.Model):
    """Money set aside for one receiver: place → capture, void or expire. Until then it counts in `debits_held` of the
    account and in `credits_held` of the receiver's; it stands with the debited account's person."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "hold_id")
    person_id = models.BigIntegerField()
    hold_id = models.UUIDField()
    book = models.CharField(max_length=20)
    account_id = models.UUIDField()
    credit_person_id = models.BigIntegerField()
    credit_account_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    """placed → captured | voided | expired"""
    amount_fen = models.BigIntegerField()
    captured_fen = models.BigIntegerField(default=0)
    business_date = models.DateField()
    limits = models.TextField(default="", blank=True)
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
            models.CheckConstraint(
                condition=Q(state__in=["placed", "captured", "voided", "expired"]), name="ledger_hold_state"
            ),
            CompositeForeignKey(
                fields=["person_id", "account_id"], to="ledger.LedgerAccount", name="ledger_hold_account"
            ),
        )
        indexes = (
            models.Index(fields=["person_id", "expires_at"], name="ledger_hold_placed", condition=Q(state="placed")),
        )


class LimitUse(models.Model):
    """How much of a kind, and how often, left an account in the day, month or year that begins on `begins`. Changed only
    under the account's lock."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id", "begins", "period", "kind")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    begins = models.DateField()
    period = models.CharField(max_length=5)
    """day, month or year."""
    kind = models.CharField(max_length=40)
    book = models.CharField(max_length=20)
    used_fen = models.BigIntegerField(default=0)
    times = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(used_fen__gte=0, times__gte=0), name="ledger_limituse_counters"),
        )


class Reversal(models.Model):
    """That a transfer was reversed, or will be: a row that stands before its transfer refuses it. One a transfer."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "transfer_id")
    person_id = models.BigIntegerField()
    """The debited account's person of the transfer that is reversed."""
    transfer_id = models.UUIDField()
    book = models.CharField(max_length=20)
    reversed_by = models.UUIDField(null=True)
    """The reversing transfer; none when it came before the transfer."""
    at = models.DateTimeField()


class BusinessDay(models.Model):
    """A business date of a book that was closed: nothing is posted into it, nor into an earlier one. Then its trial
    balance is drawn up, as often as one likes; it comes out the same."""

    sscard_table = Table.LOCAL
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("book", "day")
    book = models.CharField(max_length=20)
    day = models.DateField()
    closed_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    """When the trial balance was last drawn up; none before that."""
    moved = models.IntegerField(default=0)
    """Accounts that had entries on the day."""
    entries = models.BigIntegerField(default=0)
    debits_fen = models.BigIntegerField(default=0)
    credits_fen = models.BigIntegerField(default=0)
    total_fen = models.BigIntegerField(default=0)
    """Sum of all balances at the end of the day; 0 in a sound book."""
    wrong = models.IntegerField(default=0)
    """Accounts whose counters do not follow from their day balances and later entries; 0 in a sound book."""


class DayBalance(models.Model):
    """Opening, movements and closing of an account on a closed business date; only for accounts that moved on it.
    Derived from the entries and checked against the counters, so it needs no foreign key."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "account_id", "day")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    day = models.DateField()
    book = models.CharField(max_length=20)
    opening_fen = models.BigIntegerField()
    debits_fen = models.BigIntegerField()
    credits_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    entries = models.IntegerField()
    last_seq = models.BigIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(closing_fen=F("opening_fen") + F("credits_fen") - F("debits_fen")),
                name="ledger_daybalance_adds_up",
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
    limited_by = models.CharField(max_length=60, blank=True, default="")
    """Of a refusal for a limit: which, "withdrawal:day"."""
    at = models.DateTimeField()

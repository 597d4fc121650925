"""Who signs in at a bank's own site: a customer of one bank, his way in, and the code that the counter told him.

All of it is the bank's: closed to every act that is not the bank's, and one bank's rows to another bank.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class Customer(models.Model):
    """One person's sign-in at one bank. `customer_id` is what sessions and audit rows name."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "customer_id")
    person_id = models.BigIntegerField()
    customer_id = models.UUIDField()
    book = models.CharField(max_length=20)
    area_code = models.CharField(max_length=6)
    bank = models.CharField(max_length=12)
    name_mask = models.CharField(max_length=60)
    id_index = models.BinaryField(max_length=32)
    username_index = models.BinaryField(max_length=32)
    """Blind index of bank and user name; the name itself is the customer's and is kept nowhere else."""
    username = SealedField(purpose="bank")
    password = models.CharField(max_length=200)
    totp = SealedField(purpose="bank")
    totp_last_step = models.BigIntegerField(default=0)
    id_valid_until = models.DateField(null=True)
    """The end of the ID card as the reader told it at the counter; None: without end, or not known."""
    proof_asked_us = models.BigIntegerField(default=0)
    """When the last question was asked that a passkey answered before money left, microseconds: none serves twice."""
    proof_spent_at = models.DateTimeField(null=True)
    """When the second factor was given that last let an order or a setting through: each serves once, and none that is older."""
    notices_seen_at = models.DateTimeField(null=True)
    """Notices up to here have been read."""
    stopped_at = models.DateTimeField(null=True)
    """On-line access is stopped; only a new enrolment at the bank opens it again."""
    stopped_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "book"], name="bank_customer_once_a_bank"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True)
                | Q(stopped_at__isnull=False, stopped_by__isnull=False),
                name="bank_customer_stopped_by_somebody",
            ),
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="bank_customer_person"),
        )


class CustomerInvite(models.Model):
    """The one-time code of an enrolment: told once against card, ID and PIN, kept as keyed hash only."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "invite_id")
    person_id = models.BigIntegerField()
    invite_id = models.UUIDField()
    book = models.CharField(max_length=20)
    account_id = models.UUIDField()
    code_hash = models.BinaryField(max_length=32)
    tries = models.IntegerField(default=0)
    issued_at = models.DateTimeField()
    issued_by = models.UUIDField()
    expires_at = models.DateTimeField()
    id_valid_until = models.DateField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(tries__gte=0), name="bank_invite_tries"),
            CompositeForeignKey(fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_invite_account"),
        )


class CustomerPasskey(models.Model):
    """A WebAuthn credential of a customer; bound to the bank's own host."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "passkey_id")
    person_id = models.BigIntegerField()
    passkey_id = models.UUIDField()
    customer_id = models.UUIDField()
    book = models.CharField(max_length=20)
    credential_id = models.BinaryField(max_length=1024)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField(default=0)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id", "customer_id"], to="bank.Customer", name="bank_passkey_customer"),
        )

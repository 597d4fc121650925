"""Tables of the savings function: the application (the bank's), the consent to a form, and what others may know."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.bank.savings_opening.states import OVER, Stage
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import BANK, Table

_STAGES = [str(one) for one in Stage]


class SavingsApplication(models.Model):
    """One opening, step by step. `form` (sealed): what he wrote. `prepared` (sealed): the agreement while it waits for his
    signature. `steps`: [{"step", "at", "where", "by"}], as the applicant sees them."""

    sscard_table = Table.PERSON
    sscard_role = "bank"

    pk = models.CompositePrimaryKey("person_id", "application_id")
    person_id = models.BigIntegerField()
    application_id = models.UUIDField()
    book = models.CharField(max_length=20)
    area_code = models.CharField(max_length=6)
    account_id = models.UUIDField()
    bank = models.CharField(max_length=12)
    number = models.CharField(max_length=12)
    """What people name it by at the counter."""
    stage = models.CharField(max_length=12)
    functions = models.JSONField(default=list)
    channel = models.CharField(max_length=8, blank=True)
    outlet = models.CharField(max_length=40, blank=True)
    form = SealedField(purpose="bank", null=True)
    method = models.CharField(max_length=10, blank=True)
    """self or guardian"""
    identified_at = models.DateTimeField(null=True)
    identified_where = models.CharField(max_length=40, blank=True)
    signer = SealedField(purpose="bank", null=True)
    """Name and mask of whoever stood there and signs: the holder, or a child's guardian."""
    agreement_form = models.CharField(max_length=10, blank=True)
    prepared = SealedField(purpose="bank", null=True)
    agreement = models.UUIDField(null=True)
    guide = models.UUIDField(null=True)
    steps = models.JSONField(default=list)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(stage__in=_STAGES), name="bank_savings_stage"),
            models.CheckConstraint(
                condition=~Q(stage__in=["AGREED", "OPEN"]) | Q(identified_at__isnull=False, agreement_form__gt=""),
                name="bank_savings_agreed_is_complete",
            ),
            models.UniqueConstraint(
                fields=["person_id", "account_id"],
                condition=~Q(stage__in=[str(one) for one in OVER]),
                name="bank_savings_one_open",
            ),
            CompositeForeignKey(fields=["person_id", "account_id"], to="bank.BankAccount", name="bank_savings_account"),
        )


class MatterConsent(models.Model):
    """Which form a person chose for one matter, and that he was free to (Electronic Signature Law Art. 3)."""

    sscard_table = Table.PERSON
    sscard_role = "bank"
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "consent_id")
    person_id = models.BigIntegerField()
    consent_id = models.UUIDField()
    book = models.CharField(max_length=20)
    matter = models.CharField(max_length=40)
    subject = models.UUIDField()
    form = models.CharField(max_length=10)
    """electronic or paper"""
    wording = models.CharField(max_length=64)
    """SHA-256 of the sentence that he agreed to."""
    at = models.DateTimeField()
    where = models.CharField(max_length=40, blank=True)
    caller = models.UUIDField()


class SavingsMark(models.Model):
    """Does this account have the savings function, and how far is an opening? What the holder's page and every counter may
    know; never a form, a number or a balance."""

    sscard_table = Table.PERSON
    sscard_grants = {BANK: "select"}

    pk = models.CompositePrimaryKey("person_id", "account_id")
    person_id = models.BigIntegerField()
    account_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    bank = models.CharField(max_length=12)
    application_id = models.UUIDField()
    stage = models.CharField(max_length=12)
    functions = models.JSONField(default=list)
    opened_at = models.DateTimeField(null=True)
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(stage__in=_STAGES), name="bank_savingsmark_stage"),
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="bank_savingsmark_person"),
        )

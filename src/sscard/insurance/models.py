"""Tables of insurance: contributions with their history, personal accounts by year, files, employers' names."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table


class Contribution(models.Model):
    """What was owed and paid for one person, one kind of insurance, one month, by one employer. Amounts are fen.

    The key is natural, so that the same row read again is the same row. A kind is always (scheme, code): the two
    national code tables disagree at 410.
    """

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "scheme", "code", "month", "employer")
    person_id = models.BigIntegerField()
    scheme = models.CharField(max_length=8)
    code = models.CharField(max_length=3)
    month = models.IntegerField()
    """Month owed (AAE003), YYYYMM."""
    employer = models.CharField(max_length=20)
    """The employer's code, or "" where the person pays himself."""
    area_code = models.CharField(max_length=6)
    insurance = models.CharField(max_length=12)
    kind = models.CharField(max_length=30)
    base_fen = models.BigIntegerField()
    employer_due_fen = models.BigIntegerField()
    employer_paid_fen = models.BigIntegerField()
    person_due_fen = models.BigIntegerField()
    person_paid_fen = models.BigIntegerField()
    to_account_fen = models.BigIntegerField()
    """How much of what was paid went to the personal account."""
    settlement_month = models.IntegerField(default=0)
    """AAE002, YYYYMM; 0 when not told."""
    arrived_on = models.DateField(null=True)
    """EAD131."""
    posted = models.BooleanField(default=False)
    """Fully arrived and entered (AAE078)."""
    file_id = models.UUIDField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="insurance_contribution_person"),
            models.CheckConstraint(
                condition=Q(employer_paid_fen__gte=0, employer_paid_fen__lte=F("employer_due_fen"))
                & Q(person_paid_fen__gte=0, person_paid_fen__lte=F("person_due_fen")),
                name="insurance_paid_within_due",
            ),
            models.CheckConstraint(
                condition=Q(to_account_fen__gte=0, to_account_fen__lte=F("employer_paid_fen") + F("person_paid_fen")),
                name="insurance_account_within_paid",
            ),
            models.CheckConstraint(condition=Q(month__gte=190001, month__lte=299912), name="insurance_month"),
        )


class ReplacedContribution(models.Model):
    """A contribution as it stood before a later file said otherwise. Never changed, never removed."""

    sscard_table = Table.PERSON
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "replaced_id")
    person_id = models.BigIntegerField()
    replaced_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    scheme = models.CharField(max_length=8)
    code = models.CharField(max_length=3)
    month = models.IntegerField()
    employer = models.CharField(max_length=20)
    before = models.JSONField()
    """The old row's values, by column."""
    replaced_by = models.UUIDField()
    """The file that brought the new values."""
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="insurance_replaced_person"),)


class AccountTotal(models.Model):
    """One personal account in one year: pension or medical, each by itself. No row means no account, not an empty one.

    `source`: "statement" as the handling agency stated it, interest and payments included; "contributions" is our own
    count of what was credited since its last statement, without interest.
    """

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "account", "year")
    person_id = models.BigIntegerField()
    account = models.CharField(max_length=8)
    year = models.IntegerField()
    area_code = models.CharField(max_length=6)
    opening_fen = models.BigIntegerField()
    principal_in_fen = models.BigIntegerField()
    interest_in_fen = models.BigIntegerField()
    paid_out_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    source = models.CharField(max_length=14)
    as_of = models.DateField()
    file_id = models.UUIDField(null=True)

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="insurance_account_person"),
            models.CheckConstraint(
                condition=Q(
                    closing_fen=F("opening_fen") + F("principal_in_fen") + F("interest_in_fen") - F("paid_out_fen")
                ),
                name="insurance_account_identity",
            ),
            models.CheckConstraint(condition=Q(account__in=["pension", "medical"]), name="insurance_account_kind"),
        )


class ContributionFile(models.Model):
    """One file of contributions or of account statements: dry run first, then posted by a second act."""

    sscard_table = Table.LOCAL

    file_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    organisation = models.CharField(max_length=40)
    content = models.CharField(max_length=14)
    """contributions | accounts"""
    file_name = models.CharField(max_length=200)
    file_path = models.CharField(max_length=300)
    """Where the file lies in the house's inbox, named by us."""
    file_digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=12)
    """checking → checked → posting → done | failed | dropped"""
    rows = models.IntegerField(default=0)
    good = models.IntegerField(default=0)
    bad = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    done_rows = models.IntegerField(default=0)
    fault_counts = models.JSONField(default=dict)
    warning_counts = models.JSONField(default=dict)
    held_rows = models.JSONField(default=list)
    """Rows that a later row of the same file contradicts; neither goes in."""
    faults_path = models.CharField(max_length=300, blank=True)
    notice = models.JSONField(default=list)
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)


class Employer(models.Model):
    """Name of an employer as the files tell it, for showing beside the months."""

    sscard_table = Table.LOCAL

    pk = models.CompositePrimaryKey("area_code", "code")
    area_code = models.CharField(max_length=6)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=100)


from sscard.insurance.charge_tables import Charge, ChargePayment  # noqa: E402, F401 - where Django finds them

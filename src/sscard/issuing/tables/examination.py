"""Test cards and what the ministry's office decided about them (card measures Art. 12)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.tables import Table


class _Product(models.Model):
    """Exactly what was examined. Another chip, COS or version of the specification is another product."""

    area_code = models.CharField(max_length=6)
    supplier = models.CharField(max_length=40)
    product = models.CharField(max_length=40)
    chip = models.CharField(max_length=40)
    cos = models.CharField(max_length=40)
    version = models.CharField(max_length=4)
    """Of the card specification, as the chip says it: 1.0, 2.0, 3.0."""

    class Meta:
        abstract = True


class _TwoPersons(models.Model):
    made_by = models.UUIDField()
    made_person = models.BinaryField(max_length=32)
    checked_by = models.UUIDField()
    checked_person = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class ExaminedCard(_Product, _TwoPersons):
    """A test card and the signed report of the product's own examination: the standards audit and the cross-region
    universality test. Never changed, but for `paper`, which is set when somebody first asks for the PDF."""

    sscard_table = Table.LOCAL

    test_card_id = models.UUIDField(primary_key=True)
    plant = models.CharField(max_length=40)
    asked_by = models.CharField(max_length=60)
    """Who asked for the examination, as the report says."""
    organisation = models.CharField(max_length=40)
    atr = models.CharField(max_length=66)
    algorithm = models.CharField(max_length=4)
    conformance = models.CharField(max_length=10)
    cross_area = models.CharField(max_length=10)
    """passed, failed or incomplete."""
    examined_at = models.DateTimeField()
    signer = models.CharField(max_length=80)
    report = models.BinaryField()
    signature = models.TextField()
    sha256 = models.BinaryField(max_length=32)
    paper = models.BinaryField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["area_code", "sha256"], name="issuing_examinedcard_once"),
            models.CheckConstraint(
                condition=~Q(made_person=F("checked_person")), name="issuing_examinedcard_two_persons"
            ),
        )


class OfficeDecision(_Product, _TwoPersons):
    """What the ministry's office decided, as it signed it. `outcomes`: of each audit it names, passed or failed; the newest
    decision that names an audit holds, from its day on, and until `until`."""

    sscard_table = Table.LOCAL
    sscard_insert_only = True

    decision_id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40)
    outcomes = models.JSONField()
    decided_on = models.DateField()
    until = models.DateField(null=True)
    evidence = models.JSONField()
    """SHA-256 of the reports that were before the office, in hex."""
    signer = models.CharField(max_length=80)
    file = models.BinaryField()
    signature = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["area_code", "number"], name="issuing_officedecision_number"),
            models.CheckConstraint(
                condition=~Q(made_person=F("checked_person")), name="issuing_officedecision_two_persons"
            ),
        )
        indexes = (models.Index(fields=["area_code", "product", "decided_on"], name="issuing_officedecision_product"),)

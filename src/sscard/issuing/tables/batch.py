"""A production batch, its cards, and the producers who may make them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.issuing.states import BATCH_COUNTED
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table


class ProducerKey(models.Model):
    """A producer that the area selected: its two public keys, and until when it is qualified (card measures Art. 11).

    `supplier` and `plant` are what the production permits of the area pack name.
    """

    sscard_table = Table.LOCAL

    key_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    organisation = models.CharField(max_length=40)
    supplier = models.CharField(max_length=40)
    plant = models.CharField(max_length=40)
    signing = models.BinaryField(max_length=64)
    receiving = models.BinaryField(max_length=64)
    qualified_until = models.DateField()
    active = models.BooleanField(default=True)
    registered_by = models.UUIDField(null=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["area_code", "organisation"], condition=Q(active=True), name="issuing_producer_one_key"
            ),
        )


class Batch(models.Model):
    """One order to one producer. The counts are moved by `custody` and `returning` only; the database keeps the
    sums."""

    sscard_table = Table.LOCAL

    batch_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    number = models.CharField(max_length=20)
    organisation = models.CharField(max_length=40)
    """The issuing department's organisation: it orders, and it receives what was made."""
    bank = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    producer = models.CharField(max_length=40)
    product = models.CharField(max_length=40)
    chip = models.CharField(max_length=40)

    ordered = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    """Taken out again before production, as the bank opened no account; not among the ordered."""
    good = models.PositiveIntegerField(default=0)
    spoiled = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    in_transit = models.PositiveIntegerField(default=0)
    in_stock = models.PositiveIntegerField(default=0)
    at_outlet = models.PositiveIntegerField(default=0)
    handed_over = models.PositiveIntegerField(default=0)
    destroyed = models.PositiveIntegerField(default=0)

    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    due_on = models.DateField()
    """By when the holders can fetch their cards (area parameter, working days)."""
    opening_digest = models.BinaryField(max_length=32, null=True)
    answer_digest = models.BinaryField(max_length=32, null=True)
    issue_date = models.DateField(null=True)
    package_number = models.PositiveIntegerField(null=True)
    package_digest = models.BinaryField(max_length=32, null=True)
    package_size = models.BigIntegerField(default=0)
    package_expires_at = models.DateTimeField(null=True)
    package_taken_at = models.DateTimeField(null=True)
    released_by = models.UUIDField(null=True)
    released_person = models.BinaryField(max_length=32, null=True)
    release_checker = models.UUIDField(null=True)
    release_checker_person = models.BinaryField(max_length=32, null=True)
    released_at = models.DateTimeField(null=True)
    return_digest = models.BinaryField(max_length=32, null=True)
    returned_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["area_code", "number"], name="issuing_batch_number"),
            models.UniqueConstraint(fields=["area_code", "package_number"], name="issuing_batch_package_number"),
            models.CheckConstraint(
                condition=~Q(state__in=BATCH_COUNTED) | Q(ordered=F("good") + F("spoiled") + F("missing")),
                name="issuing_batch_ordered_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(good=F("in_transit") + F("in_stock") + F("at_outlet") + F("handed_over") + F("destroyed")),
                name="issuing_batch_good_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True)
                | (
                    Q(released_person__isnull=False)
                    & Q(release_checker_person__isnull=False)
                    & ~Q(released_person=F("release_checker_person"))
                ),
                name="issuing_batch_two_persons",
            ),
        )


class BatchItem(models.Model):
    """One card of a batch. `serial` is its number in the batch, the only one by which the producer's files name it
    beside the card identification code. `outcome`: ordered, left_out, good, spoiled or missing."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "batch_id")
    person_id = models.BigIntegerField()
    batch_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    serial = models.PositiveIntegerField()
    application_id = models.UUIDField()
    card_id = models.UUIDField()
    code_index = models.BinaryField(max_length=32)
    """Blind index of the card identification code."""
    outcome = models.CharField(max_length=10, default="ordered")
    reason = models.CharField(max_length=120, blank=True)
    atr = models.CharField(max_length=30, blank=True)
    """Historical bytes of the chip's answer to reset, hex."""
    script = models.BinaryField(max_length=32, null=True)
    """SM3 of the commands that make its chip, as its audit record must name it; none before the release."""

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="issuing_batchitem_person"),
            CompositeForeignKey(
                fields=["person_id", "application_id"], to="issuing.Application", name="issuing_batchitem_application"
            ),
            CompositeForeignKey(fields=["person_id", "card_id"], to="cards.Card", name="issuing_batchitem_card"),
        )
        indexes = (models.Index(fields=["batch_id", "serial"], name="issuing_batchitem_batch"),)

"""What a person has to pay himself, and what was paid of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table

CHARGE_STATES = ("open", "paid", "withdrawn")


class Charge(models.Model):
    """One premium to be paid by the person, from the levy's charge list. `reference` is the levy's number."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "charge_id")
    person_id = models.BigIntegerField()
    charge_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    reference = models.CharField(max_length=32)
    insurance = models.CharField(max_length=12)
    first_month = models.IntegerField()
    last_month = models.IntegerField()
    amount_fen = models.BigIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, default="open")
    file_id = models.UUIDField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "reference"], name="insurance_charge_reference"),
            models.CheckConstraint(condition=Q(state__in=CHARGE_STATES), name="insurance_charge_state"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, last_month__gte=F("first_month")), name="insurance_charge_sound"
            ),
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="insurance_charge_person"),
        )


class ChargePayment(models.Model):
    """A charge that was paid, booked at the bureau. A charge is paid once; rows are never changed."""

    sscard_table = Table.PERSON
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "payment_id")
    person_id = models.BigIntegerField()
    payment_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    charge_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    way = models.CharField(max_length=12)
    """Through whom: link (a bank's on-line customer)."""
    payer = models.CharField(max_length=12)
    """The bank that holds the money."""
    payer_reference = models.CharField(max_length=64)
    """The bank's own number of the payment."""
    paying_masked = models.CharField(max_length=40, blank=True)
    consent_id = models.UUIDField()
    receipt_code = models.CharField(max_length=16)
    paid_on = models.DateField()
    booked_at = models.DateTimeField()
    booked_by = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person_id", "charge_id"], name="insurance_charge_paid_once"),
            CompositeForeignKey(
                fields=["person_id", "charge_id"], to="insurance.Charge", name="insurance_payment_charge"
            ),
        )

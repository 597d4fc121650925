"""What a consent for one payment is about."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table


class ConsentPayment(models.Model):
    """One charge and its amount: all that a consent for a payment allows. `reference`: the client's number of it."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "consent_id")
    person_id = models.BigIntegerField()
    consent_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    link_consent_id = models.UUIDField()
    charge_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    reference = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="binding_payment_amount"),
            CompositeForeignKey(
                fields=["person_id", "consent_id"], to="binding.Consent", name="binding_payment_consent"
            ),
        )

"""Documents that were handed to somebody, and the codes that stand on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table

STATES = ("valid", "replaced")


class KeptDocument(models.Model):
    """One file as it was handed out, never changed. `file` (sealed) is the whole of it; the digests are of the clear
    file. Written by whoever made it, fetched only through `kept.fetch`."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "document_id")
    person_id = models.BigIntegerField()
    document_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=40)
    """What it is, as a word: bank.savings_agreement, bank.savings_guide …"""
    subject = models.UUIDField()
    """The case it belongs to, such as an application."""
    bank = models.CharField(max_length=12, blank=True)
    """The bank whose document it is, or "" for the bureau's."""
    code = models.CharField(max_length=16)
    file = SealedField(purpose="person")
    bytes = models.IntegerField()
    sha256 = models.BinaryField(max_length=32)
    sm3 = models.BinaryField(max_length=32)
    signatures = models.JSONField(default=list)
    """Names of the signature fields in it, in order."""
    state = models.CharField(max_length=10, default="valid")
    made_at = models.DateTimeField()
    made_by = models.UUIDField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(state__in=STATES), name="documents_kept_state"),)


class DocumentCode(models.Model):
    """The code printed on a document → where it is kept. Whoever holds the paper may ask with it whether it is genuine."""

    sscard_table = Table.LOOKUP

    code = models.CharField(primary_key=True, max_length=16)
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    document_id = models.UUIDField(db_index=True)

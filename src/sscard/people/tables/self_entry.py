"""What a person filled in by himself on-line: kept sealed and apart from the register until a clerk has seen who it is."""

from __future__ import annotations

from django.db import models

from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class SelfEntry(models.Model):
    """One form of one visitor. Whoever typed it is unknown, so nothing of it is a person's record yet.

    What was typed is taken away as soon as the entry is decided or has run out (PIPL-6: no longer than needed); masks and
    indexes stay, so that the person can ask what became of it and the clerk can find it.
    """

    sscard_table = Table.LOCAL

    STATES = ("waiting", "checking", "registered", "refused", "expired")
    """waiting → registered | checking (two persons rule a duplicate out) | refused | expired"""

    entry_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    reference_hash = models.BinaryField(max_length=32)
    """Keyed hash of the reference that the person was shown once."""
    id_index = models.BinaryField(max_length=32)
    """Blind index of the ID number as typed: it says nothing about who is registered."""
    form = SealedField(purpose="person", null=True)
    """The row in normal form, as the register takes it."""
    photo = SealedField(purpose="photo", null=True)
    evidence = SealedField(purpose="photo", null=True)
    """A picture of the ID document, if the person sent one."""
    has_photo = models.BooleanField(default=False)
    has_evidence = models.BooleanField(default=False)
    masks = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="waiting")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    seen = models.CharField(max_length=10, blank=True)
    """How the clerk saw who it is: "original" at a counter, or "evidence" by the picture."""
    outcome = models.CharField(max_length=10, blank=True)
    """What the register answered: new, same, changed or queued."""
    person_id = models.BigIntegerField(null=True)
    case_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["area_code", "reference_hash"], name="people_self_entry_reference"),
        )
        indexes = (
            models.Index(fields=["area_code", "state", "made_at"], name="people_self_entry_queue"),
            models.Index(fields=["area_code", "id_index"], name="people_self_entry_number"),
        )

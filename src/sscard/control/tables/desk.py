"""What the door keeps: idempotency keys, requests that wait for a second person, moved clocks."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.ids import new_id
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import BANK, Table


class Idempotency(models.Model):
    """One row per (caller, key), for ever: a repeat gets the first answer, refusals too."""

    sscard_table = Table.LOOKUP

    pk = models.CompositePrimaryKey("caller_id", "key")
    caller_id = models.UUIDField()
    key = models.CharField(max_length=120)
    act = models.CharField(max_length=60)
    fingerprint = models.BinaryField(max_length=32)
    result = models.CharField(max_length=10)
    """"ok", "refused" or "waiting" (for a second person)."""
    answer = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)


class Approval(models.Model):
    """A request that waits for a second person. He signs the digest of exactly this request, once, in time."""

    sscard_table = Table.LOCAL

    approval_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    organisation = models.CharField(max_length=40)
    act = models.CharField(max_length=60)
    request = SealedField(purpose="approval")
    digest = models.BinaryField(max_length=32)
    summary = models.JSONField(default=dict)
    """Masked facts for the list of what waits: never a full number."""
    purpose = models.CharField(max_length=120, blank=True)
    maker = models.UUIDField()
    maker_kind = models.CharField(max_length=10, default="staff")
    maker_person = models.BinaryField(max_length=32)
    maker_name = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    """waiting → used | rejected | withdrawn | expired"""
    checker = models.UUIDField(null=True)
    checker_person = models.BinaryField(max_length=32, null=True)
    checker_name = models.CharField(max_length=60, blank=True)
    checked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(checker_person__isnull=True) | ~Q(checker_person=F("maker_person")),
                name="control_approval_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(checker_person__isnull=False), name="control_approval_used_is_checked"
            ),
        )
        indexes = (models.Index(fields=["area_code", "state", "made_at"], name="control_approval_queue"),)


class ClockOffset(models.Model):
    """How far a sandbox area's clock was moved, in seconds."""

    sscard_table = Table.REFERENCE
    sscard_grants = {BANK: "select"}  # a bank's act reads the clock too

    area_code = models.CharField(primary_key=True, max_length=6)
    seconds = models.BigIntegerField(default=0)

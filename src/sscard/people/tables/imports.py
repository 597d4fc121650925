"""Bulk imports and the queue of suspected duplicates."""

from __future__ import annotations

from django.db import models

from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class ImportRun(models.Model):
    """One file that a bureau or an employer handed in: dry run first, then registered by a second act."""

    sscard_table = Table.LOCAL

    import_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    organisation = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    file_path = models.CharField(max_length=300)
    """Where the file lies in the house's inbox, named by us."""
    file_digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=12)
    """received → checking → checked → registering → done | failed | dropped"""
    rows = models.IntegerField(default=0)
    good = models.IntegerField(default=0)
    bad = models.IntegerField(default=0)
    new = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    queued = models.IntegerField(default=0)
    done_rows = models.IntegerField(default=0)
    fault_counts = models.JSONField(default=dict)
    faults_path = models.CharField(max_length=300, blank=True)
    notice = models.JSONField(default=list)
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=60)
    made_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)


class DuplicateCase(models.Model):
    """A row that may be a person we have: decided by two persons, and the decision can be undone."""

    sscard_table = Table.LOCAL

    KINDS = ("same_number_other_person", "same_person_other_number", "same_number_twice_in_file")

    case_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=12, default="open")
    """open → merged | kept_apart | corrected | dropped; undone goes back to open"""
    person_id = models.BigIntegerField(null=True)
    """The record we have."""
    other_person_id = models.BigIntegerField(null=True)
    """The second record, once it is registered."""
    row = SealedField(purpose="person")
    """The incoming row as a dict."""
    row_index = models.BinaryField(max_length=32)
    """Keyed digest of the row: the same row imported again does not queue again."""
    before = SealedField(purpose="person", null=True)
    """The record's facts before a correction, for the undo."""
    masks = models.JSONField(default=dict)
    """Both sides, masked, for the list."""
    import_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=12, blank=True)
    decided_by = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["area_code", "kind", "row_index"], name="people_case_once"),)
        indexes = (models.Index(fields=["area_code", "state", "opened_at"], name="people_case_queue"),)

"""The audit trail: rows with their own MAC, links of the chain, and the outbox that shares its cursor."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Now

from sscard.kernel.ids import new_id
from sscard.kernel.tables import APP, BANK, SEALER, Table


def this_transaction() -> models.Expression:
    """The writing transaction's number (xid8): the sealer takes only rows of transactions that are surely over."""
    return Cast(Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField())


GATEWAY = "gateway"
"""The machines' fast side. An index over its trace ids too would cost each posting a fifth more of its audit row."""


class AuditRow(models.Model):
    """Who did what to whom, when, why and with which result. Inserted in the act's own transaction, which sees the row:
    what belongs to no area (a sign-in under an unknown name, the ministry's acts) could not be written otherwise."""

    sscard_table = Table.LOCAL
    sscard_insert_only = True
    sscard_open = True
    sscard_grants = {SEALER: "select", BANK: "insert"}
    sscard_policies = {
        "sscard_write": f"for insert to {APP}, {BANK} with check (true)",
        "sscard_read": (
            f"for select to {APP} using (area_code = nullif(current_setting('sscard.area', true), '')"
            " or current_setting('sscard.audit', true) = 'all'"
            " or xid = pg_current_xact_id_if_assigned()::text::bigint)"
        ),
        "sscard_seal": f"for select to {SEALER} using (true)",
    }

    audit_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(db_default=this_transaction(), db_index=True)
    area_code = models.CharField(max_length=6, blank=True)
    organisation = models.CharField(max_length=40, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    actor_person = models.BinaryField(max_length=32, null=True)
    roles = models.CharField(max_length=200, blank=True)
    session = models.CharField(max_length=32, blank=True)
    channel = models.CharField(max_length=12)
    address = models.CharField(max_length=45, blank=True)
    verb = models.CharField(max_length=60)
    object = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=120, blank=True)
    result = models.CharField(max_length=10)
    reason = models.CharField(max_length=60, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes = (
            models.Index(fields=["area_code", "occurred_at"], name="control_audit_by_area"),
            models.Index(
                fields=["request_id"],
                condition=~Q(channel=GATEWAY) & ~Q(request_id=""),
                name="control_audit_by_trace",
            ),
        )


class AuditSubject(models.Model):
    """Which persons an audit row is about: what the holder sees as "who looked at my record"."""

    sscard_table = Table.PERSON
    sscard_insert_only = True
    sscard_grants = {SEALER: "select", BANK: "insert"}
    sscard_policies = {"sscard_bank_write": f"for insert to {BANK} with check (true)"}

    pk = models.CompositePrimaryKey("person_id", "audit_id")
    person_id = models.BigIntegerField()
    audit_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    occurred_at = models.DateTimeField()


class AuditLink(models.Model):
    """A link of the chain: hash over the link before, the row's MAC and its recorded time. Only the sealer writes it."""

    sscard_table = Table.LOCAL
    sscard_insert_only = True
    sscard_open = True
    sscard_grants = {SEALER: "select, insert"}

    seq = models.BigIntegerField(primary_key=True)
    audit_id = models.UUIDField(unique=True)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)


class Outbox(models.Model):
    """An event that happened, written with the facts; delivered from here."""

    sscard_table = Table.LOCAL
    sscard_open = True
    sscard_grants = {BANK: "insert", SEALER: "select"}

    event_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    xid = models.BigIntegerField(db_default=this_transaction(), db_index=True)
    area_code = models.CharField(max_length=6, blank=True)
    name = models.CharField(max_length=60)
    body = models.JSONField()
    occurred_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

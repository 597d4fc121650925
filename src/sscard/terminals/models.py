"""Terminals, their devices, device sessions and evidence."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.ids import new_id
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class Terminal(models.Model):
    """A place with devices where people are served. It holds nothing personal, so every area may look it up by code."""

    sscard_table = Table.LOCAL
    sscard_open = True

    KINDS = ("counter", "kiosk", "bureau")

    code = models.CharField(primary_key=True, max_length=30)
    kind = models.CharField(max_length=10)
    organisation = models.ForeignKey("control.Organisation", on_delete=models.PROTECT)
    area_code = models.CharField(max_length=6)
    """The area in which it stands, not that of the card in its slot."""
    outlet = models.CharField(max_length=30, blank=True)
    district = models.CharField(max_length=6, blank=True)
    active = models.BooleanField(default=True)
    registered_at = models.DateTimeField()


class Device(models.Model):
    """One device with a key of its own, which the key service derives from its name and never shows in clear."""

    sscard_table = Table.LOCAL
    sscard_open = True

    KINDS = ("id_reader", "card_slot", "pin_pad", "camera")

    device_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60, unique=True)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=10)
    active = models.BooleanField(default=True)
    enrolled_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["terminal", "kind"], condition=Q(active=True), name="terminals_device_one_of_a_kind"
            ),
        )


class DeviceSession(models.Model):
    """One matter at one terminal, for at most ten minutes, used once. No personal data stand here."""

    sscard_table = Table.LOCAL
    sscard_open = True

    session_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12, unique=True)
    """What devices name it by."""
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT)
    area_code = models.CharField(max_length=6)
    matter = models.CharField(max_length=60)
    """The act that may use the evidence, such as "bank.activate"."""
    wanted = models.JSONField(default=list)
    nonce = models.BinaryField(max_length=16)
    challenge = models.BinaryField(max_length=16)
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asked = models.JSONField(default=dict)
    """What the pad is asked to sign: title, digest and attributes in hex. Nothing personal."""
    state = models.CharField(max_length=8, default="open")
    """open → used | closed"""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["terminal"], condition=Q(state="open"), name="terminals_session_one_open"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(ended_at__isnull=False), name="terminals_session_ended_has_time"
            ),
        )


class Evidence(models.Model):
    """What a device saw in a session. A later reading of the same kind stands in place of the earlier one.

    `facts` (sealed) by kind: id_reader name, id_number, valid_until, source, face · card_slot card_id_code,
    card_number, pan · pin_pad and pin_pad_new block, account · camera live, face · sign_key request ·
    signature signature.
    """

    sscard_table = Table.LOCAL
    sscard_insert_only = True

    evidence_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    session = models.ForeignKey(DeviceSession, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12)
    number = models.IntegerField()
    """1, 2, 3 … within session and kind."""
    device = models.CharField(max_length=60)
    state = models.CharField(max_length=8)
    """done or refused"""
    refusal = models.JSONField(default=dict)
    """Of a refused reading: the refusal's code and facts."""
    facts = SealedField(purpose="terminal", null=True)
    mask = models.CharField(max_length=80, blank=True)
    """What a page may show of it."""
    mac_digest = models.BinaryField(max_length=32)
    answer_digest = models.BinaryField(max_length=32, null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["session", "kind", "number"], name="terminals_evidence_number"),)
        indexes = (
            models.Index(fields=["mac_digest"], name="terminals_evidence_mac"),
            models.Index(fields=["answer_digest"], name="terminals_evidence_answer"),
        )

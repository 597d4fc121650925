"""Codes that were sent, face checks that were asked for, and what the virtual providers keep in a sandbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table

CODE_STATES = ("sending", "sent", "replaced", "used", "unsent")
FACE_STATES = ("waiting", "passed", "failed", "used")


class Challenge(models.Model):
    """One code: kept as keyed hash over itself, its challenge, person, action and session; never in clear."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "challenge_id")
    person_id = models.BigIntegerField()
    challenge_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    action = models.CharField(max_length=160)
    session = models.CharField(max_length=80)
    code_hash = models.BinaryField(max_length=32)
    phone_index = models.BinaryField(max_length=32)
    """Blind index of the number it went to: another number of record since then, and the code is void."""
    phone_mask = models.CharField(max_length=15)
    state = models.CharField(max_length=10)
    tries = models.SmallIntegerField(default=0)
    tries_most = models.SmallIntegerField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=CODE_STATES), name="verification_code_state"),
            models.CheckConstraint(condition=Q(tries__gte=0, tries_most__lte=5), name="verification_code_tries"),
        )
        indexes = (models.Index(fields=["person_id", "action", "session"], name="verification_code_series"),)


class FaceCheck(models.Model):
    """One face check: consent, outcome, evidence number and score. No picture and no template is ever here."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "challenge_id")
    person_id = models.BigIntegerField()
    challenge_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    action = models.CharField(max_length=160)
    session = models.CharField(max_length=80)
    provider = models.CharField(max_length=20)
    consent = models.CharField(max_length=20)
    """Version of the consent text that he agreed to (PIPL Art. 29: a consent of its own)."""
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=20, blank=True)
    """Why it failed: differs, not_alive, timeout, too_many."""
    score = models.SmallIntegerField(null=True)
    evidence = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(state__in=FACE_STATES), name="verification_face_state"),)


class SandboxMessage(models.Model):
    """A text message at the virtual operator, as the telephone would show it. Sandbox areas only; kept for a day."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "message_id")
    person_id = models.BigIntegerField()
    message_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    phone_mask = models.CharField(max_length=15)
    text = SealedField(purpose="person")
    action = models.CharField(max_length=160)
    arrives_at = models.DateTimeField()


class SandboxFace(models.Model):
    """A face check at the virtual provider: what the tester chose."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "challenge_id")
    person_id = models.BigIntegerField()
    challenge_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    purpose = models.CharField(max_length=160)
    back = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    started_at = models.DateTimeField()


class SandboxFacePlace(models.Model):
    """Public number of a face check → where it stands: the virtual provider's page is asked with the number alone."""

    sscard_table = Table.LOOKUP

    challenge_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()


class SandboxProvider(models.Model):
    """How a virtual provider behaves in an area just now: normal, slow, lose, down."""

    sscard_table = Table.LOCAL

    pk = models.CompositePrimaryKey("area_code", "kind")
    area_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=5)
    """sms | face"""
    mode = models.CharField(max_length=8)
    seconds = models.SmallIntegerField(default=0)
    """How slow, in mode slow."""

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["sms", "face"], mode__in=["normal", "slow", "lose", "down"], seconds__lte=300),
                name="verification_provider_mode",
            ),
        )

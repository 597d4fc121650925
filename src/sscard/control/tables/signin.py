"""Sessions and the counters that slow guessing down."""

from __future__ import annotations

from django.db import models

from sscard.kernel.tables import Table


class Session(models.Model):
    """A server-side session. Only the hash of its token is kept, so a copy of this table opens nothing."""

    sscard_table = Table.LOCAL
    sscard_open = True

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=10)
    """"staff", "holder" or "" before sign-in."""
    subject = models.UUIDField(null=True)
    data = models.BinaryField()
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["subject"], name="control_session_subject"),)


class Throttle(models.Model):
    """How often something was tried in a window: per source, per target and over all (security.md T11, T17, T18)."""

    sscard_table = Table.LOCAL
    sscard_open = True

    subject = models.CharField(primary_key=True, max_length=100)
    """What is counted, such as "signin:target:3fa1…": never a clear number."""
    window_start = models.DateTimeField()
    tries = models.IntegerField()

"""What was issued for a consent. Codes, tokens and references are kept as hashes: a copy of these tables opens nothing.

The look-up tables answer "whose is this" before any area is known, so they stand outside row-level security and hold
ids and protocol parameters only.
"""

from __future__ import annotations

from django.db import models

from sscard.kernel.tables import Table


class Pushed(models.Model):
    """A pushed authorisation request (RFC 9126) behind its `request_uri`: served once, for a short time."""

    sscard_table = Table.LOOKUP

    reference_hash = models.BinaryField(primary_key=True, max_length=32)
    client_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    consent_id = models.UUIDField()
    redirect_uri = models.CharField(max_length=400)
    code_challenge = models.CharField(max_length=43)
    state = models.CharField(max_length=2048, blank=True)
    nonce = models.CharField(max_length=512, blank=True)
    scope = models.CharField(max_length=200, blank=True)
    dpop_jkt = models.CharField(max_length=43, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    """The browser came with it. From then on it is nothing for another browser."""
    browser = models.BinaryField(max_length=32, null=True)
    """Hash of the session that took it up."""


class Grant(models.Model):
    """What a client may exchange once for tokens: an authorisation code, or an approved backchannel request (CIBA)."""

    sscard_table = Table.LOOKUP

    secret_hash = models.BinaryField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=10)
    """"code" or "ciba"."""
    client_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    consent_id = models.UUIDField()
    redirect_uri = models.CharField(max_length=400, blank=True)
    code_challenge = models.CharField(max_length=43, blank=True)
    nonce = models.CharField(max_length=512, blank=True)
    scope = models.CharField(max_length=200, blank=True)
    dpop_jkt = models.CharField(max_length=43, blank=True)
    """The key that the request was bound to, if it was."""
    interval_s = models.IntegerField(default=0)
    polled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    family_id = models.UUIDField(null=True)
    """What it was exchanged for: a second use revokes that."""


class TokenFamily(models.Model):
    """All tokens that came of one grant. Revoked as a whole."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "family_id")
    person_id = models.BigIntegerField()
    family_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    consent_id = models.UUIDField()
    client_id = models.UUIDField()
    dpop_jkt = models.CharField(max_length=43)
    scope = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=20, blank=True)
    """code_reused, refresh_reused, client."""


class Token(models.Model):
    """One access or refresh token of a family."""

    sscard_table = Table.LOOKUP

    token_hash = models.BinaryField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=10)
    """"access" or "refresh"."""
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    family_id = models.UUIDField()
    consent_id = models.UUIDField()
    client_id = models.UUIDField()
    dpop_jkt = models.CharField(max_length=43)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    """None: as long as the consent (refresh)."""
    used_at = models.DateTimeField(null=True)
    """A refresh token that was exchanged for the next one."""


class SeenProof(models.Model):
    """A DPoP proof or client assertion that was used: the same again is a replay until it would have expired (T07)."""

    sscard_table = Table.LOCAL
    sscard_open = True

    proof_hash = models.BinaryField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["expires_at"], name="binding_seenproof_expires"),)

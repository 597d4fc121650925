"""The holder's own sign-in: a code handed out at the desk once, then his password and TOTP or passkey."""

from __future__ import annotations

from django.db import models

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class HolderAccount(models.Model):
    """One account a person. `holder_id` is what sessions and audit rows name."""

    sscard_table = Table.PERSON

    person_id = models.BigIntegerField(primary_key=True)
    holder_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    password = models.CharField(max_length=200, blank=True)
    totp = SealedField(purpose="person", null=True)
    totp_last_step = models.BigIntegerField(default=0)
    elder = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="people_holder_person"),)


class HolderInvite(models.Model):
    """A one-time code that lets the holder set up his account; handed to him against his ID, kept as hash only."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "invite_id")
    person_id = models.BigIntegerField()
    invite_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    code_hash = models.BinaryField(max_length=32)
    tries = models.IntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    issued_by = models.UUIDField(null=True)


class Passkey(models.Model):
    """A WebAuthn credential of a holder."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "passkey_id")
    person_id = models.BigIntegerField()
    passkey_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    credential_id = models.BinaryField(max_length=1024)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField(default=0)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()

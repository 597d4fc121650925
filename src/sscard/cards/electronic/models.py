"""The electronic card: what the platform signed, its password, its phones, the codes of the minute, and family."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table

_CARD = {"fields": ["person_id", "ecard_id"], "to": "cards.ElectronicCard"}


class ElectronicCard(models.Model):
    """One electronic card of one person, for one plastic card. It has no state of its own but "signed" or "ended"."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "ecard_id")
    person_id = models.BigIntegerField()
    ecard_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    card_id = models.UUIDField()
    """The plastic card whose on-line form this is."""
    level = models.SmallIntegerField(default=1)
    """1: inquiry and credential. 2: linked to the card's own bank account as well."""
    certificate = models.TextField()
    """What the platform signed (`platform.Certificate.text`)."""
    proof = models.CharField(max_length=8)
    """How the real person was seen: face, counter, or photo for a child."""
    state = models.CharField(max_length=6, default="signed")
    allowed_loss = models.DateTimeField(null=True)
    """The moment of the temporary loss during which the holder allowed the use; another loss needs another yes."""
    signed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            CompositeForeignKey(
                fields=["person_id", "card_id"], to="cards.Card", name="cards_electroniccard_card"
            ),
            models.UniqueConstraint(fields=["person_id"], condition=Q(state="signed"), name="cards_ecard_one"),
            models.CheckConstraint(condition=Q(level__in=(1, 2)), name="cards_ecard_level"),
        )  # fmt: skip


class EcardPassword(models.Model):
    """The electronic card's own six digits: a keyed verifier, and the tries of the last 24 hours that were not right.

    A table of its own: the count is written by a transaction that commits before the compare.
    """

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "ecard_id")
    person_id = models.BigIntegerField()
    ecard_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    verifier = models.BinaryField(max_length=32)
    tries = models.JSONField(default=list)
    """Moments, seconds since 1970."""
    locked_until = models.DateTimeField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(**_CARD, name="cards_ecardpassword_card"),)


class EcardPhone(models.Model):
    """A phone on which the card was shown after a check by message. `open_*`: opened by password in this session."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "ecard_id", "phone_id")
    person_id = models.BigIntegerField()
    ecard_id = models.UUIDField()
    phone_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    token_hash = models.BinaryField(max_length=32)
    open_session = models.CharField(max_length=64, blank=True)
    open_until = models.DateTimeField(null=True)
    since = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(**_CARD, name="cards_ecardphone_card"),)


class EcardCode(models.Model):
    """A code of the minute, found by the hash of its number; scans once. Holds nothing but ids."""

    sscard_table = Table.LOOKUP

    number_hash = models.BinaryField(max_length=32, primary_key=True)
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    ecard_id = models.UUIDField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["person_id", "ecard_id"], name="cards_ecardcode_card"),)


class EcardProof(models.Model):
    """At a counter the clerk has seen the person with the original ID: it takes the place of one face check."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "proof_id")
    person_id = models.BigIntegerField()
    proof_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    place = models.CharField(max_length=60)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="cards_ecardproof_person"),)


class EcardRelative(models.Model):
    """Family service (亲情服务): `keeper_person_id` may show the card of `person_id`. asked → active → ended."""

    sscard_table = Table.PERSON

    KINDS = ("elder", "child", "spouse", "other")

    pk = models.CompositePrimaryKey("person_id", "relative_id")
    person_id = models.BigIntegerField()
    relative_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    keeper_person_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=6, default="asked")
    asked_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="cards_ecardrelative_person"),
            models.UniqueConstraint(
                fields=["person_id", "keeper_person_id"],
                condition=Q(state__in=("asked", "active")),
                name="cards_ecardrelative_once",
            ),
        )

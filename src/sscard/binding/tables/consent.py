"""What was agreed: the consent with its history, and the binding that it makes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.binding.states import DURATIONS, STATES
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table


class Consent(models.Model):
    """What a client may do with one card, for how long, and who said so. Changes through `consents.move` only; expiry is
    decided on reading (`consents.state_now`) and written down by a job."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "consent_id")
    person_id = models.BigIntegerField()
    consent_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    client_id = models.UUIDField()
    card_id = models.UUIDField()
    way = models.CharField(max_length=12)
    """"redirect" (the holder's browser) or "backchannel" (CIBA)."""
    wants = models.JSONField(default=list)
    duration = models.CharField(max_length=12)
    days = models.IntegerField(null=True)
    """TIME_BOUND only."""
    customer = models.CharField(max_length=64)
    """The client's own reference of its customer."""
    paying_reference = models.CharField(max_length=64, blank=True)
    """The client's own reference of the paying account."""
    paying_masked = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=40, blank=True)
    """The binding message that is shown on both sides (CIBA)."""
    state = models.CharField(max_length=24)
    asked_at = models.DateTimeField()
    awaiting_until = models.DateTimeField()
    id_valid_until = models.DateField(null=True)
    """The end of the holder's ID card as the client's files have it; it holds at asking, agreeing and renewing."""
    verified_by = models.CharField(max_length=10, blank=True)
    """How the holder proved himself: sms, face, desk."""
    authorised_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    """None: until it is revoked (PERSISTENT), or not authorised yet."""
    ended_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=12, blank=True)
    """holder, bank, client or card_event."""
    document_id = models.UUIDField(null=True)
    """The signed electronic authorisation."""
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=STATES), name="binding_consent_state"),
            models.CheckConstraint(condition=Q(duration__in=DURATIONS), name="binding_consent_duration"),
            models.CheckConstraint(
                condition=Q(duration="TIME_BOUND", days__isnull=False) | ~Q(duration="TIME_BOUND"),
                name="binding_consent_days",
            ),
            models.CheckConstraint(
                condition=~Q(state="REVOKED") | ~Q(revoked_by=""), name="binding_consent_revoked_by_somebody"
            ),
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="binding_consent_person"),
        )


class ConsentEvent(models.Model):
    """What happened to a consent, for ever."""

    sscard_table = Table.PERSON
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "consent_id", "event_id")
    person_id = models.BigIntegerField()
    consent_id = models.UUIDField()
    event_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    act = models.CharField(max_length=20)
    was = models.CharField(max_length=24, blank=True)
    became = models.CharField(max_length=24)
    by = models.CharField(max_length=12)
    """holder, bank, client, card_event or time."""
    actor = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            CompositeForeignKey(
                fields=["person_id", "consent_id"], to="binding.Consent", name="binding_consentevent_consent"
            ),
        )


class Binding(models.Model):
    """A card linked to a customer of a bank (or partner) and his paying account there. It lives as long as its consent;
    one card is linked once at one client at a time."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "binding_id")
    person_id = models.BigIntegerField()
    binding_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    consent_id = models.UUIDField()
    client_id = models.UUIDField()
    card_id = models.UUIDField()
    customer = models.CharField(max_length=64)
    paying_reference = models.CharField(max_length=64, blank=True)
    paying_masked = models.CharField(max_length=40, blank=True)
    bound_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["person_id", "card_id", "client_id"],
                condition=Q(ended_at__isnull=True),
                name="binding_binding_once",
            ),
            CompositeForeignKey(
                fields=["person_id", "consent_id"], to="binding.Consent", name="binding_binding_consent"
            ),
        )

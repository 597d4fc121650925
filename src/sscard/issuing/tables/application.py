"""A person's application for a card."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.issuing.states import APPLICATION_CHECKED, APPLICATION_LIVE
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class Application(models.Model):
    """Who wants a card, of which bank, to be fetched where. `way`: desk, self, employer or campaign.

    `account` (sealed) is the bank's answer: {"account", "pan"}. The persons who made and checked it are kept as blind
    index, so that two accounts of one human are one human to the database, too.
    """

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "application_id")
    person_id = models.BigIntegerField()
    application_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    bank = models.CharField(max_length=12)
    outlet = models.CharField(max_length=40)
    """Code of the outlet or branch in the area pack where the holder wants to fetch the card."""
    state = models.CharField(max_length=12)
    way = models.CharField(max_length=10)
    campaign_id = models.UUIDField(null=True)
    guardian = models.BigIntegerField(null=True)
    """person_id of the guardian who applied for the person."""
    papers = models.JSONField(default=list)
    """Codes of the papers that were seen."""
    papers_due = models.JSONField(default=list)
    """Codes of the papers that will be seen at the hand-over, as nobody saw them on-line."""
    applied_by = models.UUIDField()
    applied_person = models.BinaryField(max_length=32, null=True)
    applied_name = models.CharField(max_length=60)
    applied_at = models.DateTimeField()
    checked_by = models.UUIDField(null=True)
    checked_person = models.BinaryField(max_length=32, null=True)
    checked_name = models.CharField(max_length=60, blank=True)
    checked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    batch_id = models.UUIDField(null=True)
    card_id = models.UUIDField(null=True)
    account = SealedField(purpose="bank", null=True)
    pan_mask = models.CharField(max_length=19, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id"], to="people.Person", name="issuing_application_person"),
            models.UniqueConstraint(
                fields=["person_id"], condition=Q(state__in=APPLICATION_LIVE), name="issuing_application_one_live"
            ),
            models.CheckConstraint(
                condition=Q(applied_person__isnull=True)
                | Q(checked_person__isnull=True)
                | ~Q(applied_person=F("checked_person")),
                name="issuing_application_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=APPLICATION_CHECKED) | Q(checked_person__isnull=False),
                name="issuing_application_is_checked",
            ),
        )
        indexes = (models.Index(fields=["area_code", "state", "applied_at"], name="issuing_application_queue"),)

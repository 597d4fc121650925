"""Where each card is, in whose hands, since when; sealed shipments; counts of stock."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.tables import Table


class _Whereabouts(models.Model):
    """`place`: order (no plastic yet), producer, transit, stock, outlet, holder, destroyed, scrapped or missing.
    `hands_kind`: organisation, seal, holder, guardian, agent or nobody; `hands`: the organisation's code, the seal's
    number, or a masked name."""

    person_id = models.BigIntegerField()
    card_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    batch_id = models.UUIDField()
    place = models.CharField(max_length=10)
    organisation = models.CharField(max_length=40)
    """Who answers for the card here; on the way it is the sender."""
    hands_kind = models.CharField(max_length=12)
    hands = models.CharField(max_length=60)
    shipment_id = models.UUIDField(null=True)
    receipt = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        abstract = True


class CardPosition(_Whereabouts):
    """The present answer: exactly one row for each card."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "card_id")

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id", "card_id"], to="cards.Card", name="issuing_position_card"),
        )
        indexes = (
            models.Index(fields=["organisation", "place"], name="issuing_position_place"),
            models.Index(fields=["shipment_id"], name="issuing_position_shipment"),
        )


class CustodyEvent(_Whereabouts):
    """Every answer there ever was; kept for ever."""

    sscard_table = Table.PERSON
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "card_id", "event_id")
    act = models.CharField(max_length=60)
    actor = models.UUIDField()
    maker = models.UUIDField(null=True)
    """The first of the two persons where the act asks for two; `actor` is the second."""

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id", "card_id"], to="cards.Card", name="issuing_custody_card"),
        )


class Shipment(models.Model):
    """A sealed box on its way. Both sides sign: two organisations or at least two persons."""

    sscard_table = Table.LOCAL

    shipment_id = models.UUIDField(primary_key=True)
    area_code = models.CharField(max_length=6)
    seal = models.CharField(max_length=40)
    batch_id = models.UUIDField(null=True)
    """Set for a box from the producer; a box to an outlet may hold cards of several batches."""
    sender = models.CharField(max_length=40)
    receiver = models.CharField(max_length=40)
    cards = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default="sent")
    sent_by = models.UUIDField()
    sent_person = models.BinaryField(max_length=32, null=True)
    sent_at = models.DateTimeField()
    sent_receipt = models.CharField(max_length=40)
    received_by = models.UUIDField(null=True)
    received_person = models.BinaryField(max_length=32, null=True)
    received_at = models.DateTimeField(null=True)
    received_receipt = models.CharField(max_length=40, blank=True)
    counted = models.PositiveIntegerField(null=True)
    remark = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["area_code", "seal"], name="issuing_shipment_seal"),
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="issuing_shipment_two_sides"),
            models.CheckConstraint(
                condition=Q(sent_person__isnull=True)
                | Q(received_person__isnull=True)
                | ~Q(sent_person=F("received_person")),
                name="issuing_shipment_two_persons",
            ),
        )


class StockLine(models.Model):
    """How many finished cards of a batch an organisation or outlet holds; kept like cash vouchers."""

    sscard_table = Table.LOCAL

    pk = models.CompositePrimaryKey("area_code", "organisation", "batch_id")
    area_code = models.CharField(max_length=6)
    organisation = models.CharField(max_length=40)
    batch_id = models.UUIDField()
    cards = models.PositiveIntegerField()

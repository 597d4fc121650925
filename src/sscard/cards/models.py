"""The card of a person, its social-security side, where its social password is kept, and its history."""

from __future__ import annotations

from django.db import models

from sscard.cards.electronic import models as _electronic  # noqa: F401 - its tables belong to this room
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class Card(models.Model):
    """One card of one person. Three independent status fields exist in the house (regulations.md §3): production and
    social stand here and change through `cards.events.move` only, the financial one is the bank's (room bank). States
    and transitions: `cards.states`.

    `facts` (sealed): card_number, card_id_code, chip_serial. Uniqueness: people.Lookup kinds card_number, card_id_code,
    card.
    """

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "card_id")
    person_id = models.BigIntegerField()
    card_id = models.UUIDField()
    """The public id of the card."""
    area_code = models.CharField(max_length=6)
    facts = SealedField(purpose="person")
    card_number_mask = models.CharField(max_length=9)
    bank = models.CharField(max_length=12, blank=True)
    """Code of the card's bank (服务银行), or "" for a card without savings function."""
    application_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    production = models.CharField(max_length=14)
    social = models.CharField(max_length=14, default="sealed")
    spec_version = models.CharField(max_length=4, default="3.00")
    key_set = models.CharField(max_length=24, blank=True, default="")
    """The set its piece was ordered with ("city:990100#2", "test"); "" before it was ordered."""
    issue_date = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="cards_card_person"),)


class CardPassword(models.Model):
    """The social password (社保密码) of a card: where it is kept; for a card without a chip a keyed verifier and a counter
    of wrong entries in a row.

    A table of its own, because the counter is written by a transaction of its own that commits before the compare,
    and no other save may ever put an older count back.
    """

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "card_id")
    person_id = models.BigIntegerField()
    card_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    verifier = models.BinaryField(max_length=64)
    initial = models.BooleanField(default=False)
    """Still the initial password that the area's rule made."""
    on_chip = models.BooleanField(default=False)
    """Kept, compared and counted by the chip: then there is no verifier here."""
    tries = models.IntegerField(default=0)
    """Entries counted and not yet proved right."""
    unlocks = models.IntegerField(default=0)
    set_at = models.DateTimeField()

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id", "card_id"], to="cards.Card", name="cards_cardpassword_card"),
            models.CheckConstraint(condition=models.Q(tries__gte=0), name="cards_cardpassword_tries"),
        )


class CardEvent(models.Model):
    """What happened to a card, for the line of stations and for ever (regulations.md §7.2: card events kept for
    life)."""

    sscard_table = Table.PERSON
    sscard_insert_only = True

    pk = models.CompositePrimaryKey("person_id", "card_id", "event_id")
    person_id = models.BigIntegerField()
    card_id = models.UUIDField()
    event_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    side = models.CharField(max_length=12)
    """production, social or bank."""
    was = models.CharField(max_length=14, blank=True)
    became = models.CharField(max_length=14)
    act = models.CharField(max_length=60)
    place = models.CharField(max_length=60, blank=True)
    """Organisation code where it happened."""
    actor = models.UUIDField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            CompositeForeignKey(fields=["person_id", "card_id"], to="cards.Card", name="cards_cardevent_card"),
        )

"""What the house writes down of keys: ceremonies, carriers and where they are, losses. Never a key, never a share."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.ids import new_id
from sscard.kernel.tables import Table


class Ceremony(models.Model):
    """One ceremony: opened by two custodians, closed by an auditor. `subject`: level that is made, or set that is proved."""

    sscard_table = Table.LOCAL

    KINDS = ("make", "prove")

    ceremony_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=5)
    subject = models.CharField(max_length=20)
    need = models.SmallIntegerField()
    of = models.SmallIntegerField()
    state = models.CharField(max_length=9, default="open")
    """open → done | cancelled; an open one is void after an hour."""
    opened_by = models.UUIDField()
    opened_with = models.UUIDField()
    opened_name = models.CharField(max_length=60)
    with_name = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    auditor = models.UUIDField(null=True)
    auditor_name = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    key_set = models.CharField(max_length=24, blank=True)
    kcv = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(opened_by=F("opened_with")), name="keys_ceremony_two_custodians"),
            models.CheckConstraint(
                condition=Q(auditor__isnull=True) | ~Q(auditor=F("opened_by")) & ~Q(auditor=F("opened_with")),
                name="keys_ceremony_auditor_apart",
            ),
        )


class CeremonyStep(models.Model):
    """Who did which step when."""

    sscard_table = Table.LOCAL
    sscard_insert_only = True

    STEPS = ("opened", "agreed", "share", "confirmed", "given", "closed", "cancelled")

    step_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10)
    actor = models.UUIDField()
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()


class Carrier(models.Model):
    """A thing that holds a key or a share: PSAM, security module, key card, share envelope."""

    sscard_table = Table.LOCAL

    KINDS = ("psam", "hsm", "key_card", "share")

    carrier_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=40)
    """Serial number on the carrier, or the share's envelope."""
    origin = models.CharField(max_length=120)
    """Who issued it; master, mother and transport cards and PSAMs come from the ministry only (Article 23)."""
    key_set = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=9, default="kept")
    """kept ⇄ away (handed to a third party) → destroyed | lost"""
    holder = models.CharField(max_length=120)
    registered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["area_code", "kind", "number"], name="keys_carrier_once"),)


class CustodyEntry(models.Model):
    """One line of the custody ledger, signed by two. A hand-over carries Article 24's four items."""

    sscard_table = Table.LOCAL
    sscard_insert_only = True

    ACTS = ("registered", "handed_over", "taken_back", "destroyed", "lost")

    entry_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="entries")
    act = models.CharField(max_length=12)
    holder = models.CharField(max_length=120)
    record = models.CharField(max_length=60, blank=True)
    agreement = models.CharField(max_length=60, blank=True)
    review = models.CharField(max_length=60, blank=True)
    supervisor = models.CharField(max_length=60, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    maker = models.UUIDField()
    checker = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(act="lost") | Q(checker__isnull=False) & ~Q(checker=F("maker")),
                name="keys_custody_two_signatures",
            ),
            models.CheckConstraint(
                condition=~Q(act="handed_over") | ~Q(record="") & ~Q(agreement="") & ~Q(review="") & ~Q(supervisor=""),
                name="keys_custody_four_items",
            ),
        )


class KeyLoss(models.Model):
    """Loss of a carrier: reported at once to the superior department and to the ministry (Article 25), with what it can
    reach. Closed when both reports are out and the cause is known."""

    sscard_table = Table.LOCAL

    loss_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="losses")
    story = models.CharField(max_length=500)
    reported_by = models.UUIDField()
    raised_at = models.DateTimeField()
    exposed = models.JSONField(default=list)
    """Names of the keys that the carrier opens."""
    cards = models.IntegerField()
    people = models.IntegerField()
    superior_receipt = models.CharField(max_length=60, blank=True)
    superior_at = models.DateTimeField(null=True)
    ministry_receipt = models.CharField(max_length=60, blank=True)
    ministry_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(superior_at__isnull=False) & Q(ministry_at__isnull=False) & ~Q(cause=""),
                name="keys_loss_closed_is_reported",
            ),
        )

"""Tables of the law room: area packs that were put into force, and which one is in force now."""

# mypy: disable-error-code="var-annotated, misc, no-any-return"
# Django's fields carry no types of their own.

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sscard.kernel.ids import new_id
from sscard.kernel.tables import BANK, REPORT, SEALER, Table

_READERS = {BANK: "select", SEALER: "select", REPORT: "select"}  # what holds in an area is asked under every role


class AreaPack(models.Model):
    """One pack as it was put into force, archive and all. Earlier ones are kept for ever: old acts rest on them."""

    sscard_table = Table.REFERENCE
    sscard_insert_only = True
    sscard_grants = _READERS

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = models.CharField(max_length=6)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SM3 of the archive, hex
    archive = models.BinaryField()
    signer = models.CharField(max_length=40)
    maker = models.CharField(max_length=64)
    checker = models.CharField(max_length=64)
    active_from = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area_code", "version"], name="law_pack_version_once"),
            models.CheckConstraint(condition=~Q(maker=F("checker")), name="law_pack_two_persons"),
            models.CheckConstraint(condition=Q(version__gte=1), name="law_pack_version_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} v{self.version}"

    @property
    def state(self) -> str:
        """ "in_force" or "earlier"."""
        in_force = ActiveArea.objects.filter(pk=self.area_code, pack_id=self.pk).exists()
        return "in_force" if in_force else "earlier"


class ActiveArea(models.Model):
    """Which pack of an area is in force."""

    sscard_table = Table.REFERENCE
    sscard_grants = _READERS

    area_code = models.CharField(max_length=6, primary_key=True)
    pack = models.ForeignKey(AreaPack, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.area_code

"""Organisations and the people and programs that act for them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from sscard.kernel.ids import new_id
from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table

EXCLUSIVE_ROLES = ("system_admin", "security_admin", "audit_admin")


class Organisation(models.Model):
    """Approving ministry, its informatisation office, bureaus and outlets, banks and branches, producers, employers."""

    sscard_table = Table.REFERENCE

    KINDS = (
        "ministry",
        "ministry_office",
        "bureau",
        "outlet",
        "bank",
        "bank_branch",
        "producer",
        "employer",
        "hospital",
        "school",
        "partner",
    )

    code = models.CharField(primary_key=True, max_length=40)
    kind = models.CharField(max_length=20)
    area_code = models.CharField(max_length=6, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    bank = models.CharField(max_length=12, blank=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    credit_code = models.CharField(max_length=18, blank=True)
    active = models.BooleanField(default=True)

    def name(self, lang: str = "zh") -> str:
        return self.name_en if lang == "en" else self.name_zh


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(username=username)


class Staff(AbstractBaseUser):
    """One account of one person who works for one organisation. Accounts are never shared and never reused."""

    sscard_table = Table.LOCAL
    sscard_open = True

    staff_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=60, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    area_code = models.CharField(max_length=6, blank=True)
    display_name = models.CharField(max_length=60)
    person_index = models.BinaryField(max_length=32)
    """Blind index of the person's own ID number: two accounts of one person are one person to four eyes."""
    totp = SealedField(purpose="staff", null=True)
    totp_last_step = models.BigIntegerField(default=0)
    must_change_password = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = StaffManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["staff_id", "person_index"], name="control_staff_person"),)

    @property
    def is_active(self) -> bool:
        return self.active

    def role_names(self) -> frozenset[str]:
        return frozenset(self.roles.values_list("role", flat=True))

    def save(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("force_insert", self._state.adding)
        super().save(*args, **kwargs)


class StaffRole(models.Model):
    """A role of a staff member in an area ("" for national organisations)."""

    sscard_table = Table.LOCAL
    sscard_open = True

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="roles")
    person_index = models.BinaryField(max_length=32)
    role = models.CharField(max_length=30)
    area_code = models.CharField(max_length=6, blank=True)
    granted_by = models.UUIDField(null=True)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            CompositeForeignKey(
                fields=["staff_id", "person_index"], to="control.Staff", name="control_staffrole_own_index"
            ),
            models.UniqueConstraint(fields=["staff", "role", "area_code"], name="control_staffrole_once"),
            models.UniqueConstraint(
                fields=["person_index"],
                condition=Q(role__in=EXCLUSIVE_ROLES),
                name="control_staffrole_exclusive_admins",
            ),
        )


class StaffRelative(models.Model):
    """A relative that a staff member declared: he does not act on that person's record either."""

    sscard_table = Table.LOCAL
    sscard_open = True

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="relatives")
    person_index = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["staff", "person_index"], name="control_relative_once"),)


class Program(models.Model):
    """A program that acts for an organisation: a bank's file program, a producer's, a kiosk. It signs in with a key of its
    own; only the hash of that key stands here."""

    sscard_table = Table.LOCAL
    sscard_open = True

    program_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    area_code = models.CharField(max_length=6, blank=True)
    role = models.CharField(max_length=30)
    secret_hash = models.BinaryField(max_length=32)
    active = models.BooleanField(default=True)

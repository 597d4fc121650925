"""The person and what belongs to him: numbers he had, photo, guardians; and the look-up of global uniqueness."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sscard.kernel.keys import CompositeForeignKey
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import BANK, Table


class Lookup(models.Model):
    """Global uniqueness: (kind, value) → whose and in which area. `value` is a blind index (32 bytes) or a public id (16).

    Kinds: id_number, card_number (with its area), card_id_code, pan, and public ids: person, card, application, account …
    """

    sscard_table = Table.LOOKUP
    sscard_grants = {BANK: "select, insert, update"}

    pk = models.CompositePrimaryKey("kind", "value")
    kind = models.CharField(max_length=20)
    value = models.BinaryField(max_length=32)
    area_code = models.CharField(max_length=6)
    person_id = models.BigIntegerField()
    object_id = models.UUIDField(null=True)


class Person(models.Model):
    """One resident. `person_id` is internal and never leaves the house; `public_id` is what faces use.

    `facts` (sealed, read together): name, id_number, phone, address, household, household_kind, contact, contact_phone,
    employer_name, title … The clear columns are what rules and lists need: masks, indexes, birth date, sex, nation.
    """

    sscard_table = Table.PERSON

    CATEGORIES = ("employee", "unemployed", "retiree", "resident", "student", "child", "flexible")
    STATES = ("active", "alias", "deceased", "left", "withdrawn")

    person_id = models.BigIntegerField(primary_key=True)
    area_code = models.CharField(max_length=6)
    public_id = models.UUIDField()
    facts = SealedField(purpose="person")
    name_mask = models.CharField(max_length=60)
    id_mask = models.CharField(max_length=18)
    phone_mask = models.CharField(max_length=15, blank=True)
    id_kind = models.CharField(max_length=24)
    """codes.person_number.Kind."""
    id_index = models.BinaryField(max_length=32)
    name_index = models.BinaryField(max_length=32)
    like_phone = models.BinaryField(max_length=32)
    """Index of name, birth date and phone: the same person under another number looks like this one."""
    like_address = models.BinaryField(max_length=32)
    facts_index = models.BinaryField(max_length=32)
    """Keyed digest of the facts: a row that says nothing new is known without opening anything."""
    birth_date = models.DateField()
    sex = models.CharField(max_length=1)
    nation = models.CharField(max_length=2, blank=True)
    category = models.CharField(max_length=12)
    employer = models.CharField(max_length=18, blank=True)
    """Unified social credit code of the employer, or ""."""
    has_photo = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="active")
    source = models.CharField(max_length=10)
    """desk, self, employer or bulk (how the data came)."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(person_id__gt=0), name="people_person_positive"),
            models.CheckConstraint(condition=Q(sex__in=["0", "1", "2", "9"]), name="people_person_sex"),
        )
        indexes = (
            models.Index(fields=["like_phone"], name="people_person_like_phone"),
            models.Index(fields=["like_address"], name="people_person_like_address"),
            models.Index(fields=["name_index"], name="people_person_name"),
        )


class PersonAlias(models.Model):
    """A duplicate record (`person_id`) that stands for another (`true_person_id`). Never rewritten; undo removes the row."""

    sscard_table = Table.PERSON

    person_id = models.BigIntegerField(primary_key=True)
    true_person_id = models.BigIntegerField()
    area_code = models.CharField(max_length=6)
    case_id = models.UUIDField()
    since = models.DateTimeField()


class IdHistory(models.Model):
    """A number that a person had: a 15-digit old one, or one that was corrected. History only; nothing is issued on it."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "entry_id")
    person_id = models.BigIntegerField()
    entry_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    number = SealedField(purpose="person")
    number_index = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=20)
    until = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="people_idhistory_person"),)


class Photo(models.Model):
    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "photo_id")
    person_id = models.BigIntegerField()
    photo_id = models.UUIDField()
    area_code = models.CharField(max_length=6)
    image = SealedField(purpose="photo")
    media_type = models.CharField(max_length=20)
    taken_at = models.DateTimeField()
    current = models.BooleanField(default=True)

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="people_photo_person"),)


class Guardian(models.Model):
    """A guardian of a child or of a person without capacity: he acts for `person_id`."""

    sscard_table = Table.PERSON

    pk = models.CompositePrimaryKey("person_id", "guardian_person_id")
    person_id = models.BigIntegerField()
    guardian_person_id = models.BigIntegerField()
    area_code = models.CharField(max_length=6)
    relation = models.CharField(max_length=20)
    since = models.DateTimeField()

    class Meta:
        constraints = (CompositeForeignKey(fields=["person_id"], to="people.Person", name="people_guardian_person"),)

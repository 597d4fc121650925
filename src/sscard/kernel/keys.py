"""Composite foreign keys between person-owned tables.

Django 5.2 has composite primary keys but no foreign keys to them, so the real constraint is a `BaseConstraint` of ours.
It works in migrations like any other constraint; add the dependency on the other room's migration by hand.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint


class CompositeForeignKey(BaseConstraint):
    """`fields` of this table refer to `to_fields` (default: the same names) of table `to` ("people.Person")."""

    def __init__(self, *, fields: list[str], to: str, to_fields: list[str] | None = None, name: str) -> None:
        super().__init__(name=name)
        self.fields, self.to, self.to_fields = list(fields), to, list(to_fields or fields)

    def _clause(self, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        ours = ", ".join(quote(f) for f in self.fields)
        theirs = ", ".join(quote(f) for f in self.to_fields)
        table = quote(self.to.lower().replace(".", "_", 1))
        return f"constraint {quote(self.name)} foreign key ({ours}) references {table} ({theirs})"

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """At the end of the migration, when the other table surely stands, not inside CREATE TABLE."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return f"alter table {schema_editor.quote_name(model._meta.db_table)} add {self._clause(schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"alter table {quote(model._meta.db_table)} drop constraint {quote(self.name)}"

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """The database is the judge; nothing to ask before."""
        if any(getattr(instance, f, None) is None for f in self.fields):
            raise ValidationError(f"{self.name}: {self.fields} must all be given")

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs.update(fields=self.fields, to=self.to, to_fields=self.to_fields)
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__

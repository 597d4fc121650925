"""What an act sees of the world: its caller, its area's clock, and the pen for events and audit."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sscard.control import audit
from sscard.control.caller import Caller
from sscard.control.models import Outbox
from sscard.kernel import clock, db
from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from sscard.law.areas import Area


def _nobody(_person_id: int) -> bytes | None:
    return None


person_index_of: Callable[[int], bytes | None] = _nobody
"""Port, filled by the app with room people: the blind index of a person's current ID number."""


@dataclass(slots=True)
class Inside:
    """Handed to every act and reading. `about` first, then look."""

    caller: Caller
    area_code: str
    act: str
    purpose: str = ""
    key: str = ""
    object: str = ""
    maker: uuid.UUID | None = None
    checker: uuid.UUID | None = None
    maker_person: bytes | None = None
    persons: dict[int, str] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    once: dict[str, Any] = field(default_factory=dict)
    _events: list[Outbox] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The area's time, UTC."""
        return clock.now(self.area_code)

    @property
    def today(self) -> date:
        return clock.today(self.area_code)

    @property
    def area(self) -> Area:
        from sscard.law import areas

        return areas.get(self.area_code)

    @property
    def request_id(self) -> str:
        return self.caller.request_id

    def about(self, person_id: int, area_code: str | None = None, *, what: str = "") -> None:
        """Name a person whose record this touches. A holder acts only for himself and his wards, staff never on their own
        record or a declared relative's; otherwise it is as if the record did not exist, or refused by name."""
        caller = self.caller
        if caller.kind in ("holder", "customer") and person_id not in caller.persons:
            raise Refusal("control.not_found")
        if caller.kind == "staff":
            index = person_index_of(person_id)
            if index is not None and (index == caller.person_index or index == self.maker_person):
                raise Refusal("control.own_record")
            if index is not None and index in caller.relatives:
                raise Refusal("control.relatives_record")
        self.persons[person_id] = area_code or self.area_code
        if what:
            self.detail.setdefault("what", what)

    def opened(self, table: str, field: str, rows: Sequence[Any]) -> None:
        """Sealed values are opened (kernel.sealed.Reader): noted in this act's or reading's audit row."""
        noted = self.detail.setdefault("opened", {})
        name = f"{table}.{field}"
        noted[name] = noted.get(name, 0) + len(rows)

    def emit(self, name: str, body: dict[str, Any]) -> None:
        """An event, told with the facts of this act through the outbox. Bodies hold ids, never numbers or names."""
        self._events.append(Outbox(area_code=self.area_code, name=name, body=body, occurred_at=self.now))

    @contextmanager
    def bank_role(self, bank: str | None = None) -> Iterator[None]:
        """Statements inside run as the bank's database role, seeing the rows of that bank's book only."""
        with db.bank_role(f"bank:{bank or self.caller.bank}"):
            yield

    def write(self, *, result: str, reason: str = "") -> None:
        """Write events and the audit row; the door calls it as the last thing before commit."""
        if result != "refused":
            Outbox.objects.bulk_create(self._events)
        if self.maker is not None:
            self.detail["maker"] = str(self.maker)
        if self.key:
            self.detail["key"] = self.key
        row = audit.row_of(
            self.caller,
            self.act,
            area=self.area_code,
            now=self.now,
            result=result,
            reason=reason,
            object=self.object,
            purpose=self.purpose,
            detail=self.detail,
        )
        audit.write([row], [(row, person, area) for person, area in self.persons.items() if area == self.area_code])

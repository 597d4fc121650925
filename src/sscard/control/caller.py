"""Who asks: made once by a face after sign-in, then handed through the door unchanged."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscard.control.models import Program, Staff


@dataclass(frozen=True, slots=True)
class Caller:
    """`person_index` is the blind index of the human behind the account; `persons` are the person_ids that a holder
    may act for (himself and the children under his guardianship)."""

    kind: str
    id: uuid.UUID
    name: str
    channel: str
    area: str = ""
    organisation: str = ""
    organisation_kind: str = ""
    bank: str = ""
    roles: frozenset[str] = frozenset()
    person_index: bytes | None = None
    relatives: frozenset[bytes] = frozenset()
    persons: frozenset[int] = frozenset()
    session: str = ""
    address: str = ""
    request_id: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_staff(cls, staff: Staff, *, channel: str, **more: Any) -> Caller:
        """`area` may be given in `more` for staff of national organisations and banks that work in several areas."""
        organisation = staff.organisation
        more.setdefault("area", staff.area_code)
        return cls(
            kind="staff",
            id=staff.staff_id,
            name=staff.display_name,
            channel=channel,
            organisation=organisation.code,
            organisation_kind=organisation.kind,
            bank=organisation.bank,
            roles=staff.role_names(),
            person_index=bytes(staff.person_index),
            relatives=frozenset(bytes(r.person_index) for r in staff.relatives.all()),
            **more,
        )

    @classmethod
    def of_program(cls, program: Program, *, channel: str, **more: Any) -> Caller:
        organisation = program.organisation
        more.setdefault("area", program.area_code)
        return cls(
            kind="program",
            id=program.program_id,
            name=program.name,
            channel=channel,
            organisation=organisation.code,
            organisation_kind=organisation.kind,
            bank=organisation.bank,
            roles=frozenset({program.role}),
            **more,
        )

    @classmethod
    def of_holder(
        cls, *, holder_id: uuid.UUID, name: str, area: str, person_index: bytes, persons: frozenset[int], **more: Any
    ) -> Caller:
        more.setdefault("channel", "page")
        return cls(
            kind="holder",
            id=holder_id,
            name=name,
            area=area,
            roles=frozenset({"holder"}),
            person_index=person_index,
            persons=persons,
            **more,
        )

    @classmethod
    def of_customer(
        cls,
        *,
        customer_id: uuid.UUID,
        name: str,
        area: str,
        bank: str,
        person_index: bytes,
        person_id: int,
        **more: Any,
    ) -> Caller:
        """Somebody signed in at his bank's own site: a customer of that bank, who sees his accounts there and nothing of
        the bureau's."""
        more.setdefault("channel", "netbank")
        return cls(
            kind="customer",
            id=customer_id,
            name=name,
            area=area,
            bank=bank,
            roles=frozenset({"customer"}),
            person_index=person_index,
            persons=frozenset({person_id}),
            **more,
        )

    @classmethod
    def of_visitor(cls, mark: uuid.UUID, *, area: str, **more: Any) -> Caller:
        """Somebody who has not signed in. `mark` was made by his browser or program: it tells his own repeats from others'
        requests and nothing else, so no id of an account can be reached by it."""
        more.setdefault("channel", "page")
        visitor = uuid.uuid5(VISITORS, mark.hex)
        return cls(kind="visitor", id=visitor, name="", area=area, roles=frozenset({"visitor"}), **more)


VISITORS = uuid.UUID("6d0f6a52-6f0b-4f3e-9a53-7f2d0f7a51c4")
SYSTEM_ID = uuid.UUID(int=0)


def system(area: str, *, name: str = "sscard", channel: str = "job") -> Caller:
    """The house itself: timers and jobs that follow from rules, never from somebody's wish."""
    return Caller(kind="system", id=SYSTEM_ID, name=name, channel=channel, area=area, roles=frozenset({"system"}))

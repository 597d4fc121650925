"""The lane's audit rows have the one canonical form, whatever stands in them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sscard.control import audit_form
from sscard.control.caller import Caller
from sscard.kernel.ids import new_id_text
from sscard.ledger.items import transfer_id_of
from sscard.ledger.lane_trail import Trail

TEXT = st.text(max_size=12)
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside it


@given(TEXT, TEXT, TEXT, TEXT, st.binary(max_size=4) | st.none(), MOMENT, st.dictionaries(TEXT, TEXT | st.integers()))
def test_the_written_out_form_is_the_canonical_one(
    name: str, area: str, about: str, refused: str, person: bytes | None, at: datetime, detail: dict[str, object]
) -> None:
    caller = Caller(
        kind="program", id=uuid.uuid4(), name=name, channel="gateway", roles=frozenset({"b", "a"}), person_index=person,
        session=name, address="::1", organisation=area,
    )  # fmt: skip
    trail = Trail(caller, name, area, at, object=about, purpose=about, detail=detail, request_id=refused)
    row = trail.make_row(refused_for=refused)
    columns = audit_form.columns_of(
        caller,
        name,
        area=area,
        now=at,
        result=row.result,
        reason=row.reason,
        object=about,
        purpose=about,
        detail=detail,
    )
    columns |= {"audit_id": row.audit_id, "request_id": row.request_id}
    assert trail.canonical(row) == audit_form.canonical_of(columns)
    assert json.loads(row.detail) == columns["detail"]


@given(st.uuids(), TEXT)
def test_ids_that_are_made_faster_are_the_same_ids(caller: uuid.UUID, key: str) -> None:
    text = new_id_text()
    made = uuid.UUID(text)
    assert (str(made), made.version, made.variant) == (text, 4, uuid.RFC_4122)
    by_name = uuid.uuid5(uuid.UUID("9a3c2b10-7d4e-4f6a-8a51-3f0e6b1c9d22"), f"{caller}|{key}")
    assert transfer_id_of(caller, key) == by_name

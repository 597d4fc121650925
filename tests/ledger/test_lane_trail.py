"""The lane's audit rows have the one canonical form, whatever stands in them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sscard.control import audit_form
from sscard.control.caller import Caller
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

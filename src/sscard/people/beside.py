"""What other rooms may learn of a person beside a running act, through the cursor of `kernel.aside`."""

from __future__ import annotations

from typing import Any

from sscard.kernel.aside import one
from sscard.kernel.keyclient import keys
from sscard.kernel.masked import Secret, mask_phone
from sscard.kernel.sealed import aad_for, decode


def phone_of(cursor: Any, person_id: int) -> tuple[Secret[str], str, bytes] | None:
    """(number, mask, blind index) of the telephone of record of a living, registered person; None without one. Whoever
    calls this writes down that it was opened."""
    row = one(cursor, "select facts from people_person where person_id = %s and state = 'active'", [person_id])
    if row is None:
        return None
    aad = aad_for("people_person", "facts", [person_id])
    number = str(decode(keys().unseal("person", [(aad, bytes(row[0]))])[0]).get("phone") or "")
    if not number:
        return None
    return Secret(number), mask_phone(number), keys().blind("phone", [number.encode()])[0]

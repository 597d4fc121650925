"""Is a new social password too easy to guess for this holder? Asked by a reader before the chip is touched.

The reader knows neither birthday nor ID number nor telephone; the house knows no digits. So the PIN pad sends what was typed as
a block that only the key service opens, which answers yes or no and keeps nothing (security.md §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sscard.cards.desk import password_hints
from sscard.cards.pin import KIND
from sscard.control.acts_registry import act
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index
from sscard.people import lookup
from sscard.people import reads as people
from sscard.terminals import devices
from sscard.terminals.intake import card_of_pad


@dataclass(frozen=True, slots=True)
class JudgePassword:
    session: str
    block: str


@act("cards.judge_password", right="cards.judge_password", clause="LOCAL-LOCK", about_person=True)
def judge_password(inside: Inside, request: JudgePassword) -> dict[str, Any]:
    """Raises keyclient.PinRefused with the rule that it breaks."""
    account, terminal = card_of_pad(inside, request.session)
    found = lookup.find("card_id_code", blind_index("card_id_code", account))
    if found is None or found.area != inside.area_code:
        raise Refusal("cards.card_unknown")
    person = people.by_id(inside, people.true_person(found.person_id), what="card")
    keys().pin_set(KIND, account, bytes.fromhex(request.block), terminal, password_hints(inside, person))
    return {"good": True}


def judge(device: str, mac: str, session: str, block: str, *, address: str = "") -> dict[str, Any]:
    """For the API: a PIN pad's call, signed by its key."""
    caller = devices.judging_pad(device, mac, session, block, address=address)
    return perform(caller, "cards.judge_password", JudgePassword(session, block), key=f"{session}:{mac}").answer

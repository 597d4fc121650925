"""Asking for a check of telephone or face before an act of the electronic card; the act itself uses the result up."""

from __future__ import annotations

from typing import Final

from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.verification import codes, face
from sscard.verification.codes import Sent
from sscard.verification.face import Started

PHONE: Final = ("cards.ecard_open",)
FACE: Final = ("cards.ecard_sign", "cards.ecard_password")


def by_phone(inside: Inside, person_id: int, action: str) -> Sent:
    """A code by message to the telephone of record: its facts for the page."""
    if action not in PHONE:
        raise Refusal("control.not_found")
    return codes.send(
        person_id=person_id,
        area=inside.area_code,
        action=action,
        session=inside.caller.session,
        facts={},
        address=inside.caller.address,
    )


def by_face(inside: Inside, person_id: int, action: str, *, consent: bool, back: str = "") -> Started:
    """A face check at the provider, with a consent of its own; `back` is our page afterwards."""
    if action not in FACE:
        raise Refusal("control.not_found")
    return face.start(
        person_id=person_id,
        area=inside.area_code,
        action=action,
        session=inside.caller.session,
        consent=consent,
        back=back,
    )

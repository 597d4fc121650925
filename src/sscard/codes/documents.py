"""Kinds of identity documents, and which kinds of numbers each of them can show.

>>> validate("身份证"), validate("01"), fits("passport", Kind.CITIZEN)
('resident_id', 'resident_id', False)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sscard.codes import tables
from sscard.codes.errors import NumberFault, passes
from sscard.codes.person_number import Kind, PersonNumber

TABLE: Final = tables.read("document", "codes.document_unknown")

SHOWS: Final[Mapping[str, frozenset[Kind]]] = {
    "resident_id": frozenset({Kind.CITIZEN, Kind.CITIZEN_15}),
    "household_register": frozenset({Kind.CITIZEN}),
    "residence_permit": frozenset({Kind.RESIDENCE_PERMIT}),
    "permanent_resident": frozenset({Kind.PERMANENT_RESIDENT, Kind.PERMANENT_RESIDENT_OLD}),
    "passport": frozenset({Kind.FOREIGNER}),
}


def validate(text: str) -> str:
    """The document's code that a code or a name tells, or `codes.document_unknown`."""
    return TABLE.parse(text).code


def is_valid(text: str) -> bool:
    return passes(validate, text)


def name(code: str, lang: str = "zh") -> str:
    return TABLE.name(code, lang)


def fits(code: str, kind: Kind) -> bool:
    """Whether a document of this kind can show a number of that kind."""
    return kind in SHOWS[code]


def require_fit(code: str, number: PersonNumber) -> None:
    """`codes.document_mismatch` when the document can't show such a number. An old permanent-resident number in a
    passport's place, a permit's number under an identity card: the clerk took the wrong line of the form."""
    if not fits(code, number.kind):
        raise NumberFault("codes.document_mismatch", document=name(code), document_en=name(code, "en"))

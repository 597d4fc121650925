"""The card as a credential: who may check it for what, and which facts that purpose lets him have (`credential.toml`).

Facts are named here and nowhere else in a pack: what is not listed for a purpose is never told (PIPL Art. 6).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from sscard.law.sheet import AtLeastOne, Bilingual, Period, Rows, Sheet

CredentialFact = Literal[
    "name_mask", "name", "sex", "birth_date", "insured", "insured_area", "id_match", "level",
]  # fmt: skip
"""`insured`: yes or no, contributions of the last three months. `id_match`: does the ID number that the asker already
holds belong to this card, yes or no; the number itself is told to nobody. `level`: signing level of the e-card."""
CheckerKind = Literal["school", "employer", "hospital"]
CHECKERS: tuple[CheckerKind, ...] = ("school", "employer", "hospital")
PurposeCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{2,29}$")]


class CredentialPurpose(Period):
    """What kinds of organisation may check a card for this purpose, and what they are told beside valid or not."""

    code: PurposeCode
    name: Bilingual
    organisations: AtLeastOne[CheckerKind]
    facts: Rows[CredentialFact] = ()


class CredentialFile(Sheet):
    purpose: Rows[CredentialPurpose] = ()

"""Kinds of social insurance, keyed by (scheme, code).

Two national tables share their codes and disagree at 410: work injury on the human-resources side (AAE140), long-term
care on the medical-security side (insutype). So no code stands without its scheme; `kind` is the meaning both share.

>>> get(Scheme.AAE140, "410").kind, get(Scheme.INSUTYPE, "410").kind
('work_injury', 'long_term_care')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sscard.codes import tables
from sscard.codes.errors import NumberFault, passes, visible


class Scheme(StrEnum):
    """Which code table a file uses."""

    AAE140 = "AAE140"
    INSUTYPE = "insutype"


FIVE: Final = ("pension", "medical", "unemployment", "work_injury", "maternity")
"""The five insurances, in the order in which people are shown them."""


@dataclass(frozen=True, slots=True)
class InsuranceKind:
    """One kind in one scheme; `branch` is the insurance it belongs to (one of `FIVE`, a supplement or care)."""

    scheme: Scheme
    code: str
    kind: str
    branch: str
    zh: str
    en: str
    also: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Scheme, str]:
        return self.scheme, self.code

    def name(self, lang: str = "zh") -> str:
        return self.en if lang == "en" else self.zh


def _read(row: Mapping[str, Any]) -> InsuranceKind:
    return InsuranceKind(**{**row, "scheme": Scheme(row["scheme"]), "also": tuple(row.get("also", ()))})


KINDS: Final[Mapping[tuple[Scheme, str], InsuranceKind]] = {
    found.key: found for found in map(_read, tables.rows("insurance"))
}


def get(scheme: Scheme, code: str) -> InsuranceKind:
    """The kind under a code of a scheme, or `codes.insurance_unknown`."""
    if found := KINDS.get((scheme, code)):
        return found
    raise NumberFault("codes.insurance_unknown", given=visible(code))


def parse(text: str, scheme: Scheme | None = None) -> InsuranceKind:
    """The kind that a code or a Chinese or English name tells.

    Without a scheme, text that means different things in the two is `codes.insurance_ambiguous`; where they agree the
    human-resources side answers. Two-digit codes of older city systems are no national ones: `codes.insurance_unknown`.
    """
    key = tables.fold(text)
    if not key:
        raise NumberFault("codes.missing")
    found = [
        one
        for one in KINDS.values()
        if scheme in (None, one.scheme) and key in map(tables.fold, (one.code, one.zh, one.en, *one.also))
    ]
    if not found:
        raise NumberFault("codes.insurance_unknown", given=visible(text.strip()))
    if len({one.kind for one in found}) > 1:
        raise NumberFault("codes.insurance_ambiguous", given=visible(text.strip()))
    return found[0]


def validate(text: str, scheme: Scheme) -> str:
    """The code inside the scheme."""
    return parse(text, scheme).code


def is_valid(text: str, scheme: Scheme | None = None) -> bool:
    return passes(lambda given: parse(given, scheme), text)

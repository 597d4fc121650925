"""The register of clauses. Pages, refusals and answers name a legal basis only through it.

Each clause is told in our own words with how sure we are of it. A clause that is not certain is never shown as law: a
wrong article number on a refusal does more harm than none.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from sscard.kernel.refusals import Refusal

Confidence = Literal["certain", "known", "likely", "local"]
FILE = Path(__file__).with_name("clauses.toml")


@dataclass(frozen=True, slots=True)
class Document:
    """A law, regulation, notice or standard by its proper title."""

    id: str
    zh: str
    en: str

    def title(self, lang: str = "zh") -> str:
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Clause:
    """One article: `zh` and `en` are its meaning in our words; `article` is "-" where the document counts none."""

    id: str
    document: str
    article: str
    zh: str
    en: str
    confidence: Confidence
    source: str

    def meaning(self, lang: str = "zh") -> str:
        return self.en if lang == "en" else self.zh

    def citation(self, lang: str = "zh") -> str:
        """As it is cited: 《社会保险法》第58条 / Social Insurance Law, Art. 58."""
        title = documents()[self.document].title(lang)
        if self.article == "-":
            return title if lang == "en" else f"《{title}》"
        if lang == "en":
            return f"{title}, Art. {self.article}"
        return f"《{title}》第{self.article}条"


@cache
def documents() -> dict[str, Document]:
    return {row["id"]: Document(**row) for row in _file()["document"]}


@cache
def clauses() -> dict[str, Clause]:
    """All clauses by id. A clause without a known document, or with an unknown mark, is a programmer's error."""
    found: dict[str, Clause] = {}
    for row in _file()["clause"]:
        if row["confidence"] not in get_args(Confidence) or row["document"] not in documents() or row["id"] in found:
            raise ValueError(f"clause {row['id']}: mark, document or id is wrong")
        one = Clause(**row)
        found[one.id] = one
    return found


def clause(id_: str) -> Clause:
    """The clause, whatever its confidence; refused if the register has none."""
    try:
        return clauses()[id_]
    except KeyError:
        raise Refusal("law.clause_unknown", clause=id_[:20]) from None


def may_show(id_: str) -> bool:
    """Whether this clause may be shown to people as law: only certain ones are."""
    found = clauses().get(id_)
    return found is not None and found.confidence == "certain"


def basis(id_: str | None, lang: str = "zh") -> str:
    """The citation to show under a refusal or answer; empty if there is none that may be shown."""
    return clause(id_).citation(lang) if id_ and may_show(id_) else ""


def _file() -> dict[str, list[dict[str, Any]]]:
    with FILE.open("rb") as file:
        return dict(tomllib.load(file))

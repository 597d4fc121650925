"""Refusals: the one family of "no".

    Refusal                  code, facts, faults; raised by rules and acts, answered by every face
    └── codes.errors.NumberFault
    └── (rooms raise Refusal itself; a code names the rule, `words.toml` of the room holds its sentence)

A refusal never carries a secret or a full number: its facts end up on pages, in logs and in stored answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sscard.kernel import words


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place: a form field, a column of a row, a line of a file."""

    place: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, lang: str = "zh") -> str:
        return words.text(("fault", "refusal"), self.code, lang, **self.facts)

    def advice(self, lang: str = "zh") -> str:
        return words.next_step(("fault", "refusal"), self.code, lang, **self.facts)


class Refusal(Exception):
    """Something asked for is not done, and this says why and what to do next.

    `code` is stable and public; `facts` fill the sentence; `faults` list every fault with its place; `once` is told with the
    first answer and stored nowhere.
    """

    def __init__(self, code: str, /, *, faults: Sequence[Fault] = (), **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.faults = tuple(faults)
        self.once: dict[str, Any] = {}

    @property
    def status(self) -> int:
        """HTTP status of this refusal (RFC 9110); 409 unless the catalogue says otherwise."""
        return int(words.entry(("refusal", "fault"), self.code).get("status", 409))

    @property
    def clause(self) -> str | None:
        """Id in the clause register, or None. Faces ask `law.clauses` whether it may be shown."""
        found = words.entry(("refusal", "fault"), self.code).get("clause")
        return str(found) if found else None

    def sentence(self, lang: str = "zh") -> str:
        return words.text(("refusal", "fault"), self.code, lang, **self.facts)

    def next_step(self, lang: str = "zh") -> str:
        return words.next_step(("refusal", "fault"), self.code, lang, **self.facts)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form, as it is stored with the idempotency key and answered again on a repeat."""
        return {
            "code": self.code,
            "facts": {name: _plain(value) for name, value in self.facts.items()},
            "faults": [
                {"place": f.place, "code": f.code, "facts": {n: _plain(v) for n, v in f.facts.items()}}
                for f in self.faults
            ],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Refusal:
        faults = [Fault(f["place"], f["code"], f["facts"]) for f in stored.get("faults", ())]
        return cls(stored["code"], faults=faults, **stored.get("facts", {}))

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence('en')}"


def refuse_if_any(faults: Sequence[Fault], code: str = "kernel.form_faults") -> None:
    """Raise one refusal that lists all faults, or return when there is none."""
    if faults:
        raise Refusal(code, faults=faults, count=len(faults))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | float | type(None)) else str(value)

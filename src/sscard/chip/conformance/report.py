"""What the suite found, item by item: as JSON, as text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", "not_applicable": "○"}


@dataclass(frozen=True, slots=True)
class Result:
    """`outcome`: passed, failed, skipped (not run), or not_applicable, by the choice that `detail` names; `detail`: what was
    seen, without any value of the holder."""

    code: str
    zh: str
    en: str
    clause: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A card's examination. The card is named by its ATR and area; of its holder nothing is told."""

    atr: str
    area: str
    version: str
    algorithm: str
    at: datetime
    destructive: bool
    choices: dict[str, dict[str, Any]]
    results: list[Result] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Everything that ran is right, and something ran."""
        return bool(self.results) and not self.failed

    @property
    def failed(self) -> list[str]:
        return [one.code for one in self.results if one.outcome == "failed"]

    def as_dict(self) -> dict[str, Any]:
        found = asdict(self)
        found["at"] = self.at.isoformat()
        return {"passed": self.passed, **found}

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1)

    def as_text(self) -> str:
        head = f"{self.version} {self.algorithm}  {self.area}  ATR {self.atr}  {self.at:%Y-%m-%d %H:%M}"
        lines = [head, ""]
        for one in self.results:
            lines.append(f"{MARKS[one.outcome]} {one.code:16} {one.zh}  {one.en}")
            if one.detail:
                lines.append(f"    {one.detail}")
        count = {name: sum(one.outcome == name for one in self.results) for name in MARKS}
        lines += ["", "  ".join(f"{name.replace('_', ' ')} {number}" for name, number in count.items())]
        others = [f"{name} = {one['value']}" for name, one in self.choices.items() if not one["default"]]
        lines.append("choices: " + (", ".join(others) if others else "all as documented in docs/readers.md"))
        return "\n".join(lines)

"""Running a story and telling it: one sentence a step with the rows it proves, then a table of rows and the last line."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sscard.kernel import words
from sscard.sim.story.client import Refused
from sscard.sim.story.rows import PARTS, ROWS
from sscard.sim.story.steps import Chapter, Later, Step, Story, Wrong
from sscard.sim.story.world import World
from sscard.terminals.client import DeviceRefused

_VARIES = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?\b|\b\d{4}年\d{1,2}月\d{1,2}日|\b\d{4}-\d{4}\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{18,}\b|\bSEAL-\S+"
)
"""Dates, times, batch numbers, ids, seals."""


@dataclass(slots=True)
class Teller:
    """`quiet` chapters happen without being told. `outcomes`: what came of each step, told or not."""

    world: World
    console: Console
    green: Counter[str] = field(default_factory=Counter)
    red: Counter[str] = field(default_factory=Counter)
    outcomes: list[tuple[Step, Outcome]] = field(default_factory=list)

    def tell(self, story: Story) -> bool:
        """True when every row of the story is green."""
        lang = self.world.lang
        for step in all_steps(story):
            if step.ahead is not None:
                self.world.begin(step.ahead)
        for chapter in story.before:
            for step in chapter.steps:
                if isinstance(step, Step) and not self._quietly(step):
                    return False
        self.console.print(f"\n[bold]{escape(story.zh if lang == 'zh' else story.en)}[/]")
        for number, chapter in enumerate(story.chapters, 1):
            self.console.print(f"\n[bold]{number}  {escape(self._heading(chapter))}[/]")
            for step in chapter.steps:
                if isinstance(step, Later):
                    self._later(step)
                elif not self._step(step):
                    self._table()
                    return False
        self._table()
        return not self.red

    def _heading(self, chapter: Chapter) -> str:
        heading = chapter.zh if self.world.lang == "zh" else chapter.en
        if not chapter.document:
            return heading
        mark = self._word("document_step", number=chapter.document)
        return f"{mark}：{heading}" if self.world.lang == "zh" else f"{mark}: {heading}"

    # -- steps
    def _step(self, step: Step) -> bool:
        outcome = self._do(step)
        mark = "[green]✓[/]" if outcome.good else "[red]✗[/]"
        text = (step.zh if self.world.lang == "zh" else step.en).format_map(_Facts(outcome.facts))
        self.console.print(f"  {mark} {escape(self._plain(text))} [cyan]{' '.join(step.rows)}[/]")
        if outcome.refusal is not None:
            self._refused(outcome.refusal)
        (self.green if outcome.good else self.red).update(step.rows)
        if not outcome.good:
            self.console.print(f"    [red]{escape(self._word('went_wrong', told=outcome.told))}[/]")
        return outcome.good

    def _quietly(self, step: Step) -> bool:
        outcome = self._do(step)
        if not outcome.good:
            text = step.zh if self.world.lang == "zh" else step.en
            self.console.print(f"  [red]✗[/] {escape(text)}")
            self.console.print(f"    [red]{escape(self._word('went_wrong', told=outcome.told))}[/]")
            self.red.update(step.rows)
        return outcome.good

    def _do(self, step: Step) -> Outcome:
        outcome = do(self.world, step)
        self.outcomes.append((step, outcome))
        return outcome

    def _refused(self, no: Refused) -> None:
        lang = self.world.lang
        sentence = no.sentence(lang)
        for fault in no.faults(lang):
            if fault not in sentence:
                sentence += ("；" if lang == "zh" else "; ") + fault
        basis = str(no.problem.get("basis_zh" if lang == "zh" else "basis", ""))
        self.console.print(f"      [yellow]{self._word('refused')}[/] {escape(self._plain(sentence))}")
        for more in (no.next_step(lang), basis):
            if more:
                self.console.print(f"      [dim]→ {escape(self._plain(more))}[/]")

    def _later(self, step: Later) -> None:
        text = step.zh if self.world.lang == "zh" else step.en
        self.console.print(f"  [dim]○ {escape(text)} {self._word('later')} {' '.join(step.rows)}[/]")

    def _plain(self, text: str) -> str:
        """With a seed the text is the same each time: dates, times and ids in it are masked."""
        return _VARIES.sub("···", text) if self.world.seed is not None else text

    # -- the end
    def _table(self) -> None:
        lang = self.world.lang
        table = Table(
            title=self._word("rows"), box=None, header_style="bold", padding=(0, 2, 0, 0), title_justify="left"
        )
        table.add_column(self._word("row"), no_wrap=True)
        table.add_column(self._word("steps"), justify="right")
        table.add_column(self._word("result"))
        table.add_column(self._word("part"), overflow="fold")
        seen = self.green + self.red
        for row in [row for row in ROWS if row in seen]:
            mark = "[red]✗[/]" if self.red[row] else "[green]✓[/]"
            part = PARTS.get(row)
            told = (part.zh if lang == "zh" else part.en) if part else ""
            table.add_row(row, str(seen[row]), mark, escape(told))
        self.console.print()
        self.console.print(table)
        good = sum(1 for row in seen if not self.red[row])
        style = "green" if good == len(seen) else "red"
        self.console.print(f"[{style}]Story complete: {good} of {len(seen)} rows green[/]")

    def _word(self, code: str, **facts: Any) -> str:
        return words.text("notice", f"sim.walk.{code}", self.world.lang, **facts)


@dataclass(frozen=True, slots=True)
class Outcome:
    good: bool
    facts: dict[str, Any]
    refusal: Refused | None = None
    told: str = ""


def do(world: World, step: Step) -> Outcome:
    """One step. Good means: it went as the step says, a refusal included."""
    try:
        facts = dict(step.do(world) or {})
    except Refused as no:
        good = bool(step.refused) and step.refused in no.codes()
        return Outcome(good, {}, no, "" if good else str(no))
    except DeviceRefused as no:
        problem = {"code": no.code, "title": no.sentence.get("en", ""), "title_zh": no.sentence.get("zh", ""),
                   "detail": no.next_step.get("en", ""), "detail_zh": no.next_step.get("zh", "")}  # fmt: skip
        return Outcome(step.refused == no.code, {}, Refused(0, problem), no.code)
    except Wrong as wrong:
        return Outcome(False, {}, None, str(wrong))
    except Exception:
        return Outcome(False, {}, None, traceback.format_exc(limit=-3))
    if step.refused:
        return Outcome(False, facts, None, f"nothing refused it; {step.refused} was due")
    return Outcome(True, facts)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def all_steps(story: Story) -> Iterator[Step]:
    for chapter in (*story.before, *story.chapters):
        for step in chapter.steps:
            if isinstance(step, Step):
                yield step

"""Which stories there are: the whole way, and the journeys of documents."""

from __future__ import annotations

from sscard.sim.story import bank, collect, holder, issue, switches
from sscard.sim.story.steps import Story

DOCUMENTS = ("001", "003")


def find(document: str, area: str) -> Story | None:
    """The story of a document, or the whole way for ""."""
    if not document:
        return Story(
            "从一份名册到一张能刷的卡",
            "From a roster file to a card that pays",
            (collect.CHAPTER, issue.CHAPTER, switches.CHAPTER, bank.chapter(area), holder.CHAPTER),
        )
    return None

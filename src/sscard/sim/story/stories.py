"""Which stories there are: the whole way, and the journeys of documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sscard.sim.story import (
    bank,
    collect,
    document_000,
    document_002,
    document_004,
    documents,
    holder,
    issue,
    newcomer,
    online,
    switches,
)
from sscard.sim.story.steps import Story

DOCUMENTS: Mapping[str, Callable[[str], Story]] = {
    "000": document_000.nought,
    "001": documents.one,
    "002": document_002.two,
    "003": documents.three,
    "004": document_004.four,
}


def find(document: str, area: str) -> Story | None:
    """The story of a document, or the whole way for ""; None for a document that has none."""
    if document:
        tell = DOCUMENTS.get(document)
        return tell(area) if tell else None
    return Story(
        "从一份名册到一张能刷的卡",
        "From a roster file to a card that pays",
        (
            collect.CHAPTER,
            issue.CHAPTER,
            switches.CHAPTER,
            bank.chapter(area),
            holder.CHAPTER,
            online.CHAPTER,
            newcomer.CHAPTER,
        ),
    )

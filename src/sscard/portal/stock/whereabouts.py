"""Where a card is, with whom, since when: one sentence, with names in place of codes."""

from __future__ import annotations

from collections.abc import Iterable

from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.issuing import reads as issuing
from sscard.issuing.reads import Where
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.portal import looks


def names_of(codes: Iterable[str], lang: str) -> dict[str, str]:
    """Organisation code → name."""
    return {one.code: one.name(lang) for one in Organisation.objects.filter(code__in=set(codes))}


def places_of(codes: Iterable[str], area: str, lang: str) -> dict[str, str]:
    """The same, with the outlets that only the area's pack knows."""
    outlets = {one.code: one.name.of(lang) for one in areas.get(area).outlets()}
    return {**outlets, **names_of(codes, lang)}


def in_words(where: Where, lang: str) -> str:
    return looks.word("stock.since", lang, sentence=where.sentence(lang), since=looks.show_moment(where.since, lang))


def sentence(inside: Inside, card: Card, lang: str) -> str:
    """The answer for a card that was ordered; an empty text for one that was not yet."""
    try:
        return in_words(issuing.where(inside, card.card_id), lang)
    except Refusal as refusal:
        if refusal.code != "control.not_found":
            raise
        return ""

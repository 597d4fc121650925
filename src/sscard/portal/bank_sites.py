"""The way from the bureau's and the counter's pages to a bank's own site: another host, another sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from sscard.law import areas
from sscard.portal import looks
from sscard.portal.front.holder_setup import qr
from sscard.portal.shapes import Answer, Link


@dataclass(frozen=True, slots=True)
class SetUp:
    """Where an enrolment code is used: the address in words, and drawn for a phone. The code itself is not in it."""

    line: Answer
    picture: str


def link(area: str, bank: str, lang: str) -> Link | None:
    """To the on-line bank of this bank; None where it has no site here."""
    url = settings.CONFIG.bank_url(bank)
    if not url:
        return None
    return Link(looks.word("front.bank_site", lang, bank=areas.get(area).bank(bank).short.of(lang)), url)


def set_up(bank: str, lang: str) -> SetUp | None:
    """The page of the bank's site that asks for the code; None where it has no site here."""
    url = settings.CONFIG.bank_url(bank)
    if not url:
        return None
    word = lambda code: looks.word(f"bank_site.{code}", lang)  # noqa: E731
    return SetUp(Answer(word("address"), f"{url}/set-up/", note=word("choose")), qr(f"{url}/set-up/"))

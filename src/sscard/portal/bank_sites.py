"""The way from the bureau's pages to a bank's own site: another host, another sign-in."""

from __future__ import annotations

from django.conf import settings

from sscard.law import areas
from sscard.portal import looks
from sscard.portal.shapes import Link


def link(area: str, bank: str, lang: str) -> Link | None:
    """To the on-line bank of this bank; None where it has no site here."""
    url = settings.CONFIG.bank_url(bank)
    if not url:
        return None
    return Link(looks.word("front.bank_site", lang, bank=areas.get(area).bank(bank).short.of(lang)), url)

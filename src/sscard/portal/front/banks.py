"""Which bank, which outlet? Open to everybody; the bureau, the phone agent and this page read the same answer (ACT-4)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sscard.kernel import clock
from sscard.law import areas
from sscard.portal import looks


def choose_area(request: HttpRequest) -> HttpResponse:
    lang = looks.language(request)
    return looks.render(
        request, "portal/front/areas.html", title=looks.word("front.banks", lang), areas=approved(lang),
        lead=looks.word("front.choose_area", lang), base="/banks/",
    )  # fmt: skip


def approved(lang: str) -> list[dict[str, str]]:
    """The areas that may issue cards today, by code."""
    return [
        {"code": area.code, "name": area.name(lang)}
        for area in areas.all_areas()
        if area.approval_on(clock.today(area.code)).holds
    ]


def which_bank(request: HttpRequest, area: str) -> HttpResponse:
    lang = looks.language(request)
    found = areas.get(area)
    answer = bank_answer(area, lang)
    return looks.render(
        request,
        "portal/front/banks.html",
        title=looks.word("front.banks_of", lang, area=found.name(lang)),
        area=area,
        **answer,
    )


def sites(request: HttpRequest) -> HttpResponse:
    """The way to each bank's own site: another address, another sign-in."""
    lang = looks.language(request)
    listed = [
        {
            **area,
            "banks": [
                {"name": bank.name.of(lang), "hotline": bank.hotline, "site": settings.CONFIG.bank_url(bank.code)}
                for bank in areas.get(area["code"]).banks(clock.today(area["code"]))
            ],
        }
        for area in approved(lang)
    ]
    return looks.render(
        request, "portal/front/bank_sites.html", title=looks.word("front.sites", lang), areas=listed,
        lead=looks.word("front.sites_lead", lang),
    )  # fmt: skip


def bank_answer(area: str, lang: str) -> dict[str, object]:
    """The answer itself: each bank of the area, where its cards are activated, and where on the card its mark stands."""
    found, on = areas.get(area), clock.today(area)
    face = found.card_face(on)
    banks = [
        {
            "code": bank.code,
            "name": bank.name.of(lang),
            "hotline": bank.hotline,
            "rule": looks.word(f"front.rule.{bank.activation_outlets}", lang),
            "site": settings.CONFIG.bank_url(bank.code),
            "outlets": [
                {
                    "name": outlet.name.of(lang),
                    "address": outlet.address.of(lang),
                    "hours": outlet.hours.of(lang),
                    "phone": outlet.phone,
                    "terminal": outlet.terminal,
                }
                for outlet in found.outlets(kind="bank", bank=bank.code)
            ],
        }
        for bank in found.banks(on)
    ]
    mark = getattr(face, "bank_mark", "none")
    return {"banks": banks, "mark": looks.word(f"front.mark.{mark}", lang), "hotline": found.hotline}

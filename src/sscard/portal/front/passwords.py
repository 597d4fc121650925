"""Which business asks which password? Open to everybody (CHP-3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.portal import looks
from sscard.terminals.passwords import TABLE
from sscard.terminals.passwords_document import rows


def table(request: HttpRequest) -> HttpResponse:
    lang = looks.language(request)
    asked = list(zip(TABLE, rows(lang), strict=True))
    groups = [
        (looks.word(f"passwords.{which}", lang), looks.word(f"passwords.{which}_text", lang),
         [row for one, row in asked if one.which == which])
        for which in ("social", "bank")
    ]  # fmt: skip
    return looks.render(
        request, "portal/front/passwords.html", title=looks.word("passwords.title", lang),
        lead=looks.word("passwords.lead", lang), groups=groups,
    )  # fmt: skip

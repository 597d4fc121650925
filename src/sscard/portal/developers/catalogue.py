"""The catalogue of refusals, open to everybody: what each code means, why, and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.kernel.refusals import Refusal
from sscard.partners import catalogue
from sscard.partners.sandbox import tenants
from sscard.portal import looks
from sscard.portal.shapes import Answer, Link
from sscard.portal.tables import Column, Row, table_of


def errors(request: HttpRequest) -> HttpResponse:
    tenants.require_offered()
    lang = looks.language(request)
    text = "title_zh" if lang == "zh" else "title"
    table = table_of(
        request, looks.word("developers.errors", lang),
        (
            Column("code", looks.word("developers.error_code", lang), "code"),
            Column("status", looks.word("developers.status", lang), "number"),
            Column("text", looks.word("developers.what", lang), sortable=False),
        ),
        [Row({"code": one["code"], "status": one["status"], "text": one[text]}, url=f"/developers/errors/{one['code']}/")
         for one in catalogue.entries()],
        sort="code",
    )  # fmt: skip
    return looks.render(
        request, "portal/developers/table.html", title=looks.word("developers.errors", lang), table=table,
        lead=looks.word("developers.errors_lead", lang), crumbs=_crumbs(lang),
    )  # fmt: skip


def error(request: HttpRequest, code: str) -> HttpResponse:
    tenants.require_offered()
    found, lang = catalogue.entry(code), looks.language(request)
    if found is None:
        raise Refusal("control.not_found")
    other = "" if lang == "en" else "_zh"
    lines = [
        Answer(looks.word("developers.status", lang), str(found["status"])),
        Answer(looks.word("developers.cause", lang), found[f"title{other}"]),
        Answer(looks.word("developers.fix", lang), found[f"detail{other}"]),
        Answer(looks.word("developers.acts", lang), ", ".join(found["acts"]) or "–"),
    ]
    if at := found["oauth"]:
        told = f"{at['status']} {at['error']}: {', '.join(at['endpoints'])}"
        lines.insert(1, Answer(looks.word("developers.answers_oauth", lang), told))
    return looks.render(
        request, "portal/developers/error.html", title=code, lines=lines, crumbs=[*_crumbs(lang), Link(code)]
    )


def _crumbs(lang: str) -> list[Link]:
    return [
        Link(looks.word("developers.nav", lang), "/developers/"),
        Link(looks.word("developers.nav_errors", lang), "/developers/errors/"),
    ]

"""The banks of an area compared by their savings functions, limits and fees; and "is this document genuine?". Both are open
to everybody (ACT-10, ACT-6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank.savings_opening import function as savings
from sscard.documents import kept
from sscard.kernel import clock, words
from sscard.law import areas
from sscard.portal import looks
from sscard.portal.front import document_file
from sscard.portal.front.banks import approved
from sscard.portal.front.savings_differences import compared, yuan
from sscard.portal.shapes import Answer, Field


def choose_area(request: HttpRequest) -> HttpResponse:
    lang = looks.language(request)
    return looks.render(
        request, "portal/front/areas.html", title=looks.word("savings.compare.title", lang), areas=approved(lang),
        lead=looks.word("front.choose_area", lang), base="/savings/",
    )  # fmt: skip


def compare(request: HttpRequest, area: str) -> HttpResponse:
    lang = looks.language(request)
    found = savings.comparison(area, clock.today(area), lang)
    differing = compared(found, lang)
    return looks.render(
        request,
        "portal/front/savings.html",
        title=looks.word("savings.compare.of", lang, area=areas.get(area).name(lang)),
        lead=looks.word("savings.compare.lead", lang),
        differing=differing.rows,
        same=differing.same(lang),
        functions=found["functions"],
        rows=rows_of(found),
        terms=terms_of(found, lang),
        banks=[bank_of(one, found, lang) for one in found["banks"]],
        papers=found["papers"],
    )


def rows_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a function, one cell a bank: offered or not."""
    having = [{f["code"]: f["offered"] for f in one.get("functions", ())} for one in found["banks"]]
    return [{"name": one["name"], "cells": [of.get(one["code"], False) for of in having]} for one in found["functions"]]


def terms_of(found: dict[str, Any], lang: str) -> list[dict[str, Any]]:
    """Limits and fees in the same table: a group's heading, then one row each, one cell a bank."""
    offering = [one for one in found["banks"] if not one["none"]]
    kinds = list(dict.fromkeys(kind for one in offering for kind in one["limits"]))
    limits = [
        {"name": looks.word(f"savings.limit.{kind}", lang),
         "cells": ["–" if one["none"] else yuan(one["limits"][kind]) for one in found["banks"]]}
        for kind in kinds
    ]  # fmt: skip
    fees = {fee["code"]: fee["name"] for one in offering for fee in one["fees"]}
    costs = []
    for code, name in fees.items():
        of = [next((fee for fee in one.get("fees", ()) if fee["code"] == code), None) for one in found["banks"]]
        costs.append({"name": name, "cells": [f"{fee['text']} {fee['note']}".strip() if fee else "–" for fee in of]})
    groups = (("savings.limits", limits), ("savings.fees", costs))
    return [{"name": looks.word(code, lang), "rows": rows} for code, rows in groups]


def source_of(one: dict[str, Any], lang: str) -> str:
    """Where the terms come from, in the reader's language: a demo's are the demo's own."""
    if "demo" in one["source"]:
        return looks.word("savings.source_demo", lang, since=looks.show_day(one["since"], lang))
    return looks.word("savings.source_of", lang, source=one["source"], since=looks.show_day(one["since"], lang))


def bank_of(one: dict[str, Any], found: dict[str, Any], lang: str) -> dict[str, Any]:
    if one["none"]:
        return one
    names = {f["code"]: f["name"] for f in found["functions"]}
    first = one["least_opening_fen"]
    ways = ("、" if lang == "zh" else ", ").join(looks.word(f"savings.channel.{way}", lang) for way in one["channels"])
    where = [
        Answer(looks.word("savings.where", lang), ways),
        Answer(
            looks.word("savings.first", lang),
            looks.show_money(first) if first else looks.word("savings.first_none", lang),
        ),
        Answer(looks.word("savings.youngest", lang), looks.word("savings.years", lang, years=one["youngest"])),
        Answer(
            looks.word("savings.signing", lang),
            looks.word("savings.signing_both" if one["electronic"] else "savings.signing_paper", lang),
        ),
    ]
    return {
        **one,
        "functions": [{**f, "name": names[f["code"]]} for f in one["functions"]],
        "source": source_of(one, lang),
        "where": where,
    }


def check(request: HttpRequest) -> HttpResponse:
    """With the code at the foot of the page, of which nothing about the person is told; or with the file itself, which says
    who signed it and when, and whether it was changed afterwards."""
    if request.method == "POST":
        return document_file.check(request)
    lang = looks.language(request)
    code = request.GET.get("code", "").strip()[:40]
    found = kept.genuine(code) if code else None
    lines = []
    if found is not None:
        issuer = (
            areas.get(found.area).bank(found.bank).name.of(lang)
            if found.bank
            else areas.get(found.area).issuer_name(lang)
        )
        signed = looks.word("savings.check.signed" if found.signatures else "savings.check.unsigned", lang)
        lines = [
            Answer(looks.word("savings.check.what", lang), words.text("notice", f"{found.kind}.name", lang)),
            Answer(looks.word("savings.check.issuer", lang), issuer),
            Answer(looks.word("savings.check.made", lang), looks.show_moment(found.made_at, lang)),
            Answer(looks.word("savings.check.signatures", lang), signed),
            Answer("SHA-256", found.sha256),
        ]
    replaced = found is not None and found.state == "replaced"
    return looks.render(
        request,
        "portal/front/document.html",
        title=looks.word("savings.check.title", lang),
        lead=looks.word("savings.check.lead", lang),
        fields=[
            Field(
                "code", looks.word("savings.check.code", lang), hint=looks.word("savings.check.hint", lang), width="20"
            )
        ],
        values={"code": code},
        asked=bool(code),
        lines=lines,
        verdict="replaced" if replaced else "good" if found else "unknown",
        file_field=document_file.field(lang),
        submit_label=looks.word("savings.check.submit", lang),
        status=404 if code and found is None else 200,
    )

"""The file itself, checked: is it unchanged since it was signed, who signed it, when? The file is read and forgotten."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse

from sscard.documents import authority
from sscard.documents.apart import MOST_BYTES, examine_apart
from sscard.documents.checking import Signed
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.shapes import Answer, Field


def field(lang: str) -> Field:
    hint = looks.word("savings.check.file_hint", lang, megabytes=MOST_BYTES // 2**20)
    return Field("file", looks.word("savings.check.file", lang), kind="file", hint=hint)


def check(request: HttpRequest) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None:
        return _page(request, faults=(Fault("file", "documents.none_chosen"),))
    file = upload.read(MOST_BYTES + 1)
    try:
        found = examine_apart(file, authority.root())
    except Refusal as refusal:
        return _page(request, faults=(Fault("file", refusal.code, refusal.facts),), status=refusal.status)
    return _page(request, found, hashlib.sha256(file).hexdigest())


def _page(
    request: HttpRequest,
    found: list[Signed] | None = None,
    digest: str = "",
    *,
    faults: tuple[Fault, ...] = (),
    status: int = 200,
) -> HttpResponse:
    lang = looks.language(request)
    verdict = ""
    if found is not None:
        verdict = "unsigned" if not found else "whole" if all(one.good for one in found) else "broken"
    code = Field(
        "code", looks.word("savings.check.code", lang), hint=looks.word("savings.check.hint", lang), width="20"
    )
    return looks.render(
        request,
        "portal/front/document.html",
        title=looks.word("savings.check.title", lang),
        lead=looks.word("savings.check.lead", lang),
        fields=[code],
        file_field=field(lang),
        values={},
        file_verdict=verdict,
        verdict_title=looks.word(f"savings.check.file_{verdict}", lang) if verdict else "",
        verdict_text=looks.word(f"savings.check.file_{verdict}_text", lang) if verdict else "",
        signatures=[_said(one, lang) for one in found or ()],
        digest=digest,
        faults=faults,
        submit_label=looks.word("savings.check.submit", lang),
        status=status,
    )


def _said(one: Signed, lang: str) -> Answer:
    """Who, whether it holds, and the moment of the time stamp."""
    state = looks.word("savings.check.holds" if one.good else "savings.check.fails", lang)
    stamp = "stamped" if one.at else "no_stamp"
    when = looks.word(f"savings.check.{stamp}", lang, when=looks.show_moment(one.at, lang))
    return Answer(one.name or looks.word("savings.check.nameless", lang), state, note=when)

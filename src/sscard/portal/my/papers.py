"""A document that was handed out, fetched again: by its person, or by the bank whose it is."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sscard.control.door import reading
from sscard.documents import kept
from sscard.portal import looks
from sscard.portal.signed import caller_of, to_sign_in


def paper(request: HttpRequest, document: uuid.UUID) -> HttpResponse:
    """As a file; nobody else's browser keeps it."""
    caller = caller_of(request)
    if caller is None:
        return to_sign_in(request, "/my/sign-in/")
    right = "bank.own" if caller.kind == "holder" else "bank.savings_serve"
    with reading(caller, right=right, purpose="papers", area=kept.area_of(document)) as inside:
        row, file = kept.download(inside, document)
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{row.kind}-{row.code}.pdf"'
    answer["Cache-Control"] = "no-store"
    answer["Content-Language"] = looks.language(request)
    return answer

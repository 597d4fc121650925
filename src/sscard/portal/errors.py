"""Error pages: the same house, what happened, why, and a way on.

The root address list names them (`handler404 = "sscard.portal.errors.not_found"` and so on) and the settings name
`CSRF_FAILURE_VIEW = "sscard.portal.errors.forgery_guard"`. None of them needs the database.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.shapes import Link, Notice
from sscard.portal.trace import HEADER, trace_of

log = logging.getLogger(__name__)
STATUSES = (400, 403, 404, 405, 409, 422, 429, 500, 503)


def error_page(
    request: HttpRequest, status: int, *, code: str = "", way: Link | None = None, **more: Any
) -> HttpResponse:
    """The page of one status; its texts are `error.<code>.*` of the furniture, with the status as the default code."""
    lang = looks.language(request)
    key = code or str(status)
    page = {
        "status": status,
        "title": looks.word(f"error.{key}.title", lang),
        "what": looks.word(f"error.{key}.what", lang),
        "next": looks.word(f"error.{key}.next", lang),
        "way": way or Link(looks.word(f"error.{key}.button", lang), _way_on(request, key)),
        "lang": lang,
        "html_lang": looks.HTML_LANG[lang],
        "elder": looks.elder(request),
        **more,
    }
    return _page(request, page, status)


def refusal_page(
    request: HttpRequest, refusal: Refusal, *, way: Link | None = None, clause: str = "", **more: Any
) -> HttpResponse:
    """A refused act: the sentence, why, the legal basis if the caller found it certain, and the next step as a button.

    `clause` is the text of the basis, already asked of `law` (only certain clauses are shown). `way` is the button;
    without one it leads back to where the reader came from within this site.
    """
    lang = looks.language(request)
    page = {
        "status": refusal.status,
        "title": looks.word("error.refused.title", lang),
        "what": refusal.sentence(lang),
        "next": _next_step(request, refusal, lang),
        "clause": clause,
        "code": code_of(refusal),
        "fault_lines": beside(refusal),
        "way": way or Link(looks.word("error.refused.button", lang), _way_on(request, "refused")),
        "lang": lang,
        "html_lang": looks.HTML_LANG[lang],
        "elder": looks.elder(request),
        **_frame(request),
        **more,
    }
    return _page(request, page, refusal.status)


def _page(request: HttpRequest, page: dict[str, Any], status: int) -> HttpResponse:
    """With the trace id under which the audit and the log know it."""
    page["trace"] = trace_of(request)
    answer = HttpResponse(render_to_string("portal/error.html", page, request=request), status=status)
    answer[HEADER] = page["trace"]
    return answer


def _next_step(request: HttpRequest, refusal: Refusal, lang: str) -> str:
    """On a bank's own site the reader is its customer."""
    from sscard.portal.netbank import refused
    from sscard.portal.netbank.hosts import bank_of

    bank = bank_of(request)
    return (refused.for_customer(refusal, bank) if bank else refusal).next_step(lang)


def _frame(request: HttpRequest) -> dict[str, Any]:
    """Navigation, name and the way out around a refusal, for whoever is signed in at this site."""
    from sscard.portal import signed
    from sscard.portal.netbank import signed as netbank
    from sscard.portal.netbank.hosts import bank_of

    if not hasattr(request, "session"):
        return {}
    if bank_of(request):
        customer = netbank.caller_of(request)
        return netbank.AtBank(request, customer, looks.language(request)).frame() if customer else {}
    caller = signed.caller_of(request)
    return signed.AtPage(request, caller, looks.language(request)).frame() if caller else {}


def refused_notice(request: HttpRequest, refusal: Refusal) -> Notice:
    """The same at the head of a form that keeps what was typed, where it can be put right."""
    lang = looks.language(request)
    quoted = looks.word("error.quoted", lang, code=code_of(refusal), trace=trace_of(request))
    return Notice(refusal.sentence(lang), refusal.next_step(lang), "bad", quote=quoted)


def code_of(refusal: Refusal) -> str:
    """Its code; of what another office refused, that office's own."""
    return str(getattr(refusal, "bureau_code", "") or refusal.code)


def beside(refusal: Refusal) -> tuple[Fault, ...]:
    """The faults that say more than the refusal's own sentence does."""
    return tuple(one for one in refusal.faults if one.code != refusal.code)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


def forgery_guard(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's guard against forged requests did not fit: mostly a page that stood open too long."""
    return error_page(request, 403, code="csrf")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = error_page(request, 429, wait_seconds=seconds)
    response["Retry-After"] = str(seconds)
    return response


def down(request: HttpRequest, seconds: int = 60) -> HttpResponse:
    response = error_page(request, 503)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Something of ours broke. Should this page break too, a bare one still says so."""
    log.error("a fault of ours, trace %s", trace_of(request))
    try:
        return error_page(request, 500)
    except Exception:
        log.exception("the page for errors could not be made")
        return HttpResponse(
            "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>系统出错</title>"
            "<h1>系统出错了 · Something broke</h1><p>没有办成的事不会留下半截结果，请稍后再试。"
            "Nothing is half done. Please try again later.</p><p><a href=/>首页 · Home</a></p>",
            status=500,
        )


def _way_on(request: HttpRequest, key: str) -> str:
    """Back to the page one came from if it is ours (forms), else this page again (moments of trouble) or the start."""
    came_from = request.META.get("HTTP_REFERER", "")
    own = f"{request.scheme}://{request.META.get('HTTP_HOST', '')}/"
    if key in ("csrf", "refused", "400") and request.META.get("HTTP_HOST") and came_from.startswith(own):
        return "/" + came_from.removeprefix(own).lstrip("/\\")
    if key in ("429", "503", "500") and request.method == "GET":
        return "/" + request.get_full_path().lstrip("/\\")
    return "/"

"""How pages look and in which language they speak: the request's choice, words, dates, money, and the way to a page.

The choice (language zh or en, elder mode on or off) is a cookie of the browser, not of the person: it holds before
signing in and after signing out, and says nothing about anybody. `?lang=en` or `?elder=1` on any address sets it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as django_render
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes

from sscard.kernel import dates, money, words

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
LANG_COOKIE = "__Host-sscard-lang"
ELDER_COOKIE = "__Host-sscard-elder"
COOKIE_SECONDS = 365 * 24 * 3600


def language(request: HttpRequest | None) -> str:
    """zh unless this browser has chosen en."""
    asked = request.COOKIES.get(LANG_COOKIE, "zh") if request is not None else "zh"
    return asked if asked in LANGUAGES else "zh"


def elder(request: HttpRequest | None) -> bool:
    """True when this browser has switched the elder mode (长辈版) on."""
    return request is not None and request.COOKIES.get(ELDER_COOKIE) == "1"


def word(code: str, lang: str, /, **facts: Any) -> str:
    """A text of the page furniture. The only place that says where such texts come from."""
    return words.text("page", code, lang, **facts)


def state_word(code: str, lang: str) -> str:
    """The name of a state (`cards.social.normal`), from the one table of state words."""
    return words.text(("state", "page"), code, lang)


def state_tone(code: str) -> str:
    """good, wait, bad or plain: how a state is coloured. Colour never stands alone, the word is always there."""
    return str(words.entry(("state", "page"), code).get("tone", "plain"))


def show_day(value: date | datetime | int | str | None, lang: str) -> str:
    """A day, a month as YYYYMM (int), or an ISO text, as people read it; nothing when there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, int):
        year, month = divmod(value, 100)
        return f"{date(year, month, 1):%B %Y}" if lang == "en" else f"{year}年{month}月"
    return dates.show(value, lang)


def show_moment(value: datetime | str | None, lang: str) -> str:
    """A moment to the minute, in China's time."""
    if not value:
        return ""
    return dates.show_time(datetime.fromisoformat(value) if isinstance(value, str) else value, lang)


def show_money(fen: int | None) -> str:
    """Fen as ¥1,234.50; a minus stands before the sign of the currency."""
    if fen is None:
        return ""
    text = money.yuan(fen)
    return f"−¥{text[1:]}" if text.startswith("-") else f"¥{text}"


def grouped(number: str) -> str:
    """A long number in fours, for the eye: 9217 0000 1234 5678. Only spaces are added."""
    bare = number.replace(" ", "")
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what every template of the house may use."""
    return {"lang": language(request), "html_lang": HTML_LANG[language(request)], "elder": elder(request)}


def render(
    request: HttpRequest, template: str, *, title: str, status: int = 200, faults: Any = (), **more: Any
) -> HttpResponse:
    """A page of the house. `title` is its heading; `faults` come back beside their fields and set status 422."""
    if faults and status == 200:
        status = 422
    return django_render(
        request, template, {**context(request), "title": title, "faults": faults, **more}, status=status
    )


class Looks:
    """Middleware: takes `?lang=` and `?elder=` off the address, and keeps the choice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = _choice(request)
        response = _same_address(request) if chosen else self.get_response(request)
        for name, value in chosen.items():
            response.set_cookie(name, value, max_age=COOKIE_SECONDS, secure=True, httponly=True, samesite="Lax")
        return response


def forget_choice(response: HttpResponse) -> HttpResponse:
    """A terminal's clean screen: the next person begins in Chinese and normal size."""
    for name in (LANG_COOKIE, ELDER_COOKIE):
        response.set_cookie(name, "", max_age=0, secure=True, httponly=True, samesite="Lax")
    return response


def _choice(request: HttpRequest) -> dict[str, str]:
    if request.method not in ("GET", "HEAD") or request.path.startswith("/api/"):  # there `lang` is of the act
        return {}
    chosen = {}
    if request.GET.get("lang") in LANGUAGES:
        chosen[LANG_COOKIE] = request.GET["lang"]
    if request.GET.get("elder") in ("0", "1"):
        chosen[ELDER_COOKIE] = request.GET["elder"]
    return chosen


def _same_address(request: HttpRequest) -> HttpResponse:
    """Back to this address without the choice in it. Leading double slashes would lead to another site."""
    rest = request.GET.copy()
    rest.pop("lang", None)
    rest.pop("elder", None)
    path = escape_leading_slashes(escape_uri_path(request.path))
    return HttpResponseRedirect(f"{path}?{rest.urlencode()}" if rest else path)

"""What makes the pages an app on the phone: manifest, icons, a service worker that keeps the shell only, and an honest page
for "no network". Nothing personal is ever kept by the worker: pages carry `no-store`, and it caches a fixed list."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static

from sscard import __version__
from sscard.portal import looks
from sscard.portal.netbank import brand, marks
from sscard.portal.netbank.hosts import bank_of
from sscard.portal.netbank.signed import page

SIZES = (180, 192, 512)
A_DAY = "public, max-age=86400"
SHELL = ("/offline/", "/look.css", "/mark.svg")
STATIC = ("portal/sscard.css", "netbank/netbank.css", "portal/sscard.js", "netbank/netbank.js")


def manifest(request: HttpRequest) -> JsonResponse:
    one, lang = brand.of(bank_of(request)), looks.language(request)
    icons = [{"src": "/mark.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]
    for size in SIZES[1:]:
        icons += [
            {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"},
            {"src": f"/icon-full-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "maskable"},
        ]
    told = {
        "id": "/",
        "name": looks.word("netbank.app.name", lang, bank=one.name(lang)),
        "short_name": one.short(lang),
        "lang": looks.HTML_LANG[lang],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "orientation": "any",
        "background_color": "#ffffff",
        "theme_color": one.colour,
        "icons": icons,
        "shortcuts": [
            {"name": looks.word(f"netbank.nav.{name}", lang), "url": f"/{name}/"} for name in ("transfer", "statement")
        ],
    }
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/manifest+json"
    return answer


def look(request: HttpRequest) -> HttpResponse:
    """The bank's colours as a stylesheet, since the page's policy takes no style from inside a page."""
    answer = HttpResponse(brand.of(bank_of(request)).css(), content_type="text/css")
    answer["Cache-Control"] = A_DAY
    return answer


def mark(request: HttpRequest) -> HttpResponse:
    one = brand.of(bank_of(request))
    answer = HttpResponse(marks.svg(one.mark, one.colour), content_type="image/svg+xml")
    answer["Cache-Control"] = A_DAY
    return answer


def icon(request: HttpRequest, size: int, kind: str = "") -> HttpResponse:
    """The mark as a picture; "full" has no round corners, for screens that cut their own."""
    if size not in SIZES or kind not in ("", "full"):
        raise Http404
    one = brand.of(bank_of(request))
    answer = HttpResponse(marks.png(one.mark, one.colour, size, full=bool(kind)), content_type="image/png")
    answer["Cache-Control"] = A_DAY
    return answer


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it stands at the root because its reach is the folder it comes from."""
    answer = page(
        request, "netbank/worker.js", title="", version=__version__, shell=[*SHELL, *(static(one) for one in STATIC)]
    )
    answer["Content-Type"] = "text/javascript; charset=utf-8"
    answer["Cache-Control"] = "no-cache"
    return answer


def offline(request: HttpRequest) -> HttpResponse:
    """Kept on the phone and shown when the bank can't be reached. It holds nothing of anybody."""
    lang = looks.language(request)
    return page(
        request, "netbank/offline.html", title=looks.word("netbank.offline.title", lang),
        hotline=brand.of(bank_of(request)).hotline,
    )  # fmt: skip

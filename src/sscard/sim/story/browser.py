"""A browser without script and without screen: keeps cookies, fills in forms, follows redirects within one site only."""

from __future__ import annotations

import html
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from sscard.sim.story.client import Line
from sscard.sim.story.steps import Wrong

MOST_HOPS: Final = 5
_FORM: Final = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.S)
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(slots=True)
class Page:
    """What came back. `location`: where a redirect leads, "" for a page."""

    url: str
    status: int
    text: str = field(repr=False)
    location: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """Of the redirect's address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}


class Browser:
    """One person's browser at one site."""

    def __init__(self, line: Line) -> None:
        self._site = line.base_url
        tls = ssl.create_default_context(cafile=str(line.trust) if line.trust else None)
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls), _Stay,
            urllib.request.HTTPCookieProcessor(CookieJar()),
        )  # fmt: skip

    def get(self, address: str) -> Page:
        """A page; redirects within the site are followed."""
        return self._follow(self._ask(urljoin(self._site, address)))

    def send(self, page: Page, action: str, **values: str) -> Page:
        """Fill in the form of this page that leads to `action` (the end of its address), and send it."""
        for target, inner in _FORM.findall(page.text):
            if target.endswith(action):
                hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(inner)}
                body = urlencode({**hidden, **values}).encode()
                return self._follow(self._ask(urljoin(page.url, html.unescape(target)), body, page.url))
        raise Wrong(f"no form to {action} on {urlsplit(page.url).path}")

    def _follow(self, page: Page) -> Page:
        for _ in range(MOST_HOPS):
            if not page.location.startswith(self._site):
                return page
            page = self._ask(page.location)
        raise Wrong("redirects without end")

    def _ask(self, url: str, body: bytes | None = None, referer: str = "") -> Page:
        headers = {"Origin": self._site, "Referer": referer} if body is not None else {}
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - https only, as the line was
        try:
            answer = self._open.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode("utf-8", errors="replace")
        location = urljoin(url, answer.headers.get("Location", "")) if 300 <= answer.status < 400 else ""
        return Page(url, answer.status, text, location)

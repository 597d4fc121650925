"""Who is at the bank's page, and the frame around what he sees.

@for_customer
def view(request, at: AtBank): …      a signed-in customer of the bank whose site this is; else its sign-in page
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sscard.bank import customers
from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.sessions import token_hash
from sscard.portal import looks
from sscard.portal.netbank import brand
from sscard.portal.netbank.hosts import bank_of
from sscard.portal.shapes import Link, Who
from sscard.portal.signed import to_sign_in
from sscard.portal.trace import trace_of

View = Callable[..., HttpResponse]
NAV = (
    ("/", "home", "bank"),
    ("/statement/", "statement", "statement"),
    ("/transfer/", "transfer", "transfer"),
    ("/card/", "card", "social"),
    ("/settings/", "settings", "mine"),
)
"""Path, word, drawing: the same on the phone's foot and on the desk's head."""
AT_HOME = ("transfer", "card")
PURPOSE = "netbank"


@dataclass(frozen=True, slots=True)
class NavLink:
    label: str
    url: str
    icon: str
    current: bool
    rare: bool = False
    """Left out of the elder mode's few entries, where the home page leads to it."""


@dataclass(frozen=True, slots=True)
class AtBank:
    """The signed-in customer at this page."""

    request: HttpRequest
    caller: Caller
    lang: str

    @property
    def bank(self) -> str:
        return self.caller.bank

    def word(self, code: str, /, **facts: Any) -> str:
        return looks.word(f"netbank.{code}", self.lang, **facts)

    def render(self, template: str, *, title: str, **more: Any) -> HttpResponse:
        """A page with its frame. `here` names the entry of the navigation where it is not the path itself."""
        return page(self.request, template, title=title, **{**self.frame(more.pop("here", "")), **more})

    def frame(self, here: str = "") -> dict[str, Any]:
        """The navigation and the customer's name."""
        here = here or self.request.path
        current = max((path for path, _, _ in NAV if here.startswith(path)), key=len)
        nav = [
            NavLink(self.word(f"nav.{name}"), path, icon, path == current, name in AT_HOME) for path, name, icon in NAV
        ]
        return {"foot_nav": nav, "who": Who(self.caller.name, sign_out_url="/sign-out/")}

    def perform(self, act: str, request: Any, *, key: str = "") -> door.Outcome:
        """Do an act with the form's own key (`fresh_key()` in `hidden`), so that a double click is one act."""
        return door.perform(self.caller, act, request, key=key or self.request.POST.get("key", ""), purpose=PURPOSE)

    def reading(self, right: str = "bank.own_online") -> Any:
        return door.reading(self.caller, right=right, purpose=PURPOSE)

    def crumbs(self, *parts: tuple[str, str]) -> list[Link]:
        """Where one is: (word, path) from the page above on."""
        return [Link(self.word(word), path) for word, path in parts]


def page(request: HttpRequest, template: str, *, title: str, **more: Any) -> HttpResponse:
    """A page of the bank's site, signed in or not."""
    return looks.render(request, template, title=title, **more)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the base that shared pages extend, and the bank whose site it is."""
    bank = bank_of(request)
    if not bank:
        return {"frame": "portal/base.html"}
    found, lang = brand.of(bank), looks.language(request)
    return {
        "frame": "netbank/base.html",
        "brand": found,
        "bank_name": found.name(lang),
        "bank_short": found.short(lang),
        "demo": settings.CONFIG.profile != "production",
    }


def caller_of(request: HttpRequest) -> Caller | None:
    """The customer behind the bank's cookie, or None. One who was stopped is nobody at his next request (T19)."""
    session, bank = request.session, bank_of(request)
    if not bank or session.get("kind") != "customer" or session.get("bank") != bank:
        return None
    customer = customers.customer_of(bank, uuid.UUID(session["subject"]))
    if customer is None:
        return None
    return customers.caller_of(
        customer,
        session=token_hash(session.session_key or "").hex()[:32],
        address=address(request),
        request_id=trace_of(request),
        extra=customers.stepped_up(session),
    )


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def for_customer(view: View) -> View:
    """Only for a signed-in customer of this bank."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        caller = caller_of(request)
        if caller is None:
            return to_sign_in(request, "/sign-in/")
        return view(request, AtBank(request, caller, looks.language(request)), *args, **kwargs)

    return inner

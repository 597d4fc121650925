"""The card reader of the machine on which the page is open: buttons that order its reader service over loopback.

The page gets the service's address and a ticket for the running device session; the service does the rest with the house
(chip.desk). Without script, or without a service, the page works as before: other devices send what they read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sscard.portal import looks
from sscard.portal.middleware import CSP
from sscard.terminals import devices


@dataclass(frozen=True, slots=True)
class CardReader:
    """`orders`: (name, label) in the order in which they are pressed."""

    address: str
    session: str
    ticket: str
    orders: tuple[tuple[str, str], ...]
    silent: str
    """What the page says when no service answers."""


def card_reader(request: HttpRequest, seen: dict[str, Any], lang: str) -> CardReader | None:
    """For an open session, as `evidence.peek` tells it, that asks for a card. None where there is nothing to read."""
    kinds = {one["kind"] for one in seen["devices"]}
    if not settings.CONFIG.reader_port or seen["state"] != "open" or "card_slot" not in kinds:
        return None
    orders = ["prove", *(["open"] if seen["open_chip"] else []), *(["password"] if "pin_pad" in kinds else [])]
    labels = tuple((one, looks.word(f"reader.{one}", lang)) for one in orders)
    origin = f"{request.scheme}://{request.get_host()}"
    ticket = devices.ticket(seen["code"], seen["terminal"], origin)
    return CardReader(_address(), seen["code"], ticket, labels, looks.word("reader.silent", lang))


def may_order(response: HttpResponse) -> HttpResponse:
    """This page, and no other of the house, may speak to the reader service of its own machine."""
    if settings.CONFIG.reader_port:
        response["Content-Security-Policy"] = f"{CSP}; connect-src 'self' {_address()}"
    return response


def _address() -> str:
    return f"http://127.0.0.1:{settings.CONFIG.reader_port}"

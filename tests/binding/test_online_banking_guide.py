"""docs/online-banking.md says what is: its addresses exist, its requests are understood, its codes and commands are there."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from sscard.binding import asking, paying, rules
from sscard.binding.models import Client
from sscard.kernel import words

GUIDE = (Path(__file__).parents[2] / "docs" / "online-banking.md").read_text(encoding="utf-8")
SITES = ("sscard.app.urls", "sscard.app.bank_urls")
DETAILS = re.findall(r"authorization_details=(\[.*?\])(?:\n|$)", GUIDE, re.S)


def filled(text: str) -> str:
    """With the values that the guide leaves out."""
    return re.sub(r'"(?:…|<[^"]*>)"', lambda _: f'"{uuid.uuid4()}"', text)


def test_its_requests_for_a_link_and_for_a_payment_are_understood() -> None:
    link, payment = (filled(" ".join(one.split())) for one in DETAILS)
    shorter = json.loads(link)
    for name in ("card_number", "id_number"):
        shorter[0][name] = "Y12345678"
    details = asking.read_details(json.dumps(shorter), Client(wants=list(rules.WANTS)))
    assert (details.wants, details.duration, details.days) == (rules.WANTS, "TIME_BOUND", 180)
    asked = paying.read(payment)
    assert asked is not None
    assert asked.amount_fen == 38_000


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"(?<![\w.])/(?:api|oauth|sandbox|\.well-known|authorise)[\w/.{}<> -]*", GUIDE)))
)
def test_its_addresses_exist(path: str) -> None:
    plain = re.sub(r"[{<][^}>]*[}>]", str(uuid.uuid4()), path.split(" ")[0].strip())
    for one in (plain, plain.rstrip("/")):
        for site in SITES:
            try:
                found = resolve(one, urlconf=site)
            except Resolver404:
                continue
            if found.func.__name__ != "nowhere":
                return
    pytest.fail(f"no such address: {path}")


@pytest.mark.parametrize("code", sorted(set(re.findall(r"`((?:binding|insurance)\.[a-z_]+)`", GUIDE))))
def test_its_codes_are_known(code: str) -> None:
    assert words.has(("refusal", "act"), code)

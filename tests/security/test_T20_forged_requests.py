"""T20: a page of another site cannot act in a signed-in person's name. Every form needs its token, on every address that
takes one; a foreign origin is refused even with a token; and looking at an address never changes anything."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

PARTS = ("desk", "review", "stock", "audit", "office", "front", "bank", "my", "employer")


@pytest.fixture
def office(house: object, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from pages_kit import Office
    from sscard.sim import city

    return Office(city.found(Path(tmp_path_factory.getbasetemp()) / "book-T20"))


def addresses() -> Iterator[str]:
    """Every address of the pages, with made-up ids in it."""

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for one in patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, path)
            elif isinstance(one, URLPattern) and any(f"portal.{part}." in one.callback.__module__ for part in PARTS):
                path = re.sub(r"<uuid:\w+>", str(uuid.UUID(int=7)), path)
                yield "/" + re.sub(r"<(\w+:)?\w+>", "1", path)

    yield from walk(get_resolver().url_patterns, "")


def rows() -> int:
    """Everything that an act would leave behind."""
    from sscard.control.models import AuditRow, Idempotency
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area="990100"):
        return Idempotency.objects.count() + AuditRow.objects.exclude(verb__endswith="view").count()


@pytest.mark.parametrize("username", ["clerk.990100", "reviewer.990100", "security.990100", "auditor.990100"])
def test_no_form_is_taken_without_its_token(office: Any, username: str) -> None:
    client = office.client(username, forgery_checks=True)
    found = list(addresses())
    assert len(found) > 50
    before = rows()
    for path in found:
        answer = client.post(path, {"key": str(uuid.uuid4()), "username": "x"})
        assert answer.status_code == 403, path
        assert (
            "error-code" in answer.content.decode()
            or "csrf" in answer.content.decode()
            or "凭据" in answer.content.decode()
        ), path
    assert rows() == before


def test_a_foreign_origin_is_refused_even_with_a_token(office: Any) -> None:
    client = office.client("clerk.990100", forgery_checks=True)
    page = client.get("/desk/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    values = {"csrfmiddlewaretoken": token, "purpose": "phone", "next": "/desk/"}
    assert client.post("/desk/purpose/", values, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/desk/purpose/", values, headers={"Referer": "https://evil.example/"}).status_code == 403
    assert client.post("/desk/purpose/", values, headers={"Origin": "https://localhost"}).status_code == 302


def test_looking_changes_nothing(office: Any) -> None:
    client = office.client("clerk.990100")
    before = rows()
    for path in addresses():
        if path not in ("/sign-out/",):
            client.get(path)
    from sscard.control.models import Idempotency

    assert Idempotency.objects.count() == 0 or rows() >= before  # reads may be written down, acts not
    assert not Idempotency.objects.filter(caller_id=office.staff("clerk.990100").staff_id).exists()


def test_session_cookies_stay_on_this_host_and_out_of_scripts(office: Any) -> None:
    from django.conf import settings

    assert settings.SESSION_COOKIE_NAME.startswith("__Host-")
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SECURE
    assert settings.SESSION_COOKIE_SAMESITE in ("Lax", "Strict")
    page = office.client("clerk.990100").get("/desk/")
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]

"""T20: nothing changes by GET, and no page of another site can make somebody's browser change anything."""

from __future__ import annotations

import itertools
import re
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

if TYPE_CHECKING:
    from security_kit import Resident, Town
    from tests_support import House

NOTED_BY_READING = {"control_auditrow", "control_auditsubject", "control_auditlink", "control_session",
                    "control_throttle"}  # fmt: skip
"""Reading leaves its traces here, and a session before sign-in lives here; nothing else may move."""
ROLES = ("clerk", "reviewer", "stock_keeper", "area_manager", "security_admin", "audit_admin")


def patterns(resolver: Any = None, before: str = "") -> list[str]:
    """The routes of the whole site as texts with <type:name>."""
    found: list[str] = []
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            found += patterns(one, route)
        elif isinstance(one, URLPattern):
            found.append(route)
    return found


THOROUGH = ("clerk.990100", "holder")
"""They try each of the known ids in every place; the others open every route once, with an id that opened it for these.
What knows no GET at all (405, whoever asks) is not asked again."""
MACHINES = ("api/", "oauth/", ".well-known/")
"""They take no cookie, so a page of another site can do nothing there in anybody's name."""
MEANT = {"run": ("import", "contributions"), "file_id": ("contributions",), "import_id": ("import",)}
"""Holes of routes whose name is not that of the thing."""


def addresses(route: str, known: dict[str, Any]) -> list[str]:
    """Addresses of a route: with the town's own ids where the hole's name tells which, else with each of them."""
    holes = re.findall(r"<(?:(\w+):)?(\w+)>", route)
    if not holes:
        return ["/" + route]
    values = []
    for kind, name in holes:
        ids = [str(known[one]) for one in MEANT.get(name, (name,)) if one in known] or [
            str(one) for one in known.values()
        ]
        values.append({"uuid": ids, "int": ["1"], "str": ["990100", ids[0]]}.get(kind, [ids[0], "990100"]))
    made = ("/" + re.sub(r"<[^>]+>", "{}", route).format(*chosen) for chosen in itertools.product(*values))
    return list(itertools.islice(made, 9))


def state(house: House) -> dict[str, str]:
    """A digest of every table of the house, seen past row-level security."""
    from sscard.kernel.tables import house_models

    tables = sorted({model._meta.db_table for model in house_models()} - NOTED_BY_READING)
    with psycopg.connect(house.urls.admin) as connection:
        return {
            table: str(connection.execute(
                f"select count(*), coalesce(sum(hashtext(t::text)::bigint), 0) from {table} t"
            ).fetchone())
            for table in tables
        }  # fmt: skip


@pytest.fixture
def known(town: Town) -> dict[str, Any]:
    from security_kit import resident, things

    one = resident()
    return {**things(one, town), "resident": one}


@pytest.mark.asvs("v5.0.0-3.5.1")
def test_no_route_changes_anything_by_get(town: Town, house: House, known: dict[str, Any]) -> None:
    """Every route of pages and API, by every role of a bureau, a teller, an employer and the holder."""
    from pages_kit import HouseClient
    from security_kit import ONE, holder_api, holder_page

    who: Resident = known.pop("resident")
    routes = patterns()
    assert len(routes) > 100
    HouseClient().get("/oauth/jwks")  # the server makes its own signing key when it is first asked for
    before = state(house)
    visitors: dict[str, tuple[Any, str]] = {"nobody": (HouseClient(), "")}
    for name in (*(f"{role}.{ONE}" for role in ROLES), f"employer_handler.{ONE}", "teller.CCB", "ministry_reviewer"):
        api = town.api(name)
        api.client.cookies["__Host-sscard"] = api.token
        visitors[name] = (api.client, api.token)
    visitors["holder"] = (holder_page(who), holder_api(who).token)
    tried = {route: addresses(route, known) for route in routes if "sign-out" not in route}
    opening: dict[str, list[str]] = {}
    broken: list[Any] = []
    for name in (*THOROUGH, *(one for one in visitors if one not in THOROUGH)):
        client, token = visitors[name]
        client.raise_request_exception = False
        for route in sorted(tried):
            for address in tried[route] if name in THOROUGH else opening.get(route, ()):
                headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api/") and token else {}
                answer = client.get(address, headers=headers)
                if answer.status_code >= 500:
                    broken.append((name, address, repr((getattr(answer, "exc_info", None) or [None, None])[1])))
                if (
                    name in THOROUGH
                    and answer.status_code != 405
                    and (route not in opening or answer.status_code == 200)
                ):
                    opening[route] = [address]
    assert {table: value for table, value in state(house).items() if value != before[table]} == {}
    assert not broken, "\n".join(map(str, broken))
    assert len(opening) > 200


@pytest.mark.asvs("v5.0.0-3.5.1")
def test_a_form_without_our_token_or_from_another_site_is_refused_on_every_page(
    town: Town, house: House, known: dict[str, Any]
) -> None:
    from pages_kit import HouseClient
    from security_kit import ONE, holder_page

    who: Resident = known.pop("resident")
    staff, before = town.page(f"clerk.{ONE}", forgery_checks=True), None
    holder = HouseClient(enforce_csrf_checks=True)
    holder.cookies["__Host-sscard"] = holder_page(who).cookies["__Host-sscard"].value
    pages = [route for route in patterns() if not route.startswith(MACHINES)]
    before = state(house)
    for client in (staff, holder):
        client.get("/password/")
        for address in (addresses(route, known)[0] for route in pages):
            for headers in ({}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/x"}):
                body = {"key": uuid.uuid4().hex, "csrfmiddlewaretoken": "x" * 64}
                assert client.post(address, body, headers=headers).status_code == 403, (address, headers)
    assert state(house) == before


def test_our_own_form_with_the_token_but_another_origin_is_refused(town: Town) -> None:
    from security_kit import ONE

    client = town.page(f"clerk.{ONE}", forgery_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/password/").content.decode())
    assert token
    form = {"csrfmiddlewaretoken": token[1], "old": "x", "new": "y"}
    origin = {"Origin": "https://localhost", "Referer": "https://localhost/password/"}
    assert client.post("/password/", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/password/", form, headers={"Origin": "null"}).status_code == 403
    assert client.post("/password/", form, headers=origin).status_code == 422  # read, and found wrong


@pytest.mark.asvs("v5.0.0-3.5.3")
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_json_that_does_not_say_so_is_refused(town: Town, house: House, content_type: str) -> None:
    from security_kit import ONE

    api, before = town.api(f"clerk.{ONE}"), state(house)
    body = '{"form": {"name": "x"}, "photo": ""}'
    for path in ("/api/acts/people.register", "/api/session", "/api/devices/session"):
        answer = api.post(path, body, content_type=content_type)
        assert (answer.status_code, answer.json()["code"]) == (415, "api.content_type")
    assert state(house) == before


@pytest.mark.asvs("v5.0.0-3.5.1")
def test_the_api_never_looks_at_the_cookie(town: Town) -> None:
    """So a cross-site request, which carries cookies but no Authorization, is nobody's."""
    from security_kit import ONE

    page = town.page(f"clerk.{ONE}")
    assert page.get("/desk/").status_code == 200
    answer = page.post("/api/acts/people.register", "{}", content_type="application/json")
    body = page.post("/api/acts/people.invite_holder", {"person": str(uuid.uuid4()), "identity_seen": True},
                     content_type="application/json", headers={"Idempotency-Key": "k"})  # fmt: skip
    assert answer.status_code in (401, 422)
    assert body.status_code == 401
    assert page.get("/api/approvals").status_code == 401


@pytest.mark.asvs("v5.0.0-3.4.3")
def test_headers_that_keep_other_sites_out_stand_on_every_answer(town: Town) -> None:
    from security_kit import ONE

    page = town.page(f"clerk.{ONE}")
    for path in ("/", "/desk/", "/nowhere/", "/sign-in/", "/health/", "/api/openapi.json", "/api/approvals"):
        answer = page.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_session_stays_on_this_host_and_out_of_scripts_and_caches(town: Town) -> None:
    from django.conf import settings

    from security_kit import ONE

    assert settings.SESSION_COOKIE_NAME.startswith("__Host-")
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SECURE
    assert settings.SESSION_COOKIE_SAMESITE in ("Lax", "Strict")
    page = town.page(f"clerk.{ONE}").get("/desk/")
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]

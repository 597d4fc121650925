"""Every page of the bureau opens for whom it is meant, and is not even there for others."""

from __future__ import annotations

import re

import pytest

from pages_kit import Office

PAGES = {
    "clerk.990100": (
        "/desk/",
        "/desk/purpose/",
        "/people/new/",
        "/imports/",
        "/imports/new/",
        "/contributions/",
        "/contributions/new/",
        "/doubts/",
        "/doubts/?state=decided",
        "/approvals/mine/",
        "/batches/",
        "/batches/new/",
        "/stock/",
        "/stock/outlet/{outlet}/",
    ),
    "reviewer.990100": ("/desk/", "/approvals/", "/applications/", "/doubts/", "/batches/"),
    "stock.990100": ("/desk/", "/batches/", "/batches/new/", "/stock/", "/stock/send/", "/stock/missing/"),
    "auditor.990100": (
        "/audit/",
        "/audit/?day=2026-01-01&result=refused&verb=people.register",
        "/audit/?who=x",
        "/audit/trail/",
        "/office/staff/",
    ),
    "system.990100": ("/office/", "/office/values/", "/office/clock/"),
    "manager.990100": (
        "/office/",
        "/office/values/",
        "/office/pack/",
        "/office/producers/",
        "/office/producers/new/",
        "/approvals/",
        "/batches/",
    ),
    "security.990100": ("/office/staff/", "/office/staff/new/", "/approvals/"),
}
FORBIDDEN = {
    "clerk.990100": ("/audit/", "/office/staff/", "/office/clock/", "/applications/"),
    "auditor.990100": ("/desk/", "/approvals/", "/imports/"),
    "security.990100": ("/desk/", "/audit/"),
    "reviewer.990100": ("/imports/", "/stock/send/"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("username", PAGES)
def test_each_page_opens_for_its_role(office: Office, username: str, lang: str) -> None:
    from sscard.law import areas

    client = office.client(username, lang=lang)
    hall = next(one.code for one in areas.get("990100").outlets() if one.kind == "bureau")
    for path in PAGES[username]:
        page = client.get(path.format(outlet=hall))
        assert page.status_code == 200, (path, page.headers.get("Location"))
        text = page.content.decode()
        assert "…" not in re.sub(r"<[^>]+>", "", text), path  # a fact that a sentence lacks shows as …


@pytest.mark.parametrize("username", PAGES)
def test_the_navigation_has_no_dead_link(office: Office, username: str) -> None:
    client = office.client(username)
    home = client.get(PAGES[username][0]).content.decode()
    navigation = home[home.index("main-nav") : home.index("</nav>")]
    for path in re.findall(r'href="([^"]+)"', navigation):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("username", FORBIDDEN)
def test_others_are_refused(office: Office, username: str) -> None:
    client = office.client(username)
    for path in FORBIDDEN[username]:
        assert client.get(path).status_code == 403, path

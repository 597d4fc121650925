"""T19: sessions begin anew at sign-in, live on the server, and end when the account, the role or the time does."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sscard.control import sessions
from sscard.control.models import Session

if TYPE_CHECKING:
    from security_kit import Api, Resident, Town

COOKIE = "__Host-sscard"


@pytest.mark.asvs("v5.0.0-7.2.4")
def test_a_planted_session_id_is_replaced_at_sign_in_and_dead_after_it(town: Town) -> None:
    from pages_kit import HouseClient
    from security_kit import PASSWORD

    name = town.fresh()
    attacker = HouseClient()
    attacker.get("/my/set-up/")  # makes a session before sign-in
    planted = attacker.cookies[COOKIE].value
    victim = HouseClient()
    victim.cookies[COOKIE] = planted
    answer = victim.post("/sign-in/", {"username": name, "password": PASSWORD, "code": town.code(name)})
    assert answer.status_code == 302
    after = victim.cookies[COOKIE]
    assert after.value != planted
    assert (after["secure"], after["httponly"], after["samesite"], after["path"]) == (True, True, "Lax", "/")
    assert not after["domain"]
    assert not Session.objects.filter(token_hash=sessions.token_hash(planted)).exists()
    assert attacker.get("/desk/").status_code == 302  # to the sign-in page
    assert victim.get("/desk/").status_code == 200


def test_a_holder_gets_a_new_session_at_each_step_up_too(town: Town) -> None:
    from holders_kit import PASSWORD

    from pages_kit import HouseClient
    from security_kit import holder_code, resident

    one = resident(account=False)
    client = HouseClient()
    client.cookies[COOKIE] = planted = "attackers-own-choice-of-a-session-id-000000"
    form = {"username": one.id_number, "password": PASSWORD, "code": holder_code(one)}
    assert client.post("/my/sign-in/", form).headers["Location"] == "/my/"
    first = client.cookies[COOKIE].value
    assert first != planted
    form["code"] = holder_code(one, 1)
    client.post("/my/sign-in/", form)
    assert client.cookies[COOKIE].value != first
    assert sessions.SessionStore(first).load() == {}


def open_of(api: Api) -> bool:
    """Whether the session still opens something over both faces."""
    from pages_kit import HouseClient

    client = HouseClient()
    client.cookies[COOKIE] = api.token
    page = client.get("/password/")
    found = api.get("/api/approvals").status_code
    assert (found, page.status_code) in ((200, 200), (401, 302))
    return found == 200


@pytest.mark.asvs("v5.0.0-7.4.2")
def test_a_disabled_users_open_session_is_refused_at_its_next_request(town: Town) -> None:
    """Also when somebody only set the mark in the database and ended no session."""
    from security_kit import ONE
    from sscard.control.models import Staff

    name, other = town.fresh(), town.fresh()
    api, second = town.api(name), town.api(other)
    assert open_of(api)
    assert open_of(second)
    body = {"staff": str(town.staff[name].staff_id), "reason": "left"}
    assert town.api(f"security_admin.{ONE}").act("control.disable_staff", body).status_code == 200
    assert not open_of(api)
    assert sessions.SessionStore(api.token).load() == {}
    Staff.objects.filter(staff_id=town.staff[other].staff_id).update(active=False)
    assert not open_of(second)


def test_a_disabled_holders_open_session_is_refused_at_its_next_request(town: Town) -> None:
    from security_kit import holder_api, holder_page, resident
    from sscard.kernel.db import unit_of_work
    from sscard.people.models import HolderAccount

    one = resident(account=False)
    api, page = holder_api(one), holder_page(one)
    assert api.get("/api/my").status_code == 200
    with unit_of_work(area=one.holder.area):
        HolderAccount.objects.filter(person_id=one.holder.person_id).update(active=False)
    assert api.get("/api/my").status_code == 401
    assert page.get("/my/").headers["Location"].startswith("/my/sign-in/")


@pytest.mark.asvs("v5.0.0-7.4.1")
def test_signing_out_ends_the_session_on_the_server(town: Town) -> None:
    name = town.fresh()
    page = town.page(name)
    token = page.cookies[COOKIE].value
    assert page.get("/sign-out/").status_code == 405
    assert sessions.SessionStore(token).load()
    page.post("/sign-out/")
    assert sessions.SessionStore(token).load() == {}
    api = town.api(name)
    assert api.client.delete("/api/session", headers={"Authorization": f"Bearer {api.token}"}).status_code == 200
    assert not open_of(api)


@pytest.mark.asvs("v5.0.0-7.1.2")
def test_staff_have_one_session_and_a_new_one_ends_the_old(town: Town) -> None:
    from pages_kit import HouseClient
    from security_kit import PASSWORD, Api, live_sessions

    name = town.fresh()
    old = town.api(name)
    body = {"username": name, "password": PASSWORD, "code": town.code(name)}
    answer = Api(HouseClient()).post("/api/session", body)
    assert answer.status_code == 200
    new = Api(HouseClient(), answer.json()["token"])
    assert not open_of(old)
    assert open_of(new)
    assert live_sessions(town.staff[name].staff_id) == 1


@pytest.mark.asvs("v5.0.0-7.4.3")
def test_a_role_change_ends_the_sessions(town: Town) -> None:
    from security_kit import ONE
    from sscard.control.acts import Approve
    from sscard.control.door import perform
    from sscard.control.models import Approval
    from sscard.kernel.db import unit_of_work

    name = town.fresh()
    api = town.api(name)
    body = {"staff": str(town.staff[name].staff_id), "role": "stock_keeper", "area": ONE}
    asked = town.api(f"security_admin.{ONE}").act("control.grant_role", body)
    assert asked.status_code == 202
    assert open_of(api)
    with unit_of_work(area=ONE):
        waiting = Approval.objects.get(approval_id=asked.json()["approval"])
    perform(
        town.caller(f"reviewer.{ONE}"), "control.approve",
        Approve(waiting.approval_id, bytes(waiting.digest).hex()), key=uuid.uuid4().hex,
    )  # fmt: skip
    assert not open_of(api)
    assert open_of(town.api(name))


@pytest.mark.asvs("v5.0.0-7.4.3")
def test_a_new_password_ends_all_sessions_of_staff_and_holders(town: Town) -> None:
    from holders_kit import PASSWORD as HOLDERS

    from security_kit import PASSWORD, holder_api, resident

    name = town.fresh()
    page = town.page(name)
    token = page.cookies[COOKIE].value
    answer = page.post("/password/", {"old": PASSWORD, "new": "一条安静的路 with 4 lamps"})
    assert answer.headers["Location"] == "/sign-in/"
    assert sessions.SessionStore(token).load() == {}
    one = resident(account=False)
    first, second = holder_api(one), holder_api(one)
    body = {"old": HOLDERS, "new": "一条安静的路 with 5 lamps"}
    assert first.act("people.change_own_password", body).status_code == 200
    assert {first.get("/api/my").status_code, second.get("/api/my").status_code} == {401}


LIMITS = [
    ("staff", timedelta(minutes=15), timedelta(hours=10)),
    ("holder", timedelta(minutes=10), timedelta(hours=12)),
]


def session_of(town: Town, kind: str) -> sessions.SessionStore:
    store = sessions.SessionStore()
    sessions.begin(store, kind=kind, subject=uuid.uuid4())
    return sessions.SessionStore(store.session_key)


@pytest.mark.asvs("v5.0.0-7.3.1")
@pytest.mark.parametrize("kind, idle, absolute", LIMITS)
def test_idle_and_absolute_limits(
    town: Town, kind: str, idle: timedelta, absolute: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the injected clock: used every few minutes it lives to the absolute limit and not longer; unused, to the idle
    limit and not longer."""
    from security_kit import later

    unused, used, key = session_of(town, kind), session_of(town, kind), timedelta(minutes=5)
    step, gone = idle - timedelta(seconds=40), timedelta()
    later(monkeypatch, step)
    gone += step
    assert unused.load(), "within the idle limit"
    assert used.load()
    later(monkeypatch, idle + timedelta(seconds=1))
    gone += idle + timedelta(seconds=1)
    assert unused.load() == {}
    used = session_of(town, kind)
    gone = timedelta()
    while gone + key < absolute:
        later(monkeypatch, key)
        gone += key
        store = sessions.SessionStore(used.session_key)
        assert store.load(), gone
        store["page"] = str(gone)
        store.save()  # using and writing make it live on, but not beyond the absolute limit
    later(monkeypatch, key + timedelta(seconds=1))
    assert sessions.SessionStore(used.session_key).load() == {}


def test_an_idle_clerk_is_asked_to_sign_in_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from security_kit import later

    api = town.api(town.fresh())
    assert open_of(api)
    later(monkeypatch, timedelta(minutes=15, seconds=1))
    assert not open_of(api)


@pytest.mark.asvs("v5.0.0-7.2.2")
def test_the_table_of_sessions_opens_nothing(town: Town) -> None:
    """Only the token's hash is kept; tokens have 256 bits."""
    import base64

    store = session_of(town, "staff")
    token = str(store.session_key)
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    row = Session.objects.get(token_hash=sessions.token_hash(token))
    kept = b"".join(bytes(value) for value in (row.token_hash, row.data)) + str(row.subject).encode()
    assert token.encode() not in kept
    assert sessions.SessionStore(bytes(row.token_hash).hex()).load() == {}


@pytest.fixture
def child_and_guardian(town: Town) -> tuple[Resident, Resident]:
    import bank_kit

    from security_kit import resident

    guardian, child = resident(account=False), resident(account=False)
    bank_kit.guardian_of(child.holder, guardian.holder)
    return child, guardian


def test_a_guardian_who_is_one_no_more_loses_the_childs_record_in_the_open_session(
    child_and_guardian: tuple[Resident, Resident],
) -> None:
    """Rights are read anew at each request, not kept in the session."""
    from security_kit import holder_page
    from sscard.kernel.db import unit_of_work
    from sscard.people.models import Guardian

    child, guardian = child_and_guardian
    page = holder_page(guardian)
    page.post("/my/whose/", {"whose": str(child.holder.public), "person": str(child.holder.public)})
    with unit_of_work(area=child.holder.area):
        Guardian.objects.filter(person_id=child.holder.person_id).delete()
    shown = page.get("/my/data/")
    assert shown.status_code == 200
    assert str(child.holder.public) not in shown.content.decode()

"""A bank's own site: its host, its cookie, its sign-in; a bureau's session is nothing there, and the other way round."""

from __future__ import annotations

import json
from typing import Any

import holders_kit
import pytest
from netbank_kit import COOKIE, HOST, BankClient, bank_kit, client_of, customers_kit, session_of

from pages_kit import HouseClient

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one() -> customers_kit.Signed:
    return customers_kit.customer(fen=1234_56)


def enter(client: BankClient, one: customers_kit.Signed, **more: str) -> Any:
    values = {"username": one.username, "password": customers_kit.PASSWORD, "code": one.fresh_code(), **more}
    return client.post("/sign-in/", values)


def test_signing_in_at_the_banks_host(one: customers_kit.Signed) -> None:
    client = BankClient()
    assert client.get("/").headers["Location"] == "/sign-in/?next=%2F"
    seen = client.get("/sign-in/").content.decode()
    assert "中国建设银行" in seen
    assert "社会保障卡服务" not in seen
    answer = enter(client, one)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    morsel = answer.cookies[COOKIE]
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (
        True, True, "Strict", "/", "",
    )  # fmt: skip
    assert "__Host-sscard" not in answer.cookies
    assert "我的账户" in client.get("/").content.decode()


def test_wrong_and_unknown_look_the_same(one: customers_kit.Signed) -> None:
    """T11."""
    pages = []
    for username in (one.username, "nobody.here"):
        answer = enter(BankClient(), one, username=username, password="x")
        pages.append((answer.status_code, answer.content.decode().replace(username, "")))
    codes = [page[0] for page in pages]
    assert codes == [401, 401]
    assert without_token(pages[0][1]) == without_token(pages[1][1])


def test_too_many_tries_are_answered_for_a_customer(one: customers_kit.Signed) -> None:
    """T17: the next step is his own, not the staff's."""
    said = ""
    for _ in range(11):
        answer = enter(BankClient(), one, password="x")
        said = answer.content.decode()
    assert answer.status_code == 429
    assert "安全管理员" not in said
    assert "重新领开通码；不是您本人在试，请马上拨打" in said


def without_token(page: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_the_bureaus_pages_have_no_address_at_the_bank_and_the_other_way_round(one: customers_kit.Signed) -> None:
    client = client_of(one)
    for path in ("/my/", "/desk/", "/banks/", "/terminal/", "/gallery/", "/bank/", "/password/"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "中国建设银行" in answer.content.decode()
    bureau = HouseClient()
    for path in ("/statement/", "/manifest.webmanifest", "/worker.js", "/look.css", "/set-up/", "/reveal/"):
        assert bureau.get(path).status_code == 404, path


def test_a_host_that_is_not_ours_is_refused() -> None:
    for host in ("evil.example.org", "ccb.localhost.evil.example.org", "xyz.localhost"):
        assert BankClient(host).get("/sign-in/").status_code == 400


def test_a_bureaus_session_is_nothing_at_the_bank(house: Any, one: customers_kit.Signed) -> None:
    holder = bank_kit.opened(bank_kit.person())
    token = holders_kit.session_of(holders_kit.with_sign_in(holder))
    for name in (COOKIE, "__Host-sscard"):
        client = BankClient()
        client.cookies[name] = token
        assert client.get("/").status_code == 302
        assert client.post("/reveal/", {"about": str(holder.account)}).status_code == 302
    bureau = HouseClient()
    bureau.cookies["__Host-sscard"] = token
    assert bureau.get("/my/").status_code == 200


def test_a_customers_session_is_nothing_at_the_bureau_or_at_another_bank(one: customers_kit.Signed) -> None:
    token = session_of(one)
    bureau = HouseClient()
    bureau.cookies["__Host-sscard"] = bureau.cookies[COOKIE] = token
    for path in ("/my/", "/desk/"):
        assert bureau.get(path).status_code == 302
    other = BankClient("icbc.localhost")
    other.cookies[COOKIE] = token
    assert other.get("/").status_code == 302
    mine = BankClient()
    mine.cookies[COOKIE] = token
    assert mine.get("/").status_code == 200


def test_the_balance_is_behind_the_eye_and_each_look_is_written_down(one: customers_kit.Signed) -> None:
    from sscard.control.models import AuditRow
    from sscard.kernel.db import unit_of_work

    client = client_of(one)
    assert "1,234.56" not in client.get("/").content.decode()
    assert client.get("/reveal/").status_code == 405
    answer = client.post("/reveal/", {"about": str(one.holder.account)}, HTTP_ACCEPT="application/json")
    assert answer.json()["value"] == "¥1,234.56"
    assert "1,234.56" in client.post("/reveal/", {"about": str(one.holder.account)}).content.decode()
    with unit_of_work(area="990100"):
        rows = AuditRow.objects.filter(actor=one.customer.customer_id, verb="bank.own_online")
        assert sum("balance" in row.detail for row in rows) == 2


def test_another_customers_account_is_like_none(one: customers_kit.Signed) -> None:
    """T12."""
    other = customers_kit.customer(fen=99)
    for about in (str(other.holder.account), "00000000-0000-4000-8000-000000000000", "x"):
        assert client_of(one).post("/reveal/", {"about": about}).status_code == 404


def test_forged_forms_are_refused(one: customers_kit.Signed) -> None:
    """T20."""
    client = client_of(one, enforce_csrf_checks=True)
    assert client.post("/reveal/", {"about": str(one.holder.account)}).status_code == 403
    client.get("/")
    token = client.cookies["__Host-sscard-csrf"].value
    values = {"about": str(one.holder.account), "csrfmiddlewaretoken": token}
    good = client.post("/reveal/", values, HTTP_REFERER=f"https://{HOST}/")
    assert good.status_code == 200
    for origin in ("https://localhost", "https://icbc.localhost", "https://evil.example.org", "null"):
        assert client.post("/reveal/", values, HTTP_ORIGIN=origin).status_code == 403, origin


def test_stopped_is_out_at_the_next_request(one: customers_kit.Signed) -> None:
    """T19."""
    from sscard.bank.acts import StopOnline

    client = client_of(one)
    assert client.get("/").status_code == 200
    bank_kit.perform(bank_kit.caller("teller", bank="CCB"), "bank.stop_online", StopOnline(one.holder.account))
    assert client.get("/").status_code == 302


def test_signing_out_ends_the_session_and_takes_the_cookie(one: customers_kit.Signed) -> None:
    from sscard.control.sessions import SessionStore

    client, token = BankClient(), session_of(one)
    client.cookies[COOKIE] = token
    assert client.get("/sign-out/").status_code == 405
    answer = client.post("/sign-out/")
    assert answer.cookies[COOKIE].value == ""
    assert not SessionStore(token).load()


def test_setting_up_by_the_page(house: Any) -> None:
    from sscard.control import totp
    from sscard.kernel import clock

    holder = bank_kit.activated(bank_kit.opened(bank_kit.person()))
    code, client = customers_kit.enrolled(holder), BankClient()
    seen = client.get("/set-up/").content.decode()
    secret = seen.partition('<code class="figure">')[2].partition("<")[0].replace(" ", "")
    assert 'href="otpauth://totp/' in seen
    assert f"secret={secret}&amp;" in seen, "the authenticator on this phone opens with the key"
    assert f'data-copy="{secret}"' in seen
    assert "应用商店" in seen
    assert "app store" in client.get("/set-up/?lang=en", follow=True).content.decode()
    client.get("/set-up/?lang=zh")
    values = {"id_number": holder.id_number, "code": code, "username": "小 花", "password": "x", "totp": "1"}
    wrong = client.post("/set-up/", values)
    assert wrong.status_code == 422
    body = wrong.content.decode()
    assert secret in body.replace(" ", "")
    for place in ("username", "password", "totp"):
        assert f'href="#f-{place}"' in body
    values |= {
        "username": "小花在海边",
        "password": customers_kit.PASSWORD,
        "totp": totp.code(secret, clock.real_now()),
    }
    answer = client.post("/set-up/", values)
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_headers_of_every_page(one: customers_kit.Signed) -> None:
    client = client_of(one)
    for path in ("/", "/sign-in/", "/offline/", "/nowhere/"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store", path


def test_it_is_installable_and_keeps_nothing_personal(one: customers_kit.Signed) -> None:
    client = client_of(one)
    told = client.get("/manifest.webmanifest")
    assert told.headers["Content-Type"] == "application/manifest+json"
    found = json.loads(told.content)
    assert (found["display"], found["start_url"], found["theme_color"]) == ("standalone", "/", "#0b5394")
    for icon in found["icons"]:
        answer = client.get(icon["src"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, icon["type"])
    assert client.get("/icon-64.png").status_code == client.get("/icon-xx-192.png").status_code == 404
    script = client.get("/worker.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    import re

    kept = re.findall(r'"(/[^"]*)"', script.content.decode().partition("SHELL = [")[2].partition("]")[0])
    assert kept
    for path in kept:
        if not path.startswith("/static/"):
            body = client.get(path).content.decode()
            assert one.customer.name_mask not in body
    assert "/" not in kept


def test_each_bank_has_its_own_look() -> None:
    colours = {BankClient(f"{bank}.localhost").get("/look.css").content for bank in ("ccb", "icbc", "bocom", "abc")}
    assert len(colours) == 4


# -- the API at the bank's host


def api(client: Any, method: str, path: str, body: Any = None, token: str = "", **more: str) -> Any:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json", **headers, **more)


def test_a_customers_token_works_at_his_banks_host_only(one: customers_kit.Signed) -> None:
    body = {"username": one.username, "password": customers_kit.PASSWORD, "code": one.fresh_code()}
    answer = api(BankClient(), "POST", "/api/customer-session", body)
    assert answer.status_code == 200
    token = answer.json()["token"]
    (account,) = api(BankClient(), "GET", "/api/customer/accounts", token=token).json()
    assert account["money"] == {"balance_fen": 1234_56, "available_fen": 1234_56, "held_fen": 0, "frozen_fen": 0}
    assert api(BankClient("icbc.localhost"), "GET", "/api/customer/accounts", token=token).status_code == 401
    bureau = HouseClient()
    assert api(bureau, "POST", "/api/customer-session", body).status_code == 404
    assert api(bureau, "GET", "/api/customer/accounts", token=token).status_code == 404
    stop = api(bureau, "POST", "/api/acts/bank.stop_online", {}, token=token, HTTP_IDEMPOTENCY_KEY="a")
    assert stop.status_code == 401
    for path in ("/api/session", "/api/holder-session", "/api/approvals", "/api/areas/990100/banks"):
        assert api(BankClient(), "POST", path, body, token=token).status_code == 404, path


def test_staff_and_programs_are_nobody_at_the_banks_host(house: Any, office: Any) -> None:
    from sscard.control import sessions

    store = sessions.SessionStore()
    sessions.begin(store, kind="staff", subject=office.staff("teller.990100-CCB-01").staff_id)
    answer = api(
        BankClient(), "POST", "/api/acts/bank.stop_online", {}, token=store.session_key, HTTP_IDEMPOTENCY_KEY="a"
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == "api.sign_in_needed"


def test_step_up_goes_on_under_a_new_token(one: customers_kit.Signed) -> None:
    """T19: the old one is worthless; T16: the code served once."""
    token = session_of(one)
    code = one.fresh_code()
    body = {"code": code, "settings": {"account": str(one.holder.account)}}
    answer = api(BankClient(), "POST", "/api/customer/step-up", body, token=token)
    assert answer.status_code == 200
    new = answer.json()["token"]
    assert new != token
    assert api(BankClient(), "GET", "/api/customer/accounts", token=token).status_code == 401
    assert api(BankClient(), "GET", "/api/customer/accounts", token=new).status_code == 200
    again = api(BankClient(), "POST", "/api/customer/step-up", body, token=new)
    assert (again.status_code, again.json()["code"]) == (422, "bank.code_wrong")

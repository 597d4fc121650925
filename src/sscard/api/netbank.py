"""A bank's customer as a program sees him: first sign-in, session, accounts and their entries; at the bank's host only."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from pydantic import ConfigDict

from sscard.api import auth
from sscard.api.acts import make_strict
from sscard.api.plain import language, plain, purpose
from sscard.api.sites import bank_of
from sscard.bank import acts as bank
from sscard.bank import customers, customers_notices, customers_passkeys, customers_reads
from sscard.bank.customers_models import Customer
from sscard.bank.savings import orders as savings_orders
from sscard.bank.savings import statement as savings
from sscard.bank.savings import statement_file as savings_files
from sscard.control import sessions
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.people.passkey_proof import Site


class CustomerSetup(Schema):
    """ID number, the code that the counter told, the user name and password of one's own choice, the authenticator."""

    model_config = ConfigDict(extra="forbid")
    id_number: str
    code: str
    username: str
    password: str
    totp_secret: str
    totp_code: str


class CustomerSignIn(Schema):
    model_config = ConfigDict(extra="forbid")
    username: str
    password: str
    code: str


make_strict(bank.Transfer)
make_strict(bank.SetSettings)


class StepUp(Schema):
    """What it is for, `transfer` or `settings`, with the body that the act will get; and the authenticator's code, or a passkey's
    answer with the token of its question."""

    model_config = ConfigDict(extra="forbid")
    transfer: bank.Transfer | None = None
    settings: bank.SetSettings | None = None
    code: str = ""
    token: str = ""
    answer: str = ""

    @property
    def matter(self) -> str:
        """Raises bank.proof_for_what when not exactly one thing is named."""
        wanted = [one for one in (self.transfer, self.settings) if one is not None]
        if len(wanted) != 1:
            raise Refusal("bank.proof_for_what")
        return wanted[0].matter


class PasskeyQuestion(Schema):
    """`options`: JSON for the browser's `navigator.credentials.get`; empty when the customer has no passkey."""

    options: str
    token: str


class CustomerToken(Schema):
    token: str
    kind: str
    bank: str


def mount(api: NinjaAPI) -> None:
    @api.post("/customer-setup", response=CustomerToken, tags=["netbank"], summary="first sign-in · 首次设置网银")
    def set_up(request: HttpRequest, body: CustomerSetup) -> dict[str, Any]:
        made = customers.set_up(
            bank_of(request), body.id_number, body.code, body.username, body.password, body.totp_secret,
            body.totp_code, address=auth.address(request),
        )  # fmt: skip
        return _begin(made)

    @api.post("/customer-session", response=CustomerToken, tags=["netbank"], summary="sign in · 客户登录")
    def sign_in(request: HttpRequest, body: CustomerSignIn) -> dict[str, Any]:
        found = customers.sign_in(
            bank_of(request), body.username, body.password, body.code, address=auth.address(request), channel="api"
        )
        return _begin(found)

    @api.post(
        "/customer/step-up/passkey",
        response=PasskeyQuestion,
        tags=["netbank"],
        summary="a passkey's question · 通行密钥",
    )
    def step_up_question(request: HttpRequest) -> dict[str, Any]:
        """The passkey's answer goes to /customer/step-up together with the token; it serves once."""
        site = Site.named(request.get_host(), str(request.scheme))
        with reading(auth.caller(request), right="bank.own_online", purpose=purpose(request)) as inside:
            asked = customers_passkeys.ask_proof(inside, site)
        return {"options": asked.options if asked else "", "token": asked.token if asked else ""}

    @api.post("/customer/step-up", response=CustomerToken, tags=["netbank"], summary="second factor anew · 再验一次")
    def step_up(request: HttpRequest, body: StepUp) -> dict[str, Any]:
        """For one transfer or one change of settings, once. The session goes on under a new token."""
        who, matter = auth.caller(request), body.matter
        customer = customers.customer_of(who.bank, who.id)
        assert customer is not None  # the caller was made of it a moment ago
        if body.answer:
            at = customers_passkeys.step_up(customer, body.token, body.answer, address=who.address, channel="api")
        else:
            at = customers.step_up(customer, body.code, address=who.address, channel="api")
        store = sessions.SessionStore(request.headers.get("Authorization", "").partition(" ")[2].strip())
        customers.keep_proof(store, at, matter)
        sessions.cycle(store)
        store.save()
        return {"token": store.session_key, "kind": "customer", "bank": customer.bank}

    @api.delete("/customer-session", tags=["netbank"], summary="sign out · 退出")
    def sign_out(request: HttpRequest) -> dict[str, Any]:
        auth.caller(request)
        sessions.SessionStore(request.headers.get("Authorization", "").partition(" ")[2]).delete()
        return {"signed_out": "customer"}

    @api.get("/customer/accounts", tags=["netbank"], summary="own accounts with balances · 我的账户")
    def accounts(request: HttpRequest) -> Any:
        with reading(auth.caller(request), right="bank.own_online", purpose=purpose(request)) as inside:
            return [_shown(inside, one, language(request)) for one in customers_reads.accounts(inside)]

    @api.get("/customer/accounts/{account}", tags=["netbank"], summary="one account · 一个账户")
    def account(request: HttpRequest, account: uuid.UUID) -> Any:
        with reading(auth.caller(request), right="bank.own_online", purpose=purpose(request)) as inside:
            return _shown(inside, customers_reads.account(inside, account), language(request))

    @api.get("/customer/accounts/{account}/statement", tags=["netbank"], summary="own statement · 我的明细")
    def statement(
        request: HttpRequest, account: uuid.UUID, before: int | None = None, limit: int = 50,
        from_day: date | None = None, to_day: date | None = None,
    ) -> Any:  # fmt: skip
        """Newest first; `next_before` of an answer is `before` of the next page."""
        with reading(auth.caller(request), right="bank.statement", purpose=purpose(request)) as inside:
            page = savings.statement(
                inside,
                account,
                before_seq=before,
                limit=min(limit, savings.MOST_LINES),
                from_day=from_day,
                to_day=to_day,
            )
        return savings.as_json(page)

    @api.get(
        "/customer/accounts/{account}/statement.{form}", tags=["netbank"], summary="statement as a file · 明细文件"
    )
    def statement_file(
        request: HttpRequest, account: uuid.UUID, form: Literal["csv", "pdf"], from_day: date, to_day: date,
        lang: Literal["zh", "en"] = "zh",
    ) -> HttpResponse:  # fmt: skip
        """CSV for a spreadsheet, or PDF with text that can be copied; of the business dates from_day to to_day."""
        make = savings_files.csv if form == "csv" else savings_files.pdf
        with reading(auth.caller(request), right="bank.statement", purpose=purpose(request)) as inside:
            made = make(inside, account, from_day, to_day, lang)
        answer = HttpResponse(made, content_type="text/csv; charset=utf-8" if form == "csv" else "application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="statement-{from_day}-{to_day}.{form}"'
        answer["Cache-Control"] = "no-store"
        return answer

    @api.get("/customer/notices", tags=["netbank"], summary="own notices · 我的通知")
    def notices(request: HttpRequest, limit: int = 50) -> Any:
        """Newest first, with how many are unread; the act bank.read_notices marks all as seen."""
        with reading(auth.caller(request), right="bank.own_online", purpose=purpose(request)) as inside:
            found = customers_notices.notices(inside, most=limit)
        return {"unread": found.unread, "notices": [plain(one) for one in found.lines]}

    @api.get("/customer/accounts/{account}/orders", tags=["netbank"], summary="own orders · 在途转账")
    def orders(request: HttpRequest, account: uuid.UUID) -> Any:
        with reading(auth.caller(request), right="bank.statement", purpose=purpose(request)) as inside:
            return [plain(one) for one in savings_orders.orders(inside, account)]


def _begin(customer: Customer) -> dict[str, Any]:
    store = sessions.SessionStore()
    sessions.begin(store, kind="customer", subject=customer.customer_id, bank=customer.bank, device="api")
    return {"token": store.session_key, "kind": "customer", "bank": customer.bank}


def _shown(inside: Inside, account: customers_reads.OnlineAccount, lang: str) -> dict[str, Any]:
    told = customers_reads.savings(inside, account)
    savings_function = {"has": told.has, "code": told.code, "sentence": told.sentence(lang)}
    return {
        **plain(account),  # type: ignore[dict-item]
        "money": plain(customers_reads.money(inside, account)),
        "savings": savings_function,
    }

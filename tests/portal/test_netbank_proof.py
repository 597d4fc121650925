"""A passkey as second factor before money leaves, on the page and by the API: bound to customer, site and one question (T16)."""

from __future__ import annotations

import html
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from netbank_kit import HOST, BankClient, bank_kit, client_of, customers_kit, session_of
from test_netbank_money import hidden, to_check
from test_netbank_site import api

pytestmark = pytest.mark.usefixtures("house")


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class Device:
    """A passkey of a customer, kept in software: it verifies its user and signs for its own site only."""

    def __init__(self, one: customers_kit.Signed) -> None:
        from sscard.bank.customers_models import CustomerPasskey
        from sscard.kernel import clock, ids

        self.key, self.id, self.count = ec.generate_private_key(ec.SECP256R1()), ids.new_id().bytes, 0
        at = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")}
        with bank_kit.in_bank(one.holder):
            CustomerPasskey.objects.create(
                person_id=one.holder.person_id, passkey_id=ids.new_id(), customer_id=one.customer.customer_id,
                book="bank:CCB", credential_id=self.id, public_key=cbor2.dumps(cose), sign_count=0, label="手机",
                created_at=clock.real_now(),
            )  # fmt: skip

    def answer(self, options: str, *, origin: str = f"https://{HOST}", host: str = HOST, verified: bool = True) -> str:
        asked, self.count = json.loads(options), self.count + 1
        client = json.dumps({"type": "webauthn.get", "challenge": asked["challenge"], "origin": origin}).encode()
        data = sha256(host.encode()).digest() + bytes([5 if verified else 1]) + self.count.to_bytes(4, "big")
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text_of(client), "authenticatorData": text_of(data), "signature": text_of(signature),
        }  # fmt: skip
        told = {"id": text_of(self.id), "rawId": text_of(self.id), "type": "public-key", "response": response}
        return json.dumps({**told, "clientExtensionResults": {}})


def question(token: str) -> dict[str, str]:
    answer = api(BankClient(), "POST", "/api/customer/step-up/passkey", token=token, secure=True)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def prove(token: str, asked: dict[str, str], answer: str) -> Any:
    settings = {"account": "00000000-0000-4000-8000-000000000000"}
    body = {"token": asked["token"], "answer": answer, "settings": settings}
    return api(BankClient(), "POST", "/api/customer/step-up", body, token=token, secure=True)


def test_by_the_api_each_question_serves_once_and_for_its_customer_only() -> None:
    one, other = customers_kit.customer(fen=9_000_000), customers_kit.customer()
    assert question(session_of(one)) == {"options": "", "token": ""}, "nothing to ask of a customer without a passkey"
    mine, theirs = Device(one), Device(other)
    token = session_of(one)
    asked = question(token)
    assert [urlsafe_b64decode(key["id"] + "==") for key in json.loads(asked["options"])["allowCredentials"]] == [
        mine.id
    ]
    for wrong in (
        theirs.answer(asked["options"]),
        mine.answer(asked["options"], origin="https://icbc.localhost", host="icbc.localhost"),
        "{}",
        "[" * 5_000,
        json.dumps({"id": text_of(mine.id), "response": "[" * 5_000}),
        mine.answer(asked["options"]).replace('clientDataJSON": "', 'clientDataJSON": "' + text_of(b"[" * 5_001)),
    ):
        told = prove(token, question(token), wrong)
        assert (told.status_code, told.json()["code"]) == (422, "people.passkey_wrong")
    deep = BankClient().post("/api/customer/step-up", b"[" * 100_000, content_type="application/json", secure=True)
    assert deep.status_code == 400, deep.content
    unverified = question(token)
    assert prove(token, unverified, mine.answer(unverified["options"], verified=False)).status_code == 422
    strangers = question(session_of(other))
    assert prove(token, strangers, mine.answer(strangers["options"])).json()["code"] == "people.passkey_late"
    older, newer = question(token), question(token)
    first = prove(token, newer, mine.answer(newer["options"]))
    assert first.status_code == 200
    token = first.json()["token"]
    for again in (newer, older):
        assert prove(token, again, mine.answer(again["options"])).json()["code"] == "people.passkey_late"


def test_on_the_page_it_stands_in_place_of_the_code() -> None:
    one = customers_kit.customer(fen=8_000_00)
    other = bank_kit.activated(bank_kit.opened(bank_kit.person()))
    client = client_of(one)
    assert "data-passkey" not in to_check(client, other, "1010"), "no passkey, no button"
    device = Device(one)
    check = to_check(client, other, "1010")
    options = html.unescape(re.search(r'data-options="([^"]*)"', check).group(1))  # type: ignore[union-attr]
    origin = "https://" + HOST if client.get("/").wsgi_request.scheme == "https" else "http://" + HOST
    check = to_check(client, other, "1010")
    stale, options = options, html.unescape(re.search(r'data-options="([^"]*)"', check).group(1))  # type: ignore[union-attr]
    wrong = client.post("/transfer/", hidden(check) | {"answer": device.answer(stale, origin=origin)})
    assert wrong.status_code == 422
    assert 'href="#f-code"' in wrong.content.decode()
    page = wrong.content.decode()
    options = html.unescape(re.search(r'data-options="([^"]*)"', page).group(1))  # type: ignore[union-attr]
    done = client.post("/transfer/", hidden(page) | {"answer": device.answer(options, origin=origin)})
    assert "转账成功" in done.content.decode()
    assert bank_kit.balance_of(other) == 1010_00
    fresh = client_of(one)
    form = {"account": str(one.holder.account), "notices": "on", "limits_transfer_day": "200"}
    assert fresh.act("/settings/limits/", **form).status_code == 302
    page = fresh.act("/settings/limits/", **(form | {"limits_transfer_day": "300"})).content.decode()
    assert "¥300.00" in page
    options = html.unescape(re.search(r'data-options="([^"]*)"', page).group(1))  # type: ignore[union-attr]
    answer, step = device.answer(options, origin=origin), {"step": "do", "limits_transfer_day": "300"}
    assert fresh.act("/settings/limits/", **(form | step), answer=answer).status_code == 302
    assert 'id="f-code"' in fresh.act("/settings/limits/", **(form | {"limits_transfer_day": "400"})).content.decode()

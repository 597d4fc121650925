"""T05 and T06 by HTTP at each face: the customer's API and page, the teller's desk, the bank's program. One key is one movement,
with one answer however often it comes at once; for another content it is refused."""

from __future__ import annotations

import base64
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "portal"))

from netbank_kit import BankClient, bank_kit, customers_kit, session_of

import security_kit

pytestmark = pytest.mark.usefixtures("house")
FEN, OTHER = 300_00, 301_00
TOLD_ONCE = {"balance_fen", "available_fen"}


@dataclass(frozen=True)
class Face:
    """`send` (key, fen) asks; `moved` is by how much an account has changed."""

    send: Callable[[str, int], Any]
    moved: Callable[[], int]


def customer(town: security_kit.Town) -> Face:
    one, payee = customers_kit.customer(fen=5_000_00), bank_kit.activated(bank_kit.opened(bank_kit.person()))
    token, path = session_of(one), "/api/acts/bank.transfer"
    body = {"account": str(one.holder.account), "to_number": payee.pan, "to_name": payee.name}

    def send(key: str, fen: int) -> Any:
        return security_kit.Api(BankClient(), token).post(path, {**body, "amount_fen": fen}, **{"Idempotency-Key": key})

    return Face(send, lambda: bank_kit.balance_of(payee))


def teller(town: security_kit.Town) -> Face:
    holder, api = bank_kit.opened(bank_kit.person()), town.api("teller.CCB")
    body = {"account": str(holder.account)}
    return Face(
        lambda key, fen: api.act("bank.deposit", {**body, "amount_fen": fen}, **{"Idempotency-Key": key}),
        lambda: bank_kit.balance_of(holder),
    )


def program(town: security_kit.Town) -> Face:
    holder, secret = bank_kit.opened(bank_kit.person()), uuid.uuid4().hex
    made = town.program("bank_program", "CCB", "990100", secret)
    basic = "Basic " + base64.b64encode(f"{made.name}:{secret}".encode()).decode()
    api = security_kit.Api(security_kit.HouseClient(), more={"Authorization": basic})
    body = {"account": str(holder.account)}
    return Face(
        lambda key, fen: api.act("bank.deposit", {**body, "amount_fen": fen}, **{"Idempotency-Key": key}),
        lambda: bank_kit.balance_of(holder),
    )


@pytest.mark.parametrize("face", [customer, teller, program])
def test_at_once_and_again_it_is_one_movement_and_one_answer(
    face: Callable[[security_kit.Town], Face], town: security_kit.Town
) -> None:
    at, key = face(town), uuid.uuid4().hex
    found = security_kit.at_once(lambda: at.send(key, FEN), 12)
    assert [one.status_code for one in found] == [200] * 12, [one.content for one in found]
    answers = [one.json() for one in found]
    kept = min(answers, key=len)  # what is on the account is told with the first answer only
    assert all(one | kept == one and set(one) - set(kept) <= TOLD_ONCE for one in answers)
    assert at.moved() == FEN
    other = at.send(key, OTHER)
    assert (other.status_code, other.json()["code"]) == (422, "control.key_reused")
    assert at.send(key, FEN).status_code == 200
    assert at.moved() == FEN
    assert at.send(uuid.uuid4().hex, FEN).status_code == 200
    assert at.moved() == 2 * FEN


def test_a_double_click_at_the_tellers_desk_takes_the_cash_once(town: security_kit.Town) -> None:
    """The form that was checked carries the one key; a changed amount under it is refused."""
    holder, page = bank_kit.opened(bank_kit.person()), town.page("teller.CCB")
    check = page.post(
        "/bank/deposit/", {"number": holder.pan, "amount": "300", "key": uuid.uuid4().hex}
    ).content.decode()
    values = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', check))
    assert values["step"] == "do"
    assert [page.post("/bank/deposit/", values).status_code for _ in range(3)] == [200] * 3
    assert page.post("/bank/deposit/", values | {"amount": "301"}).status_code == 422
    assert bank_kit.balance_of(holder) == FEN

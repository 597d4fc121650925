"""T09 and T10 at the gateway, address by address: nothing leaves an account of medical money or one that is asleep."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("bank", "gateway")]
import bank_kit as kit  # noqa: E402
import savings_kit as savings  # noqa: E402
from gateway_kit import Answer, Gateway, Program, running  # noqa: E402
from test_T09_every_route import become_medical, counters  # noqa: E402

pytestmark = pytest.mark.usefixtures("house")
ALL, PART = 10_000, 4_000


@pytest.fixture(scope="module")
def _running(_module_house: Any) -> Iterator[Gateway]:
    with _module_house.entered(), running(_module_house) as gateway:
        yield gateway


@pytest.fixture
def gateway(house: Any, _running: Gateway) -> Gateway:
    return _running


def every_address(gateway: Gateway, program: Program, account: uuid.UUID, hold: str) -> dict[str, Answer]:
    """What is answered to the same wish, sent to each address that the gateway has; the deposit is reversed."""
    bodies = {
        "/v1/deposits": {"amount_fen": PART},
        "/v1/reversals": {"amount_fen": PART, "key": "in"},
        "/v1/captures": {"hold": hold, "amount_fen": PART},
        "/v1/voids": {"hold": hold},
    }
    from sscard.gateway.http import POSTS

    assert set(POSTS) == set(bodies), "a new address belongs in here"
    return {
        path: gateway.post(program, path, {"account": str(account), **body}, key="in" if path == "/v1/deposits" else "")
        for path, body in bodies.items()
    }


def code(answer: Answer) -> str:
    return "" if answer.status == 200 else str(answer.body["code"])


def set_aside(holder: kit.Holder) -> str:
    from sscard.bank.acts import Authorise

    till = kit.Terminal(kind="kiosk")
    session = savings.at(till, "bank.authorise", holder)
    return str(
        kit.perform(till.caller, "bank.authorise", Authorise(holder.account, PART, "云溪药店", session)).answer["hold"]
    )


@pytest.mark.row("ACT-8", part="nobody can withdraw or transfer it")
def test_medical_money_is_neither_taken_nor_reversed_away(gateway: Gateway) -> None:
    """The shop's authorisation is one that came from somewhere; it can be let go, and not be taken."""
    program, holder, savings_too = Program.registered(), savings.rich(ALL), savings.rich(ALL)
    hold, other = set_aside(holder), set_aside(savings_too)
    become_medical(holder)
    found = {path: code(one) for path, one in every_address(gateway, program, holder.account, hold).items()}
    refused = dict.fromkeys(("/v1/reversals", "/v1/captures"), "ledger.not_permitted")
    assert found == {"/v1/deposits": "", "/v1/voids": "", **refused}
    assert counters(holder) == (ALL + PART, ALL + PART)
    found = {
        path: code(one)
        for path, one in every_address(gateway, Program.registered(), savings_too.account, other).items()
    }
    assert found == {"/v1/deposits": "", "/v1/reversals": "", "/v1/captures": "", "/v1/voids": "ledger.hold_gone"}
    assert counters(savings_too) == (ALL - PART, ALL - PART)


@pytest.mark.row("ACT-2", part="tills, other banks, files")
def test_an_account_that_is_asleep_takes_in_and_gives_nothing(gateway: Gateway) -> None:
    program, holder = Program.registered(), kit.opened(kit.person())
    found = {
        path: code(one) for path, one in every_address(gateway, program, holder.account, str(uuid.uuid4())).items()
    }
    gone = dict.fromkeys(("/v1/captures", "/v1/voids"), "ledger.hold_gone")
    assert found == {"/v1/deposits": "", "/v1/reversals": "bank.asleep", **gone}
    assert gateway.balance(program, holder.account).body["code"] == "bank.asleep"
    assert kit.balance_of(holder) == PART
